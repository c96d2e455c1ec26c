"""Calling people back: by who sent them, and when the alert they go to needs nobody any more.

Who is on the way is told on the terminal that has the task and over the own channels, with why.
Who has arrived stays: what was found there is still to be reported.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final, Literal

from server.alerts.outcome_store import announce_alerts
from server.commands import store as commands
from server.commands.lifecycle import WITHDRAWABLE
from server.db import Connection
from server.dispatch import store
from server.dispatch.answering import take
from server.dispatch.store import Said
from server.errors import Refusal
from server.notifications.outbox import Notification, enqueue
from server.notifications.terminal import BY
from server.rounds import Due, Round, Row

Because = Literal["called_back", "confirmed", "false", "technical", "excused", "superseded"]

_WHY: Final[Mapping[Because, tuple[str, str]]] = {
    "called_back": ("派员人召回", "called back"),
    "confirmed": ("报警已办结：属实", "the alert is resolved: confirmed"),
    "false": ("报警已办结：误报", "the alert is resolved: false"),
    "technical": ("报警已办结：设备原因", "the alert is resolved: technical"),
    "excused": ("报警已办结：有正当理由", "the alert is resolved: excused"),
    "superseded": ("补传数据与报警不符", "late data contradict the alert"),
}
_TEXT_FOR: Final = timedelta(hours=1)


async def recall(
    connection: Connection,
    current: Mapping[str, Any],
    said: Said,
    because: Because,
) -> Refusal | None:
    """End a locked task and tell who is on the way; return why it cannot be ended.

    `announce` follows, last in the transaction.
    """
    found = await take(connection, current, "cancelled", said, now=said.time)
    if isinstance(found, Refusal):
        return found
    why = _WHY[because]
    if current["command"] is not None:
        await _withdraw(connection, current["command"], said.by_login or BY)
        words = (f"任务撤销：{why[0]}，请勿前往。", f"Task cancelled: {why[1]}. Do not go.")
        await _show(connection, current, "c", words, said.by_login or BY)
    await enqueue(connection, [_told(current, "task_cancelled", f"{why[0]} {why[1]}")])
    return None


async def announce(connection: Connection, current: Mapping[str, Any], *, mark: str = "c") -> None:
    """Tell the live feed of the commands of a task whose person was told something."""
    for command_id in (current["command"], _text_id(current, mark)):
        if command_id and (found := await commands.command(connection, command_id)):
            await commands.announce(connection, found["org"], command_id)


async def _withdraw(connection: Connection, command_id: str, by: str) -> None:
    await commands.lock_command(connection, command_id)
    current = await commands.command(connection, command_id)
    if current is not None and current["state"] in WITHDRAWABLE:
        await commands.move(connection, current, state="withdrawn", by_login=by)


async def _show(
    connection: Connection, current: Mapping[str, Any], mark: str, words: tuple[str, str], by: str
) -> None:
    """Send a text after a task to the terminal that has it, or may have it."""
    held = await commands.device_held(connection, current["device"])
    row: dict[str, Any] = {
        "id": _text_id(current, mark),
        "org": held["org"] if held else current["org"],
        "device": current["device"],
        "name": "text",
        "interval_s": None,
        "text": "".join(words),
        "purpose": "派员 dispatch",
        "by": by,
        "valid_for_s": int(_TEXT_FOR.total_seconds()),
        "state": "queued",
    }
    await commands.insert(connection, row)


def _text_id(current: Mapping[str, Any], mark: str) -> str:
    return f"{mark}-{current['id']}"


def _told(current: Mapping[str, Any], kind: str, reason: str | None = None) -> Notification:
    """Return what who was sent is told."""
    values = {} if reason is None else {"task": str(current["id"]), "reason": reason}
    return Notification(
        key=f"{kind}/{current['id']}",
        org_id=current["org"],
        login=current["login"],
        kind=kind,
        severity="critical" if current["severity"] == "critical" else "major",
        alert_id=current["alert"],
        values=values,
    )


async def _outliving(work: Round) -> list[dict[str, Any]]:
    return await store.outliving(work.connection, work.resting, most=work.most)


async def _recall(work: Round, row: Row) -> None:
    current = await store.lock_task(work.connection, row["id"])
    # The person was faster.
    if current is None or current["lapses_at"] is None:
        return
    because: Because = row["verdict"] or "superseded"
    said = Said(work.now, note=" ".join(_WHY[because]))
    await recall(work.connection, current, said, because)


async def _announce_recalls(work: Round, rows: Sequence[Row]) -> None:
    await announce_alerts(work.connection, {row["alert"]: row["org"] for row in rows})
    for row in rows:
        await announce(work.connection, row)


RECALLS: Final = Due(name="recalls", find=_outliving, settle=_recall, finish=_announce_recalls)
"""Tasks whose alert was resolved, or withdrawn by late data."""


async def _contradicted(work: Round) -> list[dict[str, Any]]:
    return await store.contradicted(work.connection, work.resting, most=work.most)


async def _tell(work: Round, row: Row) -> None:
    """Tell who is on the way, once, that late data contradicts the alert: a person decides."""
    current = await store.lock_task(work.connection, row["id"])
    if current is None or current["lapses_at"] is None:
        return
    told = [_told(current, "alert_superseded")]
    if current["sent_by"] != current["login"]:
        key = f"{told[0].key}/sender"
        told.append(replace(told[0], key=key, login=current["sent_by"]))
    await enqueue(work.connection, told)
    if current["command"] is not None:
        zh, en = _WHY["superseded"]
        words = (f"{zh}，请联系派员人。", f"{en}: call who sent you.".capitalize())
        await _show(work.connection, current, "s", words, BY)


async def _announce_told(work: Round, rows: Sequence[Row]) -> None:
    for row in rows:
        await announce(work.connection, row, mark="s")


CONTRADICTED: Final = Due(
    name="contradicted", find=_contradicted, settle=_tell, finish=_announce_told
)
"""Tasks to an alert that waits and that late data contradict."""
