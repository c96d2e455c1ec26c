"""Local days and weeks as numbers: what is played is planned week by week, from Monday on."""

from typing import Final

from device_sims.routine import DAY_S, HOUR_S, LOCAL_OFFSET_S

WEEK_DAYS: Final = 7
_MONDAY: Final = 4
"""1970-01-05 was a Monday."""


def day_of(time_s: float) -> int:
    """Return the local day of a time, days since 1970."""
    return int((time_s + LOCAL_OFFSET_S) // DAY_S)


def week_of(time_s: float) -> int:
    """Return the local week of a time, weeks since the first Monday of 1970."""
    return (day_of(time_s) - _MONDAY) // WEEK_DAYS


def monday_of(week: int) -> int:
    """Return the first local day of a week."""
    return _MONDAY + WEEK_DAYS * week


def clock_s(day: int, hour: float) -> float:
    """Return the time of a local day at an hour, which may be beyond midnight."""
    return day * DAY_S - LOCAL_OFFSET_S + hour * HOUR_S
