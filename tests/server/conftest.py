"""A server on a real database, seeded with the registry of the golden vectors."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from psycopg.rows import dict_row

from server.app import create_app
from server.config import ServerSettings
from server.site import first_start

VECTORS = Path(__file__).parent.parent / "vectors" / "uplink"
TOKEN = "gateway-token-of-the-tests"
BASE = "http://127.0.0.1"


def vector(name: str) -> Any:
    return json.loads((VECTORS / name).read_text())


@dataclass
class Site:
    """A seeded database and how to get at it."""

    database: Any
    folder: Path
    passwords: dict[str, str] = field(default_factory=dict)

    def settings(self, **changed: Any) -> ServerSettings:
        for role in ("app", "ingest"):
            dsn = getattr(self.database, f"{role}_dsn")
            (self.folder / f"{role}.dsn").write_text(dsn)
        values = {
            "app_dsn_file": self.folder / "app.dsn",
            "ingest_dsn_file": self.folder / "ingest.dsn",
            "pool_size": 4,
        }
        return ServerSettings(**(values | changed))

    def rows(self, query: str, parameters: Any = None) -> list[dict[str, Any]]:
        """As the owner, who sees everything."""
        with psycopg.connect(self.database.owner_dsn, row_factory=dict_row) as connection:
            cursor = connection.execute(query, parameters)
            return cursor.fetchall() if cursor.description else []

    def one(self, query: str, parameters: Any = None) -> Any:
        return next(iter(self.rows(query, parameters)[0].values()))


@pytest.fixture
def site(database, tmp_path) -> Site:
    logins = first_start(
        database.owner_dsn,
        registry=vector("registry.json"),
        gateway_id="gw-1",
        gateway_token=TOKEN,
    )
    return Site(database, tmp_path, {login.login: login.password for login in logins})


@asynccontextmanager
async def running(app: FastAPI) -> AsyncIterator[FastAPI]:
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def app(site) -> AsyncIterator[FastAPI]:
    async with running(create_app(site.settings())) as started:
        yield started


def http(app: FastAPI) -> httpx.AsyncClient:
    # An unexpected error of the server is answered 500, as to a real caller.
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=BASE)


@pytest.fixture
async def gateway(app) -> AsyncIterator[httpx.AsyncClient]:
    async with http(app) as client:
        client.headers["Authorization"] = f"Bearer {TOKEN}"
        yield client


async def sign_in(client: httpx.AsyncClient, login: str, password: str) -> httpx.Response:
    answer = await client.post("/api/v1/session", json={"login": login, "password": password})
    if answer.status_code == 200:
        client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
    return answer


@pytest.fixture
async def people(app, site) -> AsyncIterator[Any]:
    """Call with a role: a client that is signed in as it."""
    clients: list[httpx.AsyncClient] = []

    async def as_role(role: str) -> httpx.AsyncClient:
        client = http(app)
        clients.append(client)
        answer = await sign_in(client, role, site.passwords[role])
        assert answer.status_code == 200, answer.text
        return client

    yield as_role
    for client in clients:
        await client.aclose()


@pytest.fixture
def telemetry_vector() -> Iterator[bytes]:
    return (VECTORS / "telemetry.arrow").read_bytes()
