"""Notices on scores: read, and decided on by a person."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from server.acts.act import Act
from server.acts.store import record
from server.auth.person import Desk, HandlerDesk, ReaderDesk
from server.cursor import Cursor, Limit, OfSubject, decode_cursor, page_of
from server.errors import ConflictError, NotFoundError
from server.precision.asking import OfOrg, asked_org
from server.score_notices import store
from server.score_notices.schemas import (
    NoticeDecision,
    NoticeKind,
    NoticeState,
    ScoreNotice,
    ScoreNotices,
)
from server.score_notices.wording import shown
from server.scoring.schedule import Schedule, schedule_of
from server.trends.asking import month_of_text
from server.versions import IfMatch, check_version, set_version

router = APIRouter(prefix="/api/v1/score-notices", tags=["score"])

_Month = Annotated[
    str | None,
    Query(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", description="every month if none"),
]


@router.get("", response_model=ScoreNotices)
async def list_notices(
    *,
    desk: ReaderDesk,
    kind: NoticeKind | None = None,
    state: NoticeState | None = None,
    org: OfOrg = None,
    month: _Month = None,
    subject: OfSubject = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List grades that changed and scores that decline, the newest month first."""
    after = decode_cursor(cursor, int, str) or (None, None)
    asked = {"kind": kind, "state": state, "subject": subject, "limit": limit + 1}
    asked |= {"org": await asked_org(desk, org), "after_month": after[0], "after_id": after[1]}
    asked["month"] = None if month is None else month_of_text(month)
    page = page_of(await store.page(desk.connection, asked), limit, "month", "id")
    schedules: dict[str, Schedule] = {}
    for row in page["items"]:
        if row["org_id"] not in schedules:
            schedules[row["org_id"]] = await schedule_of(desk.connection, row["org_id"])
    items = [shown(row, schedules[row["org_id"]].at(row["month"])) for row in page["items"]]
    return page | {"items": items}


@router.get("/{notice_id}", response_model=ScoreNotice)
async def read_notice(desk: ReaderDesk, response: Response, notice_id: str) -> dict[str, Any]:
    """Read a notice."""
    return await _answered(desk, response, notice_id)


@router.post("/{notice_id}/decision", response_model=ScoreNotice)
async def decide_notice(
    *,
    desk: HandlerDesk,
    response: Response,
    notice_id: str,
    body: NoticeDecision,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Confirm a notice or set it aside, with a reason; it moves no point and no class."""
    row = await store.notice(desk.connection, notice_id, lock=True)
    if row is None:
        raise NotFoundError("no such notice in your scope")
    current = ScoreNotice.model_validate(await _shown(desk, row)).model_dump(mode="json")
    check_version(if_match, row["version"], current=current)
    if row["state"] != "open":
        raise ConflictError(f"the notice is {row['state']}: what was decided stays")
    values: dict[str, Any] = {"id": notice_id, "state": body.outcome, "note": body.note}
    values |= {"by": desk.person.login, "at": desk.now}
    await store.decide(desk.connection, values)
    said = {"notice": row["kind"], "to_grade": row["to_grade"], "note": body.note}
    kind = f"score_notice.{body.outcome}"
    of = (row["org_id"], row["subject_id"])
    act = Act(kind, *of, "score_notice", notice_id, desk.now, ("pipl-24",), said)
    await record(desk.connection, act, desk.person)
    return await _answered(desk, response, notice_id)


async def _answered(desk: Desk, response: Response, notice_id: str) -> dict[str, Any]:
    row = await store.notice(desk.connection, notice_id)
    if row is None:
        raise NotFoundError("no such notice in your scope")
    set_version(response, row["version"])
    return await _shown(desk, row)


async def _shown(desk: Desk, row: dict[str, Any]) -> dict[str, Any]:
    schedule = await schedule_of(desk.connection, row["org_id"])
    return shown(row, schedule.at(row["month"]))
