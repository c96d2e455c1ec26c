"""Commands for people."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query

from server.auth.person import AnyDesk, Desk, HandlerDesk, desk_for
from server.commands import entering, store
from server.commands.schemas import Command, CommandPage, CommandWithSteps, NewCommand
from server.cursor import decode_cursor, encode_cursor
from server.errors import InvalidError, NotFoundError

router = APIRouter(prefix="/api/v1", tags=["commands"])

_ApproverDesk = Annotated[Desk, Depends(desk_for("supervisor", "admin"), scope="function")]
_WithdrawerDesk = Annotated[
    Desk, Depends(desk_for("officer", "supervisor", "admin"), scope="function")
]


@router.post("/devices/{device_id}/commands", response_model=Command, status_code=201)
async def enter_command(
    desk: HandlerDesk,
    device_id: str,
    body: NewCommand,
    idempotency_key: Annotated[str, Header(min_length=8, max_length=120)],
) -> dict[str, Any]:
    """Enter a command; the same Idempotency-Key again changes nothing."""
    return await entering.enter(desk, device_id, body, key=idempotency_key)


@router.get("/devices/{device_id}/commands", response_model=CommandPage)
async def list_commands(
    *,
    desk: AnyDesk,
    device_id: str,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """List a device's commands, newest first."""
    if await store.device_held(desk.connection, device_id) is None:
        raise NotFoundError("no such device in your scope")
    before = _before(cursor) if cursor else None
    rows = await store.page(desk.connection, device_id, before=before, limit=limit + 1)
    last = rows[limit - 1] if len(rows) > limit else None
    next_cursor = encode_cursor(last["requested_at"].isoformat(), last["id"]) if last else None
    return {"items": rows[:limit], "next_cursor": next_cursor}


@router.get("/commands/{command_id}", response_model=CommandWithSteps)
async def read_command(desk: AnyDesk, command_id: str) -> dict[str, Any]:
    """Read one command with every state that it was in."""
    found = await store.command(desk.connection, command_id)
    if found is None:
        raise NotFoundError("no such command in your scope")
    return found | {"steps": await store.steps(desk.connection, command_id)}


@router.post("/commands/{command_id}/approve", response_model=Command)
async def approve_command(desk: _ApproverDesk, command_id: str) -> dict[str, Any]:
    """Approve a dangerous command that another person entered."""
    return await entering.approve(desk, command_id)


@router.delete("/commands/{command_id}", response_model=Command)
async def withdraw_command(desk: _WithdrawerDesk, command_id: str) -> dict[str, Any]:
    """Withdraw a command that was not sent yet; it stays in the list."""
    return await entering.withdraw(desk, command_id)


def _before(cursor: str) -> tuple[datetime, str]:
    requested_at, command_id = decode_cursor(cursor, str, str)
    try:
        return datetime.fromisoformat(requested_at), command_id
    except ValueError as error:
        raise InvalidError([("cursor", "is not a next_cursor of this list")]) from error
