"""What a person does with all that waits in a group, each alert by a transition of its own."""

from typing import Any, Final

from server.alerts.bulk import Handling, handle_each, outcome_of
from server.alerts.group_store import groups_of, lock_waiting, waiting_beside
from server.alerts.lifecycle import GUARDED
from server.alerts.schemas import AlertGroup
from server.auth.person import Desk
from server.errors import NotFoundError
from server.grouping.schemas import GroupAct, GroupOutcomes
from server.versions import check_version, wanted

MOST_AT_ONCE: Final = 500
_MOST_LEFT_OUT: Final = 100


async def group_seen(desk: Desk, group_id: str) -> dict[str, Any]:
    """Return a group as far as the scope goes.

    Raises:
        NotFoundError: No such group in the person's scope.
    """
    found = await groups_of(desk.connection, [group_id])
    if group_id not in found:
        raise NotFoundError("no such group of alerts in your scope")
    return found[group_id]


async def act(desk: Desk, group_id: str, body: GroupAct, *, if_match: str | None) -> GroupOutcomes:
    """Do an action on the members that wait, as the person saw them.

    Raises:
        VersionWantedError: Without If-Match.
        NotFoundError: No such group in the person's scope.
        StaleVersionError: A member came or changed since; carries the group as it is now.
    """
    wanted(if_match)
    members = await lock_waiting(desk.connection, group_id, MOST_AT_ONCE + 1)
    group = await group_seen(desk, group_id)
    current = AlertGroup.model_validate(group).model_dump(mode="json")
    check_version(if_match, group["version"], current=current)
    versions = {row["id"]: row["version"] for row in members[:MOST_AT_ONCE]}
    doing = Handling(body.action, body.note, body.verdict, body.until)
    problems = await handle_each(desk, versions, doing)
    beside = await waiting_beside(desk.connection, group_id, sorted(GUARDED), _MOST_LEFT_OUT)
    return GroupOutcomes.model_validate(
        {
            "group": await group_seen(desk, group_id),
            "items": [outcome_of(one, problem) for one, problem in problems.items()],
            "left_out": beside,
            "more": len(members) > MOST_AT_ONCE,
        }
    )
