"""What becomes of a task, with every effect of it on the alert; one transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, cast

from server.alerts.outcome_store import announce_alert
from server.alerts.store import AlertStep, touch
from server.auth.gateway import GatewayDesk
from server.auth.person import Desk
from server.commands.schemas import CommandEvent
from server.db import Connection
from server.dispatch import store
from server.dispatch.lifecycle import (
    GIVEN_BACK,
    ON_ALERT,
    Event,
    State,
    is_field_visit,
    lapse_of,
    transition,
)
from server.dispatch.store import Said
from server.dispatch.visiting import visit
from server.errors import ForbiddenError, NotFoundError, Refusal, RefusedError
from server.media import store as media_store
from server.media.naming import media_id
from server.notifications.outbox import Notification, enqueue

# What a command's own states say of the task; a time-out is the task's clock's business.
_BY_COMMAND: Final[Mapping[str, Event]] = {"answered": "received", "refused": "declined"}
_MOST_CHARS: Final = 2000
_NO_WORDS: Final = "无文字 / no words"


async def answer(
    desk: Desk,
    task_id: str,
    event: Event,
    *,
    note: str | None,
    finding: str | None = None,
    media: Sequence[str] = (),
) -> dict[str, Any]:
    """Take what the person who was sent says by the app; return the task after it.

    `media` are the recordings of a report.

    Raises:
        NotFoundError: No such task in the scope.
        ForbiddenError: Somebody else was sent.
        RefusedError: The task's state does not allow it.
    """
    current = await store.lock_task(desk.connection, task_id)
    if current is None:
        raise NotFoundError("no such task in your scope")
    if current["login"] != desk.person.login:
        raise ForbiddenError("only who was sent answers a task")
    if current["state"] == event and event != "reported":
        return current
    said = Said(desk.now, by_login=desk.person.login, note=note, media=tuple(media))
    found = await take(desk.connection, current, event, said, now=desk.now, finding=finding)
    if isinstance(found, Refusal):
        raise RefusedError(found)
    await announce_alert(desk.connection, current["org"], current["alert"])
    return await store.task(desk.connection, task_id) or current


async def take_answers(
    desk: GatewayDesk, tasks: Mapping[str, dict[str, Any]], events: Sequence[CommandEvent]
) -> int:
    """Take what terminals say of tasks; return how many moved one.

    Args:
        desk: The gateway.
        tasks: Held tasks by the command that carries them.
        events: What it reports, of any command; in order.
    """
    standing = dict(tasks)
    moved: dict[str, str] = {}
    count = 0
    for one in events:
        current = standing.get(one.command)
        event = _BY_COMMAND.get(one.state, one.state)
        if current is None or event in ("sent", "timed_out", current["state"]):
            continue
        said = Said(
            one.at,
            device=current["device"],
            gateway=desk.gateway.gateway_id,
            note=one.detail[:2000],
            media=_media_of(one) if event == "reported" else (),
        )
        found = await take(
            desk.connection,
            current,
            cast("Event", event),
            said,
            now=desk.parts.clock(),
            finding=one.finding,
        )
        if isinstance(found, Refusal):
            # It came too late, or twice: kept, and nothing moves.
            await store.add_step(desk.connection, current, cast("Event", event), said, moved=False)
            continue
        if said.media:
            await store.name_media(desk.connection, current["id"], said.media)
            await media_store.link_reported(desk.connection, said.media)
        standing[one.command] = await store.task(desk.connection, current["id"]) or current
        moved[current["alert"]] = current["org"]
        count += 1
    for alert_id in sorted(moved):
        await announce_alert(desk.connection, moved[alert_id], alert_id)
    return count


def _media_of(one: CommandEvent) -> tuple[str, ...]:
    named = (recording.split("/") for recording in one.media)
    return tuple(media_id(device, recording) for device, recording in named)


async def take(
    connection: Connection,
    current: Mapping[str, Any],
    event: Event,
    said: Said,
    *,
    now: datetime,
    finding: str | None = None,
) -> State | Refusal:
    """Move a locked task, its alert's history and its alert's clock; or say why not."""
    state = transition(current["state"], event)
    if isinstance(state, Refusal):
        return state
    lapses_at = lapse_of(state, due_at=current["due_at"], lapses_at=current["lapses_at"])
    report = None
    if event == "reported":
        finding = finding or "inconclusive"
        report = said.note if said.note and len(said.note) > 1 else _NO_WORDS
    await store.move(
        connection,
        current,
        state,
        at=now,
        lapses_at=lapses_at,
        finding=finding if report else None,
        report=report,
    )
    await store.add_step(connection, current, event, said, moved=True)
    await _note_on_alert(connection, current, event, said, finding=finding)
    if is_field_visit(event, was_on_site=current["was_on_site"]):
        await _note_visit(connection, current, said, now=now, finding=finding)
    if event in GIVEN_BACK:
        await store.give_back(connection, current["alert"], now)
    if event in ("declined", "lapsed"):
        await enqueue(connection, [_told_of(current, event)])
    if event in ("on_site", "reported"):
        await store.look_again(connection, current["alert"], now)
    return state


async def _note_on_alert(
    connection: Connection,
    current: Mapping[str, Any],
    event: Event,
    said: Said,
    *,
    finding: str | None,
) -> None:
    alert = {"org": current["org"], "id": current["alert"]}
    body: dict[str, Any] = {"task": current["id"], "time": said.time.isoformat()}
    if said.device is not None:
        body |= {"device": said.device}
    login = current["login"]
    if event in ON_ALERT:
        told: dict[str, Any] = {"finding": finding} if event == "reported" else {}
        told |= {"media": list(said.media)} if said.media else {}
        step = AlertStep(event, login, said.note or None, body=body | told)
        await touch(connection, alert, step)
    elif event in GIVEN_BACK:
        step = AlertStep("noted", said.by_login, said.note or None, body=body | {"because": event})
        await touch(connection, alert, step)


async def _note_visit(
    connection: Connection,
    current: Mapping[str, Any],
    said: Said,
    *,
    now: datetime,
    finding: str | None,
) -> None:
    found: dict[str, Any] = {
        "task": current["id"],
        "time": said.time.isoformat(),
        "means": "field_visit",
        "outcome": finding,
    }
    if said.device is not None:
        found |= {"device": said.device}
    found |= await visit(connection, current, now)
    step = AlertStep("verified", current["login"], said.note or None, body=found)
    await touch(connection, {"org": current["org"], "id": current["alert"]}, step)


def _told_of(current: Mapping[str, Any], event: Event) -> Notification:
    """Return what who sent is told when nobody goes by this task."""
    return Notification(
        key=f"task_overdue/{current['id']}/{event}",
        org_id=current["org"],
        login=current["sent_by"],
        kind="task_overdue",
        severity="critical" if current["severity"] == "critical" else "major",
        alert_id=current["alert"],
        values={"task": current["id"]},
    )
