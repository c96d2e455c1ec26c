"""The gateway's calls of docs/wire/uplink-v1.md."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request

from server.auth.gateway import FromGateway
from server.ingest.columns import parse_telemetry
from server.ingest.marks import marks, refuse_wrong_key
from server.ingest.outcomes import parse_outcomes, take_outcomes
from server.ingest.schemas import Marks, Taken
from server.ingest.telemetry import take_telemetry

router = APIRouter(prefix="/api/v1/gateway", tags=["gateway"])

_Entry = Annotated[int, Query(ge=1, le=2**62)]
_Key = Annotated[str | None, Header(max_length=120)]


async def _whole_body(request: Request) -> bytes:
    return await request.body()


# Dependencies are solved in the order of the parameters: declared before the desk, a slow upload
# holds no connection and no idle transaction, which the database would end.
_Body = Annotated[bytes, Depends(_whole_body)]


@router.get("/marks")
async def read_marks(desk: FromGateway) -> Marks:
    """Answer through which journal entry each stream was taken."""
    return Marks.model_validate(await marks(desk.connection, desk.gateway.gateway_id))


@router.post("/outcomes")
async def take_outcomes_batch(
    *,
    body: _Body,
    desk: FromGateway,
    first: _Entry,
    last: _Entry,
    idempotency_key: _Key = None,
) -> Taken:
    """Take outcomes of entries `first` to `last`: CloudEvents 1.0 in a JSON array."""
    gateway, settings, metrics = desk.gateway, desk.parts.settings, desk.parts.metrics
    refuse_wrong_key(idempotency_key, gateway.gateway_id, "outcomes", first=first, last=last)
    outcomes = parse_outcomes(body, gateway, most=settings.max_outcomes)
    with metrics.ingest_seconds.labels("outcomes").time():
        result, count = await take_outcomes(desk, outcomes, first=first, last=last)
    metrics.ingested.labels("outcomes", result).inc()
    metrics.rows.labels("outcomes").inc(count)
    return Taken(through=last)


@router.post("/telemetry")
async def take_telemetry_batch(
    *,
    body: _Body,
    desk: FromGateway,
    first: _Entry,
    last: _Entry,
    idempotency_key: _Key = None,
) -> Taken:
    """Take telemetry of entries `first` to `last`: an Arrow IPC stream."""
    gateway, settings, metrics = desk.gateway, desk.parts.settings, desk.parts.metrics
    refuse_wrong_key(idempotency_key, gateway.gateway_id, "telemetry", first=first, last=last)
    batch = await asyncio.to_thread(parse_telemetry, body, most=settings.max_telemetry_rows)
    with metrics.ingest_seconds.labels("telemetry").time():
        result, count = await take_telemetry(desk, batch, first=first, last=last)
    metrics.ingested.labels("telemetry", result).inc()
    metrics.rows.labels("telemetry").inc(count)
    return Taken(through=last)
