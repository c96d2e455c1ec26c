"""Requests about the own data, and a copy of it."""

from typing import Any

from fastapi import APIRouter, Request, Response

from server.auth.person import DeciderDesk, OwnDesk, ReaderDesk
from server.cursor import Cursor, Limit, OfSubject, decode_instant_cursor, page_of
from server.data_rights import asking, copying, store
from server.data_rights.schemas import (
    DataRequestInfo,
    DataRequestPage,
    NewDataAnswer,
    NewDataRequest,
    OwnData,
    State,
)
from server.once import RequestKey, once
from server.versions import IfMatch, set_version

router = APIRouter(prefix="/api/v1", tags=["data-rights"])


@router.get("/me/data", response_model=OwnData)
async def copy_own_data(desk: OwnDesk) -> dict[str, Any]:
    """Take a copy of the own data; taking it is noted."""
    return await copying.own_data(desk)


@router.get("/me/data-requests", response_model=DataRequestPage)
async def list_own_requests(
    *, desk: OwnDesk, cursor: Cursor = None, limit: Limit = 50
) -> dict[str, Any]:
    """List the own requests with their answers, newest first."""
    rows = await store.page(
        desk.connection,
        subject=desk.person.subject_id,
        state=None,
        before=decode_instant_cursor(cursor),
        limit=limit + 1,
    )
    return page_of(rows, limit, "filed_at", "id")


@router.post("/me/data-requests", status_code=201)
async def ask_about_own_data(
    desk: OwnDesk, request: Request, body: NewDataRequest, key: RequestKey
) -> DataRequestInfo:
    """Ask for access, a correction or an explanation, or complain; the county answers in time."""

    async def filed() -> DataRequestInfo:
        found = await asking.file_request(desk, desk.person.subject_id or "", body)
        return DataRequestInfo.model_validate(found)

    return await once(desk, request, key, filed, answers=DataRequestInfo)


@router.post("/subjects/{subject_id}/data-requests", status_code=201)
async def take_down_a_request(
    desk: DeciderDesk, request: Request, subject_id: str, body: NewDataRequest, key: RequestKey
) -> DataRequestInfo:
    """Take down what a person asks about the own data."""

    async def filed() -> DataRequestInfo:
        found = await asking.file_request(desk, subject_id, body)
        return DataRequestInfo.model_validate(found)

    return await once(desk, request, key, filed, answers=DataRequestInfo)


@router.get("/data-requests", response_model=DataRequestPage)
async def list_requests(
    *,
    desk: ReaderDesk,
    subject: OfSubject = None,
    state: State | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List what people of the scope ask about their data, newest first."""
    rows = await store.page(
        desk.connection,
        subject=subject,
        state=state,
        before=decode_instant_cursor(cursor),
        limit=limit + 1,
    )
    return page_of(rows, limit, "filed_at", "id")


@router.post("/data-requests/{data_request_id}/answer", response_model=DataRequestInfo)
async def answer_a_request(
    desk: DeciderDesk,
    data_request_id: str,
    body: NewDataAnswer,
    response: Response,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Answer a request; the answer is a document that the person reads."""
    found = await asking.answer(desk, data_request_id, body, if_match=if_match)
    set_version(response, found["version"])
    return found
