"""核实: somebody is asked to find out, by a time, and says what was found."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from server.alerts import store, verification_store
from server.alerts.handling import held
from server.alerts.lifecycle import nothing_to_do
from server.alerts.outcome_store import announce_alert
from server.alerts.schemas import NewVerification, Verification, VerificationResult
from server.auth.person import Desk
from server.errors import ConflictError, InvalidError, NotFoundError, RefusedError
from server.notifications.outbox import Notification, enqueue
from server.policies.store import policy_of
from server.versions import check_version, wanted


async def ask(
    desk: Desk, alert_id: str, body: NewVerification, *, if_match: str | None
) -> dict[str, Any]:
    """Ask somebody to verify an alert; it goes on to the next person when that lapses.

    Raises:
        NotFoundError: No such alert in the scope.
        StaleVersionError: Someone was faster.
        RefusedError: Nobody has to act on the alert any more.
        InvalidError: Nobody of that login handles alerts here, or the end lies wrongly.
    """
    alert = await held(desk, alert_id, if_match=if_match)
    if refusal := nothing_to_do(alert["state"]):
        raise RefusedError(refusal)
    if not await verification_store.handles_alerts(desk.connection, body.assigned_to):
        raise InvalidError([("/assigned_to", "is nobody who handles alerts in your scope")])
    due = await _due(desk, alert["org"], body.due_at)
    row = {
        "id": f"av-{secrets.token_hex(12)}",
        "org_id": alert["org"],
        "alert_id": alert_id,
        "means": body.means,
        "assigned_to": body.assigned_to,
        "asked_by": desk.person.login,
        "asked_at": desk.now,
        "due_at": due,
    }
    await verification_store.insert(desk.connection, row)
    asked = {"verification": row["id"], "means": body.means, "assigned_to": body.assigned_to}
    step = store.AlertStep(
        "noted", desk.person.login, body.note, body=asked | {"due_at": due.isoformat()}
    )
    await store.hasten(desk.connection, alert_id, due)
    await store.touch(desk.connection, alert, step)
    told = Notification(
        key=f"verification:{row['id']}",
        org_id=alert["org"],
        login=body.assigned_to,
        kind="alert_verification",
        severity=alert["severity"],
        alert_id=alert_id,
    )
    await enqueue(desk.connection, [told])
    await announce_alert(desk.connection, alert["org"], alert_id)
    return await _held(desk, row["id"])


async def report(
    desk: Desk, verification_id: str, body: VerificationResult, *, if_match: str | None
) -> dict[str, Any]:
    """Say what a verification found; whoever reports it is who verified.

    Raises:
        NotFoundError: No such verification in the scope.
        StaleVersionError: Someone was faster.
        ConflictError: It is done.
        InvalidError: It happened in the future.
    """
    wanted(if_match)
    found = await _held(desk, verification_id)
    # The alert before its parts, as everywhere.
    await store.lock_alert(desk.connection, found["alert_id"])
    row = await _held(desk, verification_id, lock=True)
    shown = Verification.model_validate(row).model_dump(mode="json")
    check_version(if_match, row["version"], current=shown)
    if row["state"] != "open":
        raise ConflictError(f"the verification is {row['state']}: ask for another")
    if body.happened_time > desk.now:
        raise InvalidError([("/happened_time", "lies in the future")])
    values = {
        "id": verification_id,
        "means": body.means,
        "outcome": body.outcome,
        "happened_time": body.happened_time,
        "report": body.report,
        "by": desk.person.login,
        "at": desk.now,
    }
    await verification_store.finish(desk.connection, values)
    alert = await store.alert(desk.connection, row["alert_id"])
    if alert is not None:
        said = {"verification": verification_id, "means": body.means, "outcome": body.outcome}
        step = store.AlertStep("verified", desk.person.login, body.report, body=said)
        await store.restart_clock(desk.connection, alert["id"], desk.now)
        await store.touch(desk.connection, alert, step)
        await announce_alert(desk.connection, alert["org"], alert["id"])
    return await _held(desk, verification_id)


async def _due(desk: Desk, org_id: str, asked: datetime | None) -> datetime:
    policy = await policy_of(desk.connection, org_id, desk.now)
    if asked is None:
        return desk.now + timedelta(minutes=policy.number("alert_verification_minutes"))
    most = policy.number("alert_verification_most_hours")
    if not desk.now < asked <= desk.now + timedelta(hours=most):
        raise InvalidError([("/due_at", f"lies in the future, at most {most} hours ahead")])
    return asked


async def _held(desk: Desk, verification_id: str, *, lock: bool = False) -> dict[str, Any]:
    row = await verification_store.verification(desk.connection, verification_id, lock=lock)
    if row is None:
        raise NotFoundError("no such verification in your scope")
    return row
