"""The score in words, for the office and for the person; and gathering what is final."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from server.auth.person import Desk, HandlerDesk, OwnDesk, ReaderDesk
from server.errors import InvalidError, NotFoundError
from server.scoring import close_store, ledger_store
from server.scoring.explanation import explain
from server.scoring.explanation_schemas import Explanation, Gathered, MonthScores
from server.scoring.intake import gather
from server.scoring.policy import MILLI

router = APIRouter(prefix="/api/v1", tags=["score"])

_At = Annotated[AwareDatetime | None, Query(description="as of when; now if none")]
_Shown = Annotated[bool, Query(description="as it was shown then, not as it is known of then now")]


@router.get("/subjects/{subject_id}/score", response_model=Explanation)
async def explain_score(
    *, desk: ReaderDesk, subject_id: str, at: _At = None, as_shown: _Shown = False
) -> dict[str, Any]:
    """Explain a subject's score: every point, why, by whom, by which rule."""
    return await _explained(desk, subject_id, at, is_shown=as_shown)


@router.get("/me/score", response_model=Explanation)
async def explain_own_score(
    *, desk: OwnDesk, at: _At = None, as_shown: _Shown = False
) -> dict[str, Any]:
    """Explain the own score: every point, what would raise it, how to object."""
    return await _explained(desk, desk.person.subject_id or "", at, is_shown=as_shown)


@router.post("/subjects/{subject_id}/facts/gathering", response_model=Gathered)
async def gather_facts(desk: HandlerDesk, subject_id: str) -> dict[str, int]:
    """Take what became final of a subject as facts, and let fall what was annulled."""
    if await ledger_store.subject_org(desk.connection, subject_id) is None:
        raise NotFoundError("no such subject in your scope")
    login = desk.person.login
    return {"moved": await gather(desk.connection, subject_id, by_login=login, now=desk.now)}


@router.get("/subjects/{subject_id}/score-months", response_model=MonthScores)
async def list_month_scores(desk: ReaderDesk, subject_id: str) -> dict[str, Any]:
    """List what a subject's score was at the end of each closed month."""
    if await ledger_store.subject_org(desk.connection, subject_id) is None:
        raise NotFoundError("no such subject in your scope")
    rows = await close_store.months_of(desk.connection, subject_id)
    return {"items": [_month(row) for row in rows]}


def _month(row: dict[str, Any]) -> dict[str, Any]:
    year, month = divmod(row["month"], 12)
    public = row["public_milli"]
    total = (public or 0) + row["management_milli"]
    return {
        "month": f"{year}-{month + 1:02d}",
        "org": row["org"],
        "total": total / MILLI,
        "public": None if public is None else public / MILLI,
        "management": row["management_milli"] / MILLI,
        "out_of": row["out_of_milli"] / MILLI,
        "grade": row["grade"],
        "dimensions": {name: value / MILLI for name, value in row["dimensions"].items()},
    }


async def _explained(
    desk: Desk, subject_id: str, at: datetime | None, *, is_shown: bool
) -> dict[str, Any]:
    if at is not None and at > desk.now:
        raise InvalidError([("at", "lies in the future: now at the latest")])
    known_at = at if is_shown else None
    return await explain(desk.connection, subject_id, now=desk.now, at=at, known_at=known_at)
