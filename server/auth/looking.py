"""Bounds of looks at many people, and alarms on unusual looking (docs/looks.md)."""

import math
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any, Final, Literal

from server.auth import looking_store as store
from server.auth.person import Desk
from server.config import ServerSettings
from server.errors import TooManyLooksError
from server.law.days import ZONE

AlarmKind = Literal["many", "far", "night"]
NIGHT_FROM_H: Final = 22
NIGHT_UNTIL_H: Final = 6
"""Hours of Beijing; who is called out for an alert, a task or a search is not counted in them."""
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)


async def bound_looks(desk: Desk) -> None:
    """Refuse a look that is at one person too many, and raise an alarm on unusual looking.

    Called after the look is noted and before anything is shown. Different people are counted: whom
    somebody looked at already may be looked at again.

    Raises:
        TooManyLooksError: More people than one may look at in an hour or in 24 hours.
    """
    settings, now = desk.parts.settings, desk.now
    night_from = night_began(now)
    asked = {
        "login": desk.person.login,
        "hour_from": now - _HOUR,
        "rolling_from": now - _DAY,
        "day_from": _midnight(now),
        "night_from": night_from,
        "near_levels": settings.look_alarm_near_levels,
    }
    counts = await store.looks_of(desk.connection, asked)
    _refuse(counts["hour_persons"], settings.look_hour_persons, counts["hour_first_at"], now, _HOUR)
    most = settings.look_day_persons
    _refuse(counts["rolling_persons"], most, counts["rolling_first_at"], now, _DAY)
    for kind, persons, bound in _unusual(counts, settings):
        began = night_from if kind == "night" else now
        row = {"kind": kind, "persons": persons, "bound": bound, "login": desk.person.login}
        day = (began or now).astimezone(ZONE).date()
        await store.raise_alarm(desk.connection, row | {"org": desk.person.org_id, "day": day})


async def bound_exports(desk: Desk) -> None:
    """Refuse an export that is one too many; called after it is noted.

    Raises:
        TooManyLooksError: More files than one may take in 24 hours.
    """
    since = desk.now - _DAY
    count, first_at = await store.exports_of(desk.connection, desk.person.login, since)
    most = desk.parts.settings.look_exports_day
    if count > most:
        wait_s = _wait_s(first_at, desk.now, _DAY)
        raise TooManyLooksError(f"more than {most} exports in 24 hours", wait_s=wait_s)


def night_began(now: datetime) -> datetime | None:
    """Return when the night began that an instant is in, None: it is day."""
    local = now.astimezone(ZONE)
    if NIGHT_UNTIL_H <= local.hour < NIGHT_FROM_H:
        return None
    day = local.date() - (_DAY if local.hour < NIGHT_UNTIL_H else timedelta())
    return datetime.combine(day, time(NIGHT_FROM_H), ZONE)


def _unusual(
    counts: dict[str, Any], settings: ServerSettings
) -> Iterator[tuple[AlarmKind, int, int]]:
    bounds: tuple[tuple[AlarmKind, int, int], ...] = (
        ("many", counts["day_persons"], settings.look_alarm_persons),
        # Whoever reached what an hour may hold is refused the next one: that is told as well.
        ("many", counts["hour_persons"], settings.look_hour_persons),
        ("far", counts["far_persons"], settings.look_alarm_far_persons),
        ("night", counts["night_persons"], settings.look_alarm_night_persons),
    )
    yield from (one for one in bounds if one[1] >= one[2])


def _refuse(
    persons: int, most: int, first_at: datetime | None, now: datetime, span: timedelta
) -> None:
    if persons > most:
        hours = int(span / _HOUR)
        wait_s = _wait_s(first_at, now, span)
        raise TooManyLooksError(f"more than {most} people in {hours} h", wait_s=wait_s)


def _wait_s(first_at: datetime | None, now: datetime, span: timedelta) -> int:
    over_at = (first_at or now) + span
    return max(1, math.ceil((over_at - now).total_seconds()))


def _midnight(now: datetime) -> datetime:
    return datetime.combine(now.astimezone(ZONE).date(), time(), ZONE)
