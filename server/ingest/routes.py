"""The gateway's calls of docs/wire/uplink-v1.md."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request
from pydantic import BaseModel, Field

from server.auth.gateway import FromGateway, GatewayDesk
from server.ingest.columns import parse_telemetry
from server.ingest.lane import InTelemetryLane
from server.ingest.marks import Stream, marks, refuse_wrong_key
from server.ingest.outcomes import parse_outcomes, take_outcome_batch
from server.ingest.schemas import Marks, Taken, Taking
from server.ingest.telemetry import take_telemetry

_log = logging.getLogger(__name__)

router = APIRouter(prefix="/api/v1/gateway", tags=["gateway"])

_Entry = Annotated[int, Query(ge=1, le=2**62)]
_Key = Annotated[str | None, Header(max_length=120)]


class _Progress(BaseModel):
    """What a gateway says of its journal with a batch."""

    guitu_behind_entries: Annotated[int | None, Field(ge=0, le=2**62)] = None
    guitu_oldest_s: Annotated[float | None, Field(ge=0, le=1e9)] = None


_Said = Annotated[_Progress, Header()]


async def _whole_body(request: Request) -> bytes:
    return await request.body()


# Dependencies are solved in the order of the parameters: declared before the desk, a slow upload
# holds no connection and no idle transaction, which the database would end.
_Body = Annotated[bytes, Depends(_whole_body)]


@router.get("/marks")
async def read_marks(desk: FromGateway) -> Marks:
    """Answer through which journal entry each stream was taken."""
    return Marks.model_validate(await marks(desk.connection, desk.gateway.gateway_id))


@router.post("/outcomes", response_model_exclude_defaults=True)
async def take_outcomes_batch(
    *,
    body: _Body,
    desk: FromGateway,
    first: _Entry,
    last: _Entry,
    said: _Said,
    idempotency_key: _Key = None,
) -> Taken:
    """Take outcomes of entries `first` to `last`: CloudEvents 1.0 in a JSON array."""
    gateway = desk.gateway
    refuse_wrong_key(idempotency_key, gateway.gateway_id, "outcomes", first=first, last=last)
    batch = parse_outcomes(body, gateway, most=desk.parts.settings.max_outcomes)
    with _transaction(desk, "outcomes", first, last):
        taking = await take_outcome_batch(desk, batch, first=first, last=last)
    _note_progress(desk, "outcomes", said)
    return _answer(desk, "outcomes", taking, through=last)


@router.post("/outcomes/part", response_model_exclude_defaults=True)
async def take_outcomes_part(*, body: _Body, desk: FromGateway, entry: _Entry) -> Taken:
    """Take some outcomes of one entry, of which more follow: the mark stays before it."""
    batch = parse_outcomes(body, desk.gateway, most=desk.parts.settings.max_outcomes)
    with _transaction(desk, "outcomes", entry, entry):
        taking = await take_outcome_batch(desk, batch, first=entry, last=entry, is_part=True)
    return _answer(desk, "outcomes", taking, through=entry - 1)


@router.post("/telemetry", response_model_exclude_defaults=True)
async def take_telemetry_batch(
    *,
    body: _Body,
    _lane: InTelemetryLane,
    desk: FromGateway,
    first: _Entry,
    last: _Entry,
    said: _Said,
    idempotency_key: _Key = None,
) -> Taken:
    """Take telemetry of entries `first` to `last`: an Arrow IPC stream."""
    gateway, settings = desk.gateway, desk.parts.settings
    refuse_wrong_key(idempotency_key, gateway.gateway_id, "telemetry", first=first, last=last)
    table = await asyncio.to_thread(parse_telemetry, body, most=settings.max_telemetry_rows)
    with _transaction(desk, "telemetry", first, last):
        taking = await take_telemetry(desk, table, first=first, last=last)
    _note_progress(desk, "telemetry", said)
    return _answer(desk, "telemetry", taking, through=last)


@contextmanager
def _transaction(desk: GatewayDesk, stream: Stream, first: int, last: int) -> Iterator[None]:
    """Time what the database does with a batch, and trace it."""
    about = {"guitu.gateway": desk.gateway.gateway_id, "guitu.stream": stream}
    about |= {"guitu.first_entry": str(first), "guitu.last_entry": str(last)}
    with (
        desk.parts.metrics.ingest_seconds.labels(stream).time(),
        desk.parts.tracer.start_as_current_span(
            "ingest transaction", attributes=about, record_exception=False
        ),
    ):
        yield


def _answer(desk: GatewayDesk, stream: Stream, taking: Taking, *, through: int) -> Taken:
    gateway_id, metrics = desk.gateway.gateway_id, desk.parts.metrics
    metrics.ingested.labels(stream, taking.result).inc()
    metrics.rows.labels(stream).inc(taking.count)
    for reason, count in taking.refused.items():
        metrics.quarantined.labels(stream, reason).inc(count)
        level = logging.ERROR if stream == "outcomes" else logging.WARNING
        _log.log(
            level,
            "ingest_quarantined gateway=%s stream=%s reason=%s count=%s",
            *(gateway_id, stream, reason, count),
        )
    return Taken(through=through, quarantined=sum(taking.refused.values()))


def _note_progress(desk: GatewayDesk, stream: Stream, said: _Progress) -> None:
    labels = desk.gateway.gateway_id, stream
    if said.guitu_behind_entries is not None:
        desk.parts.metrics.behind_entries.labels(*labels).set(said.guitu_behind_entries)
    if said.guitu_oldest_s is not None:
        desk.parts.metrics.oldest_seconds.labels(*labels).set(said.guitu_oldest_s)
