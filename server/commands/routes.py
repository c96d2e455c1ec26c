"""Commands for people."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header

from server.auth.person import AnyDesk, Desk, HandlerDesk, desk_for
from server.commands import entering, store
from server.commands.schemas import Command, CommandPage, CommandWithSteps, NewCommand
from server.cursor import Cursor, Limit, decode_instant_cursor, page_of
from server.errors import NotFoundError

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
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List a device's commands, newest first."""
    if await store.device_held(desk.connection, device_id) is None:
        raise NotFoundError("no such device in your scope")
    before = decode_instant_cursor(cursor)
    rows = await store.page(desk.connection, device_id, before=before, limit=limit + 1)
    return page_of(rows, limit, "requested_at", "id")


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
