"""Who owes what, and every clock of one person."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query

from server.auth.person import AnyDesk, Desk
from server.cursor import Cursor, Limit, OfSubject, decode_cursor, page_of
from server.deadlines import store
from server.deadlines.schemas import DeadlinePage, DutyCounts, State
from server.law.clocks import CLOCKS
from server.law.days import LegalCalendar

router = APIRouter(prefix="/api/v1", tags=["deadlines"])

_LOOK_BACK: Final = timedelta(days=400)
"""What lapsed longer ago and was never done is history, not today's work."""
_DAYS: Final = LegalCalendar()
_By = Annotated[date | None, Query(description="the last legal day, Asia/Shanghai; today if none")]


@router.get("/deadlines", response_model=DeadlinePage)
async def list_deadlines(
    *,
    desk: AnyDesk,
    subject: OfSubject = None,
    state: State | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List clocks of the scope, or of one person, the earliest end first."""
    rows = await store.page(
        desk.connection,
        subject=subject,
        state=state,
        after=decode_cursor(cursor, datetime, int),
        limit=limit + 1,
    )
    return _page(rows, limit)


@router.get("/duties", response_model=DeadlinePage)
async def list_duties(
    *,
    desk: AnyDesk,
    by: _By = None,
    who: Annotated[str | None, Query(max_length=40)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List who owes what by the end of a day: what runs out until then, and what is overdue."""
    end = _end(desk, by)
    rows = await store.owed(
        desk.connection,
        since=desk.now - _LOOK_BACK,
        by=end,
        who=who,
        after=decode_cursor(cursor, datetime, int),
        limit=limit + 1,
    )
    return _page(rows, limit)


@router.get("/duties/counts", response_model=DutyCounts)
async def count_duties(*, desk: AnyDesk, by: _By = None) -> dict[str, Any]:
    """Count what is owed by the end of a day."""
    end = _end(desk, by)
    rows = await store.counts(desk.connection, now=desk.now, since=desk.now - _LOOK_BACK, by=end)
    return {"by": end, "counts": [row | _titled(row) for row in rows]}


def _end(desk: Desk, by: date | None) -> datetime:
    return _DAYS.due_at(by or _DAYS.date_of(desk.now))


def _titled(row: dict[str, Any]) -> dict[str, Any]:
    title = CLOCKS[row["kind"]].text
    return {"title": {"zh": title.zh, "en": title.en}}


def _page(rows: list[dict[str, Any]], limit: int) -> dict[str, Any]:
    return page_of([row | _titled(row) for row in rows], limit, "due_at", "id")
