"""Duties of a person: planned, recorded, missed."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from server.auth.person import DeciderDesk, Desk, OwnDesk, ReaderDesk
from server.cases.standing import standing
from server.cursor import Cursor, Limit, OfSubject, decode_id_cursor, page_of
from server.duties import planning, recording, store
from server.duties.kinds import DUTIES, DutyKind
from server.duties.schemas import (
    Extension,
    NewRecords,
    Noted,
    OwnReport,
    Plan,
    RecordKind,
    RecordPage,
    Schedules,
)
from server.once import RequestKey, once
from server.policies.store import policy_of

router = APIRouter(prefix="/api/v1", tags=["duties"])


@router.post("/subjects/{subject_id}/duties", response_model=Schedules)
async def plan_duties(desk: DeciderDesk, subject_id: str, body: Plan) -> dict[str, Any]:
    """Start what a person owes by category and class; end what is not owed any more."""
    await planning.plan(desk, subject_id, body.begins_on)
    return await _schedules(desk, subject_id)


@router.get("/subjects/{subject_id}/duties", response_model=Schedules)
async def list_schedules(desk: ReaderDesk, subject_id: str) -> dict[str, Any]:
    """List every duty of a person with the period that runs."""
    await standing(desk.connection, subject_id)
    return await _schedules(desk, subject_id)


@router.post("/subjects/{subject_id}/duties/medical-review-extension", response_model=Schedules)
async def extend_review(desk: DeciderDesk, subject_id: str, body: Extension) -> dict[str, Any]:
    """Extend the time of the medical review, by the next-higher agency."""
    await planning.extend_review(desk, subject_id, body.reasons)
    return await _schedules(desk, subject_id)


@router.post("/duties/records", status_code=201)
async def enter_records(
    desk: DeciderDesk, request: Request, body: NewRecords, key: RequestKey
) -> Noted:
    """Note one duty of up to 200 persons: all, or none."""

    async def work() -> Noted:
        return Noted(records=await recording.enter(desk, body))

    return await once(desk, request, key, work, answers=Noted)


@router.get("/duties/records", response_model=RecordPage)
async def list_records(
    *,
    desk: ReaderDesk,
    subject: OfSubject = None,
    kind: Annotated[RecordKind | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List records of the scope, the newest first."""
    rows = await store.records(
        desk.connection,
        subject=subject,
        kind=kind,
        before=decode_id_cursor(cursor),
        limit=limit + 1,
    )
    return page_of(rows, limit, "id")


@router.get("/me/duties", response_model=Schedules)
async def list_own_duties(desk: OwnDesk) -> dict[str, Any]:
    """List the own duties with the periods that run."""
    return await _schedules(desk, str(desk.person.subject_id))


@router.post("/me/reports", status_code=201)
async def report_own(desk: OwnDesk, request: Request, body: OwnReport, key: RequestKey) -> Noted:
    """Report from the own account: periodically, on health, or a change at once."""

    async def work() -> Noted:
        return Noted(records=[await recording.report_own(desk, body)])

    return await once(desk, request, key, work, answers=Noted)


async def _schedules(desk: Desk, subject_id: str) -> dict[str, Any]:
    rows = await store.schedules(desk.connection, subject_id)
    if not rows:
        return {"items": []}
    policy = await policy_of(desk.connection, rows[0]["org"], desk.now)
    items = []
    for row in rows:
        kind: DutyKind = row["kind"]
        rule = DUTIES[kind]
        told = {"supervision_class": row["class"], "article": rule.article, "unit": rule.unit}
        items.append(row | told | {"wanted": rule.wanted(row["class"], policy)})
    return {"items": items}
