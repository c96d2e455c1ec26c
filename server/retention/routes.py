"""Retention: the plan, what was destroyed, legal holds."""

from typing import Any

from fastapi import APIRouter, Request, Response

from server.auth.person import DeciderDesk, ReaderDesk
from server.cursor import (
    Cursor,
    Limit,
    OfSubject,
    decode_id_cursor,
    decode_instant_cursor,
    page_of,
)
from server.once import RequestKey, once
from server.retention import holding, store
from server.retention.planning import plan
from server.retention.schemas import (
    DestructionPage,
    HoldInfo,
    HoldPage,
    LiftingDecision,
    NewHold,
    NewLifting,
    RetentionPlan,
)
from server.versions import IfMatch, set_version

router = APIRouter(prefix="/api/v1", tags=["retention"])


@router.get("/retention", response_model=RetentionPlan)
async def read_retention_plan(desk: ReaderDesk) -> dict[str, Any]:
    """Read how long each class of records is kept, by which article, and what is due."""
    return {"classes": await plan(desk.connection, desk.parts.settings)}


@router.get("/retention/destructions", response_model=DestructionPage)
async def list_destructions(
    *, desk: ReaderDesk, cursor: Cursor = None, limit: Limit = 50
) -> dict[str, Any]:
    """List what retention destroyed, newest first."""
    rows = await store.destructions(
        desk.connection, before=decode_id_cursor(cursor), limit=limit + 1
    )
    return page_of(rows, limit, "id")


@router.post("/legal-holds", status_code=201)
async def place_a_hold(
    desk: DeciderDesk, request: Request, body: NewHold, key: RequestKey
) -> HoldInfo:
    """Hold what is recorded of a person or an organisation: retention destroys nothing of it."""

    async def placed() -> HoldInfo:
        return HoldInfo.model_validate(await holding.place(desk, body))

    return await once(desk, request, key, placed, answers=HoldInfo)


@router.get("/legal-holds", response_model=HoldPage)
async def list_holds(
    *, desk: ReaderDesk, subject: OfSubject = None, cursor: Cursor = None, limit: Limit = 50
) -> dict[str, Any]:
    """List legal holds, newest first."""
    rows = await store.holds(
        desk.connection,
        subject=subject,
        now=desk.now,
        before=decode_instant_cursor(cursor),
        limit=limit + 1,
    )
    return page_of(rows, limit, "placed_at", "id")


@router.post("/legal-holds/{hold_id}/lifting", response_model=HoldInfo)
async def ask_for_a_lifting(
    desk: DeciderDesk,
    hold_id: str,
    body: NewLifting,
    response: Response,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Ask that a hold be lifted; somebody else decides."""
    found = await holding.ask_lifting(desk, hold_id, body, if_match=if_match)
    set_version(response, found["version"])
    return found


@router.post("/legal-holds/{hold_id}/decision", response_model=HoldInfo)
async def decide_on_a_lifting(
    desk: DeciderDesk,
    hold_id: str,
    body: LiftingDecision,
    response: Response,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Lift a hold, or let it stand."""
    found = await holding.decide(desk, hold_id, body, if_match=if_match)
    set_version(response, found["version"])
    return found
