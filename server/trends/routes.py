"""Scores over people and months: for the console, and as files."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Response

from server.auth.person import Desk, ReaderDesk
from server.errors import InvalidError
from server.exchange.digests import new_number, note_file
from server.exchange.giving import marks_of
from server.exchange.writing import table_file
from server.precision.asking import OfOrg
from server.trends import reading
from server.trends.asking import Asked, MonthText, asked, month_text, over
from server.trends.schemas import Comparison, Decline, Distribution, Movement
from server.trends.tables import View, table

router = APIRouter(prefix="/api/v1/score-analysis", tags=["score"])

_MOST_MONTHS: Final = 36
_FILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The file",
        "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_VIEWS: Final[Mapping[View, Callable[[Desk, Asked], Awaitable[dict[str, Any]]]]] = {
    "distribution": reading.distribution,
    "decline": reading.decline,
    "comparison": reading.comparison,
}
_Since = Annotated[
    str | None,
    Query(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", description="the month before if none"),
]


@router.get("/distribution", response_model=Distribution)
async def read_distribution(
    *, desk: ReaderDesk, org: OfOrg = None, month: MonthText = None
) -> dict[str, Any]:
    """Answer how scores are distributed at the end of a month, and a year of grades."""
    return await reading.distribution(desk, await asked(desk, org, month))


@router.get("/movement", response_model=Movement)
async def read_movement(
    *, desk: ReaderDesk, org: OfOrg = None, since: _Since = None, month: MonthText = None
) -> dict[str, Any]:
    """Answer how people moved between grades from the end of one month to that of another."""
    return await _movement(desk, org, since, month)


@router.get("/decline", response_model=Decline)
async def read_decline(
    *, desk: ReaderDesk, org: OfOrg = None, month: MonthText = None
) -> dict[str, Any]:
    """List whose scores go down month after month: a hint, without any effect in law."""
    return await reading.decline(desk, await asked(desk, org, month))


@router.get("/comparison", response_model=Comparison)
async def read_comparison(
    *, desk: ReaderDesk, org: OfOrg = None, month: MonthText = None
) -> dict[str, Any]:
    """Compare the organisations next below one; groups under five people are hidden."""
    return await reading.comparison(desk, await asked(desk, org, month))


@router.get("/file", response_class=Response, responses=_FILE)
async def read_file(
    *,
    desk: ReaderDesk,
    view: View,
    org: OfOrg = None,
    since: _Since = None,
    month: MonthText = None,
) -> Response:
    """Download what a view shows as CSV."""
    if view == "movement":
        found = await _movement(desk, org, since, month)
    else:
        found = await _VIEWS[view](desk, await asked(desk, org, month))
    named = found.get("until") or found["month"]
    columns, rows = table(view, found)
    number = new_number()
    marks = [f"信用矫正分分析 {view} {found['org']} {named}", *marks_of(desk, number, view)]
    content = await asyncio.to_thread(table_file, columns, rows, marks, "csv")
    await note_file(desk, number, f"score-{view}", content)
    name = f"score-{view}-{found['org']}-{named}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


async def _movement(
    desk: Desk, org: str | None, since: str | None, month: str | None
) -> dict[str, Any]:
    of = await asked(desk, org, month)
    begin = of.month - 1 if since is None else over(desk, since, "since")
    if not of.month - _MOST_MONTHS <= begin < of.month:
        least = month_text(of.month - _MOST_MONTHS)
        raise InvalidError([("since", f"lies from {least} to before {month_text(of.month)}")])
    return await reading.movement(desk, of, begin)
