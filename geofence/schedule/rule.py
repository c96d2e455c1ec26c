"""A schedule as people write it: weekly windows in a zone's wall clock, with exceptions.

An instant is within the schedule exactly when the wall clock of its zone shows a time of a window
of the local day, or of a window that began the day before and runs past midnight. A skipped hour
of daylight-saving time is in no window; a repeated one is within both times.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from geofence.errors import ScheduleError

DAY_MIN: Final = 1_440
HOLIDAY: Final = 0
"""Kind of a day that is a statutory holiday (法定节假日)."""

EVERY_DAY: Final = frozenset(range(8))


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of wall-clock time on some kinds of day.

    Attributes:
        start_min: Minutes after midnight, 0 ... 1439.
        end_min: Minutes after the same midnight, above `start_min`; past 1440 it runs into the next
            day (22:00 to 06:00 is 1320 to 1800), at most a whole day long.
        days: Kinds of the day on which it starts: ISO weekdays 1 ... 7, HOLIDAY.
    """

    start_min: int
    end_min: int
    days: frozenset[int] = EVERY_DAY

    def __post_init__(self) -> None:
        if not 0 <= self.start_min < DAY_MIN or not 0 < self.end_min - self.start_min <= DAY_MIN:
            raise ScheduleError(
                f"window {self.start_min} to {self.end_min}: it starts at minute 0 to 1439 and is "
                "1 to 1440 minutes long"
            )
        if not self.days or not self.days <= EVERY_DAY:
            raise ScheduleError(f"days {sorted(self.days)}: at least one of 1 to 7 and 0 (holiday)")


@dataclass(frozen=True, slots=True)
class Schedule:
    """Weekly windows, bounded by dates, with days that differ.

    Attributes:
        zone: IANA name of the time zone whose wall clock counts.
        windows: The weekly windows; none means never.
        first_day: First local day on which a window may start; None without a bound.
        last_day: Last one, included.
        exceptions: Windows of single days in place of the weekly ones (their `days` is not looked
            at); an empty tuple means none on that day.
        day_kinds: Days that count as another kind than their weekday's: statutory holidays as
            HOLIDAY, a working Saturday (调休) as the weekday that it stands in for.
    """

    zone: str
    windows: tuple[Window, ...]
    first_day: date | None = None
    last_day: date | None = None
    exceptions: Mapping[date, tuple[Window, ...]] = field(default_factory=dict)
    day_kinds: Mapping[date, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        zone_of(self.zone)
        if self.first_day and self.last_day and self.last_day < self.first_day:
            raise ScheduleError(f"last day {self.last_day} is before first day {self.first_day}")
        for day, kind in self.day_kinds.items():
            if kind not in EVERY_DAY:
                raise ScheduleError(f"day kind {kind} of {day} is not 1 to 7 or 0 (holiday)")

    def windows_of(self, day: date) -> tuple[Window, ...]:
        """Return the windows that start on a local day."""
        if (self.first_day and day < self.first_day) or (self.last_day and day > self.last_day):
            return ()
        if day in self.exceptions:
            return self.exceptions[day]
        kind = self.day_kinds.get(day, day.isoweekday())
        return tuple(window for window in self.windows if kind in window.days)


def zone_of(name: str) -> ZoneInfo:
    """Return the time zone of an IANA name.

    Raises:
        ScheduleError: There is none of that name.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ScheduleError(
            f"time zone {name!r} is not an IANA name such as Asia/Shanghai"
        ) from error
