"""What a fence is for, and when that use is in force for its subject.

An approved leave (请假外出) lifts where somebody must stay; it never lifts a prohibition. While it
runs, its own destination is where the person must be, and an approved trip has its route.
"""

from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np

from geofence.arrays import BoolArray, Int8Array, IntArray
from geofence.kernel import spread

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
        covered = np.zeros(len(subject), np.bool_)
        fix, row = self._of(subject)
        runs = (self.begin_ms[row] <= time_ms[fix]) & (time_ms[fix] < self.end_ms[row])
        covered[fix[runs]] = True
        return covered

    def newest_over(self, subject: IntArray, time_ms: IntArray) -> IntArray:
        """Return the row of the subject's newest absence that is over at each time, -1 for none."""
        newest = np.full(len(subject), -1)
        fix, row = self._of(subject)
        over = self.end_ms[row] <= time_ms[fix]
        np.maximum.at(newest, fix[over], row[over])
        return newest

    def _of(self, subject: IntArray) -> tuple[IntArray, IntArray]:
        """Return every (fix, absence) of one subject; people have few."""
        first = np.searchsorted(self.subject, subject, side="left")
        count = np.searchsorted(self.subject, subject, side="right") - first
        row, _ = spread(first, count)
        return np.repeat(np.arange(len(subject)), count), row


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
