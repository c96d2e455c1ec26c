"""Working on an open incident: notes, the commander, tasks, the closing."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from server.auth.person import Desk
from server.cases.noting import new_id
from server.errors import NotFoundError, Refusal, RefusedError
from server.incidents import store
from server.incidents.noting import note, tell
from server.incidents.opening import owner_of, refuse_unknown
from server.incidents.plan import MOST_TASKS
from server.incidents.schemas import Closing, NewTask, TaskEnd
from server.versions import check_version


async def whole(desk: Desk, incident_id: str) -> dict[str, Any]:
    """Return an incident with its alerts and tasks.

    Raises:
        NotFoundError: No such incident in the scope.
    """
    row = await store.incident(desk.connection, incident_id)
    if row is None:
        raise NotFoundError("no such incident in your scope")
    tasks = [
        task | {"overdue": task["state"] == "open" and task["due_at"] <= desk.now}
        for task in await store.tasks_of(desk.connection, incident_id)
    ]
    return row | {"alerts": await store.alerts_of(desk.connection, incident_id), "tasks": tasks}


async def opened(desk: Desk, incident_id: str, *, if_match: str | None = None) -> dict[str, Any]:
    """Return an incident that is open, locked; `if_match`: and as it was seen.

    Raises:
        NotFoundError: No such incident in the scope.
        StaleVersionError: Someone was faster.
        RefusedError: It is closed.
    """
    row = await store.incident(desk.connection, incident_id, lock=True)
    if row is None:
        raise NotFoundError("no such incident in your scope")
    if if_match is not None:
        check_version(if_match, row["version"], current=_seen(row))
    if row["state"] == "closed":
        text = ("事件已结束", "the incident is closed")
        raise _refused("incident_closed", text, ("进行中的事件", "an incident that is open"))
    return row


async def command(desk: Desk, incident_id: str, login: str, *, if_match: str) -> None:
    """Name another commander.

    Raises:
        RefusedError: It is closed.
        InvalidError: The person is no officer or supervisor of the scope.
    """
    row = await opened(desk, incident_id, if_match=if_match)
    await refuse_unknown(desk, login, "/login")
    await store.command(desk.connection, incident_id, login)
    await note(desk, row, "commander", {"from": row["commander"], "to": login})
    await tell(desk, row, "incident_opened", [login])


async def add_task(desk: Desk, incident_id: str, body: NewTask) -> None:
    """Add a task; its clock runs from now.

    Raises:
        RefusedError: It is closed, or has as many tasks as it may.
        InvalidError: The owner is no officer or supervisor of the scope.
    """
    row = await opened(desk, incident_id)
    number = len(await store.tasks_of(desk.connection, incident_id)) + 1
    if number > MOST_TASKS:
        text = ("任务数已达上限", f"it has {MOST_TASKS} tasks")
        raise _refused("most_tasks", text, ("先办结已有任务", "end tasks that stand"))
    if body.owner is not None:
        await refuse_unknown(desk, body.owner, "/owner")
    owner = body.owner or await owner_of(desk, row["org"], body.who, row["commander"])
    task = {"id": new_id("it"), "org": row["org"], "incident": incident_id, "number": number}
    task |= {"text": body.text.model_dump(), "who": body.who, "owner": owner}
    due_at = desk.now + timedelta(minutes=body.within_minutes)
    await store.add_tasks(desk.connection, [task | {"due_at": due_at}])
    await note(desk, row, "task_added", {"task": number, "owner": owner})
    if owner is not None:
        await tell(desk, row, "incident_task", [owner], task=number)


async def give_task(
    desk: Desk, incident_id: str, number: int, login: str, *, if_match: str | None
) -> None:
    """Name who does a task; its clock runs on.

    Raises:
        NotFoundError: No such task.
        RefusedError: The task or the incident is over.
        InvalidError: The person is no officer or supervisor of the scope.
    """
    row, task = await _open_task(desk, incident_id, number, if_match)
    await refuse_unknown(desk, login, "/login")
    await store.give_task(desk.connection, task["id"], login)
    await note(desk, row, "task_given", {"task": number, "from": task["owner"], "to": login})
    await tell(desk, row, "incident_task", [login], task=number)


async def end_task(
    desk: Desk, incident_id: str, number: int, body: TaskEnd, *, if_match: str | None
) -> None:
    """Note that a task is done, or why it is not to be done.

    Raises:
        NotFoundError: No such task.
        RefusedError: The task or the incident is over.
    """
    row, task = await _open_task(desk, incident_id, number, if_match)
    by = desk.person.login
    await store.end_task(
        desk.connection, task["id"], body.state, by=by, at=desk.now, note=body.note
    )
    await note(desk, row, f"task_{body.state}", {"task": number}, body.note)


async def close(desk: Desk, incident_id: str, body: Closing, *, if_match: str) -> None:
    """Close an incident whose tasks are all done or dropped; its alerts stay as they are.

    Raises:
        RefusedError: It is closed, or tasks are open.
    """
    row = await opened(desk, incident_id, if_match=if_match)
    tasks = await store.tasks_of(desk.connection, incident_id)
    left = [task["number"] for task in tasks if task["state"] == "open"]
    if left:
        numbers = ", ".join(str(number) for number in left[:20])
        text = (f"尚有未办结任务：{numbers}", f"tasks are open: {numbers}")
        raise _refused("open_tasks", text, ("先办结或取消任务", "end or drop each task first"))
    await store.close(desk.connection, incident_id, body.summary, by=desk.person.login, at=desk.now)
    await note(desk, row, "closed", text=body.summary)
    told = {row["commander"], *(task["owner"] for task in tasks if task["owner"])}
    await tell(desk, row, "incident_closed", told)


async def _open_task(
    desk: Desk, incident_id: str, number: int, if_match: str | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    row = await opened(desk, incident_id)
    task = await store.task(desk.connection, incident_id, number)
    if task is None:
        raise NotFoundError("no such task in this incident")
    seen = {"number": number, "state": task["state"], "version": task["version"]}
    check_version(if_match, task["version"], current=seen)
    if task["state"] != "open":
        text = ("任务已办结或取消", f"the task is {task['state']}")
        raise _refused("task_over", text, ("未办结的任务", "a task that is open"))
    return row, task


def _seen(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("id", "state", "version", "commander")}


def _refused(rule: str, said: tuple[str, str], allowed: tuple[str, str]) -> RefusedError:
    return RefusedError(Refusal("", rule, "law-26", *said, *allowed))
