"""The gateway that asks, and the one database transaction of its request."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from server.auth import store
from server.db import Connection
from server.errors import UnauthorizedError
from server.parts import Parts, parts_of


@dataclass(frozen=True, slots=True)
class Gateway:
    """A known gateway; `org_path` is its scope."""

    gateway_id: str
    org_id: str
    org_path: str


@dataclass(frozen=True, slots=True)
class GatewayDesk:
    """A gateway's request at work: who, and the transaction that sees its scope only."""

    gateway: Gateway
    connection: Connection
    parts: Parts


def token_hash(token: str) -> bytes:
    """Return what the database keeps of a gateway's token, which is random and needs no salt."""
    return hashlib.sha256(token.encode()).digest()


async def _gateway_desk(request: Request) -> AsyncIterator[GatewayDesk]:
    parts = parts_of(request)
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    async with parts.database.gateways() as connection:
        row = None
        if scheme.lower() == "bearer" and token:
            row = await store.gateway(connection, token_hash(token.strip()))
        if row is None:
            raise UnauthorizedError("header Authorization: Bearer TOKEN of a known gateway")
        gateway = Gateway(**row)
        yield GatewayDesk(gateway, connection, parts)


gateway_desk = asynccontextmanager(_gateway_desk)
"""The same for a handler that looks more than once and holds nothing in between."""

FromGateway = Annotated[GatewayDesk, Depends(_gateway_desk, scope="function")]
