"""SQL of the map's newest position of each device; run as guitu_ingest."""

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from server.db import Connection, fetch_one
from server.ingest.binary_copy import copy_body
from server.ingest.newest import newest_places, newest_reports

_COLUMNS: Final = {
    "device": "text",
    "org": "text",
    "holder_kind": "text",
    "holder": "text",
    "fix_time": "timestamptz",
    "battery_pct": "int2",
    "alarms": "int8",
    "lon_e7": "int4",
    "lat_e7": "int4",
    "accuracy_mm": "int4",
    "speed_mmps": "int4",
}
_DEFINED: Final = ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())
_EPOCH_2000_MS: Final = 946_684_800_000

# Rows in the order of the key: two gateways that both know a device cannot deadlock.
_NEWEST_STATE: Final = """
  INSERT INTO latest_position AS l (device_id, org_id, holder_kind, holder_id, report_time,
    battery_pct, alarms, feed_id)
  SELECT device, org, holder_kind, holder, fix_time, battery_pct, alarms, %s
  FROM newest_state ORDER BY device
  ON CONFLICT (device_id) DO UPDATE SET org_id = excluded.org_id,
    holder_kind = excluded.holder_kind, holder_id = excluded.holder_id,
    report_time = excluded.report_time, alarms = excluded.alarms, feed_id = excluded.feed_id,
    battery_pct = coalesce(excluded.battery_pct, l.battery_pct),
    fix_time = CASE WHEN l.holder_id = excluded.holder_id THEN l.fix_time END,
    lon_e7 = CASE WHEN l.holder_id = excluded.holder_id THEN l.lon_e7 END,
    lat_e7 = CASE WHEN l.holder_id = excluded.holder_id THEN l.lat_e7 END
  WHERE excluded.report_time > l.report_time"""

_NEWEST_PLACE: Final = """
  UPDATE latest_position l SET fix_time = i.fix_time, lon_e7 = i.lon_e7, lat_e7 = i.lat_e7,
    accuracy_mm = i.accuracy_mm, speed_mmps = i.speed_mmps, feed_id = %s
  FROM newest_place i
  WHERE l.device_id = i.device AND l.holder_kind = i.holder_kind AND l.holder_id = i.holder
    AND (l.fix_time IS NULL OR i.fix_time > l.fix_time)"""


def laid_out_newest(table: pa.Table) -> dict[str, bytes]:
    """Return the newest report and place of each device of a batch, ready for `copy_newest`."""
    chosen = {"newest_state": newest_reports(table), "newest_place": newest_places(table)}
    return {name: copy_body(_columns(rows)) for name, rows in chosen.items()}


async def copy_newest(connection: Connection, newest: dict[str, bytes]) -> None:
    """Bring the newest to the transaction."""
    for name, body in newest.items():
        create = f"CREATE TEMP TABLE IF NOT EXISTS {name} ({_DEFINED}) ON COMMIT DELETE ROWS"
        await connection.execute(create.encode())
        statement = f"COPY {name} ({', '.join(_COLUMNS)}) FROM STDIN (FORMAT BINARY)"
        async with connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
            await copy.write(body)


async def show_newest(connection: Connection, org_id: str) -> None:
    """Move the map's newest to what was brought, and tell the live feed.

    The feed's lock is held to commit: call it last in a transaction.
    """
    row = await fetch_one(connection, "SELECT announce(%s, 'positions', '') AS id", (org_id,))
    feed_id: int = row["id"] if row else 0
    await connection.execute(_NEWEST_STATE, (feed_id,))
    await connection.execute(_NEWEST_PLACE, (feed_id,))


def _columns(table: pa.Table) -> pa.Table:
    since_ms = pc.subtract(table["fix_time_ms"], pa.scalar(_EPOCH_2000_MS))
    fix_time = pc.multiply(since_ms, pa.scalar(1_000))
    return pa.table({name: fix_time if name == "fix_time" else table[name] for name in _COLUMNS})
