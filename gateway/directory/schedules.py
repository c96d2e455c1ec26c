"""Schedules of a directory: wall-clock windows by id."""

from collections.abc import Sequence
from typing import Final

from gateway.directory.moment import Once
from gateway.directory.wire import ScheduleRow, WindowRow
from gateway.errors import DirectoryError
from geofence.errors import ScheduleError
from geofence.schedule.rule import DAY_MIN, EVERY_DAY, Schedule, Window

_MIN_PER_HOUR: Final = 60


def compile_schedules(rows: Sequence[ScheduleRow]) -> dict[str, Schedule]:
    """Return the schedules by id.

    Raises:
        DirectoryError: A schedule cannot be kept, or an id comes twice.
    """
    once = Once("schedules")
    schedules = {}
    for index, row in enumerate(rows):
        place = once.place(index, row.schedule)
        try:
            schedules[row.schedule] = _schedule(row)
        except ScheduleError as error:
            raise DirectoryError(f"{place} ({row.schedule})", str(error)) from error
    return schedules


def _schedule(row: ScheduleRow) -> Schedule:
    return Schedule(
        zone=row.zone,
        windows=_windows(row.windows),
        first_day=row.first_day,
        last_day=row.last_day,
        exceptions={day: _windows(windows) for day, windows in row.exceptions.items()},
        day_kinds=row.day_kinds,
    )


def _windows(rows: Sequence[WindowRow]) -> tuple[Window, ...]:
    return tuple(sorted((_window(row) for row in rows), key=_in_order))


def _window(row: WindowRow) -> Window:
    start_min, end_min = _minute(row.start), _minute(row.end)
    if end_min <= start_min:
        end_min += DAY_MIN
    return Window(start_min, end_min, EVERY_DAY if row.days is None else frozenset(row.days))


def _in_order(window: Window) -> tuple[int, int, list[int]]:
    return window.start_min, window.end_min, sorted(window.days)


def _minute(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * _MIN_PER_HOUR + int(minutes)
