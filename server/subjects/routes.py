"""Subjects and their tracks."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from server.auth.person import CASE_READERS, AnyDesk, Desk, ReaderDesk
from server.cases.standing import Category, Stage
from server.cases.work_schemas import Class
from server.cursor import Limit, NameCursor, decode_cursor, page_of
from server.errors import InvalidError, NotFoundError
from server.looks.purposes import LookReason, Reason, note_look
from server.scoring.standing import scores
from server.subjects import store
from server.subjects.schemas import PositionSpans, Subject, SubjectPage, Track

router = APIRouter(prefix="/api/v1/subjects", tags=["subjects"])

_Ids = Annotated[list[Annotated[str, Query(max_length=40)]] | None, Query(max_length=100)]
_MOST_FIXES: Final = 10_000
_MOST_TIME: Final = timedelta(hours=24)
_MOST_SPAN: Final = timedelta(days=92)
_TRACK_COLUMNS: Final = tuple(name for name in Track.model_fields if name != "truncated")


@router.get("", response_model=SubjectPage)
async def list_subjects(
    *,
    desk: AnyDesk,
    q: Annotated[str | None, Query(max_length=100)] = None,
    org: _Ids = None,
    stage: Annotated[list[Stage] | None, Query()] = None,
    category: Annotated[list[Category] | None, Query()] = None,
    supervision_class: Annotated[list[Class] | None, Query(alias="class")] = None,
    cursor: NameCursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List subjects of the scope, wearers first, then by name (in the order of pinyin).

    `q` is part of a name or an id; the other filters may repeat. Closed files are listed to whom
    they are open.
    """
    search = store.Search(
        text=q or None,
        orgs=org or (),
        stages=stage or (),
        categories=category or (),
        classes=supervision_class or (),
        after=decode_cursor(cursor, bool, bytes, str),
    )
    rows = await store.page(desk.connection, search, limit=limit + 1)
    return page_of(rows, limit, "is_wearing", "name_key", "id")


@router.get("/{subject_id}", response_model=Subject)
async def read_subject(desk: AnyDesk, subject_id: str) -> dict[str, Any]:
    """Read one file. The score is for those who see ledgers."""
    connection = desk.connection
    found = await store.subject(connection, subject_id)
    if found is None:
        raise NotFoundError("no such subject in your scope")
    score = None
    if desk.person.role in CASE_READERS:
        score = (await scores(connection, [subject_id], now=desk.now)).get(subject_id)
    return found | {
        "order": await store.order_in_force(connection, subject_id),
        "devices": await store.devices(connection, subject_id),
        "fences": await store.fences(connection, subject_id),
        "score": score.described() if score else None,
    }


@router.get("/{subject_id}/positions", response_model=PositionSpans)
async def read_positions(
    *,
    desk: ReaderDesk,
    subject_id: str,
    begin: Annotated[AwareDatetime, Query(alias="from")],
    end: Annotated[AwareDatetime, Query(alias="to")],
    reason: LookReason,
    by: Literal["hour", "day"] = "hour",
) -> dict[str, Any]:
    """Read what hours or days that are over come to, at most 92 days; the look is logged."""
    if not timedelta(0) < end - begin <= _MOST_SPAN:
        raise InvalidError([("to", "must be after `from` and at most 92 days later")])
    await _note(desk, subject_id, "positions", reason, (begin, end))
    spans = await store.position_spans(desk.connection, subject_id, begin, end, by=by)
    return {"by": by, "spans": spans}


@router.get("/{subject_id}/track", response_model=Track)
async def read_track(
    *,
    desk: ReaderDesk,
    subject_id: str,
    begin: Annotated[AwareDatetime, Query(alias="from")],
    end: Annotated[AwareDatetime, Query(alias="to")],
    reason: LookReason,
) -> dict[str, Any]:
    """Read raw fixes of at most 24 h; the look is logged with purpose and span."""
    if not timedelta(0) < end - begin <= _MOST_TIME:
        raise InvalidError([("to", "must be after `from` and at most 24 h later")])
    await _note(desk, subject_id, "track", reason, (begin, end))
    rows = await store.track(desk.connection, subject_id, begin, end, most=_MOST_FIXES + 1)
    shown = rows[:_MOST_FIXES]
    columns = {name: [row[name] for row in shown] for name in _TRACK_COLUMNS}
    return {**columns, "truncated": len(rows) > _MOST_FIXES}


async def _note(
    desk: Desk, subject_id: str, act: str, reason: Reason, span: tuple[datetime, datetime]
) -> None:
    found = await store.subject(desk.connection, subject_id)
    if found is None:
        raise NotFoundError("no such subject in your scope")
    await note_look(desk, found, act, reason, span)
