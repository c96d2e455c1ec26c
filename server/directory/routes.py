"""GET /api/v1/gateway/directory (docs/wire/directory-v1.md)."""

import asyncio
import time
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Query, Request, Response

from server.auth.gateway import GatewayDesk, gateway_desk
from server.db import Connection
from server.directory import duty_store, rule_store, store
from server.directory.body import Body
from server.directory.duty import duty_sections
from server.directory.sound import without_empty_rows, without_loose_ends
from server.directory.telling import DELTA_TYPE, teller_of

router = APIRouter(prefix="/api/v1/gateway/directory", tags=["gateway"])

_UNCHANGED: Final = 304


_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The snapshot, or what changed since the one that the gateway has",
        "content": {DELTA_TYPE: {"schema": {"type": "object"}}},
    },
    _UNCHANGED: {"description": "unchanged"},
}


@router.get("", responses=_ANSWERS)
async def read_directory(
    *,
    request: Request,
    wait_s: Annotated[float, Query(ge=0, le=30)] = 0.0,
    if_none_match: Annotated[str | None, Header()] = None,
    guitu_base: Annotated[str | None, Header(pattern="^[0-9a-f]{64}$")] = None,
    guitu_in_force: Annotated[int | None, Header(ge=0)] = None,
) -> Response:
    """Answer the snapshot of the gateway's scope, or what changed since the one that it has.

    304 when it has the newest: at once, or after `wait_s` in which nothing changed. The record
    keeps since when the gateway has worked by the version that it names as in force.
    """
    bell = teller_of(request).bell
    known = (if_none_match or "").removeprefix("W/")
    async with gateway_desk(request) as desk:
        scope = desk.gateway.org_path
        if guitu_in_force is not None:
            held = desk.gateway.gateway_id, desk.gateway.org_id
            await store.note_taken(desk.connection, *held, guitu_in_force)
        answer = await _look(request, desk, known, guitu_base)
    if answer.status_code != _UNCHANGED or not wait_s:
        return answer
    until_s = time.monotonic() + wait_s
    with bell.waiting(scope) as waiter:
        while True:
            # A desk holds a connection: each look has one of its own, the wait in between none.
            async with gateway_desk(request) as desk:
                answer = await _look(request, desk, known, guitu_base)
            left_s = until_s - time.monotonic()
            if answer.status_code != _UNCHANGED or left_s <= 0 or bell.is_closed:
                return answer
            await waiter.wait(left_s)


async def _look(request: Request, desk: GatewayDesk, known: str, base: str | None) -> Response:
    gateway = desk.gateway
    version = await store.version(desk.connection)
    midnight = await duty_store.today(desk.connection)
    headers = {"ETag": _tag(version, midnight), "Cache-Control": "no-cache"}
    body = None
    if known != headers["ETag"]:
        body, version = await _snapshot(desk.connection, gateway.org_id, version)
        headers["ETag"] = _tag(version, midnight)
    if await store.touch(desk.connection, gateway.gateway_id):
        await store.announce_gateway(desk.connection, gateway.org_id, gateway.gateway_id)
    if body is None:
        return Response(status_code=_UNCHANGED, headers=headers)
    return teller_of(request).tell(gateway.org_id, body, version, base=base, headers=headers)


def _tag(version: int, midnight: datetime) -> str:
    """Return the name of a directory: who is on duty next is another answer every day."""
    return f'"{version}.{midnight:%Y%m%d}"'


async def _snapshot(connection: Connection, org_id: str, version: int) -> tuple[Body, int]:
    while True:
        directory = await snapshot(connection, org_id, version)
        # Each part is a statement of its own: a change that committed between two of them
        # would leave a mixture.
        newest = await store.version(connection)
        if newest == version:
            # A province is long to encode: others are answered meanwhile.
            return await asyncio.to_thread(_body, directory), version
        version = newest


async def snapshot(connection: Connection, org_id: str, version: int) -> dict[str, object]:
    """Return what the gateways of an organisation must know, by section."""
    directory = {
        "format": "guitu-directory/1",
        "version": version,
        "org": org_id,
        "orgs": await store.orgs(connection),
        "devices": await store.devices(connection),
        "bindings": await store.bindings(connection),
        "orders": await store.orders(connection),
        "fences": await store.fences(connection),
        "rules": await rule_store.rules(connection),
        "schedules": await rule_store.schedules(connection),
    }
    directory |= await rule_store.rule_sections(connection)
    directory |= await duty_sections(connection, await duty_store.today(connection))
    return directory


def _body(directory: dict[str, Any]) -> Body:
    return Body(without_loose_ends(without_empty_rows(directory)))
