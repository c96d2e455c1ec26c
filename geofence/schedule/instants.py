"""A schedule as instants: compiled once for a span, evaluated over arrays by binary search."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from geofence.arrays import BoolArray, IntArray
from geofence.errors import ScheduleError
from geofence.schedule.rule import Schedule, zone_of

MOST_DAYS: Final = 3_700
"""Ten years; a longer span is a mistake."""

_MS_PER_S: Final = 1_000
_MS_PER_MIN: Final = 60_000
_MS_PER_DAY: Final = 86_400_000
_EPOCH_DAY: Final = date(1970, 1, 1)

Stretch = tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Instants:
    """When a schedule holds within [begin_ms, end_ms): half-open, disjoint, in order.

    Attributes:
        begin_ms: Where the compiled span begins, milliseconds since 1970 UTC.
        end_ms: Where it ends.
        start_ms: Starts of the stretches, shape (k,), int64.
        stop_ms: Their ends.
    """

    begin_ms: int
    end_ms: int
    start_ms: IntArray
    stop_ms: IntArray

    def active(self, time_ms: IntArray) -> BoolArray:
        """Return whether the schedule holds at each time, shape (n,).

        Raises:
            ScheduleError: A time lies outside the compiled span.
        """
        if len(time_ms) and not (self.begin_ms <= time_ms.min() <= time_ms.max() < self.end_ms):
            raise ScheduleError(
                f"times {time_ms.min()} to {time_ms.max()} are not within the compiled span "
                f"{self.begin_ms} to {self.end_ms}"
            )
        held: BoolArray = np.searchsorted(self.start_ms, time_ms, side="right") > np.searchsorted(
            self.stop_ms, time_ms, side="right"
        )
        return held

    def starts_between(self, after_ms: int, until_ms: int) -> IntArray:
        """Return the starts in (after_ms, until_ms]: at these the state counts, not a change.

        Somebody who is not at home when the curfew begins violates it then, without any crossing.
        A stretch that the span cuts at its begin has no start.
        """
        low, high = np.searchsorted(self.start_ms, [after_ms, until_ms], side="right")
        starts = self.start_ms[low:high]
        return starts[starts > self.begin_ms]


def compile_schedule(schedule: Schedule, begin_ms: int, end_ms: int) -> Instants:
    """Return when a schedule holds within [begin_ms, end_ms).

    Raises:
        ScheduleError: The span is empty or longer than MOST_DAYS.
    """
    if not 0 < end_ms - begin_ms <= MOST_DAYS * _MS_PER_DAY:
        raise ScheduleError(f"a span of {end_ms - begin_ms} ms: above 0, at most {MOST_DAYS} days")
    zone = zone_of(schedule.zone)
    found: list[Stretch] = []
    for start, end, offset_ms in _even_offsets(zone, begin_ms, end_ms):
        walls = _wall_stretches(schedule, start + offset_ms, end + offset_ms)
        found += [
            (max(wall_start - offset_ms, start), min(wall_end - offset_ms, end))
            for wall_start, wall_end in walls
        ]
    joined = _joined([stretch for stretch in found if stretch[0] < stretch[1]])
    array = np.array(joined, np.int64).reshape(-1, 2)
    return Instants(begin_ms, end_ms, array[:, 0].copy(), array[:, 1].copy())


def _even_offsets(zone: ZoneInfo, begin_ms: int, end_ms: int) -> Iterator[tuple[int, int, int]]:
    """Yield (start, end, offset) of the stretches in which the zone's offset does not change."""
    start, offset_ms = begin_ms, _offset_ms(zone, begin_ms)
    here = begin_ms
    while here < end_ms:
        there = min(here + _MS_PER_DAY // 4, end_ms)
        if _offset_ms(zone, there) != offset_ms:
            there = _change(zone, here, there)
            yield start, there, offset_ms
            start, offset_ms = there, _offset_ms(zone, there)
        here = there
    if start < end_ms:
        yield start, end_ms, offset_ms


def _change(zone: ZoneInfo, low_ms: int, high_ms: int) -> int:
    """Return the first instant after low_ms whose offset differs from its; by bisection."""
    before = _offset_ms(zone, low_ms)
    while high_ms - low_ms > 1:
        middle = (low_ms + high_ms) // 2
        if _offset_ms(zone, middle) == before:
            low_ms = middle
        else:
            high_ms = middle
    return high_ms


def _offset_ms(zone: ZoneInfo, time_ms: int) -> int:
    instant = datetime.fromtimestamp(time_ms // _MS_PER_S, UTC)
    offset = instant.astimezone(zone).utcoffset()
    return round((offset or timedelta()).total_seconds()) * _MS_PER_S


def _wall_stretches(schedule: Schedule, begin_ms: int, end_ms: int) -> list[Stretch]:
    """Return the windows that touch a span, all of it wall-clock time."""
    out = []
    for day in range(begin_ms // _MS_PER_DAY - 1, end_ms // _MS_PER_DAY + 1):
        midnight_ms = day * _MS_PER_DAY
        for window in schedule.windows_of(_EPOCH_DAY + timedelta(days=day)):
            start = midnight_ms + window.start_min * _MS_PER_MIN
            out.append((start, midnight_ms + window.end_min * _MS_PER_MIN))
    return out


def _joined(stretches: list[Stretch]) -> list[Stretch]:
    out: list[Stretch] = []
    for start, end in sorted(stretches):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out
