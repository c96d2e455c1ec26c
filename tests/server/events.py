"""Outcome events and telemetry rows for tests, as a gateway of the golden registry makes them."""

import hashlib
import io
from typing import Any

import pyarrow as pa

from tests.vectors.uplink.make import SCHEMA, T0_MS


def outcome(change: str = "raised", **given: Any) -> dict[str, Any]:
    """One CloudEvent; `episode` names it, any field of `data` may be given."""
    data = {
        "entry_seq": 1,
        "episode": "episode-1",
        "change": change,
        "org": "office-1",
        "rule": "exclusion",
        "severity": "critical",
        "subject": "s-4k2m9q",
        "device": "wb-000001",
        "fence": "f-school",
        "fence_version": 1,
        "begin_time": "2026-11-22T01:02:03.000Z",
        "end_time": None,
        "late": False,
        "evidence": {"reports": [], "parameters": {}},
    } | given
    name = f"{data['episode']}/{change}/{data['begin_time']}/{data['end_time']}"
    return {
        "specversion": "1.0",
        "id": hashlib.sha256(name.encode()).hexdigest()[:32],
        "source": "guitu/gateway/gw-1",
        "type": f"guitu.outcome.v1.{change}",
        "subject": data["subject"],
        "time": data["begin_time"],
        "datacontenttype": "application/json",
        "data": data,
    }


def report(**given: Any) -> dict[str, Any]:
    """One telemetry row: a fix of the subject with an order."""
    row = dict.fromkeys(SCHEMA.names) | {
        "entry_seq": 1,
        "org": "office-1",
        "device": "wb-000001",
        "holder_kind": "subject",
        "holder": "s-4k2m9q",
        "fix_time_ms": T0_MS,
        "received_at_us": T0_MS * 1000,
        "boot": 1,
        "seq": 1,
        "lon_e7": 1_201_000_000,
        "lat_e7": 302_000_000,
        "source_datum": "WGS84",
        "accuracy_mm": 8000,
        "battery_pct": 80,
        "alarms": 0,
        "backlog": False,
    }
    return row | given


def arrow(rows: list[dict[str, Any]], schema: pa.Schema = SCHEMA) -> bytes:
    """An Arrow IPC stream of rows."""
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, schema) as writer:
        writer.write_table(pa.Table.from_pylist(rows, schema=schema))
    return sink.getvalue()


async def post_telemetry(gateway: Any, rows: list[dict[str, Any]], *, first: int = 1) -> Any:
    return await gateway.post(
        f"/api/v1/gateway/telemetry?first={first}&last={first}", content=arrow(rows)
    )
