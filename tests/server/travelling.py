"""A site whose clock the test moves: months of a case in a second."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from fastapi import FastAPI

from server.app import create_app
from server.background import ON_LAPSE
from server.checks.watch import CHECKS
from server.deadlines.sweep import OnLapse, clocks
from server.rounds import Rounds
from tests.server.conftest import Site, http, running


@dataclass
class Clock:
    """Starts when the test does: what the seed entered is not in its future."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __call__(self) -> datetime:
        return self.now

    def move(self, **parts: float) -> datetime:
        self.now += timedelta(**parts)
        return self.now


@dataclass
class Travel:
    """An app on a clock that moves, and people signed in to it.

    Attributes:
        asked: How many requests had a key of their own.
    """

    site: Site
    app: FastAPI
    clock: Clock
    clients: dict[str, httpx.AsyncClient] = field(default_factory=dict)
    on_lapse: Mapping[str, OnLapse] = field(default_factory=lambda: ON_LAPSE)
    asked: int = 0

    def sign_in(self, login: str) -> httpx.AsyncClient:
        if login not in self.clients:
            client = http(self.app)
            secret, csrf = self.site.open_session(login)
            client.cookies.set("guitu_session", secret)
            client.headers["X-CSRF-Token"] = csrf
            self.clients[login] = client
        return self.clients[login]

    async def sweep(self) -> None:
        """What the server does by itself every half minute."""
        parts = self.app.state.parts
        await Rounds(parts, *clocks(self.on_lapse), CHECKS, every_s=60.0).round()

    async def move(self, **parts: float) -> datetime:
        now = self.clock.move(**parts)
        # Sessions live by the database's clock, cases by this one.
        await self.sweep()
        return now

    def acts(self, **named: Any) -> list[dict[str, Any]]:
        """Acts as the owner sees them, oldest first."""
        rows = self.site.rows("SELECT * FROM act ORDER BY id")
        return [row for row in rows if all(row[name] == value for name, value in named.items())]


@asynccontextmanager
async def travel_of(site: Site, **changed: Any) -> AsyncIterator[Travel]:
    clock = Clock()
    app = create_app(site.settings(deadline_sweep_s=3600.0, **changed), clock=clock)
    async with running(app):
        travel = Travel(site, app, clock)
        yield travel
        for client in travel.clients.values():
            await client.aclose()
