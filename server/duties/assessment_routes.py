"""Assessments (考核), and objections to them."""

from typing import Any

from fastapi import APIRouter, Request, Response

from server.auth.person import DeciderDesk, Desk, OwnDesk, ReaderDesk
from server.cursor import Cursor, Limit, OfSubject, decode_instant_cursor, page_of
from server.duties import assessing, assessment_objecting, assessment_store
from server.duties.assessment_schemas import (
    AssessmentInfo,
    AssessmentObjection,
    AssessmentPage,
    AssessmentState,
    Confirmation,
    NewAssessment,
    Told,
)
from server.measures.schemas import Answer, ObjectionInfo
from server.once import RequestKey, once
from server.versions import IfMatch, set_version

router = APIRouter(prefix="/api/v1", tags=["duties"])


@router.post("/subjects/{subject_id}/assessments", status_code=201)
async def prepare_assessment(
    desk: DeciderDesk, request: Request, subject_id: str, body: NewAssessment, key: RequestKey
) -> AssessmentInfo:
    """Prepare an assessment of a period that is over; what the record suggests stands beside."""

    async def work() -> AssessmentInfo:
        assessment_id = await assessing.prepare(desk, subject_id, body)
        return AssessmentInfo.model_validate(await assessing.held(desk, assessment_id))

    return await once(desk, request, key, work, answers=AssessmentInfo)


@router.get("/assessments", response_model=AssessmentPage)
async def list_assessments(
    *,
    desk: ReaderDesk,
    subject: OfSubject = None,
    state: AssessmentState | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List assessments of the scope, the newest first."""
    rows = await assessment_store.page(
        desk.connection,
        subject=subject,
        state=state,
        before=decode_instant_cursor(cursor),
        limit=limit + 1,
    )
    return page_of(rows, limit, "prepared_at", "id")


@router.get("/assessments/{assessment_id}", response_model=AssessmentInfo)
async def read_assessment(
    desk: ReaderDesk, response: Response, assessment_id: str
) -> dict[str, Any]:
    """Read an assessment."""
    return await _answered(desk, response, assessment_id)


@router.post("/assessments/{assessment_id}/decision", response_model=AssessmentInfo)
async def confirm_assessment(
    *,
    desk: DeciderDesk,
    response: Response,
    assessment_id: str,
    body: Confirmation,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Confirm or return an assessment as another person of the county."""
    await assessing.confirm(desk, assessment_id, body, if_match=if_match)
    return await _answered(desk, response, assessment_id)


@router.post("/assessments/{assessment_id}/notice", response_model=AssessmentInfo)
async def tell_assessment(
    *,
    desk: DeciderDesk,
    response: Response,
    assessment_id: str,
    body: Told,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Note that the person was told in writing; the window of objection begins."""
    await assessing.tell(desk, assessment_id, body, if_match=if_match)
    return await _answered(desk, response, assessment_id)


@router.post("/assessments/{assessment_id}/objections", status_code=201)
async def take_down_objection(
    desk: DeciderDesk,
    request: Request,
    assessment_id: str,
    body: AssessmentObjection,
    key: RequestKey,
) -> ObjectionInfo:
    """Take down a person's objection to an assessment."""
    return await _filed(desk, request, assessment_id, body, key)


@router.post("/assessments/objections/{objection_id}/answer", response_model=ObjectionInfo)
async def answer_objection(
    *,
    desk: DeciderDesk,
    response: Response,
    objection_id: str,
    body: Answer,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Answer an objection to an assessment; one that is upheld annuls it."""
    row = await assessment_objecting.answer(desk, objection_id, body, if_match=if_match)
    set_version(response, row["version"])
    return row


@router.get("/me/assessments", response_model=AssessmentPage)
async def list_own_assessments(
    *, desk: OwnDesk, cursor: Cursor = None, limit: Limit = 50
) -> dict[str, Any]:
    """List the own assessments."""
    rows = await assessment_store.page(
        desk.connection,
        subject=desk.person.subject_id,
        state=None,
        before=decode_instant_cursor(cursor),
        limit=limit + 1,
    )
    return page_of(rows, limit, "prepared_at", "id")


@router.post("/me/assessments/{assessment_id}/objections", status_code=201)
async def object_to_own_assessment(
    desk: OwnDesk,
    request: Request,
    assessment_id: str,
    body: AssessmentObjection,
    key: RequestKey,
) -> ObjectionInfo:
    """Object to an own assessment."""
    return await _filed(desk, request, assessment_id, body, key)


async def _answered(desk: Desk, response: Response, assessment_id: str) -> dict[str, Any]:
    row = await assessing.held(desk, assessment_id)
    set_version(response, row["version"])
    return row


async def _filed(
    desk: Desk, request: Request, assessment_id: str, body: AssessmentObjection, key: str
) -> ObjectionInfo:
    async def work() -> ObjectionInfo:
        row = await assessment_objecting.file_objection(desk, assessment_id, body.words)
        return ObjectionInfo.model_validate(row)

    return await once(desk, request, key, work, answers=ObjectionInfo)
