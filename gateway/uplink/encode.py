"""Journal entries to the uplink's bodies (docs/wire/uplink-v1.md)."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gateway.columns import ABSENT, ABSENT_8, ABSENT_16, ReportColumns
from gateway.directory.snapshot import to_text
from gateway.engine.outcome import SEVERITY, Outcome
from gateway.journal.entry import BATCH, Entry, decode_batches
from geofence.datum import DATUMS

OUTCOMES_TYPE: Final = "application/cloudevents-batch+json"
TELEMETRY_TYPE: Final = "application/vnd.apache.arrow.stream"

_NULLABLE_32: Final = ("accuracy_mm", "altitude_mm", "speed_mmps", "heading_cdeg")
_NULLABLE_16: Final = ("satellites", "battery_pct")

_FIELDS: Final["list[pa.Field[Any]]"] = [
    pa.field("entry_seq", pa.int64(), nullable=False),
    *(
        pa.field(name, pa.utf8(), nullable=False)
        for name in ("org", "device", "holder_kind", "holder")
    ),
    *(
        pa.field(name, pa.int64(), nullable=False)
        for name in ("fix_time_ms", "received_at_us", "boot", "seq")
    ),
    pa.field("lon_e7", pa.int32()),
    pa.field("lat_e7", pa.int32()),
    pa.field("source_datum", pa.utf8()),
    *(pa.field(name, pa.int32()) for name in _NULLABLE_32),
    *(pa.field(name, pa.int16()) for name in _NULLABLE_16),
    pa.field("alarms", pa.int64(), nullable=False),
    pa.field("backlog", pa.bool_(), nullable=False),
    pa.field("skin_contact", pa.bool_()),
    pa.field("heart_rate_bpm", pa.int16()),
    pa.field("skin_temperature_cc", pa.int32()),
    pa.field("steps", pa.int32()),
]
SCHEMA: Final = pa.schema(_FIELDS)


def encode_outcomes(found: Sequence[tuple[int, Outcome]], gateway: str) -> bytes:
    """Return a CloudEvents batch of (entry seq, outcome)."""
    return msgspec.json.encode([_event(seq, outcome, gateway) for seq, outcome in found])


def encode_telemetry(entries: Sequence[Entry]) -> bytes:
    """Return an Arrow IPC stream of the reports of `entries`, in order."""
    filled = [entry for entry in entries if entry.kind == BATCH and entry.rows]
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_stream(sink, SCHEMA, options=options) as writer:
        if filled:
            # One batch on the wire: the server pays per batch, and compression likes length.
            writer.write_batch(_record_batch(filled))
    return bytes(sink.getvalue())


def _event(seq: int, outcome: Outcome, gateway: str) -> dict[str, Any]:
    begin_time = to_text(outcome.begin_ms)
    end_time = None if outcome.end_ms is None else to_text(outcome.end_ms)
    ended = outcome.change == "cleared" and end_time is not None
    return {
        "specversion": "1.0",
        "id": outcome.id,
        "source": f"guitu/gateway/{gateway}",
        "type": f"guitu.outcome.v1.{outcome.change}",
        "subject": outcome.subject,
        "time": end_time if ended else begin_time,
        "datacontenttype": "application/json",
        "data": {
            "entry_seq": seq,
            "episode": outcome.episode,
            "change": outcome.change,
            "org": outcome.org,
            "rule": outcome.rule,
            "severity": SEVERITY[outcome.rule],
            "subject": outcome.subject,
            "device": outcome.device,
            "fence": outcome.fence,
            "fence_version": outcome.fence_version,
            "begin_time": begin_time,
            "end_time": end_time,
            "late": outcome.late,
            "evidence": outcome.evidence,
        },
    }


def _record_batch(entries: Sequence[Entry]) -> pa.RecordBatch:
    parties, columns = decode_batches([entry.body for entry in entries])
    seqs = np.repeat([entry.seq for entry in entries], [entry.rows for entry in entries])
    arrays: list[pa.Array[Any]] = [pa.array(seqs, pa.int64())]
    for name in ("org", "device", "holder_kind", "holder"):
        values: pa.Array[Any] = pa.array([getattr(one, name) for one in parties], pa.utf8())
        arrays.append(values.take(columns.party))
    arrays += [
        pa.array(getattr(columns, name))
        for name in ("fix_time_ms", "received_at_us", "boot", "seq")
    ]
    arrays += [_nullable(columns.lon_e7, ABSENT), _nullable(columns.lat_e7, ABSENT)]
    arrays.append(_datums(columns))
    arrays += [_nullable(getattr(columns, name), ABSENT) for name in _NULLABLE_32]
    arrays += [_nullable(getattr(columns, name), ABSENT_16) for name in _NULLABLE_16]
    arrays += [pa.array(columns.alarms), pa.array(columns.backlog)]
    contact = columns.skin_contact
    arrays.append(pa.array(contact == 1, mask=contact == ABSENT_8))
    arrays.append(_nullable(columns.heart_rate_bpm, ABSENT_16))
    arrays += [_nullable(getattr(columns, n), ABSENT) for n in ("skin_temperature_cc", "steps")]
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)


def _nullable(values: NDArray[Any], absent: int) -> "pa.Array[Any]":
    column: pa.Array[Any] = pa.array(values, mask=values == absent)
    return column


def _datums(columns: ReportColumns) -> "pa.Array[Any]":
    names = np.array([*DATUMS, ""], object)  # -1 picks the last
    return pa.array(names[columns.source_datum], pa.utf8(), mask=columns.source_datum < 0)
