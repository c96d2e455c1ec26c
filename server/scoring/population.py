"""Scores of whole populations: the same fold as of one ledger, over columns. Pure.

Reads what `score_month_facts` packs. Points, caps and weights are those of `targets` and `score`;
a cell is one person's indicator in one month, so that caps of the month clip cells, caps of the
term clip running sums, and weights go by cell.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from server.scoring.kinds import CODES
from server.scoring.policy import MILLI, WHOLE, Indicator, Policy
from server.scoring.schedule import Schedule

Ints = NDArray[np.int64]
PACKED: Final = np.dtype([("kind", ">i2"), ("day", ">i2"), ("quantity", ">i4"), ("known", ">i4")])
_UNCAPPED: Final = 2**62
_CHUNK: Final = 2_000
"""People at once: 2,000 with 48 indicators and 36 months are 28 MB a column."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts in columns, each of shape (n,).

    Attributes:
        subject: Index of the person.
        month: Year x 12 + month - 1.
        kind: Number of the kind (`kinds.CODES`).
        day: Of the month.
        quantity: Thousandths; negative: one that fell.
        known: Day on which it became known, from 1970.
    """

    subject: Ints
    month: Ints
    kind: Ints
    day: Ints
    quantity: Ints
    known: Ints

    def until(self, month: int, day: int, known: int | None = None) -> "Facts":
        """Return those up to a day, and known by one."""
        is_in = (self.month < month) | ((self.month == month) & (self.day <= day))
        if known is not None:
            is_in &= self.known <= known
        return Facts(*(getattr(self, name)[is_in] for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class Population:
    """Scores in thousandths of a point.

    Attributes:
        dimensions: Shape (people, dimensions), in the policy's order.
        management: Shape (people,).
    """

    dimensions: Ints
    management: Ints


def unpacked(index: bytes, packed: bytes) -> Facts:
    """Return the facts of rows: `index` has subject, month and length of each, int4 big-endian."""
    rows = np.frombuffer(index, ">i4").reshape(-1, 3).astype(np.int64)
    facts = np.frombuffer(packed, PACKED)
    subject, month = (np.repeat(rows[:, column], rows[:, 2]) for column in (0, 1))
    columns: list[Any] = [facts[name].astype(np.int64) for name in PACKED.names or ()]
    return Facts(subject, month, *columns)


def fold_population(
    facts: Facts, people: int, opened: Ints, month: int, schedule: Schedule
) -> Population:
    """Return the management scores of people as of a month.

    Args:
        facts: Up to the moment that the scores are of.
        people: How many; each has a score, with or without facts.
        opened: The month in which each ledger was opened, shape (people,).
        month: The month that the scores are as of.
        schedule: The policies that judge each month.
    """
    policy = schedule.at(month)
    sums = np.tile(np.array([one.start for one in policy.dimensions], np.int64), (people, 1))
    order = np.argsort(facts.subject, kind="stable")
    bounds = np.searchsorted(facts.subject[order], np.arange(0, people + _CHUNK, _CHUNK))
    for number, begin in enumerate(range(0, people, _CHUNK)):
        end = min(begin + _CHUNK, people)
        chosen = order[bounds[number] : bounds[number + 1]]
        part = Facts(*(getattr(facts, name)[chosen] for name in facts.__slots__))
        sums[begin:end] += _moved(part, begin, opened[begin:end], month, schedule)
    least, most = (np.array([getattr(one, name) for one in policy.dimensions], np.int64)
                   for name in ("least", "most"))  # fmt: skip
    dimensions = np.clip(sums, least, most)
    return Population(dimensions, np.clip(dimensions.sum(axis=1), 0, policy.most))


def indicator_points(facts: Facts, opened: Ints, month: int, schedule: Schedule) -> Ints:
    """Return what is left of each indicator as of a month, shape (people, indicators).

    Indicators are those of the policy of the month, in its order; for a few thousand people.
    """
    policy = schedule.at(month)
    ids = list(policy.indicators)
    found = np.zeros((len(opened), len(ids)), np.int64)
    for judge, left in _left(facts, 0, opened, month, schedule):
        for column, one in enumerate(_active(judge)):
            if one.id in policy.indicators:
                found[:, ids.index(one.id)] += left[:, column]
    return found


def _moved(facts: Facts, begin: int, opened: Ints, month: int, schedule: Schedule) -> Ints:
    """Return what the facts of a chunk move in each dimension, shape (people, dimensions)."""
    policy = schedule.at(month)
    moved = np.zeros((len(opened), len(policy.dimensions)), np.int64)
    for judge, left in _left(facts, begin, opened, month, schedule):
        moved += _by_dimension(left, judge, policy)
    return moved


def _left(
    facts: Facts, begin: int, opened: Ints, month: int, schedule: Schedule
) -> Iterator[tuple[Policy, Ints]]:
    """Yield each judging policy, and what is left by it, shape (people, its active indicators)."""
    policy = schedule.at(month)
    if not len(facts.month):
        return
    first = int(facts.month.min())
    months = np.arange(first, month + 1)
    judges = [schedule.at(int(one)) for one in months]
    for judge in {one.version: one for one in judges}.values():
        is_judged = np.array([one.version == judge.version for one in judges])
        cells = _cells(facts, begin, opened, months, judge)
        cells *= is_judged
        posted = _capped(cells, judge)
        yield judge, _weighed(posted, months, month, judge, policy)


def _active(judge: Policy) -> list[Indicator]:
    return [one for one in judge.indicators.values() if one.inactive is None]


def _cells(facts: Facts, begin: int, opened: Ints, months: Ints, judge: Policy) -> Ints:
    """Return what was moved before any cap, shape (people, indicators, months)."""
    active = _active(judge)
    place = {one.id: number for number, one in enumerate(active)}
    of_kind = np.array([place[judge.of_fact[kind].id] if kind in judge.of_fact else -1
                        for kind in CODES])  # fmt: skip
    points = np.array([one.points for one in active], np.int64)
    indicator = of_kind[facts.kind]
    is_read = indicator >= 0
    indicator, subject = indicator[is_read], facts.subject[is_read] - begin
    quantity, column = facts.quantity[is_read], facts.month[is_read] - months[0]
    product = points[indicator] * quantity
    each = np.sign(product) * (np.abs(product) // MILLI)
    wait = np.array([one.not_before_months for one in active], np.int64)
    each *= (facts.month[is_read] >= opened[subject] + wait[indicator]) | (wait[indicator] == 0)
    shape = (len(opened), len(active), len(months))
    flat = np.ravel_multi_index((subject, indicator, column), shape)
    # Sums stay far below 2**53: a double holds them exactly.
    sums = np.bincount(flat, weights=each, minlength=int(np.prod(shape)))
    return sums.astype(np.int64).reshape(shape)


def _capped(cells: Ints, judge: Policy) -> Ints:
    month, term = (
        np.array([getattr(one, name) or _UNCAPPED for one in _active(judge)], np.int64)
        for name in ("month_cap", "term_cap")
    )
    posted = np.clip(cells, -month[:, None], month[:, None])
    running = np.clip(np.cumsum(posted, axis=2), -term[:, None], term[:, None])
    return np.diff(running, axis=2, prepend=0)


def _weighed(posted: Ints, months: Ints, month: int, judge: Policy, policy: Policy) -> Ints:
    """Return what is left by now, shape (people, indicators); none of what is read no more."""
    weights = np.array(
        [
            [policy.indicators[one.id].weight(month - int(then)) for then in months]
            if one.id in policy.indicators
            else [0] * len(months)
            for one in _active(judge)
        ],
        np.int64,
    )
    left: Ints = (np.sign(posted) * (np.abs(posted) * weights // WHOLE)).sum(axis=2)
    return left


def _by_dimension(left: Ints, judge: Policy, policy: Policy) -> Ints:
    ids = [one.id for one in policy.dimensions]
    into = np.zeros((left.shape[1], len(ids)), np.int64)
    for row, one in enumerate(_active(judge)):
        if one.id in policy.indicators:
            into[row, ids.index(policy.indicators[one.id].dimension)] = 1
    return left @ into


def grades(total: Ints, policy: Policy, *, has_public: bool) -> Sequence[str]:
    """Return the grade of each total."""
    name = "of_1000" if has_public else "of_600"
    limits = np.array([getattr(one, name) for one in policy.grades])
    found = [one.grade for one in policy.grades]
    return [found[place] for place in np.argmax(total[:, None] >= limits, axis=1)]
