"""The single windows of a schedule as instants: each by itself, even where two touch or overlap.

For duties that are due once a window, which `compile_schedule` cannot tell apart: it joins them.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from geofence.errors import ScheduleError
from geofence.schedule.instants import MOST_DAYS
from geofence.schedule.rule import Schedule, zone_of

_MS_PER_S: Final = 1_000
_MS_PER_DAY: Final = 86_400_000
_EPOCH_DAY: Final = date(1970, 1, 1)


def occurrences(schedule: Schedule, begin_ms: int, end_ms: int) -> list[tuple[int, int]]:
    """Return [start, end) of every window that starts within [begin_ms, end_ms), in order.

    Milliseconds since 1970 UTC. Of a repeated hour of daylight-saving time a window has both, of a
    skipped one nothing; a window that lies wholly within a skipped hour is none.

    Raises:
        ScheduleError: The span is empty or longer than MOST_DAYS.
    """
    if not 0 < end_ms - begin_ms <= MOST_DAYS * _MS_PER_DAY:
        raise ScheduleError(f"a span of {end_ms - begin_ms} ms: above 0, at most {MOST_DAYS} days")
    zone = zone_of(schedule.zone)
    found = set()
    # A zone's wall clock is at most a day from UTC.
    for number in range(begin_ms // _MS_PER_DAY - 1, end_ms // _MS_PER_DAY + 2):
        day = _EPOCH_DAY + timedelta(days=number)
        for window in schedule.windows_of(day):
            start = _instant_ms(zone, day, window.start_min, fold=0)
            end = _instant_ms(zone, day, window.end_min, fold=1)
            if begin_ms <= start < end_ms and start < end:
                found.add((start, end))
    return sorted(found)


def _instant_ms(zone: ZoneInfo, day: date, minute: int, *, fold: int) -> int:
    wall = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)  # noqa: DTZ001
    instant = wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
    return round(instant.timestamp()) * _MS_PER_S
