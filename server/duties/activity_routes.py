"""Sessions of education and community work."""

from typing import Any

from fastapi import APIRouter, Request, Response

from server.auth.person import DeciderDesk, Desk, ReaderDesk
from server.cursor import Cursor, Limit, decode_instant_cursor, page_of
from server.duties import activities, activity_store
from server.duties.activity_schemas import (
    ActivityKind,
    ActivityPage,
    ActivityWhole,
    Attendance,
    Cancellation,
    NewActivity,
)
from server.once import RequestKey, once
from server.versions import IfMatch, set_version

router = APIRouter(prefix="/api/v1/activities", tags=["duties"])


@router.post("", status_code=201)
async def plan_activity(
    desk: DeciderDesk, request: Request, body: NewActivity, key: RequestKey
) -> ActivityWhole:
    """Plan a session for up to 200 persons; minors apart from adults."""

    async def work() -> ActivityWhole:
        activity_id = await activities.plan(desk, body)
        return ActivityWhole.model_validate(await activities.whole(desk, activity_id))

    return await once(desk, request, key, work, answers=ActivityWhole)


@router.get("", response_model=ActivityPage)
async def list_activities(
    *,
    desk: ReaderDesk,
    kind: ActivityKind | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List sessions of the scope, the latest first."""
    rows = await activity_store.page(
        desk.connection, kind=kind, before=decode_instant_cursor(cursor), limit=limit + 1
    )
    return page_of(rows, limit, "begins_at", "id")


@router.get("/{activity_id}", response_model=ActivityWhole)
async def read_activity(desk: ReaderDesk, response: Response, activity_id: str) -> dict[str, Any]:
    """Read a session with its list."""
    return await _answered(desk, response, activity_id)


@router.post("/{activity_id}/attendance", response_model=ActivityWhole)
async def hold_activity(
    *,
    desk: DeciderDesk,
    response: Response,
    activity_id: str,
    body: Attendance,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Note how everybody on the list took part, in one call."""
    await activities.hold(desk, activity_id, body, if_match=if_match)
    return await _answered(desk, response, activity_id)


@router.post("/{activity_id}/cancellation", response_model=ActivityWhole)
async def cancel_activity(
    *,
    desk: DeciderDesk,
    response: Response,
    activity_id: str,
    body: Cancellation,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Cancel a planned session."""
    await activities.cancel(desk, activity_id, body.reasons, if_match=if_match)
    return await _answered(desk, response, activity_id)


async def _answered(desk: Desk, response: Response, activity_id: str) -> dict[str, Any]:
    row = await activities.whole(desk, activity_id)
    set_version(response, row["version"])
    return row
