"""Whether a schedule can be kept, and what of a standing one may change."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from geofence.errors import ScheduleError
from geofence.schedule.rule import DAY_MIN, Schedule, Window, zone_of
from server.registry.rule_entries import ScheduleEntry, WindowEntry

_FIXED: Final = ("schedule", "zone", "windows", "first_day")
_MIN_PER_HOUR: Final = 60


def schedule_fault(entry: ScheduleEntry) -> str | None:
    """Return why a schedule cannot be kept, or None."""
    try:
        Schedule(
            zone=entry.zone,
            windows=_windows(entry.windows),
            first_day=entry.first_day,
            last_day=entry.last_day,
            exceptions={day: _windows(given) for day, given in entry.exceptions.items()},
            day_kinds=entry.day_kinds,
        )
    except ScheduleError as error:
        return str(error)
    return None


def change_fault(old: Mapping[str, Any], new: Mapping[str, Any]) -> str | None:
    """Return why a standing schedule may not become another, or None: only days to come may."""
    for name in _FIXED:
        if old[name] != new[name]:
            return f"{name} of a standing schedule does not change: enter another schedule"
    today = datetime.now(UTC).astimezone(zone_of(new["zone"])).date()
    for name in ("exceptions", "day_kinds"):
        for day in old[name].keys() | new[name].keys():
            if old[name].get(day) != new[name].get(day) and date.fromisoformat(day) <= today:
                return f"{name} of {day} cannot change: the day is not to come"
    ends = (old["last_day"], new["last_day"])
    if ends[0] != ends[1] and any(end and date.fromisoformat(end) < today for end in ends):
        return "last_day cannot change in the past"
    return None


def _windows(entries: list[WindowEntry]) -> tuple[Window, ...]:
    return tuple(_window(entry) for entry in entries)


def _window(entry: WindowEntry) -> Window:
    start_min, end_min = _minute(entry.start), _minute(entry.end)
    if end_min <= start_min:
        end_min += DAY_MIN
    return Window(start_min, end_min, frozenset(entry.days))


def _minute(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * _MIN_PER_HOUR + int(minutes)
