"""/livez, /readyz and /metrics: for supervisors and for Prometheus; nothing personal in them."""

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from server.parts import parts_of
from server.readiness import readiness
from server.silence.store import telemetry_age_s

if TYPE_CHECKING:
    from server.background import Background

router = APIRouter(tags=["health"])


@router.get("/livez")
async def is_alive() -> dict[str, str]:
    """Answer while the process runs."""
    return {"status": "alive"}


@router.get("/readyz")
async def is_ready(request: Request) -> JSONResponse:
    """Answer 200 when the database answers, takes writes and is migrated, 503 when not.

    A task of the server that fails again and again is named, and no reason to turn people away:
    `status` is `degraded` then. The ages are of the last heartbeat of the live feed and of the
    newest telemetry that any server took, in seconds; null: none yet. The database's clock is
    ahead by `database_clock_skew_s`: beyond the limit for gateways, or where a newer version has
    migrated already, `status` is `degraded` too.
    """
    parts = parts_of(request)
    found = await readiness(parts.database)
    background: Background = request.app.state.background
    stuck = background.pulse.stuck()
    is_off = abs(found.clock_skew_s) > parts.settings.gateway_clock_skew_s
    is_degraded = bool(stuck) or is_off or found.unknown_migrations > 0
    return JSONResponse(
        {
            "status": "degraded" if is_degraded else "ready",
            "stuck": stuck,
            "feed_age_s": background.hub.beat_age_s,
            "watch_age_s": background.watch.age_s,
            "database_clock_skew_s": found.clock_skew_s,
            "unknown_migrations": found.unknown_migrations,
            "telemetry_age_s": await telemetry_age_s(parts.database),
        }
    )


@router.get("/metrics", include_in_schema=False)
async def read_metrics(request: Request) -> Response:
    """Answer the counters as Prometheus text."""
    text = generate_latest(parts_of(request).metrics.registry)
    return Response(text, media_type=CONTENT_TYPE_LATEST)
