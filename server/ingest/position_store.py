"""SQL of position reports: staged by binary COPY, merged by key; run as guitu_ingest.

Rows of a day that may be compressed already go to a table of their own, which
`merge_late_positions` empties a day at a time: into a compressed chunk they would go row by row.
"""

import asyncio
from typing import Any, Final

import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.compute as pc

from server.db import Connection, fetch_one
from server.errors import TooLargeError
from server.ingest.binary_copy import copy_body
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
    for statement in (_CREATE, _SORT_MEMORY):
        await connection.execute(statement.encode())
    sealed_ms = await _sealed_before_ms(connection, late_ms)
    is_late = pc.less(table["fix_time_ms"], pa.scalar(sealed_ms, pa.int64()))
    waiting = [
        ("position_report", table.filter(pc.invert(is_late))),
        ("position_late", table.filter(is_late)),
    ]
    return await _store_sound(connection, gateway_id, waiting, refusals)


async def _store_sound(
    connection: Connection,
    gateway_id: str,
    waiting: list[tuple[str, pa.Table]],
    refusals: Refusals,
) -> tuple[pa.Table, int]:
    """Store parts whole, or else in halves, down to the rows that cannot be stored."""
    stored, count = [waiting[0][1].slice(0, 0)], 0
    waiting = [(name, part) for name, part in waiting if part.num_rows]
    for _ in range(_TRIES_MAX):
        if not waiting:
            return pa.concat_tables(stored), count
        name, part = waiting.pop()
        try:
            async with connection.transaction():
                count += await _store_once(connection, name, gateway_id, part)
            stored.append(part)
        except (psycopg.DataError, psycopg.IntegrityError) as error:
            if part.num_rows == 1:
                # Without a code it was refused on our side: a NUL in a text.
                code = error.sqlstate
                reason = f"sqlstate_{code.lower()}" if code else "unstorable"
                detail = error.diag.message_primary or type(error).__name__
                refusals.add_rows(part, np.ones(1, bool), reason=reason, detail=detail)
            else:
                middle = part.num_rows // 2
                waiting += [(name, part.slice(middle)), (name, part.slice(0, middle))]
        if waiting:
            await connection.execute("TRUNCATE incoming")
    raise TooLargeError("too many rows that cannot be stored to tell them apart: send fewer")


async def _store_once(connection: Connection, name: str, gateway_id: str, table: pa.Table) -> int:
    body = await asyncio.to_thread(_laid_out, table)
    async with connection.cursor() as cursor, cursor.copy(_COPY.encode()) as copy:
        await copy.write(body)
    if name == "position_report":
        await connection.execute(
            "SELECT ensure_position_partition(day) FROM unnest(%s::date[]) AS day ORDER BY day",
            (_days(table),),
        )
    cursor = await connection.execute(_INSERT.format(table=name).encode(), (gateway_id,))
    return cursor.rowcount


def _laid_out(table: pa.Table) -> bytes:
    fix_us = pc.multiply(table["fix_time_ms"], pa.scalar(1_000))
    times = {"fix_time": fix_us, "received_at": table["received_at_us"]}
    columns: dict[str, Any] = {
        column: pc.subtract(times[name], pa.scalar(_EPOCH_2000_US))
        if name in times
        else table[name]
        for name, column in _NAMES.items()
    }
    return copy_body(pa.table(columns))


def _days(table: pa.Table) -> list[str]:
    """Return the UTC days of the fix times, as ISO dates."""
    days = pc.unique(pc.divide(table["fix_time_ms"], pa.scalar(86_400_000)))
    return [str(day) for day in days.cast(pa.int32()).cast(pa.date32()).to_pylist()]


async def _sealed_before_ms(connection: Connection, late_ms: int) -> int:
    # The database's clock, which also decides what is compressed; a UTC day is sealed whole.
    row = await fetch_one(connection, "SELECT (extract(epoch FROM now()) * 1000)::bigint AS ms")
    now_ms: int = row["ms"] if row else 0
    return (now_ms - late_ms) // 86_400_000 * 86_400_000
