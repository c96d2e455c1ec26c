"""Rewards and restrictions by grade: read, decided, ended, objected to."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from server.auth.person import DeciderDesk, Desk, OwnDesk, ReaderDesk
from server.cursor import Cursor, Limit, OfSubject, decode_cursor, page_of
from server.once import RequestKey, once
from server.precision.asking import OfOrg, asked_org
from server.scoring.policy import TreatmentKind
from server.treatments import deciding, store
from server.treatments.schemas import (
    OwnTreatments,
    ScoreTreatment,
    ScoreTreatments,
    TreatmentAnswer,
    TreatmentDecision,
    TreatmentEnding,
    TreatmentState,
    TreatmentWords,
)
from server.treatments.wording import shown
from server.versions import IfMatch, set_version

router = APIRouter(prefix="/api/v1", tags=["score"])

_Which = Annotated[str | None, Query(max_length=40, description="its id in the policy")]
_Waiting = Annotated[
    bool, Query(description="only what waits for a person: proposals, doubts, objections")
]


@router.get("/score-treatments", response_model=ScoreTreatments)
async def list_treatments(
    *,
    desk: ReaderDesk,
    kind: TreatmentKind | None = None,
    state: TreatmentState | None = None,
    treatment: _Which = None,
    waiting: _Waiting = False,
    org: OfOrg = None,
    subject: OfSubject = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List rewards and restrictions, the newest month first."""
    after = decode_cursor(cursor, int, str) or (None, None)
    asked: dict[str, Any] = {
        "kind": kind,
        "state": state,
        "treatment": treatment,
        "waiting": waiting,
    }
    asked |= {"org": await asked_org(desk, org), "subject": subject, "limit": limit + 1}
    asked |= {"after_month": after[0], "after_id": after[1]}
    page = page_of(await store.page(desk.connection, asked), limit, "month", "id")
    return page | {"items": [shown(row) for row in page["items"]]}


@router.get("/score-treatments/{treatment_id}", response_model=ScoreTreatment)
async def read_treatment(desk: ReaderDesk, response: Response, treatment_id: str) -> dict[str, Any]:
    """Read a reward or restriction."""
    return _answered(response, await deciding.held(desk, treatment_id))


@router.post("/score-treatments/{treatment_id}/decision", response_model=ScoreTreatment)
async def decide_treatment(
    *,
    desk: DeciderDesk,
    response: Response,
    treatment_id: str,
    body: TreatmentDecision,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Put a proposal in force or set it aside; what is against the person the county decides."""
    row = await deciding.decide(desk, treatment_id, body, if_match=if_match)
    return _answered(response, row)


@router.post("/score-treatments/{treatment_id}/ending", response_model=ScoreTreatment)
async def end_treatment(
    *,
    desk: DeciderDesk,
    response: Response,
    treatment_id: str,
    body: TreatmentEnding,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """End what is in force, or keep it where a close doubts it."""
    return _answered(response, await deciding.end(desk, treatment_id, body, if_match=if_match))


@router.post("/score-treatments/{treatment_id}/objections", status_code=201)
async def take_down_treatment_objection(
    desk: DeciderDesk, request: Request, treatment_id: str, body: TreatmentWords, key: RequestKey
) -> ScoreTreatment:
    """Take down a person's objection to a restriction, or to a reward that was not given."""
    return await _objected(desk, request, treatment_id, body, key)


@router.post("/score-treatments/{treatment_id}/objection-decision", response_model=ScoreTreatment)
async def answer_treatment_objection(
    *,
    desk: DeciderDesk,
    response: Response,
    treatment_id: str,
    body: TreatmentAnswer,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Answer an objection, as another person than who decided or took it down."""
    return _answered(response, await deciding.answer(desk, treatment_id, body, if_match=if_match))


@router.get("/me/score-treatments", response_model=OwnTreatments)
async def list_own_treatments(desk: OwnDesk) -> dict[str, Any]:
    """List what was decided for oneself, with reasons and answers."""
    rows = await store.own(desk.connection, desk.person.subject_id or "")
    return {"items": [shown(row) for row in rows]}


@router.post("/me/score-treatments/{treatment_id}/objections", status_code=201)
async def object_to_own_treatment(
    desk: OwnDesk, request: Request, treatment_id: str, body: TreatmentWords, key: RequestKey
) -> ScoreTreatment:
    """Object to a restriction, or to a reward that was not given, once."""
    return await _objected(desk, request, treatment_id, body, key)


def _answered(response: Response, row: dict[str, Any]) -> dict[str, Any]:
    set_version(response, row["version"])
    return shown(row)


async def _objected(
    desk: Desk, request: Request, treatment_id: str, body: TreatmentWords, key: str
) -> ScoreTreatment:
    async def work() -> ScoreTreatment:
        row = await deciding.object_to(desk, treatment_id, body.words)
        return ScoreTreatment.model_validate(shown(row))

    return await once(desk, request, key, work, answers=ScoreTreatment)
