"""Pre-sentence investigations (调查评估)."""

from datetime import timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime

from server.auth.person import DeciderDesk, Desk, ReaderDesk
from server.cursor import Cursor, Limit, decode_instant_cursor, page_of
from server.duties import investigating, investigation_store
from server.duties.investigation_schemas import (
    Adoption,
    Answering,
    Extension,
    InvestigationInfo,
    InvestigationPage,
    InvestigationState,
    NewInvestigation,
    Report,
    Statistics,
    Withdrawal,
)
from server.errors import InvalidError
from server.once import RequestKey, once
from server.versions import IfMatch, set_version

router = APIRouter(prefix="/api/v1/investigations", tags=["duties"])

_MOST_TIME: Final = timedelta(days=1100)


@router.post("", status_code=201)
async def enter_investigation(
    desk: DeciderDesk, request: Request, body: NewInvestigation, key: RequestKey
) -> InvestigationInfo:
    """Enter a commission; ten working days run from its arrival, five in fast-track cases."""

    async def work() -> InvestigationInfo:
        investigation_id = await investigating.enter(desk, body)
        return InvestigationInfo.model_validate(await investigating.held(desk, investigation_id))

    return await once(desk, request, key, work, answers=InvestigationInfo)


@router.get("", response_model=InvestigationPage)
async def list_investigations(
    *,
    desk: ReaderDesk,
    state: InvestigationState | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List investigations of the scope, the newest first."""
    rows = await investigation_store.page(
        desk.connection, state=state, before=decode_instant_cursor(cursor), limit=limit + 1
    )
    return page_of(rows, limit, "entered_at", "id")


@router.get("/statistics", response_model=Statistics)
async def count_investigations(
    *,
    desk: ReaderDesk,
    begin: Annotated[AwareDatetime, Query(alias="from")],
    end: Annotated[AwareDatetime, Query(alias="to")],
) -> dict[str, Any]:
    """Count those commissioned in at most three years, and how many opinions were adopted."""
    if not timedelta(0) < end - begin <= _MOST_TIME:
        raise InvalidError([("to", "must be after `from` and at most three years later")])
    row = await investigation_store.statistics(desk.connection, begin, end)
    rate = row["adopted"] / row["told"] if row["told"] else None
    return row | {"adoption_rate": rate}


@router.get("/{investigation_id}", response_model=InvestigationInfo)
async def read_investigation(
    desk: ReaderDesk, response: Response, investigation_id: str
) -> dict[str, Any]:
    """Read an investigation."""
    return await _answered(desk, response, investigation_id)


@router.post("/{investigation_id}/extension", response_model=InvestigationInfo)
async def extend_investigation(
    *,
    desk: DeciderDesk,
    response: Response,
    investigation_id: str,
    body: Extension,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Extend it once, by agreement with who commissioned it."""
    await investigating.extend(desk, investigation_id, body, if_match=if_match)
    return await _answered(desk, response, investigation_id)


@router.post("/{investigation_id}/report", response_model=InvestigationInfo)
async def report_investigation(
    *,
    desk: DeciderDesk,
    response: Response,
    investigation_id: str,
    body: Report,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Write what was found."""
    await investigating.report(desk, investigation_id, body, if_match=if_match)
    return await _answered(desk, response, investigation_id)


@router.post("/{investigation_id}/answer", response_model=InvestigationInfo)
async def answer_investigation(
    *,
    desk: DeciderDesk,
    response: Response,
    investigation_id: str,
    body: Answering,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Issue the opinion (调查评估意见书), or give the report back."""
    await investigating.answer(desk, investigation_id, body, if_match=if_match)
    return await _answered(desk, response, investigation_id)


@router.post("/{investigation_id}/adoption", response_model=InvestigationInfo)
async def note_adoption(
    *,
    desk: DeciderDesk,
    response: Response,
    investigation_id: str,
    body: Adoption,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Note whether the opinion was followed."""
    await investigating.note_adoption(desk, investigation_id, body, if_match=if_match)
    return await _answered(desk, response, investigation_id)


@router.post("/{investigation_id}/withdrawal", response_model=InvestigationInfo)
async def withdraw_investigation(
    *,
    desk: DeciderDesk,
    response: Response,
    investigation_id: str,
    body: Withdrawal,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Note that the commission was taken back."""
    await investigating.withdraw(desk, investigation_id, body, if_match=if_match)
    return await _answered(desk, response, investigation_id)


async def _answered(desk: Desk, response: Response, investigation_id: str) -> dict[str, Any]:
    row = await investigating.held(desk, investigation_id)
    set_version(response, row["version"])
    return row
