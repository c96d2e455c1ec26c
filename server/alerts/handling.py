"""What a person does with an alert, in one transaction with every effect of it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from server.alerts import store, verification_store
from server.alerts.confirming import confirm
from server.alerts.lifecycle import (
    WAITING,
    Action,
    Doing,
    Standing,
    State,
    Verdict,
    transition,
)
from server.alerts.outcome_store import announce_alert
from server.alerts.schemas import Alert
from server.auth.person import Desk
from server.errors import NotFoundError, Refusal, RefusedError
from server.policies.store import policy_of
from server.versions import check_version, wanted

STEPS: Final[Mapping[Action, str]] = MappingProxyType(
    {
        "acknowledge": "acknowledged",
        "dispatch": "dispatched",
        "resolve": "resolved",
        "shelve": "shelved",
        "unshelve": "unshelved",
        "reopen": "reopened",
    }
)
"""The line in an alert's history that each action writes."""


async def handle(
    desk: Desk,
    alert_id: str,
    action: Action,
    *,
    if_match: str | None,
    note: str | None,
    verdict: Verdict | None = None,
    until: datetime | None = None,
) -> dict[str, Any]:
    """Do an action on the version that the person saw; return the alert before it.

    The caller tells the live feed, last in the transaction.

    Args:
        desk: Who does it.
        alert_id: To what.
        action: What.
        if_match: The version that was seen.
        note: Why.
        verdict: Of a resolution.
        until: End of a shelving, aware.

    Raises:
        VersionWantedError: Without If-Match.
        NotFoundError: No such alert in the person's scope.
        StaleVersionError: Someone was faster; carries the alert as it is now.
        RefusedError: The alert's state or its rule does not allow it; says what is allowed.
        ConflictError: What is only told, or about nobody, is not confirmed.
    """
    current = await held(desk, alert_id, if_match=if_match)
    doing = await _doing(desk, current, verdict=verdict, until=until)
    state = transition(standing_of(current), action, doing)
    if isinstance(state, Refusal):
        raise RefusedError(state)
    body = {} if until is None else {"until": until.isoformat()}
    if verdict == "confirmed":
        body["fact"] = await confirm(desk, current, note=note or "")
    place = placed(current, state, now=desk.now, verdict=verdict, until=until)
    if current["state"] == "open" and state in WAITING:
        place = replace(place, taken_by=desk.person.login)
    step = store.AlertStep(STEPS[action], desk.person.login, note, verdict, body)
    await store.move(desk.connection, current, place, step)
    return current


async def held(desk: Desk, alert_id: str, *, if_match: str | None) -> dict[str, Any]:
    """Lock an alert and return it as the person saw it.

    Raises:
        VersionWantedError: Without If-Match.
        NotFoundError: No such alert in the person's scope.
        StaleVersionError: Someone was faster; carries the alert as it is now.
    """
    wanted(if_match)
    current = await locked(desk, alert_id)
    shown = Alert.model_validate(current).model_dump(mode="json")
    check_version(if_match, current["version"], current=shown)
    return current


async def locked(desk: Desk, alert_id: str) -> dict[str, Any]:
    """Lock an alert, whatever its version, and return it.

    Raises:
        NotFoundError: No such alert in the person's scope.
    """
    await store.lock_alert(desk.connection, alert_id)
    current = await store.alert(desk.connection, alert_id)
    if current is None:
        raise NotFoundError("no such alert in your scope")
    return current


async def announced(desk: Desk, current: dict[str, Any]) -> dict[str, Any]:
    """Tell the live feed of an alert, last in its transaction; return it as it is now."""
    await announce_alert(desk.connection, current["org"], current["id"])
    moved = await store.alert(desk.connection, current["id"])
    return moved or current


def standing_of(alert: Mapping[str, Any]) -> Standing:
    """Return what an alert's transitions depend on."""
    names = ("rule", "state", "severity", "condition", "verdict", "shelved_from")
    return Standing(**{name: alert[name] for name in names})


def placed(
    current: Mapping[str, Any],
    state: State,
    *,
    now: datetime,
    verdict: Verdict | None = None,
    until: datetime | None = None,
) -> store.Place:
    """Return where an alert stands after a move: what waits is on a clock, what waits anew is due.

    Args:
        current: The alert before it.
        state: The state after it.
        now: The instant, aware.
        verdict: Of a resolution.
        until: End of a shelving, aware.
    """
    due = None if state not in WAITING else current["due_at"] or now
    if state == "shelved":
        return store.Place(state, due, shelved_until=until, shelved_from=current["state"])
    return store.Place(state, due, verdict)


async def _doing(
    desk: Desk, current: dict[str, Any], *, verdict: Verdict | None, until: datetime | None
) -> Doing:
    most_until = None
    if until is not None:
        policy = await policy_of(desk.connection, current["org"], desk.now)
        most_until = desk.now + timedelta(hours=policy.number("alert_shelf_most_hours"))
    return Doing(
        desk.person.login,
        is_supervisor=desk.person.role == "supervisor",
        verdict=verdict,
        verified=await verification_store.done(desk.connection, current["id"]),
        now=desk.now,
        until=until,
        most_until=most_until,
    )
