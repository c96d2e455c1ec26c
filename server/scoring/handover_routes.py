"""The summary that a person takes along at the end of the term (提升)."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from server.auth.person import Desk, HandlerDesk
from server.documents.issuing import issue
from server.errors import ConflictError, NotFoundError
from server.once import RequestKey, once
from server.scoring import close_store, handover_store
from server.scoring.explanation import explain
from server.scoring.handover import BEFORE_END, may_be_made, values_of
from server.scoring.schedule import schedule_of
from server.scoring.score import BEIJING

router = APIRouter(prefix="/api/v1/subjects", tags=["score"])


class ScoreSummary(BaseModel):
    """The document that was issued; its PDF is `GET /api/v1/documents/{document}/content`."""

    document: str
    number: str
    sha256: Annotated[str, Field(description="of the PDF")]


@router.post("/{subject_id}/score-summaries", status_code=201)
async def issue_score_summary(
    desk: HandlerDesk, request: Request, subject_id: str, key: RequestKey
) -> ScoreSummary:
    """Issue the summary of a person's score at the end of the term, for the person to keep.

    Never of a minor or a sealed file. It says how each closed month ended and what counts in
    favour; what counted against stays in the file.
    """

    async def work() -> ScoreSummary:
        made = await issue(
            desk,
            "score_summary",
            subject_id,
            await _values(desk, subject_id),
            "file",
            subject_id,
        )
        return ScoreSummary(document=made.id, number=made.number, sha256=made.sha256)

    return await once(desk, request, key, work, answers=ScoreSummary)


async def _values(desk: Desk, subject_id: str) -> dict[str, object]:
    file = await handover_store.file_of(desk.connection, subject_id)
    if file is None:
        raise NotFoundError("no such subject in your scope")
    if file["is_minor"] or file["is_sealed"]:
        raise ConflictError("a minor and a sealed file have no summary of the score")
    if not may_be_made(file["stage"], file["term_to"], desk.now.astimezone(BEIJING).date()):
        raise ConflictError(
            "the summary is made at release (解矫), or in the last"
            f" {BEFORE_END.days} days of the term, which ends on {file['term_to']}"
        )
    months = await close_store.months_of(desk.connection, subject_id)
    if not months:
        raise ConflictError("no month of this person's score has been closed yet")
    explained = await explain(desk.connection, subject_id, now=desk.now)
    return values_of(explained, months, await schedule_of(desk.connection, file["org_id"]))
