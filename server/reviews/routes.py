"""Reviews of confirmed facts, and the person's objections to them."""

from typing import Any, Literal

from fastapi import APIRouter, Request, Response

from server.alerts import review_store
from server.alerts.schemas import Reason, Review, ReviewDecision, ReviewPage
from server.auth.person import DeciderDesk, Desk, OwnDesk, ReaderDesk
from server.cursor import Cursor, Limit, OfSubject, decode_instant_cursor, page_of
from server.once import RequestKey, once
from server.reviews import objecting, reviewing
from server.reviews.schemas import Filed, FiledObjection
from server.versions import IfMatch, set_version

router = APIRouter(prefix="/api/v1", tags=["alerts"])


@router.post("/facts/{fact_id}/reviews", status_code=201)
async def ask_for_review(
    desk: DeciderDesk, request: Request, fact_id: str, body: Reason, key: RequestKey
) -> Review:
    """Say what speaks against a confirmed fact; somebody else decides."""

    async def work() -> Review:
        return Review.model_validate(await reviewing.ask(desk, fact_id, body.note))

    return await once(desk, request, key, work, answers=Review)


@router.get("/fact-reviews", response_model=ReviewPage)
async def list_reviews(
    *,
    desk: ReaderDesk,
    state: Literal["open", "upheld", "reversed"] | None = None,
    subject: OfSubject = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List reviews of facts in the scope, the newest first."""
    rows = await review_store.page(
        desk.connection,
        state=state,
        subject=subject,
        before=decode_instant_cursor(cursor),
        limit=limit + 1,
    )
    return page_of(rows, limit, "opened_at", "id")


@router.post("/fact-reviews/{review_id}/decision", response_model=Review)
async def decide_review(
    desk: DeciderDesk,
    response: Response,
    review_id: str,
    body: ReviewDecision,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Uphold or reverse a fact, as another person than who confirmed it; nothing else reverses."""
    row = await reviewing.decide(desk, review_id, body, if_match=if_match)
    set_version(response, row["version"])
    return row


@router.post("/facts/{fact_id}/objections", status_code=201)
async def take_down_fact_objection(
    desk: DeciderDesk, request: Request, fact_id: str, body: Filed, key: RequestKey
) -> FiledObjection:
    """Take down a person's objection to a fact that moved points."""
    return await _filed(desk, request, fact_id, body, key)


@router.post("/me/facts/{fact_id}/objections", status_code=201)
async def object_to_own_fact(
    desk: OwnDesk, request: Request, fact_id: str, body: Filed, key: RequestKey
) -> FiledObjection:
    """Object to a fact of the own score; until the answer it is not counted against oneself."""
    return await _filed(desk, request, fact_id, body, key)


@router.post("/fact-reviews/{review_id}/extension", response_model=Review)
async def extend_fact_objection(
    *,
    desk: DeciderDesk,
    response: Response,
    review_id: str,
    body: Reason,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Take the longest time for the answer to an objection, once, with a reason."""
    row = await objecting.extend(desk, review_id, body.note, if_match=if_match)
    set_version(response, row["version"])
    return row


async def _filed(
    desk: Desk, request: Request, fact_id: str, body: Filed, key: str
) -> FiledObjection:
    async def work() -> FiledObjection:
        row = await objecting.object_to(desk, fact_id, body.words)
        return FiledObjection.model_validate(
            {"id": row["id"], "fact": row["fact_id"], "words": row["reason"]}
            | {"filed_at": row["opened_at"], "version": row["version"]}
        )

    return await once(desk, request, key, work, answers=FiledObjection)
