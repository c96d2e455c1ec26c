"""Objections, and what a supervised person does with the own measures."""

from typing import Any, Literal

from fastapi import APIRouter, Request, Response

from server.auth.person import DeciderDesk, OwnDesk, ReaderDesk
from server.cursor import Cursor, Limit, OfSubject, decode_instant_cursor, page_of
from server.measures import deciding, objecting, objection_store, store
from server.measures.schemas import (
    Answer,
    Hearing,
    MeasureInfo,
    MeasurePage,
    ObjectionInfo,
    ObjectionPage,
    OwnWords,
)
from server.measures.stepping import shown
from server.once import RequestKey, once
from server.versions import IfMatch, set_version

router = APIRouter(prefix="/api/v1", tags=["measures"])


@router.post("/measures/{measure_id}/objections", status_code=201)
async def take_down_objection(
    desk: DeciderDesk, request: Request, measure_id: str, body: OwnWords, key: RequestKey
) -> ObjectionInfo:
    """Take down a person's objection, within its window."""

    async def work() -> ObjectionInfo:
        row = await objecting.file_objection(desk, measure_id, body)
        return ObjectionInfo.model_validate(row)

    return await once(desk, request, key, work, answers=ObjectionInfo)


@router.get("/objections", response_model=ObjectionPage)
async def list_objections(
    *,
    desk: ReaderDesk,
    subject: OfSubject = None,
    state: Literal["open", "upheld", "dismissed"] | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List objections of the scope, the newest first."""
    rows = await objection_store.page(
        desk.connection,
        subject=subject,
        state=state,
        before=decode_instant_cursor(cursor),
        limit=limit + 1,
    )
    return page_of(rows, limit, "filed_at", "id")


@router.post("/objections/{objection_id}/answer", response_model=ObjectionInfo)
async def answer_objection(
    *,
    desk: DeciderDesk,
    response: Response,
    objection_id: str,
    body: Answer,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Answer an objection as somebody who neither proposed nor decided; upheld annuls."""
    row = await objecting.answer(desk, objection_id, body, if_match=if_match)
    set_version(response, row["version"])
    return row


@router.get("/me/measures", response_model=MeasurePage)
async def list_own_measures(
    *, desk: OwnDesk, cursor: Cursor = None, limit: Limit = 50
) -> dict[str, Any]:
    """List the own measures, with their grounds and until when each may be objected to."""
    rows = await store.page(
        desk.connection,
        subject=desk.person.subject_id,
        state=None,
        kind=None,
        before=decode_instant_cursor(cursor),
        limit=limit + 1,
    )
    return page_of([shown(row) for row in rows], limit, "proposed_at", "id")


@router.post("/me/measures/{measure_id}/statement", response_model=MeasureInfo)
async def state_own_words(
    *,
    desk: OwnDesk,
    response: Response,
    measure_id: str,
    body: OwnWords,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Say something on a proposed measure before it is decided."""
    words = Hearing(words=body.words)
    row = await deciding.hear(desk, measure_id, words, if_match=if_match)
    set_version(response, row["version"])
    return shown(row)


@router.post("/me/measures/{measure_id}/objections", status_code=201)
async def object_to_own_measure(
    desk: OwnDesk, request: Request, measure_id: str, body: OwnWords, key: RequestKey
) -> ObjectionInfo:
    """Object to an own measure, within its window."""

    async def work() -> ObjectionInfo:
        row = await objecting.file_objection(desk, measure_id, body)
        return ObjectionInfo.model_validate(row)

    return await once(desk, request, key, work, answers=ObjectionInfo)
