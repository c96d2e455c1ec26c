"""The gateway's list of docs/wire/commands-v1.md; its report is with the tasks."""

import time
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from server.auth.gateway import gateway_desk
from server.bell import command_bell_of
from server.commands import gateway_store
from server.commands.schemas import GatewayCommands

router = APIRouter(prefix="/api/v1/gateway/commands", tags=["gateway"])


@router.get("", response_model=GatewayCommands)
async def fetch_commands(
    request: Request, wait_s: Annotated[float, Query(ge=0, le=30)] = 0.0
) -> dict[str, Any]:
    """Answer what is queued, at once or when something is; an empty list after `wait_s`."""
    bell = command_bell_of(request)
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


async def _look(request: Request) -> tuple[str, list[dict[str, Any]]]:
    # A desk holds a connection: each look has one of its own, the wait in between has none.
    async with gateway_desk(request) as desk:
        return desk.gateway.org_path, await gateway_store.waiting(desk.connection)
