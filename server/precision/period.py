"""Which days a figure is about: calendar days in Asia/Shanghai."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated

from fastapi import Query

from server.errors import InvalidError
from server.law.days import ZONE

Since = Annotated[date | None, Query(alias="from", description="the first day, in Asia/Shanghai")]
Until = Annotated[date | None, Query(description="the day after the last")]


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `since` to before `until`."""

    since: date
    until: date

    @property
    def days(self) -> int:
        """How many they are."""
        return (self.until - self.since).days


def local_day(instant: datetime) -> date:
    """Return the day that an aware instant is of in Asia/Shanghai."""
    return instant.astimezone(ZONE).date()


def asked_period(
    since: date | None, until: date | None, *, now: datetime, weeks: int, most_days: int
) -> Period:
    """Return the days that were asked for; else so many weeks from a Monday to today.

    Args:
        since: The first day, if it was given.
        until: The day after the last, if it was given.
        now: The instant of the request, aware.
        weeks: How many weeks, the last of which may not be over.
        most_days: The longest period.

    Raises:
        InvalidError: No day, or more than `most_days`.
    """
    last = until or local_day(now) + timedelta(days=1)
    monday = last - timedelta(days=1) - timedelta(days=(last - timedelta(days=1)).weekday())
    period = Period(since or monday - timedelta(weeks=weeks - 1), last)
    if not 1 <= period.days <= most_days:
        text = f"1 to {most_days} days may be asked for, not {period.days}: choose from and until"
        raise InvalidError([("from", text)])
    return period
