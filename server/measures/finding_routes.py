"""Findings: what was noticed and verified of a person, and which measures it allows."""

from typing import Any

from fastapi import APIRouter, Request, Response

from server.auth.person import DeciderDesk, ReaderDesk
from server.cases.standing import standing
from server.cursor import Cursor, Limit, OfSubject, decode_instant_cursor, page_of
from server.law.articles import ARTICLES
from server.measures import finding_store
from server.measures.establishing import held, report, verify
from server.measures.finding import FindingState
from server.measures.finding_schemas import (
    FindingInfo,
    FindingPage,
    Grounds,
    NewFinding,
    Verification,
)
from server.measures.grounds import allowed_grounds
from server.measures.weighing import absence_days, situation_of
from server.once import RequestKey, once
from server.versions import IfMatch, set_version

router = APIRouter(prefix="/api/v1", tags=["measures"])


@router.post("/subjects/{subject_id}/findings", status_code=201)
async def enter_finding(
    desk: DeciderDesk, request: Request, subject_id: str, body: NewFinding, key: RequestKey
) -> FindingInfo:
    """Enter what was noticed of a person; it counts for nothing until it is verified."""

    async def work() -> FindingInfo:
        return FindingInfo.model_validate(await report(desk, subject_id, body))

    return await once(desk, request, key, work, answers=FindingInfo)


@router.get("/findings", response_model=FindingPage)
async def list_findings(
    *,
    desk: ReaderDesk,
    subject: OfSubject = None,
    state: FindingState | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List findings of the scope, the newest first."""
    rows = await finding_store.page(
        desk.connection,
        subject=subject,
        state=state,
        before=decode_instant_cursor(cursor),
        limit=limit + 1,
    )
    return page_of(rows, limit, "reported_at", "id")


@router.get("/findings/{finding_id}", response_model=FindingInfo)
async def read_finding(desk: ReaderDesk, response: Response, finding_id: str) -> dict[str, Any]:
    """Read one finding."""
    row = await held(desk, finding_id)
    set_version(response, row["version"])
    return row


@router.post("/findings/{finding_id}/verification", response_model=FindingInfo)
async def verify_finding(
    *,
    desk: DeciderDesk,
    response: Response,
    finding_id: str,
    body: Verification,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Establish or dismiss a finding (查实认定), once."""
    row = await verify(desk, finding_id, body, if_match=if_match)
    set_version(response, row["version"])
    return row


@router.get("/findings/{finding_id}/grounds", response_model=Grounds)
async def read_grounds(desk: ReaderDesk, finding_id: str) -> dict[str, Any]:
    """Answer which measures an established finding allows at this instant, and by which article."""
    row = await held(desk, finding_id)
    found = await standing(desk.connection, row["subject"])
    situation = await situation_of(desk, found, [row])
    grounds = allowed_grounds(situation) if row["state"] == "established" else ()
    items = [
        {
            "key": ground.key,
            "measure": ground.measure,
            "article": ground.article,
            "status": ARTICLES[ground.article].status,
            "text": {"zh": ground.text.zh, "en": ground.text.en},
        }
        for ground in grounds
        if ground.asks is not None
    ]
    return {"items": items, "absence_days": absence_days(situation)}
