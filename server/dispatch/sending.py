"""Sending somebody to an alert, and calling the person back; one transaction."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from server.alerts.handling import announced, held, placed, standing_of
from server.alerts.lifecycle import Doing, transition
from server.alerts.outcome_store import announce_alert
from server.alerts.store import AlertStep, move, touch
from server.auth.person import Desk
from server.cases.noting import new_id
from server.commands import store as commands
from server.dispatch import store
from server.dispatch.recalling import announce, recall
from server.dispatch.schemas import NewTask
from server.dispatch.store import Said
from server.errors import ConflictError, InvalidError, NotFoundError, Refusal, RefusedError
from server.notifications.outbox import Notification, enqueue
from server.policies.store import policy_of
from server.rota.on_duty import by_login, present_until
from server.rota.store import absences_from, org_path
from server.routing.clocks import Severity, patience
from server.routing.store import handler
from server.versions import check_version

MOST_LIVE: Final = 5
"""Live tasks of one person; who has more goes nowhere."""
_LONGEST: Final = timedelta(hours=24)
_BEIJING: Final = ZoneInfo("Asia/Shanghai")
_SEVERITIES: Final[Mapping[str, str]] = {"critical": "紧急", "major": "重要", "minor": "一般"}
_MOST_CHARS: Final = 200


async def send(desk: Desk, alert_id: str, body: NewTask, *, if_match: str | None) -> dict[str, Any]:
    """Send somebody to an alert: the task, its down-link, the alert's step; return the task.

    Raises:
        VersionWantedError: Without If-Match.
        NotFoundError: No such alert in the scope.
        StaleVersionError: Someone was faster; carries the alert as it is now.
        RefusedError: The alert waits for nobody, or the person is away.
        ConflictError: The person has too many tasks.
        InvalidError: The person is no handler who sees the alert, or the time is none.
    """
    alert = await held(desk, alert_id, if_match=if_match)
    policy = await policy_of(desk.connection, alert["org"], desk.now)
    severity: Severity = alert["severity"]
    due_at = body.due_at or desk.now + patience(policy, severity, "dispatched")
    await _check(desk, body, alert["org"], due_at)
    accept_by = min(due_at, desk.now + patience(policy, severity, "open"))
    task_id = new_id("task")
    device = (await store.devices_of(desk.connection, [body.login], desk.now)).get(body.login)
    row: dict[str, Any] = {
        "id": task_id,
        "org": alert["org"],
        "alert": alert_id,
        "login": body.login,
        "device": device,
        "what": _what(alert, due_at),
        "place_name": body.place.name if body.place else None,
        "lon_e7": round(body.place.longitude_deg * 1e7) if body.place else None,
        "lat_e7": round(body.place.latitude_deg * 1e7) if body.place else None,
        "sent_by": desk.person.login,
        "sent_at": desk.now,
        "due_at": due_at,
        "lapses_at": accept_by,
        "note": body.note,
        "command": None if device is None else await _order(desk, device, task_id, alert, due_at),
    }
    await _move_alert(desk, alert, row)
    await store.insert(desk.connection, row)
    await enqueue(desk.connection, [_told_of(row, severity)])
    if row["command"] is not None:
        await commands.announce(desk.connection, alert["org"], row["command"])
    await announced(desk, alert)
    return await store.task(desk.connection, task_id) or row


async def cancel(desk: Desk, task_id: str, note: str, *, if_match: str | None) -> dict[str, Any]:
    """Call somebody back, who is told; what was not sent down yet is withdrawn.

    Raises:
        NotFoundError: No such task in the scope.
        StaleVersionError: It moved meanwhile.
        RefusedError: It has ended.
    """
    current = await store.lock_task(desk.connection, task_id)
    if current is None:
        raise NotFoundError("no such task in your scope")
    shown = {"id": task_id, "version": current["version"], "state": current["state"]}
    check_version(if_match, current["version"], current=shown)
    said = Said(desk.now, by_login=desk.person.login, note=note)
    refusal = await recall(desk.connection, current, said, "called_back")
    if refusal is not None:
        raise RefusedError(refusal)
    await announce_alert(desk.connection, current["org"], current["alert"])
    await announce(desk.connection, current)
    return await store.task(desk.connection, task_id) or current


async def _check(desk: Desk, body: NewTask, org: str, due_at: datetime) -> None:
    if not desk.now < due_at <= desk.now + _LONGEST:
        raise InvalidError([("/due_at", "lies in the future, at most 24 hours")])
    found = await handler(desk.connection, body.login)
    path = await org_path(desk.connection, org)
    if found is None or path is None or not path.startswith(found["path"]):
        raise InvalidError([("/login", f"{body.login} is no handler who sees this alert")])
    absences = by_login(await absences_from(desk.connection, desk.now))
    if present_until(body.login, absences, desk.now) == desk.now:
        away = ("该人员缺勤", "this person is away")
        raise RefusedError(
            Refusal("/login", "away", "law-26", *away, "在岗人员", "somebody who is there")
        )
    live = await store.live_tasks(desk.connection, [body.login])
    if len(live.get(body.login, ())) >= MOST_LIVE:
        raise ConflictError(f"{body.login} has {MOST_LIVE} tasks: send somebody else")


async def _move_alert(desk: Desk, alert: dict[str, Any], row: Mapping[str, Any]) -> None:
    told = {"task": row["id"], "to": row["login"], "due_at": row["due_at"].isoformat()}
    step = AlertStep("dispatched", desk.person.login, row["note"], body=told)
    if alert["state"] == "dispatched":  # once more, or a second person
        await touch(desk.connection, alert, step)
        await store.look_again(desk.connection, alert["id"], desk.now)
        return
    state = transition(standing_of(alert), "dispatch", Doing(desk.person.login))
    if isinstance(state, Refusal):
        raise RefusedError(state)
    await move(desk.connection, alert, placed(alert, state, now=desk.now), step)


async def _order(
    desk: Desk, device: str, task_id: str, alert: Mapping[str, Any], due_at: datetime
) -> str:
    """Enter the down-link that carries a task; return its id."""
    command_id = f"t-{task_id}"
    known = await commands.device_held(desk.connection, device)
    row: dict[str, Any] = {
        "id": command_id,
        "org": known["org"] if known else alert["org"],
        "device": device,
        "name": "task",
        "interval_s": None,
        "text": _what(alert, due_at),
        "purpose": "派员 dispatch",
        "by": desk.person.login,
        "valid_for_s": max(60, int((due_at - desk.now).total_seconds())),
        "state": "queued",
    }
    await commands.insert(desk.connection, row)
    return command_id


def _what(alert: Mapping[str, Any], due_at: datetime) -> str:
    """Return what a terminal shows: what and by when, and nobody's name."""
    title = alert["title"] or {"zh": alert["rule"], "en": alert["rule"]}
    severity, by = alert["severity"], f"{due_at.astimezone(_BEIJING):%H:%M}"
    said = (
        f"派员：{title['zh']}（{_SEVERITIES[severity]}），{by}前到场。"
        f"Go: {title['en']} ({severity}), on site by {by}."
    )
    return said[:_MOST_CHARS]


def _told_of(row: Mapping[str, Any], severity: Severity) -> Notification:
    return Notification(
        key=f"task_assigned/{row['id']}",
        org_id=row["org"],
        login=row["login"],
        kind="task_assigned",
        severity=severity,
        alert_id=row["alert"],
        values={"task": row["id"]},
    )
