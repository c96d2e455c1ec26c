"""The reports of journal entries as an Arrow batch: the form in which they travel and are kept.

Positions and measures stay the journal's quantised integers; what a report does not say is null.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from gateway.columns import ABSENT, ABSENT_8, ABSENT_16, Party, ReportColumns
from gateway.journal.entry import Entry, decode_batches
from geofence.datum import DATUMS

_NULLABLE_32: Final = ("accuracy_mm", "altitude_mm", "speed_mmps", "heading_cdeg")
_NULLABLE_16: Final = ("satellites", "battery_pct")

ABSENT_PLACE: Final = {
    **dict.fromkeys(("lon_e7", "lat_e7", *_NULLABLE_32), ABSENT),
    "source_datum": -1,
    "satellites": ABSENT_16,
}
"""What a report without a position does not say either, and how it does not."""

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
REPORTS: Final = pa.schema(_FIELDS)
"""The columns of docs/wire/uplink-v1.md; their names end in their units."""


def report_batch(entries: Sequence[Entry]) -> pa.RecordBatch:
    """Return the reports of batch entries, in order; protected people's without their places."""
    parties, columns = decode_batches([entry.body for entry in entries])
    columns = without_protected_places(parties, columns)
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
    return pa.RecordBatch.from_arrays(arrays, schema=REPORTS)


def without_protected_places(parties: Sequence[Party], columns: ReportColumns) -> ReportColumns:
    """Return the columns with what protected people's devices say of places absent.

    It stays here: the gateway alone measures how far others are from them.
    """
    protected = [one.holder_kind == "protected" for one in parties]
    if not any(protected):
        return columns
    gone = np.array(protected)[columns.party]
    kept = {}
    for name, absent in ABSENT_PLACE.items():
        kept[name] = getattr(columns, name).copy()
        kept[name][gone] = absent
    return replace(columns, **kept)


def _nullable(values: NDArray[Any], absent: int) -> "pa.Array[Any]":
    column: pa.Array[Any] = pa.array(values, mask=values == absent)
    return column


def _datums(columns: ReportColumns) -> "pa.Array[Any]":
    names = np.array([*DATUMS, ""], object)  # -1 picks the last
    return pa.array(names[columns.source_datum], pa.utf8(), mask=columns.source_datum < 0)
