"""GET /api/v1/gateway/directory (docs/wire/directory-v1.md)."""

import json
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Response

from server.auth.gateway import FromGateway
from server.db import Connection
from server.directory import store

router = APIRouter(prefix="/api/v1/gateway/directory", tags=["gateway"])

_RULES: Final[dict[str, Any]] = {"version": "2026-11-01", "parameters": {}}


@router.get("", responses={304: {"description": "unchanged"}})
async def read_directory(
    desk: FromGateway, if_none_match: Annotated[str | None, Header()] = None
) -> Response:
    """Answer the snapshot of the gateway's scope, or 304 when it has that one."""
    gateway = desk.gateway
    version = await store.version(desk.connection)
    is_known = if_none_match is not None and if_none_match.removeprefix("W/") == f'"{version}"'
    body = b""
    while not (is_known or body):
        body = await _snapshot(desk.connection, gateway.org_id, version)
        # Each part is a statement of its own: a change that committed between two of them
        # would leave a mixture.
        newest = await store.version(desk.connection)
        body, version = (body if newest == version else b""), newest
    headers = {"ETag": f'"{version}"', "Cache-Control": "no-cache"}
    if await store.touch(desk.connection, gateway.gateway_id):
        await store.announce_gateway(desk.connection, gateway.org_id, gateway.gateway_id)
    if is_known:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


async def _snapshot(connection: Connection, org_id: str, version: int) -> bytes:
    directory = {
        "format": "guitu-directory/1",
        "version": version,
        "org": org_id,
        "orgs": await store.orgs(connection),
        "devices": await store.devices(connection),
        "bindings": await store.bindings(connection),
        "orders": await store.orders(connection),
        "fences": await store.fences(connection),
        "rules": _RULES,
    }
    return json.dumps(directory, default=_wire_time, ensure_ascii=False).encode()


def _wire_time(value: object) -> str:
    if not isinstance(value, datetime):
        raise TypeError(f"{type(value).__name__} has no form on the wire")
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
