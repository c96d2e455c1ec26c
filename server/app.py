"""Wires the parts into one FastAPI app."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Final

from fastapi import FastAPI

import server.alerts.routes
import server.auth.routes
import server.commands.gateway_routes
import server.commands.routes
import server.directory.routes
import server.ingest.quarantine_routes
import server.ingest.routes
import server.live.routes
import server.registry.routes
import server.scoring.routes
import server.situation.routes
import server.subjects.routes
from server import console, health, problem
from server.commands.bell import CommandBell
from server.config import ServerSettings
from server.counting import CountingMiddleware
from server.db import Database
from server.errors import NotFoundError
from server.ingest.lane import TelemetryLane
from server.ingest.upkeep import Upkeep
from server.live.hub import Hub, HubSettings
from server.live.supervised import keep_running
from server.metrics import Metrics
from server.parts import Parts
from server.privacy import PrivacyMiddleware

_ROUTERS: Final = (
    server.auth.routes.router,
    server.situation.routes.router,
    server.alerts.routes.router,
    server.scoring.routes.router,
    server.subjects.routes.router,
    server.commands.routes.router,
    server.live.routes.router,
    server.registry.routes.router,
    server.directory.routes.router,
    server.ingest.routes.router,
    server.ingest.quarantine_routes.router,
    server.commands.gateway_routes.router,
    health.router,
)
_METHODS: Final = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


def create_app(settings: ServerSettings) -> FastAPI:
    """Return the app; its lifespan opens the pools and listens to the live feed.

    Raises:
        SettingsError: A file of the settings cannot be read.
    """
    metrics = Metrics()
    database = Database(
        app_dsn=settings.app_dsn(),
        ingest_dsn=settings.ingest_dsn(),
        size=settings.pool_size,
        timeout_s=settings.pool_timeout_s,
    )
    bell = CommandBell(most_waiters=settings.command_max_waiters)
    upkeep = Upkeep(settings, database, metrics)
    hub = Hub(_hub_settings(settings, database.app_dsn), metrics, bell)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await database.open()
        tasks = [
            asyncio.create_task(keep_running("live", hub.listen)),
            asyncio.create_task(keep_running("upkeep", upkeep.run)),
        ]
        yield
        hub.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await database.close()

    app = FastAPI(
        title="Guitu",
        summary="Supervision of community corrections (社区矫正)",
        version=version("guitu"),
        openapi_url="/api/v1/openapi.json",
        # The documentation pages load scripts from elsewhere; the contract itself is enough.
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        max_body_size=settings.max_body_bytes,
    )
    app.state.parts = Parts(settings, database, metrics)
    app.state.hub = hub
    app.state.telemetry_lane = TelemetryLane(
        pool_size=settings.pool_size, wait_s=settings.pool_timeout_s
    )
    app.state.command_bell = bell
    problem.install(app)
    app.add_middleware(PrivacyMiddleware)
    app.add_middleware(CountingMiddleware, metrics=metrics)
    for router in _ROUTERS:
        app.include_router(router)
    app.add_api_route("/api/{rest:path}", _unknown, methods=_METHODS, include_in_schema=False)
    console.mount(app)
    return app


async def _unknown(rest: str) -> None:
    raise NotFoundError(f"/api/{rest} is not part of this interface: see /api/v1/openapi.json")


def _hub_settings(settings: ServerSettings, dsn: str) -> HubSettings:
    return HubSettings(
        dsn=dsn,
        most_clients=settings.live_max_clients,
        coalesce_s=settings.live_coalesce_ms / 1000,
        heartbeat_s=settings.live_heartbeat_s,
        session_check_s=settings.live_session_check_s,
        feed_keep_s=settings.feed_keep_s,
        silent_after_s=settings.gateway_silent_after_s,
    )
