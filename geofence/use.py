"""What a fence is for, and when that use is in force for its subject.

An approved leave (请假外出) lifts where somebody must stay; it never lifts a prohibition. While it
runs, its own destination is where the person must be, and an approved trip has its route.
"""

from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np

from geofence.arrays import BoolArray, Int8Array, IntArray

FenceUse = Literal["inclusion", "exclusion", "curfew", "no_contact", "leave", "route"]
"""Stay inside (活动区域), stay out (禁止令), be inside by schedule (宵禁), keep away from a person
(禁止接触), the destination of an approved leave, and the route of an approved trip."""

USES: Final[tuple[str, ...]] = get_args(FenceUse)

VIOLATED_INSIDE: Final = frozenset({"exclusion", "no_contact"})
"""Uses that are violated by being inside; the others by being outside."""

_INCLUSION, _EXCLUSION, _CURFEW, _NO_CONTACT, _LEAVE, _ROUTE = range(len(USES))


@dataclass(frozen=True, slots=True, eq=False)
class Absences:
    """Approved leaves or trips: half-open intervals, shape (k,) each, int64.

    Attributes:
        subject: Whose, ascending.
        begin_ms: Milliseconds since 1970 UTC, ascending within a subject.
        end_ms: Likewise; intervals of one subject do not overlap.
    """

    subject: IntArray
    begin_ms: IntArray
    end_ms: IntArray

    def cover(self, subject: IntArray, time_ms: IntArray) -> BoolArray:
        """Return whether an absence of the subject runs at each time, shape (n,).

        Args:
            subject: Subject of each fix, shape (n,), in any order.
            time_ms: Its fix time.
        """
        count = len(self.subject)
        # Both in one order; an absence that begins at a fix's time comes before the fix.
        order = np.lexsort(
            (
                np.r_[np.zeros(count, np.int8), np.ones(len(subject), np.int8)],
                np.r_[self.begin_ms, time_ms],
                np.r_[self.subject, subject],
            )
        )
        newest = np.maximum.accumulate(np.where(order < count, order, -1))
        asked = order >= count
        row = np.full(len(subject), -1)
        row[order[asked] - count] = newest[asked]
        covered = row >= 0
        found = row[covered]
        covered[covered] = (self.subject[found] == subject[covered]) & (
            time_ms[covered] < self.end_ms[found]
        )
        return covered


def in_force(
    use: Int8Array, *, scheduled: BoolArray, on_leave: BoolArray, on_trip: BoolArray
) -> BoolArray:
    """Return which (fix, fence) pairs are judged at all, shape (n,).

    Args:
        use: Index into USES of each pair's fence.
        scheduled: The fence's schedule holds at the fix time; True without one.
        on_leave: An approved leave of the subject runs.
        on_trip: An approved trip runs.
    """
    away = on_leave | on_trip
    answer: BoolArray = np.select(
        [(use == _INCLUSION) | (use == _CURFEW), use == _LEAVE, use == _ROUTE],
        [scheduled & ~away, scheduled & on_leave, scheduled & on_trip],
        default=scheduled,
    )
    return answer
