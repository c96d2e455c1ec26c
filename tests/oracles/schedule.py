"""The slow obvious schedule: look at the wall clock at every minute."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


def is_within(schedule, time_ms):
    wall = datetime.fromtimestamp(time_ms / 1000, UTC).astimezone(ZoneInfo(schedule.zone))
    minute = wall.hour * 60 + wall.minute
    today, yesterday = wall.date(), wall.date() - timedelta(days=1)
    return any(w.start_min <= minute < w.end_min for w in schedule.windows_of(today)) or any(
        minute + 1440 < w.end_min for w in schedule.windows_of(yesterday)
    )
