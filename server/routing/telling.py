"""Who is told what of a routed alert: references only, under keys that name nobody."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from server.notifications.outbox import Notification
from server.routing.deciding import Because, Routed, Waiting
from server.routing.plan import Station

LEVELS: Final = ("司法所 office", "带班领导 duty lead", "县级 county", "市级 city")
_KINDS: Final[dict[Because, str]] = {
    "raised": "alert_raised",
    "reopened": "alert_reopened",
    "off_duty": "alert_assigned",
}


def told_of(
    alert: Waiting, routed: Routed, now: datetime, *, alike: int = 1
) -> Iterator[Notification]:
    """Yield what a routed alert's people are told.

    Args:
        alert: Which.
        routed: What became of it.
        now: The instant; keys have it.
        alike: How many alerts it stands for; they are told of with it and never again.
    """
    if routed.because is None:
        return
    people = routed.told
    kind = _KINDS.get(routed.because, "alert_escalated")
    if routed.because == "seen_locally":
        # A terminal showed the one alert; that it stands for others, nobody has been told.
        kind = "alert_raised"
        people = (routed.assigned_to,) if alike > 1 and routed.assigned_to else ()
    values = {"level": LEVELS[routed.level]} if kind == "alert_escalated" else {}
    if kind == "alert_raised" and alike > 1:
        kind, values = "alert_group", {"count": str(alike)}
    for login in people:
        yield Notification(
            key=f"{kind}/{alert.id}/{_instant(now)}/{pseudonym(login)}",
            org_id=alert.org_id,
            login=login,
            kind=kind,
            severity=alert.severity,
            alert_id=alert.id,
            values=values,
            group_id=alert.group_id,
        )


def told_of_growth(head: Mapping[str, Any], now: datetime) -> Notification:
    """Return what who has a group is told when it has grown.

    Args:
        head: The alert that stands for it: id, org_id, group_id, severity, login, waiting.
        now: The instant.
    """
    return Notification(
        key=f"alert_group_grown/{head['id']}/{_instant(now)}/{pseudonym(head['login'])}",
        org_id=head["org_id"],
        login=head["login"],
        kind="alert_group_grown",
        severity=head["severity"],
        alert_id=head["id"],
        values={"count": str(head["waiting"])},
        group_id=head["group_id"],
    )


def told_of_empty(station: Station, now: datetime) -> Notification:
    """Return what an organisation is told of a place without anybody, once in an hour."""
    return Notification(
        key=f"shift_uncovered/{station.org_id}/{station.level}/{now:%Y%m%d%H}",
        org_id=station.org_id,
        login=None,
        kind="shift_uncovered",
        severity="major",
        values={"shift": LEVELS[station.level]},
    )


def told_of_assignment(
    alert_id: str, org_id: str, severity: str, login: str, now: datetime
) -> Notification:
    """Return what somebody is told to whom another person hands an alert."""
    return Notification(
        key=f"alert_assigned/{alert_id}/{_instant(now)}/{pseudonym(login)}",
        org_id=org_id,
        login=login,
        kind="alert_assigned",
        severity="critical" if severity == "critical" else "major",
        alert_id=alert_id,
    )


def _instant(now: datetime) -> str:
    return str(int(now.timestamp() * 1000))


def pseudonym(login: str) -> str:
    """Return what stands for a login in a key: it leaves the site."""
    return hashlib.sha256(login.encode()).hexdigest()[:12]
