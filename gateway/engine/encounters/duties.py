"""Whom somebody must keep away from: the no-contact orders (禁止接触) of a directory as columns."""

import numpy as np

from gateway.directory.compiled import Directory
from gateway.engine.placing.numbering import Numbers
from gateway.engine.placing.question import Question
from geofence.arrays import BoolArray, IntArray


class Duties:
    """The no-contact orders of a directory.

    Attributes:
        people: Everybody in a pair, by number.
        questions: Question of each order; its target is the id of the pair.
        others: Whom each order protects, or keeps apart as well: a pseudonym.
        kinds: What each of them is: "protected", or "subject", who is supervised too.
        first: Number of each order's subject, shape (d,).
        second: Number of the person to keep away from.
        distance_mm: How far.
        from_ms: When it begins to hold.
        to_ms: When it no longer does.
    """

    def __init__(self, directory: Directory) -> None:
        """Compile the orders of `directory`."""
        rows = directory.no_contact
        self.people: Numbers[str] = Numbers()
        self.questions = [Question("no_contact", row.subject, row.pair) for row in rows]
        self.others = [row.other for row in rows]
        protected = {
            one.holder
            for bindings in directory.bindings.values()
            for one in bindings
            if one.holder_kind == "protected"
        }
        self.kinds = ["protected" if row.other in protected else "subject" for row in rows]
        table = np.array(
            [
                (
                    self.people.of(row.subject),
                    self.people.of(row.other),
                    round(row.distance_m * 1_000),
                    row.valid_from_ms,
                    row.valid_to_ms,
                )
                for row in rows
            ],
            np.int64,
        ).reshape(-1, 5)
        self.first, self.second, self.distance_mm, self.from_ms, self.to_ms = table.T.copy()

    def __len__(self) -> int:
        return len(self.questions)

    def hold(self, duty: IntArray, time_ms: IntArray) -> BoolArray:
        """Return whether orders are in force at times, shape (k,)."""
        holds: BoolArray = (self.from_ms[duty] <= time_ms) & (time_ms < self.to_ms[duty])
        return holds
