"""A server on a real database, seeded with the registry of the golden vectors."""

import asyncio
import hashlib
import json
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from psycopg.rows import dict_row

from server.app import create_app
from server.config import ServerSettings
from server.migrate import migrate
from server.site import first_start
from tests.server.declared import hold_to_contract
from tests.services.database import PASSWORDS, Database

VECTORS = Path(__file__).parent.parent / "vectors" / "uplink"
TOKEN = "gateway-token-of-the-tests"
BASE = "http://127.0.0.1"
ROLES = ("admin", "security", "auditor", "supervisor", "head", "officer", "procurator")


def vector(name: str) -> Any:
    return json.loads((VECTORS / name).read_text())


@dataclass
class Site:
    """A seeded database and how to get at it."""

    database: Database
    folder: Path
    passwords: dict[str, str]

    def settings(self, **changed: Any) -> ServerSettings:
        for role in ("app", "ingest", "worker"):
            dsn = getattr(self.database, f"{role}_dsn")
            (self.folder / f"{role}.dsn").write_text(dsn)
        values = {
            "app_dsn_file": self.folder / "app.dsn",
            "ingest_dsn_file": self.folder / "ingest.dsn",
            "worker_dsn_file": self.folder / "worker.dsn",
            "master_key_file": self._key("master-key"),
            "notification_key_file": self._key("notification-key"),
            "second_factor_key_file": self._key("second-factor-key"),
            "pool_size": 4,
            # The vectors' times are fixed, and the day will come when they are late.
            "late_after_days": 36_500,
            # Tests of routing let it look when they say so; in others it is nobody's subject.
            "routes_alerts": False,
            # Tests of the evidence chain seal when they say so.
            "audit_seal_s": 30.0,
        }
        return ServerSettings(**(values | changed))

    def _key(self, name: str) -> Path:
        path = self.folder / name
        if not path.exists():
            path.write_text(secrets.token_urlsafe(32))
            path.chmod(0o600)
        return path

    def rows(self, query: str, parameters: Any = None) -> list[dict[str, Any]]:
        """As the owner, who sees everything."""
        with psycopg.connect(self.database.owner_dsn, row_factory=dict_row) as connection:
            cursor = connection.execute(query, parameters)
            return cursor.fetchall() if cursor.description else []

    def one(self, query: str, parameters: Any = None) -> Any:
        return next(iter(self.rows(query, parameters)[0].values()))

    def open_session(self, login: str) -> tuple[str, str]:
        """Open a session without the cost of password and code: cookie and CSRF token."""
        secret, csrf = secrets.token_urlsafe(16), secrets.token_urlsafe(16)
        self.rows(
            "INSERT INTO session (token_hash, user_id, org_id, csrf_token, expires_at,"
            " factor_passed) SELECT %s, id, org_id, %s, now() + interval '1 hour', true"
            " FROM app_user WHERE login = %s",
            (hashlib.sha256(secret.encode()).digest(), csrf, login),
        )
        return secret, csrf

    def add_account(self, login: str, org: str, role: str, subject: str | None = None) -> None:
        self.rows(
            "INSERT INTO app_user (login, org_id, role, name, subject_id)"
            " VALUES (%s, %s, %s, %s, %s)",
            (login, org, role, login, subject),
        )

    def add_org(self, org: str, parent_path: str, level: str = "county") -> None:
        parent = parent_path.strip("/").split("/")[-1] or None
        self.rows(
            "INSERT INTO org (id, parent_id, path, level, name_zh, name_en)"
            " VALUES (%s, %s, %s, %s, %s, %s)",
            (org, parent, f"{parent_path}{org}/", level, org, org),
        )


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
def site(database_server, seeded, tmp_path) -> Iterator[Site]:
    template, passwords = seeded
    with database_server.copy_of(template) as database:
        yield Site(database, tmp_path, passwords)


@pytest.fixture
def own_site(private_database, tmp_path) -> Site:
    """A seeded database on a server of its own, which may be killed."""
    dsn = private_database.dsn()
    migrate(dsn, **PASSWORDS)
    logins = first_start(
        dsn, registry=vector("registry.json"), gateway_id="gw-1", gateway_token=TOKEN
    )
    return Site(Database(dsn), tmp_path, {login.login: login.password for login in logins})


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
    # No test takes an answer that the contract does not declare.
    hooks = {"response": [hold_to_contract]}
    return httpx.AsyncClient(transport=transport, base_url=BASE, event_hooks=hooks)


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
