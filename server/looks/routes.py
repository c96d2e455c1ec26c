"""Looks into closed files: ask, decide, list."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from server.auth.person import DeciderDesk, Desk, OwnDesk, ReaderDesk, desk_for
from server.auth.powers import holds
from server.cursor import (
    Cursor,
    Limit,
    decode_cursor,
    decode_id_cursor,
    decode_instant_cursor,
    page_of,
)
from server.looks import alarm_store, alarms, asking, own, revealing, store
from server.looks.purposes import Reason
from server.looks.schemas import (
    LookAlarms,
    LookDecision,
    LookInfo,
    LookPage,
    NewLook,
    NewReveal,
    OwnLooks,
    RevealInfo,
    State,
)
from server.once import RequestKey, once
from server.versions import IfMatch, set_version

router = APIRouter(prefix="/api/v1", tags=["looks"])

_AuditorDesk = Annotated[Desk, Depends(desk_for("auditor"), scope="function")]


@router.post("/subjects/{subject_id}/looks", status_code=201)
async def ask_for_a_look(
    desk: ReaderDesk, request: Request, subject_id: str, body: NewLook, key: RequestKey
) -> LookInfo:
    """Ask to see a closed file (未成年人、封存档案) and say why; somebody else decides."""

    async def asked() -> LookInfo:
        return LookInfo.model_validate(await asking.ask(desk, subject_id, body))

    return await once(desk, request, key, asked, answers=LookInfo)


@router.post("/subjects/{subject_id}/reveals", response_model=RevealInfo)
async def reveal_fields(desk: ReaderDesk, subject_id: str, body: NewReveal) -> dict[str, Any]:
    """Show a person's masked fields in full, this once; the look is logged with its purpose."""
    reason = Reason(body.purpose, body.ref, body.words)
    return await revealing.reveal(desk, subject_id, reason)


@router.get("/me/looks", response_model=OwnLooks)
async def list_looks_at_me(
    desk: OwnDesk, cursor: Cursor = None, limit: Limit = 50
) -> dict[str, Any]:
    """Read who looked at the own track and fields, where the province has it shown."""
    return await own.looks(desk, before=decode_cursor(cursor, datetime, int), limit=limit)


@router.get("/looks", response_model=LookPage)
async def list_looks(
    *,
    desk: ReaderDesk,
    state: State | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List the own looks, newest first; who decides on looks, and an auditor, sees all."""
    sees_all = holds(desk.person, "decide") or desk.person.role == "auditor"
    rows = await store.page(
        desk.connection,
        asked_by=None if sees_all else desk.person.login,
        state=state,
        before=decode_instant_cursor(cursor),
        limit=limit + 1,
    )
    return page_of(rows, limit, "asked_at", "id")


@router.get("/look-alarms", response_model=LookAlarms)
async def list_look_alarms(
    desk: _AuditorDesk, cursor: Cursor = None, limit: Limit = 50
) -> dict[str, Any]:
    """List alarms on unusual looking, newest first: too many people, far ones, at night."""
    rows = await alarm_store.page(desk.connection, before=decode_id_cursor(cursor), limit=limit + 1)
    return page_of([alarms.described(row) for row in rows], limit, "id")


@router.post("/looks/{look_id}/decision", response_model=LookInfo)
async def decide_on_a_look(
    desk: DeciderDesk,
    look_id: str,
    body: LookDecision,
    response: Response,
    if_match: IfMatch = None,
) -> dict[str, Any]:
    """Grant a look for the policy's hours, or refuse it."""
    found = await asking.decide(desk, look_id, approve=body.approve, if_match=if_match)
    set_version(response, found["version"])
    return found
