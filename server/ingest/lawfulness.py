"""Which positions of subjects were reported under an order in force (Art. 29)."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from server.db import Connection, fetch_all

PLACE: Final = (
    *("lon_e7", "lat_e7", "source_datum", "accuracy_mm", "altitude_mm"),
    *("speed_mmps", "heading_cdeg", "satellites"),
)
"""What of a report goes where the law allows no positioning."""

_TIME_BITS: Final = 43
"""Milliseconds since 1970 until 2100 take 42."""

# Milliseconds rounded up, at both ends: a whole millisecond is inside exactly when it is in the
# database's microseconds.
_ORDERS: Final = """
  SELECT subject_id AS subject, ceil(extract(epoch FROM valid_from) * 1000)::bigint AS from_ms,
    ceil(extract(epoch FROM least(valid_to, lifted_at)) * 1000)::bigint AS to_ms
  FROM positioning_order WHERE subject_id = ANY (%s)"""


async def without_unlawful_places(connection: Connection, table: pa.Table) -> tuple[pa.Table, int]:
    """Return the table with the places gone that no order covers, and how many there were.

    The gateway has refused these already; whoever holds a gateway's token still cannot put the
    place of a person without an order into the database. A protected person's place is never
    kept: only the gateway measures the distance to it.
    """
    is_place = pc.and_(
        pc.equal(table["holder_kind"], pa.scalar("subject")), pc.is_valid(table["lon_e7"])
    )
    is_protected = pc.and_(
        pc.equal(table["holder_kind"], pa.scalar("protected")), pc.is_valid(table["lon_e7"])
    )
    holders = pc.unique(table["holder"].filter(is_place)).to_pylist()
    gone = is_protected.to_numpy()
    if holders:
        orders = await fetch_all(connection, _ORDERS, (holders,))
        terms = [(row["subject"], row["from_ms"], row["to_ms"]) for row in orders]
        covered = is_covered(table["holder"], table["fix_time_ms"].to_numpy(), terms)
        gone = gone | (is_place.to_numpy() & ~covered)
    count = int(gone.sum())
    return (_without_place(table, gone) if count else table), count


def is_covered(
    holders: Any, fix_time_ms: NDArray[np.int64], terms: Iterable[tuple[str, int, int]]
) -> NDArray[np.bool_]:
    """Return for each row whether a term of its holder covers its time.

    Args:
        holders: Arrow column of names.
        fix_time_ms: Same length, ms since 1970.
        terms: (holder, from, to): from its first to before its last millisecond.
    """
    coded: Any = pa.chunked_array(holders).combine_chunks().dictionary_encode()
    code_of = {name: code for code, name in enumerate(coded.dictionary.to_pylist())}
    spans: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for holder, from_ms, to_ms in terms:
        if holder in code_of and from_ms < to_ms:
            spans[code_of[holder]].append((from_ms, to_ms))
    keys = [
        ((code << _TIME_BITS) + from_ms, (code << _TIME_BITS) + to_ms)
        for code in sorted(spans)
        for from_ms, to_ms in _joined(spans[code])
    ]
    if not keys:
        return np.zeros(len(fix_time_ms), bool)
    starts, ends = np.array(keys, np.int64).T
    codes = coded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    wanted = (codes << _TIME_BITS) + fix_time_ms
    place = np.searchsorted(starts, wanted, side="right") - 1
    covered: NDArray[np.bool_] = (place >= 0) & (wanted < ends[place])
    return covered


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for from_ms, to_ms in sorted(spans):
        if joined and from_ms <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], to_ms))
        else:
            joined.append((from_ms, to_ms))
    return joined


def _without_place(table: pa.Table, gone: NDArray[np.bool_]) -> pa.Table:
    mask = pa.array(gone)
    for name in PLACE:
        index = table.schema.get_field_index(name)
        field = table.schema.field(index)
        column = pc.if_else(mask, pa.scalar(None, field.type), table[name])
        table = table.set_column(index, field, column)
    return table
