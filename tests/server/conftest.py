"""A server on a real database, seeded with the registry of the golden vectors."""

import asyncio
import hashlib
import json
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import dict_row

from server.app import create_app
from server.config import ServerSettings
from server.site import first_start
from tests.services.database import Database

VECTORS = Path(__file__).parent.parent / "vectors" / "uplink"
TOKEN = "gateway-token-of-the-tests"
BASE = "http://127.0.0.1"
ROLES = ("admin", "supervisor", "officer", "auditor")


def vector(name: str) -> Any:
    return json.loads((VECTORS / name).read_text())


@dataclass
class Site:
    """A seeded database and how to get at it."""

    database: Database
    folder: Path
    passwords: dict[str, str]

    def settings(self, **changed: Any) -> ServerSettings:
        for role in ("app", "ingest"):
            dsn = getattr(self.database, f"{role}_dsn")
            (self.folder / f"{role}.dsn").write_text(dsn)
        values = {
            "app_dsn_file": self.folder / "app.dsn",
            "ingest_dsn_file": self.folder / "ingest.dsn",
            "pool_size": 4,
            # The vectors' times are fixed, and the day will come when they are late.
            "late_after_days": 36_500,
        }
        return ServerSettings(**(values | changed))

    def rows(self, query: str, parameters: Any = None) -> list[dict[str, Any]]:
        """As the owner, who sees everything."""
        with psycopg.connect(self.database.owner_dsn, row_factory=dict_row) as connection:
            cursor = connection.execute(query, parameters)
            return cursor.fetchall() if cursor.description else []

    def one(self, query: str, parameters: Any = None) -> Any:
        return next(iter(self.rows(query, parameters)[0].values()))

    def open_session(self, login: str) -> tuple[str, str]:
        """Open a session without the cost of a password: cookie and CSRF token."""
        secret, csrf = secrets.token_urlsafe(16), secrets.token_urlsafe(16)
        self.rows(
            "INSERT INTO session (token_hash, user_id, org_id, csrf_token, expires_at)"
            " SELECT %s, id, org_id, %s, now() + interval '1 hour' FROM app_user WHERE login = %s",
            (hashlib.sha256(secret.encode()).digest(), csrf, login),
        )
        return secret, csrf

    def add_account(self, login: str, org: str, role: str) -> None:
        self.rows(
            "INSERT INTO app_user (login, org_id, role, name) VALUES (%s, %s, %s, %s)",
            (login, org, role, login),
        )

    def add_org(self, org: str, parent_path: str, level: str = "county") -> None:
        parent = parent_path.strip("/").split("/")[-1] or None
        self.rows(
            "INSERT INTO org (id, parent_id, path, level, name_zh, name_en)"
            " VALUES (%s, %s, %s, %s, %s, %s)",
            (org, parent, f"{parent_path}{org}/", level, org, org),
        )


@contextmanager
def clone_of(template_dsn: str) -> Iterator[Database]:
    template = conninfo_to_dict(template_dsn)["dbname"]
    name = f"{template}_{secrets.token_hex(4)}"
    admin_dsn = make_conninfo(template_dsn, dbname="postgres")
    with psycopg.connect(admin_dsn, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
    yield Database(make_conninfo(template_dsn, dbname=name))
    with psycopg.connect(admin_dsn, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture(scope="session")
def seeded(database_server) -> Iterator[tuple[Database, dict[str, str]]]:
    """Seeded once: hashing the first passwords takes a second."""
    with database_server.migrated() as fresh:
        logins = first_start(
            fresh.owner_dsn,
            registry=vector("registry.json"),
            gateway_id="gw-1",
            gateway_token=TOKEN,
        )
        yield fresh, {login.login: login.password for login in logins}


@pytest.fixture
def site(seeded, tmp_path) -> Iterator[Site]:
    template, passwords = seeded
    with clone_of(template.owner_dsn) as database:
        yield Site(database, tmp_path, passwords)


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


@pytest.fixture
async def nobody(app) -> AsyncIterator[httpx.AsyncClient]:
    async with http(app) as client:
        yield client


@pytest.fixture
async def people(app, site) -> AsyncIterator[Any]:
    """Call with a login: a client that is signed in as it."""
    clients: list[httpx.AsyncClient] = []

    def signed_in(login: str) -> httpx.AsyncClient:
        client = http(app)
        clients.append(client)
        secret, csrf = site.open_session(login)
        client.cookies.set("guitu_session", secret)
        client.headers["X-CSRF-Token"] = csrf
        return client

    yield signed_in
    for client in clients:
        await client.aclose()


@pytest.fixture
def officer(people) -> httpx.AsyncClient:
    return people("officer")


@pytest.fixture
def telemetry_vector() -> bytes:
    return (VECTORS / "telemetry.arrow").read_bytes()


async def post_outcomes(gateway, events, *, first: int = 1, last: int | None = None):
    last = first + len(events) - 1 if last is None else last
    return await gateway.post(
        f"/api/v1/gateway/outcomes?first={first}&last={last}",
        content=json.dumps(events),
        headers={"Content-Type": "application/cloudevents-batch+json"},
    )


async def until(condition: Any, timeout_s: float = 20.0) -> Any:
    """Ask until the condition holds; return its truth."""
    async with asyncio.timeout(timeout_s):
        while True:
            found = await condition()
            if found:
                return found
            await asyncio.sleep(0.02)
