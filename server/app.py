"""Wires the parts into one FastAPI app."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from opentelemetry.trace import NoOpTracer, Tracer

from server import console, interface, problem
from server.archive.keys import read_master_key
from server.audit.anchors import require_anchor_folder
from server.background import Background
from server.bell import Bell
from server.config import ServerSettings
from server.contract.describing import DescribedApp
from server.counting import CountingMiddleware
from server.db import Database
from server.directory.memory import DirectoryMemory
from server.directory.signing import read_signer
from server.directory.telling import DirectoryTeller
from server.gate import Gate
from server.ingest.lane import TelemetryLane
from server.media.parts import media_parts
from server.metrics import Metrics
from server.oidc.starting import client_of
from server.parts import Parts, utc_now
from server.personal.starting import vault_of
from server.privacy import PrivacyMiddleware
from server.retention.classes import periods
from server.sealing import read_sealer
from server.signing.checkpoints import read_checkpoint_signer
from server.signing.records import read_fact_signer
from server.tracing import TracingMiddleware, provider_of


def create_app(settings: ServerSettings, *, clock: Callable[[], datetime] = utc_now) -> FastAPI:
    """Return the app; its lifespan opens the pools and listens to the live feed.

    Args:
        settings: The site's.
        clock: The instant that acts of case files happen at; aware.

    Raises:
        SettingsError: A file of the settings cannot be read.
    """
    periods(settings.retention_days)  # a wrong period stops the start, not a round
    metrics = Metrics()
    database = _database(settings)
    traces = None if settings.trace_url is None else provider_of(str(settings.trace_url))
    tracer = NoOpTracer() if traces is None else traces.get_tracer("guitu.server")
    parts = _parts(settings, database, metrics, clock=clock, tracer=tracer)
    command_bell = Bell(most_waiters=settings.command_max_waiters)
    teller = _teller(settings)
    media = media_parts(settings)
    background = Background(parts, commands=command_bell, directory=teller.bell, media=media)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await database.open()
        async with background.running():
            yield
        await database.close()
        if traces is not None:
            await asyncio.to_thread(traces.shutdown)

    app = _described(lifespan=lifespan, max_body_size=settings.max_body_bytes)
    app.state.parts = parts
    app.state.hub = background.hub
    app.state.background = background
    app.state.telemetry_lane = TelemetryLane(
        pool_size=settings.pool_size, wait_s=settings.pool_timeout_s
    )
    app.state.command_bell = command_bell
    app.state.directory_teller = teller
    app.state.media = media
    app.state.oidc = client_of(settings)
    key_file = settings.archive_key_file
    app.state.archive_master_key = None if key_file is None else read_master_key(key_file)
    problem.install(app)
    app.add_middleware(Gate, settings=settings, metrics=metrics)
    app.add_middleware(PrivacyMiddleware)
    app.add_middleware(CountingMiddleware, metrics=metrics)
    if traces is not None:
        app.add_middleware(TracingMiddleware, tracer=tracer)
    interface.install(app)
    console.mount(app)
    return app


def _parts(
    settings: ServerSettings,
    database: Database,
    metrics: Metrics,
    *,
    clock: Callable[[], datetime],
    tracer: Tracer,
) -> Parts:
    """Return what every call works with; files of keys are read here."""
    fact_key, factor_key = settings.fact_key_file, settings.second_factor_key_file
    audit_key = settings.audit_key_file
    require_anchor_folder(settings.audit_anchor_dir)
    return Parts(
        settings,
        database,
        metrics,
        clock,
        None if fact_key is None else read_fact_signer(fact_key),
        None if factor_key is None else read_sealer(factor_key),
        tracer,
        None if audit_key is None else read_checkpoint_signer(audit_key),
        vault=vault_of(settings, database),
    )


def _database(settings: ServerSettings) -> Database:
    return Database(
        app_dsn=settings.app_dsn(),
        ingest_dsn=settings.ingest_dsn(),
        worker_dsn=settings.worker_dsn(),
        size=settings.pool_size,
        timeout_s=settings.pool_timeout_s,
    )


def contract() -> dict[str, Any]:
    """Return the contract (OpenAPI 3.1) that every server of this version serves."""
    app = _described()
    interface.install(app)
    return app.openapi()


def _described(**options: Any) -> FastAPI:
    return DescribedApp(
        title="Guitu",
        summary="Supervision of community corrections (社区矫正)",
        version=version("guitu"),
        openapi_url="/api/v1/openapi.json",
        # The documentation pages load scripts from elsewhere; the contract itself is enough.
        docs_url=None,
        redoc_url=None,
        **options,
    )


def _teller(settings: ServerSettings) -> DirectoryTeller:
    key_file = settings.directory_key_file
    return DirectoryTeller(
        bell=Bell(most_waiters=settings.command_max_waiters),
        memory=DirectoryMemory(most_bytes=settings.directory_memory_bytes),
        signer=None if key_file is None else read_signer(key_file),
    )
