"""How a block of one wearer's reports lies in the log."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gateway.columns import ABSENT, ABSENT_16
from gateway.engine.stretch import ROW_COLUMNS, Table
from geofence.arrays import BoolArray

Interval = tuple[int, int]
"""Fix times [begin_ms, end_ms)."""

ABSENT_PLACE: Final = {
    **dict.fromkeys(("lon_e7", "lat_e7", "accuracy_mm", "speed_mmps"), ABSENT),
    "satellites": ABSENT_16,
}
"""What a record without a position does not say either, and how it does not."""

ROW: Final = np.dtype(list(ROW_COLUMNS.items()))
"""One report."""

OPAQUE: Final = np.dtype(f"V{ROW.itemsize}")
"""The same as bytes: records are moved whole, numpy would move and compare them field by field."""

HEADER: Final = np.dtype(
    [
        ("wearer", np.int32),
        ("rows", np.int32),
        ("rows_at", np.int64),
        ("state_at", np.int64),
        ("previous", np.int64),
        ("min_ms", np.int64),
        ("through_ms", np.int64),
    ]
)
"""A block: how many reports it has and where they lie; where the state after them lies, NOWHERE
without one; the wearer's block before it; the oldest fix time in it, and the newest in it and in
all blocks before it."""

NOWHERE: Final = -1


@dataclass(frozen=True, slots=True)
class Past:
    """A wearer's reports back to where judging may begin again.

    Attributes:
        rows: ROW_COLUMNS in order of fix time, boot and seq, shape (n,) each.
        state: The state before them, a record; None: as before the first report.
        through_ms: Newest fix time that `state` has seen; NEVER_MS without one.
        is_whole: Nothing older is missing. False: older blocks are gone, `state` is unknown.
    """

    rows: Table
    state: NDArray[Any] | None
    through_ms: int
    is_whole: bool


def joined(parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Return ROW records one after the other."""
    if len(parts) == 1:
        return parts[0]
    return np.concatenate([np.ascontiguousarray(part).view(OPAQUE) for part in parts]).view(ROW)


def table_of(records: NDArray[Any]) -> Table:
    """Return records as columns in order of fix time, boot and seq."""
    order = np.lexsort((records["seq"], records["boot"], records["fix_time_ms"]))
    return {name: records[name][order] for name in ROW_COLUMNS}


def records_of(rows: Table) -> NDArray[Any]:
    """Return columns as records."""
    out = np.empty(len(rows["fix_time_ms"]), ROW)
    for name in ROW_COLUMNS:
        out[name] = rows[name]
    return out


def with_places(records: NDArray[Any], spans: Sequence[Interval]) -> BoolArray:
    """Return which records of some fix times have a place, shape (n,)."""
    times, found = records["fix_time_ms"], np.zeros(len(records), np.bool_)
    for begin_ms, end_ms in spans:
        found |= (times >= begin_ms) & (times < end_ms)
    found &= records["lon_e7"] != ABSENT
    return found


def without_places(records: NDArray[Any], spans: Sequence[Interval]) -> bool:
    """Take the places of some fix times out of records, in place; return whether any was there."""
    gone = with_places(records, spans)
    for name, absent in ABSENT_PLACE.items():
        records[name][gone] = absent
    return bool(gone.any())
