"""SQL of position reports: by binary COPY, merged by key where some repeat; run as guitu_ingest.

Rows of a day that may be compressed already go to a table of their own, which
`merge_late_positions` empties a day at a time: into a compressed chunk they would go row by row.
"""

import asyncio
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.compute as pc

from server.db import Connection, fetch_one
from server.errors import TooLargeError
from server.ingest.binary_copy import HEADER, TRAILER, copy_rows
from server.ingest.quarantine import Refusals

_EPOCH_2000_US: Final = 946_684_800_000_000
"""PostgreSQL's own epoch, microseconds since 1970."""

_NAMES: Final = {
    "org": "org_id",
    "device": "device_id",
    "holder_kind": "holder_kind",
    "holder": "holder_id",
    "fix_time": "fix_time",
    "boot": "boot",
    "seq": "seq",
    "received_at": "received_at",
    "lon_e7": "lon_e7",
    "lat_e7": "lat_e7",
    "source_datum": "source_datum",
    "accuracy_mm": "accuracy_mm",
    "altitude_mm": "altitude_mm",
    "speed_mmps": "speed_mmps",
    "heading_cdeg": "heading_cdeg",
    "satellites": "satellites",
    "battery_pct": "battery_pct",
    "alarms": "alarms",
    "backlog": "backlog",
    "skin_contact": "skin_contact",
    "heart_rate_bpm": "heart_rate_bpm",
    "skin_temperature_cc": "skin_temperature_cc",
    "steps": "steps",
    "entry_seq": "entry_seq",
}
"""Column of the wire by column of the table, in the order of the COPY."""

_COLUMNS: Final = ", ".join(_NAMES.values())

# Most batches bring nothing twice: they go straight in, which saves the temporary table and lets
# PostgreSQL write whole pages. One that does is staged.
_COPY_STRAIGHT: Final = f"COPY {{table}} ({_COLUMNS}, gateway_id) FROM STDIN (FORMAT BINARY)"

# Made once per connection: a table per batch would churn the catalogue.
_CREATE: Final = f"""
  CREATE TEMP TABLE IF NOT EXISTS incoming ON COMMIT DELETE ROWS AS
  SELECT {_COLUMNS} FROM position_report WITH NO DATA"""  # noqa: S608 - from above
_COPY: Final = f"COPY incoming ({_COLUMNS}) FROM STDIN (FORMAT BINARY)"

# In the order of the key: neighbours share the index page, and two gateways that both know a
# device cannot deadlock. Sorting 50,000 rows wants more than the 4 MB of the default.
_INSERT: Final = f"""
  INSERT INTO {{table}} ({_COLUMNS}, gateway_id)
  SELECT {_COLUMNS}, %s FROM incoming ORDER BY device_id, fix_time, boot, seq
  ON CONFLICT DO NOTHING"""  # noqa: S608 - from above
_SORT_MEMORY: Final = "SET LOCAL work_mem = '32MB'"

_LAID_OUT_ROWS: Final = 10_000
"""While the database takes so many, the next are laid out."""

_TRIES_MAX: Final = 4_096
"""Attempts to store the parts of one batch; a bad row costs about as many as the batch has
doublings, and each attempt about a millisecond."""


async def store_positions(
    connection: Connection, gateway_id: str, table: pa.Table, refusals: Refusals, *, late_ms: int
) -> tuple[pa.Table, int]:
    """Store rows; return those that the database took, and how many were new.

    Args:
        connection: The request's transaction.
        gateway_id: Where they come from.
        table: Sound rows of known holders.
        refusals: Gets the rows that the database refuses.
        late_ms: Rows whose day ended so long ago wait for the merge.

    Raises:
        TooLargeError: Too many rows are unstorable to be told apart.
    """
    if table.num_rows == 0:
        return table, 0
    sealed_ms = await _sealed_before_ms(connection, late_ms)
    table = await asyncio.to_thread(_in_order_of_key, table)
    is_late = pc.less(table["fix_time_ms"], pa.scalar(sealed_ms, pa.int64()))
    waiting = [
        _Part("position_report", table.filter(pc.invert(is_late))),
        _Part("position_late", table.filter(is_late)),
    ]
    return await _store_sound(connection, gateway_id, waiting, refusals)


@dataclass(frozen=True, slots=True)
class _Part:
    """Rows for one table; staged where some of them may be there already."""

    table: str
    rows: pa.Table
    is_staged: bool = False


async def _store_sound(
    connection: Connection, gateway_id: str, waiting: list[_Part], refusals: Refusals
) -> tuple[pa.Table, int]:
    """Store parts whole, or else in halves, down to the rows that cannot be stored."""
    stored, count = [waiting[0].rows.slice(0, 0)], 0
    waiting = [part for part in waiting if part.rows.num_rows]
    for _ in range(_TRIES_MAX):
        if not waiting:
            return pa.concat_tables(stored), count
        part = waiting.pop()
        store = _merge if part.is_staged else _copy_straight
        try:
            async with connection.transaction():
                count += await store(connection, part, gateway_id)
            stored.append(part.rows)
        except (psycopg.DataError, psycopg.IntegrityError) as error:
            if isinstance(error, psycopg.errors.UniqueViolation) and not part.is_staged:
                waiting.append(replace(part, is_staged=True))
            elif part.rows.num_rows == 1:
                # Without a code it was refused on our side: a NUL in a text.
                code = error.sqlstate
                reason = f"sqlstate_{code.lower()}" if code else "unstorable"
                detail = error.diag.message_primary or type(error).__name__
                refusals.add_rows(part.rows, np.ones(1, bool), reason=reason, detail=detail)
            else:
                middle = part.rows.num_rows // 2
                halves = part.rows.slice(middle), part.rows.slice(0, middle)
                waiting += [replace(part, rows=half) for half in halves]
    raise TooLargeError("too many rows that cannot be stored to tell them apart: send fewer")


async def _copy_straight(connection: Connection, part: _Part, gateway_id: str) -> int:
    await _make_partitions(connection, part)
    statement = _COPY_STRAIGHT.format(table=part.table)
    async with connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
        await copy.write(HEADER)
        for begin in range(0, part.rows.num_rows, _LAID_OUT_ROWS):
            rows = part.rows.slice(begin, _LAID_OUT_ROWS)
            await copy.write(await asyncio.to_thread(_laid_out, rows, gateway_id))
        await copy.write(TRAILER)
    return part.rows.num_rows


async def _merge(connection: Connection, part: _Part, gateway_id: str) -> int:
    await _make_partitions(connection, part)
    for statement in (_CREATE, _SORT_MEMORY, "TRUNCATE incoming"):
        await connection.execute(statement.encode())
    body = await asyncio.to_thread(_laid_out, part.rows)
    async with connection.cursor() as cursor, cursor.copy(_COPY.encode()) as copy:
        for piece in (HEADER, body, TRAILER):
            await copy.write(piece)
    cursor = await connection.execute(_INSERT.format(table=part.table).encode(), (gateway_id,))
    return cursor.rowcount


async def _make_partitions(connection: Connection, part: _Part) -> None:
    if part.table == "position_report":
        await connection.execute(
            "SELECT ensure_position_partition(day) FROM unnest(%s::date[]) AS day ORDER BY day",
            (_days(part.rows),),
        )


def _in_order_of_key(table: pa.Table) -> pa.Table:
    # Neighbours share the index page: a third of the time of a merge without it.
    coded: Any = table["device"].combine_chunks()
    coded = coded.dictionary_encode()
    names = np.array(coded.dictionary.to_pylist(), object)
    rank = np.argsort(np.argsort(names))
    device = rank[coded.indices.to_numpy(zero_copy_only=False)]
    return table.take(np.lexsort((table["fix_time_ms"].to_numpy(), device)))


def _laid_out(table: pa.Table, gateway_id: str | None = None) -> bytes:
    fix_us = pc.multiply(table["fix_time_ms"], pa.scalar(1_000))
    times = {"fix_time": fix_us, "received_at": table["received_at_us"]}
    columns: dict[str, Any] = {
        column: pc.subtract(times[name], pa.scalar(_EPOCH_2000_US))
        if name in times
        else table[name]
        for name, column in _NAMES.items()
    }
    if gateway_id is not None:
        columns["gateway_id"] = pa.repeat(pa.scalar(gateway_id), table.num_rows)
    return copy_rows(pa.table(columns))


def _days(table: pa.Table) -> list[str]:
    """Return the UTC days of the fix times, as ISO dates."""
    days = pc.unique(pc.divide(table["fix_time_ms"], pa.scalar(86_400_000)))
    return [str(day) for day in days.cast(pa.int32()).cast(pa.date32()).to_pylist()]


async def _sealed_before_ms(connection: Connection, late_ms: int) -> int:
    # The database's clock, which also decides what is compressed; a UTC day is sealed whole.
    row = await fetch_one(connection, "SELECT (extract(epoch FROM now()) * 1000)::bigint AS ms")
    now_ms: int = row["ms"] if row else 0
    return (now_ms - late_ms) // 86_400_000 * 86_400_000
