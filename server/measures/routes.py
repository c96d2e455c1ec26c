"""Measures: proposed, heard, decided, served, ruled on, annulled; the ladder of a person."""

from typing import Any

from fastapi import APIRouter, Request, Response

from server.auth.person import DeciderDesk, ReaderDesk
from server.cases.reception import described
from server.cases.schemas import Stood
from server.cases.standing import standing
from server.cursor import Cursor, Limit, OfSubject, decode_instant_cursor, page_of
from server.measures import (
    deciding,
    objecting,
    objection_store,
    proposing,
    ruling,
    store,
    terminating,
)
from server.measures.evidence import Copy, list_sha256
from server.measures.kinds import MeasureKind
from server.measures.ladder import ladder_of
from server.measures.lifecycle import State
from server.measures.schemas import (
    Amendment,
    Annulment,
    ArrestRequest,
    Decision,
    EndOfCase,
    Evidence,
    Hearing,
    LadderInfo,
    MeasureInfo,
    MeasurePage,
    MeasureWhole,
    NewMeasure,
    NewRuling,
    Service,
    Withdrawal,
)
from server.measures.stepping import held, shown
from server.measures.weighing import past_of
from server.once import RequestKey, once
from server.versions import IfMatch, set_version

router = APIRouter(prefix="/api/v1", tags=["measures"])


@router.post("/subjects/{subject_id}/measures", status_code=201)
async def propose_measure(
    desk: DeciderDesk, request: Request, subject_id: str, body: NewMeasure, key: RequestKey
) -> MeasureInfo:
    """Propose a measure on a ground that established findings fulfil; its evidence is frozen."""

    async def work() -> MeasureInfo:
        row = await proposing.propose(desk, subject_id, body)
        return MeasureInfo.model_validate(shown(row))

    return await once(desk, request, key, work, answers=MeasureInfo)


@router.get("/subjects/{subject_id}/ladder", response_model=LadderInfo)
async def read_ladder(desk: ReaderDesk, subject_id: str) -> dict[str, Any]:
    """Read a person's counters and every measure behind them, the oldest decision first."""
    await standing(desk.connection, subject_id)
    rows = await store.of_person(desk.connection, subject_id)
    ladder = ladder_of(past_of(row) for row in rows if row["state"] in {"decided", "annulled"})
    return {
        "subject": subject_id,
        "admonitions": ladder.admonitions,
        "warnings": ladder.warnings,
        "police_penalties": ladder.police_penalties,
        "measures": [shown(row) for row in rows],
    }


@router.get("/measures", response_model=MeasurePage)
async def list_measures(
    *,
    desk: ReaderDesk,
    subject: OfSubject = None,
    state: State | None = None,
    kind: MeasureKind | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List measures of the scope, the newest proposal first."""
    rows = await store.page(
        desk.connection,
        subject=subject,
        state=state,
        kind=kind,
        before=decode_instant_cursor(cursor),
        limit=limit + 1,
    )
    return page_of([shown(row) for row in rows], limit, "proposed_at", "id")


@router.get("/measures/{measure_id}", response_model=MeasureWhole)
async def read_measure(desk: ReaderDesk, response: Response, measure_id: str) -> dict[str, Any]:
    """Read a measure with its rulings and objections."""
    row = await held(desk, measure_id)
    set_version(response, row["version"])
    return shown(row) | {
        "rulings": await store.rulings(desk.connection, measure_id),
        "objections": await objection_store.of(desk.connection, "measure", measure_id),
    }


@router.get("/measures/{measure_id}/evidence", response_model=Evidence)
async def read_evidence(desk: ReaderDesk, measure_id: str) -> dict[str, Any]:
    """Read the frozen copies; `sha256` is computed anew from what is kept."""
    await held(desk, measure_id)
    rows = await store.evidence(desk.connection, measure_id)
    copies = [Copy(row["kind"], row["ref_id"], row["content"]) for row in rows]
    items = [
        {"kind": one.kind, "ref_id": one.ref_id, "content": one.content, "sha256": one.sha256.hex()}
        for one in copies
    ]
    return {"items": items, "sha256": list_sha256(copies).hex()}


@router.patch("/measures/{measure_id}", response_model=MeasureInfo)
async def amend_measure(
    *,
    desk: DeciderDesk,
    response: Response,
    measure_id: str,
    body: Amendment,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Change the reasons of a proposal; what was decided is never edited."""
    row = await objecting.amend(desk, measure_id, body.reasons, if_match=if_match)
    return _answered(response, row)


@router.post("/measures/{measure_id}/withdrawal", response_model=MeasureInfo)
async def withdraw_measure(
    *,
    desk: DeciderDesk,
    response: Response,
    measure_id: str,
    body: Withdrawal,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Take a proposal back."""
    row = await objecting.withdraw(desk, measure_id, body.reasons, if_match=if_match)
    return _answered(response, row)


@router.post("/measures/{measure_id}/statement", response_model=MeasureInfo)
async def hear_person(
    *,
    desk: DeciderDesk,
    response: Response,
    measure_id: str,
    body: Hearing,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Note the person's own words (陈述申辩), or why there are none."""
    return _answered(response, await deciding.hear(desk, measure_id, body, if_match=if_match))


@router.post("/measures/{measure_id}/decision", response_model=MeasureInfo)
async def decide_measure(
    *,
    desk: DeciderDesk,
    response: Response,
    measure_id: str,
    body: Decision,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Decide on a proposal as another person of the county; the paper is issued with it."""
    return _answered(response, await deciding.decide(desk, measure_id, body, if_match=if_match))


@router.post("/measures/{measure_id}/service", response_model=MeasureInfo)
async def serve_measure(
    *,
    desk: DeciderDesk,
    response: Response,
    measure_id: str,
    body: Service,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Note that the decision reached the person; the window of objection begins."""
    return _answered(response, await deciding.serve(desk, measure_id, body, if_match=if_match))


@router.post("/measures/{measure_id}/arrest", response_model=MeasureInfo)
async def ask_arrest(
    *,
    desk: DeciderDesk,
    response: Response,
    measure_id: str,
    body: ArrestRequest,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Ask the court to arrest (提请逮捕); it decides within 48 hours."""
    return _answered(response, await ruling.ask_arrest(desk, measure_id, body, if_match=if_match))


@router.post("/measures/{measure_id}/rulings", response_model=MeasureInfo)
async def note_ruling(
    *,
    desk: DeciderDesk,
    response: Response,
    measure_id: str,
    body: NewRuling,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Note what a court, the police, a deciding body or the procuratorate said."""
    return _answered(response, await ruling.rule(desk, measure_id, body, if_match=if_match))


@router.post("/measures/{measure_id}/termination", response_model=Stood)
async def end_case(
    *,
    desk: DeciderDesk,
    response: Response,
    measure_id: str,
    body: EndOfCase,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """End the case (终止矫正) by the ruling that revokes or recommits; tracking and clocks end."""
    file = await terminating.end_case(desk, measure_id, body, if_match=if_match)
    set_version(response, file.version)
    return described(file)


@router.post("/measures/{measure_id}/annulment", response_model=MeasureInfo)
async def annul_measure(
    *,
    desk: DeciderDesk,
    response: Response,
    measure_id: str,
    body: Annulment,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Take a decided measure back by a reversing act; the counters fall by it."""
    return _answered(response, await deciding.annul(desk, measure_id, body, if_match=if_match))


def _answered(response: Response, row: dict[str, Any]) -> dict[str, Any]:
    set_version(response, row["version"])
    return shown(row)
