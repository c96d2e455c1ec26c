"""What reports say about questions."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geofence.arrays import Int8Array, IntArray


@dataclass(frozen=True, slots=True)
class Pairs:
    """What reports say about questions, by row; shape (p,) each.

    Attributes:
        row: Row of the stretch, ascending.
        question: Index into `Placement.questions`.
        decision: +1 violated, -1 not, 0 cannot tell.
        distance_mm: Signed distance to the border, negative inside, cut off at the reach of the
            index where the decision does not depend on it; ABSENT where the question was not in
            force, which is a decision of -1.
        violation_ppm: Probability of violation, parts per million.
    """

    row: IntArray
    question: IntArray
    decision: Int8Array
    distance_mm: IntArray
    violation_ppm: IntArray

    def take(self, at: IntArray) -> "Pairs":
        """Return the pairs at some places."""
        return Pairs(*(getattr(self, name).take(at) for name in Pairs.__slots__))


def together(parts: Sequence[Pairs]) -> Pairs:
    """Return several lists of pairs as one, by row and then in the order of the lists."""
    if len(parts) == 1:
        return parts[0]
    names = Pairs.__slots__
    columns = [np.concatenate([getattr(part, name) for part in parts]) for name in names]
    order = np.argsort(columns[0], kind="stable")
    return Pairs(*(column[order] for column in columns))
