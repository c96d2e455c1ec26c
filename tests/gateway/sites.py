"""A real server at an address of its own, whose answers can be held back or replaced."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from gateway.config import GatewaySettings
from server.app import create_app
from server.config import ServerSettings
from server.main import make_server
from tests.gateway.life import WAIT_S
from tests.gateway.place import HOME, SCHOOL
from tests.server.conftest import Site
from tests.services.broker import HOST

GATEWAY = "gw-1"


def registry() -> dict[str, Any]:
    """Two people under an order, one of them within fences, an officer with a phone; valid now."""
    now = datetime.now(UTC)
    since, until = ((now + timedelta(days=days)).isoformat() for days in (-30, 30))
    holders = {"wb-1": "s-1", "wb-2": "s-2", "ph-1": "officer-1"}
    return {
        "format": "guitu-registry/1",
        "orgs": [
            {"org": "county", "parent": None, "level": "county"}
            | {"name_zh": "青溪县", "name_en": "Qingxi", "boundary": None}
        ],
        "officers": [{"login": "officer-1", "org": "county", "role": "officer", "name": "王警官"}],
        "subjects": [
            {"subject": subject, "org": "county", "name": name, "category": "probation"}
            | {"is_minor": False, "term_from": "2026-01-01", "term_to": "2031-01-01"}
            | {"public_credit": 820}
            for subject, name in (("s-1", "张三"), ("s-2", "李四"))
        ],
        "devices": [
            {"device": device, "org": "county", "expected_interval_s": 60}
            | {"kind": "phone" if device.startswith("ph") else "wristband"}
            for device in holders
        ],
        "bindings": [
            {"device": device, "holder": holder, "valid_from": since, "valid_to": None}
            | {"holder_kind": "officer" if device.startswith("ph") else "subject"}
            for device, holder in holders.items()
        ],
        "orders": [
            {"order": order, "subject": subject, "ground": 2, "approved_by": "李局长"}
            | {"approved_at": since, "valid_from": since, "valid_to": until}
            for order, subject in (("eo-1", "s-1"), ("eo-2", "s-2"))
        ],
        "fences": [
            {"fence": fence, "org": "county", "name": fence, "use": use, "datum": "WGS84"}
            | {"geometry": {"type": "Point", "coordinates": list(place)}, "radius_m": radius_m}
            | {"subjects": ["s-1"], "valid_from": since}
            for fence, use, place, radius_m in (
                ("f-home", "inclusion", HOME, 300.0),
                ("f-school", "exclusion", SCHOOL, 200.0),
            )
        ],
    }


class Door:
    """Stands between gateway and server, as a link does that can break at the worst moment.

    Attributes:
        swallowed: Set when an answer to `swallow` was held back after the server had committed.
        swallow: Path of the requests whose answers never leave.
        directory: Sent instead of the server's own.
    """

    def __init__(self, app: Any) -> None:
        self._app = app
        self.state = app.state
        self.swallow: str | None = None
        self.swallowed = asyncio.Event()
        self.directory: bytes | None = None
        self._answered = 0

    async def __call__(self, scope, receive, send) -> None:
        path = scope.get("path", "")
        if self.swallow is not None and path == self.swallow:
            await self._app(scope, receive, _nowhere)
            self.swallowed.set()
            await asyncio.Event().wait()
        elif self.directory is not None and path == "/api/v1/gateway/directory":
            await _answer(send, self.directory)
        else:
            await self._app(scope, receive, send)


async def _nowhere(_message) -> None:
    return


async def _answer(send, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"etag", b'"%x"' % hash(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def serving(settings: ServerSettings) -> AsyncIterator[Door]:
    """Run a server at the settings' own port."""
    door = Door(create_app(settings))
    server = make_server(door, settings)
    task = asyncio.create_task(server.serve())
    while not server.started:
        assert not task.done(), task.result()
        await asyncio.sleep(0.01)
    try:
        yield door
    finally:
        server.should_exit = True
        await task


@dataclass
class Place:
    """A gateway's settings, and the settings of the server that it looks for."""

    site: Site
    gateway: GatewaySettings
    server: ServerSettings

    def count(self, table: str) -> int:
        query = f"SELECT count(*) FROM {table}"  # noqa: S608 - a test's own table names
        return self.site.one(query)

    async def until_rows(self, table: str, rows: int, where: str = "true") -> None:
        """Return when the table has the rows; more of them never come to be."""
        async with asyncio.timeout(WAIT_S):
            # In a thread: the server's own transaction may hold the table, on this loop.
            query = f"{table} WHERE {where}"
            while (found := await asyncio.to_thread(self.count, query)) < rows:  # noqa: ASYNC110
                await asyncio.sleep(0.03)
        assert found == rows

    async def open_desk(self, login: str = "officer-1") -> httpx.AsyncClient:
        """Return a client that is signed in at the server."""
        secret, csrf = await asyncio.to_thread(self.site.open_session, login)
        return httpx.AsyncClient(
            base_url=f"http://{HOST}:{self.server.http_port}",
            cookies={"guitu_session": secret},
            headers={"X-CSRF-Token": csrf},
            trust_env=False,
        )
