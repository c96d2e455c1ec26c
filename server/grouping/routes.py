"""Groups of alerts."""

from typing import Any

from fastapi import APIRouter, Request, Response

from server.alerts.schemas import AlertGroup
from server.auth.person import HandlerDesk, ReaderDesk
from server.grouping.acting import act, group_seen
from server.grouping.schemas import GroupAct, GroupOutcomes
from server.once import RequestKey, once
from server.versions import IfMatch, set_version

router = APIRouter(prefix="/api/v1/alert-groups", tags=["alerts"])


@router.get("/{group_id}", response_model=AlertGroup)
async def read_group(desk: ReaderDesk, group_id: str, response: Response) -> dict[str, Any]:
    """Read a group of alerts; the ETag changes with its members that wait."""
    found = await group_seen(desk, group_id)
    set_version(response, found["version"])
    return found


@router.post("/{group_id}/acts")
async def act_on_group(
    *,
    desk: HandlerDesk,
    request: Request,
    group_id: str,
    body: GroupAct,
    key: RequestKey,
    if_match: IfMatch = None,
) -> GroupOutcomes:
    """Acknowledge, resolve or shelve what waits in a group; each succeeds or is refused by itself.

    A call for help, a strap or a case is in no group: what waits of them is in `left_out`.
    """

    async def work() -> GroupOutcomes:
        return await act(desk, group_id, body, if_match=if_match)

    return await once(desk, request, key, work, answers=GroupOutcomes)
