"""The gateway's calls of docs/wire/commands-v1.md."""

import time
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from server.auth.gateway import FromGateway, gateway_desk
from server.commands import gateway_store
from server.commands.bell import bell_of
from server.commands.reporting import take_events
from server.commands.schemas import CommandEvents, CommandsTaken, GatewayCommands

router = APIRouter(prefix="/api/v1/gateway/commands", tags=["gateway"])


@router.get("", response_model=GatewayCommands)
async def fetch_commands(
    request: Request, wait_s: Annotated[float, Query(ge=0, le=30)] = 0.0
) -> dict[str, Any]:
    """Answer what is queued, at once or when something is; an empty list after `wait_s`."""
    bell = bell_of(request)
    scope, found = await _look(request)
    if found or not wait_s:
        return {"commands": found}
    until_s = time.monotonic() + wait_s
    with bell.waiting(scope) as waiter:
        while True:
            _, found = await _look(request)
            left_s = until_s - time.monotonic()
            if found or left_s <= 0 or bell.is_closed:
                return {"commands": found}
            await waiter.wait(left_s)


@router.post("")
async def report_commands(desk: FromGateway, body: CommandEvents) -> CommandsTaken:
    """Take what became of commands; repeating an event changes nothing."""
    return CommandsTaken(changed=await take_events(desk, body.events))


async def _look(request: Request) -> tuple[str, list[dict[str, Any]]]:
    # A desk holds a connection: each look has one of its own, the wait in between has none.
    async with gateway_desk(request) as desk:
        return desk.gateway.org_path, await gateway_store.waiting(desk.connection)
