"""What gateways say of themselves, and the coverage that is lost with one."""

from typing import Any

from fastapi import APIRouter

from server.alerts.outcome_store import announce_alerts
from server.auth.gateway import FromGateway
from server.auth.person import ReaderDesk
from server.config import ServerSettings
from server.cursor import Cursor, Limit, decode_cursor, page_of
from server.directory.store import announce_gateway, touch
from server.parts import utc_now
from server.silence import store
from server.silence.schemas import Coverage, GatewayHealth
from server.silence.telling import take_readings
from server.silence.trouble import Health, Limits, readings_of

router = APIRouter(prefix="/api/v1", tags=["silence"])


@router.post("/gateway/health", status_code=204)
async def take_health(desk: FromGateway, body: GatewayHealth) -> None:
    """Take a gateway's word about itself (docs/wire/health-v1.md), the sign that it lives."""
    connection, gateway = desk.connection, desk.gateway
    now = utc_now()
    kept = body.model_dump(mode="json", exclude={"format"})
    await store.note_health(connection, gateway.gateway_id, gateway.org_id, now, kept)
    said = body.model_dump(exclude={"format", "sent_time"})
    health = Health(**said, clock_skew_s=(body.sent_time - now).total_seconds())
    readings = readings_of(health, _limits(desk.parts.settings))
    source = gateway.org_id, gateway.gateway_id
    changed = await take_readings(connection, *source, readings, now)
    is_due = await touch(connection, gateway.gateway_id)
    await announce_alerts(connection, changed)
    if is_due:
        await announce_gateway(connection, *source)


@router.get("/gateways/{gateway}/coverage", response_model=Coverage)
async def read_coverage(
    desk: ReaderDesk, gateway: str, cursor: Cursor = None, limit: Limit = 50
) -> dict[str, Any]:
    """Answer who under order is watched by no gateway now, as far as the own scope goes.

    A gateway that is heard, or is not known, has lost no coverage.
    """
    (after,) = decode_cursor(cursor, str) or ("",)
    silent_after_s = desk.parts.settings.gateway_silent_after_s
    lost = await store.lost_coverage(desk.connection, gateway, silent_after_s)
    rows = await store.coverage(
        desk.connection, gateway, silent_after_s=silent_after_s, after=after, most=limit + 1
    )
    return {
        "gateway": gateway,
        "unwatched": lost["unwatched"],
        **page_of(rows, limit, "subject"),
    }


def _limits(settings: ServerSettings) -> Limits:
    return Limits(
        broker_down_s=settings.gateway_broker_down_s,
        disk_free_pct=settings.gateway_disk_free_pct,
        clock_skew_s=settings.gateway_clock_skew_s,
        lag_s=settings.gateway_lag_s,
        slow_s=settings.server_slow_s,
    )
