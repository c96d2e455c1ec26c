"""What a person does with an alert, in one transaction with every effect of it."""

import hashlib
from datetime import datetime
from decimal import Decimal
from typing import Any

from server.alerts import store
from server.alerts.lifecycle import Action, Verdict, next_state
from server.alerts.outcome_store import announce_alert
from server.alerts.schemas import Alert
from server.auth.person import Desk
from server.errors import ConflictError, NotFoundError, StaleVersionError, VersionWantedError
from server.scoring.policy import CURRENT
from server.scoring.store import Fact, record_fact


async def handle(
    desk: Desk,
    alert_id: str,
    action: Action,
    *,
    if_match: str | None,
    note: str | None,
    verdict: Verdict | None = None,
) -> dict[str, Any]:
    """Do an action on the version that the person saw; return the alert after it.

    Raises:
        VersionWantedError: Without If-Match.
        NotFoundError: No such alert in the person's scope.
        StaleVersionError: Someone was faster; carries the alert as it is now.
        ConflictError: The alert's state does not allow it.
    """
    if if_match is None:
        raise VersionWantedError('send If-Match with the ETag of the alert you saw, such as "3"')
    await store.lock_alert(desk.connection, alert_id)
    current = await store.alert(desk.connection, alert_id)
    if current is None:
        raise NotFoundError("no such alert in your scope")
    if if_match.removeprefix("W/").strip('"') != str(current["version"]):
        shown = Alert.model_validate(current).model_dump(mode="json")
        raise StaleVersionError("the alert changed since you saw it", current=shown)
    state = next_state(current["state"], action)
    if state is None:
        raise ConflictError(f"an alert that is {current['state']} cannot be {action}d again")
    login = desk.person.login
    await store.move(
        desk.connection, current, state=state, by_login=login, note=note, verdict=verdict
    )
    if verdict == "confirmed":
        await record_fact(desk.connection, confirmed_fact(current, by_login=login, note=note or ""))
    await announce_alert(desk.connection, current["org"], alert_id)
    moved = await store.alert(desk.connection, alert_id)
    return moved or current


def confirmed_fact(alert: dict[str, Any], *, by_login: str, note: str) -> Fact:
    """Return the fact that a confirmed alert is; one alert is one fact, whoever repeats it."""
    return Fact(
        id=hashlib.sha256(f"alert {alert['id']}".encode()).hexdigest()[:32],
        org_id=alert["org"],
        subject_id=alert["subject"]["id"],
        indicator=CURRENT.rule_indicators.get(alert["rule"], alert["rule"]),
        occurred_at=alert["begin_time"],
        quantity=Decimal(1),
        evidence=_frozen(alert),
        confirmed_by=by_login,
        note=note,
    )


def _frozen(alert: dict[str, Any]) -> dict[str, Any]:
    kept = ("version", "rule", "severity", "condition", "device", "fence", "begin_time", "end_time")
    plain = {
        name: value.isoformat() if isinstance(value := alert[name], datetime) else value
        for name in kept
    }
    return {"alert_id": alert["id"], **plain, "late": alert["late"], "engine": alert["evidence"]}
