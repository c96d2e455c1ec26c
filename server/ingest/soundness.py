"""Which rows of a telemetry batch hold to docs/wire/uplink-v1.md, and which the scope knows."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from server.db import Connection, fetch_all
from server.ingest.quarantine import Refusals

_Rows = NDArray[np.bool_]

# 2020-01-01 and 2100-01-01 UTC: what the database has partitions for.
_FIRST_MS: Final = 1_577_836_800_000
_LAST_MS: Final = 4_102_444_800_000
_RANGES: Final = {
    "fix_time_ms": (_FIRST_MS, _LAST_MS - 1),
    "received_at_us": (_FIRST_MS * 1000, _LAST_MS * 1000 - 1),
    "lon_e7": (-1_800_000_000, 1_800_000_000),
    "lat_e7": (-900_000_000, 900_000_000),
    "battery_pct": (0, 100),
    "heart_rate_bpm": (0, 32_767),
    "skin_temperature_cc": (-27_315, 100_000),
    "steps": (0, 2**31 - 1),
}
_CHOICES: Final = {
    "holder_kind": ("subject", "officer", "protected"),
    "source_datum": ("WGS84", "GCJ02", "BD09"),
}
_KNOWN: Final = {
    "org": "SELECT id FROM org WHERE id = ANY (%s)",
    "device": "SELECT id FROM device WHERE id = ANY (%s)",
    "subject": "SELECT id FROM subject WHERE id = ANY (%s)",
    "officer": "SELECT login AS id FROM app_user WHERE login = ANY (%s)",
    "protected": "SELECT id FROM protected_person WHERE id = ANY (%s)",
}


def sound_rows(table: pa.Table, refusals: Refusals, *, required: tuple[str, ...]) -> pa.Table:
    """Return the rows that hold to the page; the others are refused, each by its first fault."""
    sound = np.ones(table.num_rows, bool)
    for reason, detail, faulty in _faults(table, required):
        wrong = faulty & sound
        if wrong.any():
            refusals.add_rows(table, wrong, reason=reason, detail=detail)
            sound &= ~wrong
    return table if sound.all() else table.filter(pa.array(sound))


async def known_rows(connection: Connection, table: pa.Table, refusals: Refusals) -> pa.Table:
    """Return the rows whose organisation, device and holder the transaction's scope has."""
    everywhere = np.ones(table.num_rows, bool)
    known = everywhere.copy()
    for kind, column, of_kind in (
        ("org", "org", everywhere),
        ("device", "device", everywhere),
        *((kind, "holder", _held_by(table, kind)) for kind in _CHOICES["holder_kind"]),
    ):
        names = pc.unique(table[column].filter(pa.array(of_kind))).to_pylist()
        rows = await fetch_all(
            connection, _KNOWN[kind], ([_storable(str(name)) for name in names],)
        )
        found = pa.array([row["id"] for row in rows], pa.utf8())
        wrong = known & of_kind & ~_mask(pc.is_in(table[column], value_set=found))
        if wrong.any():
            detail = f"{column} is not in this gateway's scope"
            refusals.add_rows(table, wrong, reason=f"unknown_{kind}", detail=detail)
            known &= ~wrong
    return table if known.all() else table.filter(pa.array(known))


def _faults(table: pa.Table, required: tuple[str, ...]) -> Iterator[tuple[str, str, _Rows]]:
    for name in required:
        if table[name].null_count:
            yield "missing_value", f"{name} is null", _mask(pc.is_null(table[name]))
    for name, (least, most) in _RANGES.items():
        column = table[name]
        outside = pc.or_(pc.less(column, pa.scalar(least)), pc.greater(column, pa.scalar(most)))
        yield "out_of_range", f"{name} is outside {least} to {most}", _mask(outside)
    for name, allowed in _CHOICES.items():
        column = table[name]
        wrong = pc.and_(
            pc.is_valid(column), pc.invert(pc.is_in(column, value_set=pa.array(allowed)))
        )
        yield "unknown_choice", f"{name} is not one of {', '.join(allowed)}", _mask(wrong)
    half = pc.not_equal(pc.is_null(table["lon_e7"]), pc.is_null(table["lat_e7"]))
    yield "half_a_place", "lat_e7 and lon_e7 are null together or not at all", _mask(half)


def _held_by(table: pa.Table, kind: str) -> _Rows:
    return _mask(pc.equal(table["holder_kind"], pa.scalar(kind)))


def _mask(values: Any) -> _Rows:
    filled: Any = pc.fill_null(pa.chunked_array(values), pa.scalar(value=False))
    mask: _Rows = filled.to_numpy().astype(bool)
    return mask


def _storable(name: str) -> str:
    # A NUL would make the look-up itself fail; no name in the database has one.
    return name.replace("\0", "\ufffd")
