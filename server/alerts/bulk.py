"""The same for many alerts, each with an outcome of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from server.alerts.handling import handle
from server.alerts.lifecycle import Action, Verdict
from server.alerts.outcome_store import announce_alerts
from server.alerts.schemas import BulkAction
from server.alerts.store import alerts
from server.auth.person import Desk
from server.errors import RequestError


@dataclass(frozen=True, slots=True)
class Handling:
    """What is done with each, as `server.alerts.handling.handle` takes it."""

    action: Action
    note: str
    verdict: Verdict | None = None
    until: datetime | None = None


async def handle_each(
    desk: Desk, versions: Mapping[str, int], doing: Handling
) -> dict[str, RequestError | None]:
    """Do an action on alerts at their versions; what one is refused keeps back no other.

    In the order of the ids: two people with overlapping lists cannot wait for each other.
    """
    problems: dict[str, RequestError | None] = {}
    org_of: dict[str, str] = {}
    for alert_id in sorted(versions):
        try:
            async with desk.connection.transaction():
                moved = await handle(
                    desk,
                    alert_id,
                    doing.action,
                    if_match=f'"{versions[alert_id]}"',
                    note=doing.note,
                    verdict=doing.verdict,
                    until=doing.until,
                )
            org_of[alert_id] = moved["org"]
            problems[alert_id] = None
        except RequestError as error:
            problems[alert_id] = error
    await announce_alerts(desk.connection, org_of)
    return problems


async def handle_all(desk: Desk, body: BulkAction) -> list[dict[str, Any]]:
    """Do an action on alerts that a person named, and say of each what became of it."""
    versions = {item.id: item.version for item in body.alerts}
    doing = Handling(body.action, body.note, body.verdict)
    problems = await handle_each(desk, versions, doing)
    done = [alert_id for alert_id, problem in problems.items() if problem is None]
    after = await alerts(desk.connection, done)
    return [
        outcome_of(item.id, problems[item.id]) | {"alert": after.get(item.id)}
        for item in body.alerts
    ]


def outcome_of(alert_id: str, problem: RequestError | None) -> dict[str, Any]:
    """Return what became of one: done, or the problem that kept it as it was."""
    if problem is None:
        return {"id": alert_id, "status": 200, "problem": None}
    said = {"title": problem.title, "detail": problem.detail, **problem.members}
    return {"id": alert_id, "status": problem.status, "problem": said}
