"""Subjects and their tracks."""

from datetime import timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from server.auth.person import CASE_READERS, AnyDesk, ReaderDesk
from server.auth.store import log_access
from server.cursor import decode_cursor, encode_cursor
from server.errors import InvalidError, NotFoundError
from server.scoring.store import scores
from server.subjects import store
from server.subjects.schemas import Subject, SubjectPage, Track

router = APIRouter(prefix="/api/v1/subjects", tags=["subjects"])

_MOST_FIXES: Final = 10_000
_MOST_TIME: Final = timedelta(hours=24)
_TRACK_COLUMNS: Final = tuple(name for name in Track.model_fields if name != "truncated")


@router.get("", response_model=SubjectPage)
async def list_subjects(
    *,
    desk: AnyDesk,
    q: Annotated[str | None, Query(max_length=100)] = None,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """List subjects of the scope whose name or id contains `q`, wearers first."""
    after = None
    if cursor:
        rank, subject_id = decode_cursor(cursor, bool, str)
        after = (rank, subject_id)
    rows = await store.page(desk.connection, text=q or None, after=after, limit=limit + 1)
    items = rows[:limit]
    last = items[-1] if len(rows) > limit else None
    next_cursor = encode_cursor(not last["is_wearing"], last["id"]) if last else None
    return {"items": items, "next_cursor": next_cursor}


@router.get("/{subject_id}", response_model=Subject)
async def read_subject(desk: AnyDesk, subject_id: str) -> dict[str, Any]:
    """Read one file. The score is for those who see ledgers."""
    connection = desk.connection
    found = await store.subject(connection, subject_id)
    if found is None:
        raise NotFoundError("no such subject in your scope")
    score = None
    if desk.person.role in CASE_READERS:
        score = (await scores(connection, [subject_id])).get(subject_id)
    return found | {
        "order": await store.order_in_force(connection, subject_id),
        "devices": await store.devices(connection, subject_id),
        "fences": await store.fences(connection, subject_id),
        "score": score.described() if score else None,
    }


@router.get("/{subject_id}/track", response_model=Track)
async def read_track(
    *,
    desk: ReaderDesk,
    subject_id: str,
    begin: Annotated[AwareDatetime, Query(alias="from")],
    end: Annotated[AwareDatetime, Query(alias="to")],
    purpose: Annotated[str, Query(min_length=4, max_length=200)],
) -> dict[str, Any]:
    """Read raw fixes of at most 24 h; the purpose is logged with the reader's name."""
    if not timedelta(0) < end - begin <= _MOST_TIME:
        raise InvalidError([("to", "must be after `from` and at most 24 h later")])
    found = await store.subject(desk.connection, subject_id)
    if found is None:
        raise NotFoundError("no such subject in your scope")
    await log_access(
        desk.connection,
        org_id=found["org"],
        by_login=desk.person.login,
        act="track",
        subject_id=subject_id,
        purpose=purpose,
    )
    rows = await store.track(desk.connection, subject_id, begin, end, most=_MOST_FIXES + 1)
    shown = rows[:_MOST_FIXES]
    columns = {name: [row[name] for row in shown] for name in _TRACK_COLUMNS}
    return {**columns, "truncated": len(rows) > _MOST_FIXES}
