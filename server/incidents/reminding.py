"""Tells of tasks whose time is over, again and again until somebody ends them."""

from datetime import timedelta
from typing import Any, Final

from server.incidents import store
from server.incidents.noting import tell
from server.policies.store import policy_of
from server.rounds import Due, Round, Row


async def _overdue(work: Round) -> list[dict[str, Any]]:
    return await store.to_remind(work.connection, work.now, work.resting, most=work.most)


async def _remind(work: Round, row: Row) -> None:
    """Tell the owner and the commander of a task."""
    incident = {"id": row["incident"], "org": row["org"]}
    if row["remind_at"] == row["due_at"]:
        entry = {"kind": "task_overdue", "by": None, "note": None, "at": work.now}
        said = {"task": row["number"], "owner": row["owner"]}
        line = entry | {"org": row["org"], "incident": row["incident"], "body": said}
        await store.add_entry(work.connection, line)
    told = {row["commander"], row["owner"] or row["commander"]}
    await tell(work, incident, "incident_task", told, task=row["number"])
    policy = await policy_of(work.connection, row["org"], work.now)
    again = timedelta(minutes=policy.number("incident_reminder_minutes"))
    await store.remind_again(work.connection, row["id"], work.now + again)


REMINDERS: Final = Due(name="reminders", find=_overdue, settle=_remind)
