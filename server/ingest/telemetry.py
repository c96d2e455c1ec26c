"""Takes a batch of telemetry: positions, the map's newest, mark and announcement at once."""

from typing import Any, Final

from server.auth.gateway import GatewayDesk
from server.db import Connection, fetch_all, fetch_one
from server.errors import InvalidError
from server.ingest.columns import Telemetry
from server.ingest.marks import hold_mark, refuse_gap, set_mark

_COPIED: Final = {
    "entry_seq": "int8",
    "org": "text",
    "device": "text",
    "holder_kind": "text",
    "holder": "text",
    "fix_time_ms": "int8",
    "received_at_us": "int8",
    "boot": "int8",
    "seq": "int8",
    "lon_e7": "int4",
    "lat_e7": "int4",
    "source_datum": "text",
    "accuracy_mm": "int4",
    "altitude_mm": "int4",
    "speed_mmps": "int4",
    "heading_cdeg": "int4",
    "satellites": "int2",
    "battery_pct": "int2",
    "alarms": "int8",
    "backlog": "bool",
    "skin_contact": "bool",
    "heart_rate_bpm": "int2",
    "skin_temperature_cc": "int4",
    "steps": "int4",
}
"""Columns in the order of the COPY, with PostgreSQL's types."""

# Made once per connection: a table per batch would churn the catalogue.
_CREATE: Final = f"""
  CREATE TEMP TABLE IF NOT EXISTS incoming (
    {", ".join(f"{name} {kind}" for name, kind in _COPIED.items())}, fix_time timestamptz)
  ON COMMIT DELETE ROWS"""

_COPY: Final = f"COPY incoming ({', '.join(_COPIED)}) FROM STDIN (FORMAT BINARY)"

# The gateway has refused these already; whoever holds a gateway's token still cannot put the
# place of a person without an order into the database.
_STRIP: Final = """
  UPDATE incoming i SET lon_e7 = NULL, lat_e7 = NULL, source_datum = NULL, accuracy_mm = NULL,
    altitude_mm = NULL, speed_mmps = NULL, heading_cdeg = NULL, satellites = NULL
  WHERE i.lon_e7 IS NOT NULL AND i.holder_kind = 'subject' AND NOT EXISTS (
    SELECT FROM positioning_order o WHERE o.subject_id = i.holder AND o.valid_from <= i.fix_time
      AND i.fix_time < least(o.valid_to, o.lifted_at))"""

_INSERT: Final = """
  INSERT INTO position_report (org_id, device_id, holder_kind, holder_id, fix_time, boot, seq,
    received_at, lon_e7, lat_e7, source_datum, accuracy_mm, altitude_mm, speed_mmps, heading_cdeg,
    satellites, battery_pct, alarms, backlog, skin_contact, heart_rate_bpm, skin_temperature_cc,
    steps, gateway_id, entry_seq)
  SELECT org, device, holder_kind, holder, fix_time, boot, seq,
    'epoch'::timestamptz + received_at_us * interval '1 microsecond', lon_e7, lat_e7, source_datum,
    accuracy_mm, altitude_mm, speed_mmps, heading_cdeg, satellites, battery_pct, alarms, backlog,
    skin_contact, heart_rate_bpm, skin_temperature_cc, steps, %s, entry_seq
  FROM incoming
  ON CONFLICT DO NOTHING"""

# Rows in the order of the key: two gateways that both know a device cannot deadlock.
_NEWEST_STATE: Final = """
  INSERT INTO latest_position AS l (device_id, org_id, holder_kind, holder_id, report_time,
    battery_pct, alarms, feed_id)
  SELECT DISTINCT ON (device) device, org, holder_kind, holder, fix_time, battery_pct, alarms, %s
  FROM incoming ORDER BY device, fix_time DESC, boot DESC, seq DESC
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
  FROM (SELECT DISTINCT ON (device) * FROM incoming WHERE lon_e7 IS NOT NULL
    ORDER BY device, fix_time DESC, boot DESC, seq DESC) i
  WHERE l.device_id = i.device AND l.holder_kind = i.holder_kind AND l.holder_id = i.holder
    AND (l.fix_time IS NULL OR i.fix_time > l.fix_time)"""

_KNOWN: Final = {
    "org": "SELECT id FROM org WHERE id = ANY (%s)",
    "device": "SELECT id FROM device WHERE id = ANY (%s)",
    "subject": "SELECT id FROM subject WHERE id = ANY (%s)",
    "officer": "SELECT login AS id FROM app_user WHERE login = ANY (%s)",
}


async def take_telemetry(
    desk: GatewayDesk, batch: Telemetry, *, first: int, last: int
) -> tuple[str, int]:
    """Take a batch; return the result's word for the metrics and how many rows were new.

    Raises:
        GapError: Entries before it are missing.
        InvalidError: A row names an organisation, device or holder that the gateway's scope does
            not have; the text says which row.
    """
    connection = desk.connection
    through = await hold_mark(connection, desk.gateway, "telemetry")
    if last <= through:
        return "repeated", 0
    refuse_gap(through=through, first=first)
    count = 0
    if batch.table.num_rows:
        await _refuse_unknown(connection, batch)
        await _copy(connection, batch)
        stripped = (await connection.execute(_STRIP)).rowcount
        desk.parts.metrics.stripped.inc(stripped)
        await connection.execute(
            "SELECT ensure_position_partition(day) FROM unnest(%s::date[]) AS day ORDER BY day",
            (batch.days(),),
        )
        cursor = await connection.execute(_INSERT, (desk.gateway.gateway_id,))
        count = cursor.rowcount
    await set_mark(connection, desk.gateway, "telemetry", last)
    if batch.table.num_rows:
        # From here on the feed's lock is held: the least that needs the feed's number.
        feed_id = await _announce(connection, desk.gateway.org_id)
        await connection.execute(_NEWEST_STATE, (feed_id,))
        await connection.execute(_NEWEST_PLACE, (feed_id,))
    return "taken", count


async def _copy(connection: Connection, batch: Telemetry) -> None:
    await connection.execute(_CREATE.encode())
    async with connection.cursor() as cursor, cursor.copy(_COPY.encode()) as copy:
        copy.set_types(list(_COPIED.values()))
        for row in batch.rows(tuple(_COPIED)):
            await copy.write_row(row)
    await connection.execute(
        "UPDATE incoming SET fix_time = 'epoch'::timestamptz + fix_time_ms * interval '1 ms'"
    )


async def _announce(connection: Connection, org_id: str) -> int:
    row = await fetch_one(connection, "SELECT announce(%s, 'positions', '') AS id", (org_id,))
    feed_id: int = row["id"] if row else 0
    return feed_id


async def _refuse_unknown(connection: Connection, batch: Telemetry) -> None:
    wanted: dict[str, tuple[str, list[str]]] = {
        "org": ("org", batch.distinct("org")),
        "device": ("device", batch.distinct("device")),
        "subject": ("holder", batch.holders("subject")),
        "officer": ("holder", batch.holders("officer")),
    }
    faults: list[tuple[str, Any]] = []
    for kind, (column, names) in wanted.items():
        known = {row["id"] for row in await fetch_all(connection, _KNOWN[kind], (names,))}
        faults += [
            (f"/{batch.first_row(column, name)}/{column}", f"{name} is not in the gateway's scope")
            for name in names
            if name not in known
        ]
    if faults:
        raise InvalidError(faults)
