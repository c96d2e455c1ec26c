"""Searches for missing persons."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from server.auth.person import DeciderDesk, Desk, ReaderDesk
from server.cursor import Cursor, Limit, OfSubject, decode_cursor, decode_instant_cursor, page_of
from server.once import RequestKey, once
from server.search import searching, store
from server.search.lifecycle import State
from server.search.opening import open_search
from server.search.schemas import (
    Closing,
    Found,
    Hints,
    NewSearch,
    NewStep,
    Notice,
    SearchPage,
    SearchWhole,
)
from server.versions import IfMatch, set_version

router = APIRouter(prefix="/api/v1", tags=["missing"])

_RULES: Final = ("silence", "strap", "removed", "case", "checkin_missed", "leave_overdue")
"""Rules of the gateways that hint at a loss of contact; an officer decides."""
_CLOCKS: Final = ("subject_report", "transfer_report", "leave_return_report")
_LOOK_BACK: Final = timedelta(days=60)


@router.post("/subjects/{subject_id}/missing", status_code=201)
async def open_missing(
    desk: DeciderDesk, request: Request, subject_id: str, body: NewSearch, key: RequestKey
) -> SearchWhole:
    """Open a search at once; its clocks begin."""

    async def work() -> SearchWhole:
        missing_id = await open_search(desk, subject_id, body)
        return SearchWhole.model_validate(await searching.whole(desk, missing_id))

    return await once(desk, request, key, work, answers=SearchWhole)


@router.get("/missing", response_model=SearchPage)
async def list_missing(
    *,
    desk: ReaderDesk,
    subject: OfSubject = None,
    state: State | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List searches of the scope, the newest first."""
    rows = await store.page(
        desk.connection,
        subject=subject,
        state=state,
        before=decode_instant_cursor(cursor),
        limit=limit + 1,
    )
    return page_of(rows, limit, "opened_at", "id")


@router.get("/missing/hints", response_model=Hints)
async def list_hints(
    *,
    desk: ReaderDesk,
    hours: Annotated[int, Query(ge=0, le=720, description="an alert must be that old")] = 1,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List what hints that somebody is missing whom nobody searches for; a person decides."""
    rows = await store.hints(
        desk.connection,
        rules=_RULES,
        clocks=_CLOCKS,
        by=desk.now - timedelta(hours=hours),
        since=desk.now - _LOOK_BACK,
        after=decode_cursor(cursor, datetime, str, str),
        limit=limit + 1,
    )
    return page_of(rows, limit, "since", "source_kind", "source_id")


@router.get("/missing/{missing_id}", response_model=SearchWhole)
async def read_missing(desk: ReaderDesk, response: Response, missing_id: str) -> dict[str, Any]:
    """Read a search with its steps."""
    return await _answered(desk, response, missing_id)


@router.post("/missing/{missing_id}/steps", status_code=201)
async def take_step(
    desk: DeciderDesk, request: Request, missing_id: str, body: NewStep, key: RequestKey
) -> SearchWhole:
    """Note what was done to find the person."""

    async def work() -> SearchWhole:
        return SearchWhole.model_validate(await searching.take_step(desk, missing_id, body))

    return await once(desk, request, key, work, answers=SearchWhole)


@router.post("/missing/{missing_id}/found", response_model=SearchWhole)
async def find_person(
    *,
    desk: DeciderDesk,
    response: Response,
    missing_id: str,
    body: Found,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Note that the person was found; the absence becomes a finding to verify."""
    await searching.find(desk, missing_id, body, if_match=if_match)
    return await _answered(desk, response, missing_id)


@router.post("/missing/{missing_id}/finding", response_model=SearchWhole)
async def enter_absence(
    *, desk: DeciderDesk, response: Response, missing_id: str, if_match: IfMatch = None
) -> dict[str, Any]:
    """Enter an absence that goes on as a finding, so that a measure may rest on it."""
    await searching.find_absence(desk, missing_id, if_match=if_match)
    return await _answered(desk, response, missing_id)


@router.post("/missing/{missing_id}/notice", response_model=SearchWhole)
async def give_notice(
    *,
    desk: DeciderDesk,
    response: Response,
    missing_id: str,
    body: Notice,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Issue the notice that asks the police for help (查找通知书)."""
    await searching.give_notice(desk, missing_id, body, if_match=if_match)
    return await _answered(desk, response, missing_id)


@router.post("/missing/{missing_id}/closing", response_model=SearchWhole)
async def close_missing(
    *,
    desk: DeciderDesk,
    response: Response,
    missing_id: str,
    body: Closing,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """End a search without the person."""
    await searching.close(desk, missing_id, body, if_match=if_match)
    return await _answered(desk, response, missing_id)


async def _answered(desk: Desk, response: Response, missing_id: str) -> dict[str, Any]:
    row = await searching.whole(desk, missing_id)
    set_version(response, row["version"])
    return row
