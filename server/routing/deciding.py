"""What becomes of one alert when routing looks at it. Pure.

The level rises only when a clock has ended. Between two clocks a look finds somebody else where the
person who has the alert is not there any more, and keeps the clock.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from server.law.policy import Policy
from server.rota.on_duty import present_until
from server.routing.clocks import Phase, Severity, patience, reminder
from server.routing.plan import CITY, OFFICE, Nobody, Plan, Station, World, plan

Because = Literal[
    "raised",
    "seen_locally",
    "reopened",
    "off_duty",
    "unacknowledged",
    "not_on_site",
    "unresolved",
    "reminded",
    "nobody",
]
"""Why an alert went to somebody."""

_LATE: Final[dict[Phase, Because]] = {
    "open": "unacknowledged",
    "acknowledged": "unresolved",
    "dispatched": "not_on_site",
    "on_site": "unresolved",
}
_SOON: Final = timedelta(seconds=1)
_NOBODY_YET: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An alert that waits, as it stands.

    Attributes:
        level: -1: not routed yet.
        clock_phase: The phase that `escalate_at` is of; another than `phase`: no clock runs.
        seen_locally_by: Who has seen it on a terminal that the gateway told by itself.
        seen_locally_at: When, the gateway's clock.
        on_duty_until: The person has it by the rota, until then; None: took it, or no rota.
    """

    id: str
    org_id: str
    severity: Severity
    phase: Phase
    level: int
    assigned_to: str | None
    assigned_at: datetime | None
    on_duty_until: datetime | None
    clock_phase: str | None
    escalate_at: datetime | None
    group_id: str | None
    seen_locally_by: str | None = None
    seen_locally_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Routed:
    """An alert after a look.

    Attributes:
        escalate_at: When its clock ends.
        due_at: When routing looks again; after now.
        step: What the record says of it; None: nothing changed.
        told: Who is told, if somebody is.
        empty: Places without anybody that were passed over.
    """

    level: int
    assigned_to: str | None
    assigned_at: datetime | None
    on_duty_until: datetime | None
    clock_phase: Phase
    escalate_at: datetime
    due_at: datetime
    step: Literal["routed", "escalated"] | None = None
    because: Because | None = None
    told: tuple[str, ...] = ()
    empty: tuple[Station, ...] = ()


def decide(alert: Waiting, world: World, policy: Policy) -> Routed:
    """Return what becomes of an alert now.

    Who has seen it on a terminal has been told: an alert that nobody was given yet is theirs, and
    until the time to acknowledge it has passed since then, nothing is told to them again.
    """
    seen = _seen(alert, world, policy)
    if seen is None:
        return _decide(alert, world, policy)
    login, until = seen
    if alert.level < OFFICE and alert.phase == "open" and alert.assigned_to is None:
        return _seen_first(alert, world, login, until)
    routed = _decide(alert, world, policy)
    return replace(routed, told=tuple(one for one in routed.told if one != login))


def _seen(alert: Waiting, world: World, policy: Policy) -> tuple[str, datetime] | None:
    """Return who has seen an alert, may act on it, and until when that counts."""
    login, seen_at = alert.seen_locally_by, alert.seen_locally_at
    if login is None or seen_at is None or not world.is_present(login):
        return None
    # A gateway's clock that runs ahead makes nobody's time longer.
    until = min(seen_at, world.now) + patience(policy, alert.severity, "open")
    may_see = {org for org, _ in world.chains[alert.org_id]}
    if until <= world.now or world.accounts[login].org_id not in may_see:
        return None
    return login, until


def _seen_first(alert: Waiting, world: World, login: str, ends_at: datetime) -> Routed:
    standing = world.duty_of(login, alert.org_id)
    until = standing.until if standing else None
    return Routed(
        level=OFFICE,
        assigned_to=login,
        assigned_at=world.now,
        on_duty_until=until,
        clock_phase=alert.phase,
        escalate_at=ends_at,
        due_at=_look_at(world, login, until, ends_at),
        step="routed",
        because="seen_locally",
    )


def _decide(alert: Waiting, world: World, policy: Policy) -> Routed:
    is_new = alert.clock_phase != alert.phase or alert.escalate_at is None
    ends_at = world.now + patience(policy, alert.severity, alert.phase)
    if not is_new and alert.escalate_at is not None:
        if alert.escalate_at <= world.now:
            return _escalated(alert, world, policy)
        ends_at = alert.escalate_at
    if _is_there(alert, world) and not (is_new and alert.phase == "open"):
        return _kept(alert, world, max(alert.level, OFFICE), ends_at)
    because: Because = "off_duty"
    if alert.level < OFFICE:
        because = "raised"
    elif is_new and alert.phase == "open":
        because = "reopened"
    # What somebody took on, or nobody has, begins at the office again; its level stays.
    begins_anew = alert.phase != "open" or alert.assigned_to is None
    from_level = OFFICE if begins_anew else max(alert.level, OFFICE)
    found = _anybody(alert.org_id, world, from_level)
    if isinstance(found, Nobody):
        return _left(alert, world, policy, found)
    return _given(alert, world, found, ends_at, step="routed", because=because)


def _anybody(org_id: str, world: World, from_level: int) -> Plan | Nobody:
    """Return who is found from a level on; where all above are gone, who is there from below."""
    found = plan(org_id, world, from_level=from_level)
    return plan(org_id, world, from_level=OFFICE) if isinstance(found, Nobody) else found


def _escalated(alert: Waiting, world: World, policy: Policy) -> Routed:
    """One level up, past who did not act; at the top the same people are told again."""
    holder = frozenset(() if alert.assigned_to is None else (alert.assigned_to,))
    found = plan(alert.org_id, world, from_level=alert.level + 1, without=holder)
    ends_at = world.now + patience(policy, alert.severity, alert.phase)
    because = _LATE[alert.phase]
    if isinstance(found, Nobody):
        again = _anybody(alert.org_id, world, max(alert.level, OFFICE))
        if isinstance(again, Nobody):
            return _left(alert, world, policy, again)
        found, because = again, "reminded"
        ends_at = world.now + reminder(policy, alert.severity)
    keeps = alert.phase != "open" and _is_there(alert, world)
    return _given(
        alert, world, found, ends_at, step="escalated", because=because, keeps_holder=keeps
    )


def _given(
    alert: Waiting,
    world: World,
    found: Plan,
    ends_at: datetime,
    *,
    step: Literal["routed", "escalated"],
    because: Because,
    keeps_holder: bool = False,
) -> Routed:
    """Assign to who was found; who took it on keeps it, and the level above is told."""
    told = found.told
    login, until, assigned_at = found.login, found.until, world.now
    if keeps_holder and alert.assigned_to is not None:
        login, until = alert.assigned_to, _until(alert, world)
        assigned_at = alert.assigned_at or world.now
        told = tuple(dict.fromkeys((*found.told, alert.assigned_to)))
    elif login == alert.assigned_to:
        assigned_at = alert.assigned_at or world.now
    return Routed(
        # Who stands in from below, at the top's end, lowers no level.
        level=max(found.level, alert.level),
        assigned_to=login,
        assigned_at=assigned_at,
        on_duty_until=until,
        clock_phase=alert.phase,
        escalate_at=ends_at,
        due_at=_look_at(world, login, until, ends_at),
        step=step,
        because=because,
        told=told,
        empty=found.empty,
    )


def _kept(alert: Waiting, world: World, level: int, ends_at: datetime) -> Routed:
    login, until = alert.assigned_to, _until(alert, world)
    return Routed(
        level=level,
        assigned_to=login,
        assigned_at=alert.assigned_at or world.now,
        on_duty_until=until,
        clock_phase=alert.phase,
        escalate_at=ends_at,
        due_at=_look_at(world, login, until, ends_at),
    )


def _left(alert: Waiting, world: World, policy: Policy, found: Nobody) -> Routed:
    """Nobody anywhere: it stays on a clock, and whoever runs the site is told."""
    again_at = world.now + reminder(policy, alert.severity)
    is_news = alert.assigned_to is not None or alert.level < CITY
    return Routed(
        level=CITY,
        assigned_to=None,
        assigned_at=None,
        on_duty_until=None,
        clock_phase=alert.phase,
        escalate_at=again_at,
        # Whoever comes on duty meanwhile is found at once.
        due_at=min(again_at, world.now + _NOBODY_YET),
        step="escalated" if is_news else None,
        because="nobody" if is_news else None,
        empty=found.empty,
    )


def _is_there(alert: Waiting, world: World) -> bool:
    """Whether who has it may still act on it: present, and on duty where the rota gave it."""
    if alert.assigned_to is None or not world.is_present(alert.assigned_to):
        return False
    if alert.on_duty_until is None:
        return True
    return world.duty_of(alert.assigned_to, alert.org_id) is not None


def _until(alert: Waiting, world: World) -> datetime | None:
    if alert.assigned_to is None or alert.on_duty_until is None:
        return None
    standing = world.duty_of(alert.assigned_to, alert.org_id)
    return standing.until if standing else None


def _look_at(
    world: World, login: str | None, until: datetime | None, ends_at: datetime
) -> datetime:
    """Return when the answer may change: the clock's end, the shift's, an absence's begin."""
    away = None if login is None else present_until(login, world.absences, world.now)
    known = [one for one in (ends_at, until, away) if one is not None]
    return max(min(known), world.now + _SOON)
