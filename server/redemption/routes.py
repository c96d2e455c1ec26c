"""Redemption of points: the account, what is asked for, what another person decides."""

from typing import Any

from fastapi import APIRouter, Request, Response

from server.auth.person import Desk, HandlerDesk, OwnDesk, ReaderDesk
from server.cursor import Cursor, Limit, decode_instant_cursor, page_of
from server.once import RequestKey, once
from server.precision.asking import OfOrg, asked_org
from server.redemption import booking, store
from server.redemption.schemas import (
    NewRedemption,
    Redemption,
    RedemptionAccount,
    RedemptionDecision,
    RedemptionReversal,
    Redemptions,
    RedemptionState,
)
from server.versions import IfMatch, set_version

router = APIRouter(prefix="/api/v1", tags=["score"])


@router.get("/subjects/{subject_id}/redemption-account", response_model=RedemptionAccount)
async def read_redemption_account(desk: ReaderDesk, subject_id: str) -> dict[str, Any]:
    """Read a person's redemption account; minors and sealed files have none."""
    return await booking.account(desk, subject_id)


@router.get("/me/redemption-account", response_model=RedemptionAccount)
async def read_own_redemption_account(desk: OwnDesk) -> dict[str, Any]:
    """Read the own redemption account."""
    return await booking.account(desk, desk.person.subject_id or "")


@router.post("/subjects/{subject_id}/redemptions", status_code=201)
async def ask_for_redemption(
    desk: HandlerDesk, request: Request, subject_id: str, body: NewRedemption, key: RequestKey
) -> Redemption:
    """Ask for an item in a person's name; another person decides."""
    return await _asked(desk, request, subject_id, body, key)


@router.post("/me/redemptions", status_code=201)
async def ask_for_own_redemption(
    desk: OwnDesk, request: Request, body: NewRedemption, key: RequestKey
) -> Redemption:
    """Ask for an item with the own points."""
    return await _asked(desk, request, desk.person.subject_id or "", body, key)


@router.get("/redemptions", response_model=Redemptions)
async def list_redemptions(
    *,
    desk: ReaderDesk,
    state: RedemptionState | None = None,
    org: OfOrg = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List what was asked for, the newest first."""
    before_at, before_id = decode_instant_cursor(cursor) or (None, None)
    asked: dict[str, Any] = {"org": await asked_org(desk, org), "state": state, "limit": limit + 1}
    asked |= {"before_at": before_at, "before_id": before_id}
    page = page_of(await store.page(desk.connection, asked), limit, "asked_at", "id")
    return page | {"items": [booking.shown(row) for row in page["items"]]}


@router.post("/redemptions/{redemption_id}/decision", response_model=Redemption)
async def decide_redemption(
    *,
    desk: HandlerDesk,
    response: Response,
    redemption_id: str,
    body: RedemptionDecision,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Grant what was asked for or refuse it, as another person than who asked."""
    row = await booking.decide(desk, redemption_id, body, if_match=if_match)
    set_version(response, row["version"])
    return row


@router.post("/redemptions/{redemption_id}/reversal", response_model=Redemption)
async def reverse_redemption(
    *,
    desk: HandlerDesk,
    response: Response,
    redemption_id: str,
    body: RedemptionReversal,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Take back what was granted; its points are returned."""
    row = await booking.reverse(desk, redemption_id, body, if_match=if_match)
    set_version(response, row["version"])
    return row


async def _asked(
    desk: Desk, request: Request, subject_id: str, body: NewRedemption, key: str
) -> Redemption:
    async def work() -> Redemption:
        return Redemption.model_validate(await booking.ask(desk, subject_id, body))

    return await once(desk, request, key, work, answers=Redemption)
