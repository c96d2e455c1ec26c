"""The impact-assessment register."""

from typing import Any

from fastapi import APIRouter, Request, Response

from server.auth.person import DeciderDesk, ReaderDesk
from server.cursor import Cursor, Limit, decode_instant_cursor, page_of
from server.impact import assessing, store
from server.impact.schemas import ImpactInfo, ImpactPage, ImpactReview, NewImpact, State
from server.once import RequestKey, once
from server.versions import IfMatch, set_version

router = APIRouter(prefix="/api/v1/impact-assessments", tags=["data-rights"])


@router.get("", response_model=ImpactPage)
async def list_impacts(
    *, desk: ReaderDesk, state: State | None = None, cursor: Cursor = None, limit: Limit = 50
) -> dict[str, Any]:
    """List impact assessments of the scope, newest first."""
    rows = await store.page(
        desk.connection,
        state=state,
        today=assessing.today_of(desk),
        before=decode_instant_cursor(cursor),
        limit=limit + 1,
    )
    return page_of(rows, limit, "made_at", "id")


@router.post("", status_code=201)
async def make_an_impact_assessment(
    desk: DeciderDesk, request: Request, body: NewImpact, key: RequestKey
) -> ImpactInfo:
    """Enter an assessment of a processing activity; another person reviews it."""

    async def made() -> ImpactInfo:
        return ImpactInfo.model_validate(await assessing.make(desk, body))

    return await once(desk, request, key, made, answers=ImpactInfo)


@router.post("/{impact_id}/review", response_model=ImpactInfo)
async def review_an_impact_assessment(
    desk: DeciderDesk,
    impact_id: str,
    body: ImpactReview,
    response: Response,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Approve or refuse an assessment; a deadline reminds before it lapses."""
    found = await assessing.review(desk, impact_id, body, if_match=if_match)
    set_version(response, found["version"])
    return found
