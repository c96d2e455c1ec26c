"""SQL of the directory; run as guitu_ingest in a gateway's scope.

What ended more than 30 days ago is left out: every gateway's lateness horizon (72 h) is shorter.
"""

from typing import Any, Final

import msgspec
from psycopg.types.json import set_json_loads

from server.db import Connection, fetch_all, fetch_one

ORDERS_OF_THE_SCOPE: Final = """(
  o.org_id = ANY ((SELECT scope_orgs())::text[])
  OR o.subject_id = ANY (ARRAY(
    SELECT s.id FROM subject s WHERE s.org_id = ANY ((SELECT scope_orgs())::text[])
    UNION ALL
    SELECT t.subject_id FROM transfer t WHERE t.state IN ('moved', 'reported', 'missing')
      AND t.org_id = ANY ((SELECT scope_orgs())::text[]))))"""
"""What the policies of `positioning_order` and `subject` let through, said so that indexes find it.

They stand behind it as before and decide alone: a subquery for each row has no index.
"""

_ORDERS: Final = f"""
  SELECT o.id AS "order", o.subject_id AS subject, o.valid_from,
    least(o.valid_to, o.lifted_at) AS valid_to
  FROM positioning_order o
  WHERE o.valid_to > now() - interval '30 days' AND {ORDERS_OF_THE_SCOPE}
  ORDER BY o.id"""  # noqa: S608 - a constant of this file


async def version(connection: Connection) -> int:
    """Return the newest directory version of the scope and above, 0 when nothing was entered."""
    row = await fetch_one(connection, "SELECT directory_head() AS version")
    newest: int = row["version"] if row else 0
    return newest


async def touch(connection: Connection, gateway_id: str) -> bool:
    """Note that a gateway asked; return whether the live feed should hear of it (each 10 s)."""
    row = await fetch_one(
        connection,
        "UPDATE gateway SET last_seen_at = now(), announced_at = CASE"
        " WHEN announced_at > now() - interval '10 s' THEN announced_at ELSE now() END"
        " WHERE id = %s RETURNING announced_at = now() AS is_due",
        (gateway_id,),
    )
    return bool(row and row["is_due"])


async def note_taken(connection: Connection, gateway_id: str, org_id: str, version: int) -> None:
    """Note since when a gateway works by a version; again changes nothing."""
    await connection.execute(
        "INSERT INTO directory_taken (gateway_id, org_id, version) VALUES (%s, %s, %s)"
        " ON CONFLICT DO NOTHING",
        (gateway_id, org_id, version),
    )


async def announce_gateway(connection: Connection, org_id: str, gateway_id: str) -> None:
    """Tell the live feed. Its lock is held to commit: call it last in a transaction."""
    await connection.execute("SELECT announce(%s, 'gateway', %s)", (org_id, gateway_id))


async def orgs(connection: Connection) -> list[str]:
    """Return the organisations of the scope."""
    rows = await fetch_all(connection, "SELECT id FROM org ORDER BY id")
    return [row["id"] for row in rows]


async def devices(connection: Connection) -> list[dict[str, Any]]:
    """Return all devices of the scope.

    `terminal`, `class` and `credential_until` stand only where there is one; the last only where
    no credential of the device holds for longer.
    """
    rows = await fetch_all(
        connection,
        "SELECT id AS device, org_id AS org, kind, expected_interval_s,"
        " CASE WHEN protocol IS NOT NULL THEN jsonb_build_object('protocol', protocol,"
        " 'number', terminal_number, 'model', model, 'serial', terminal_serial,"
        " 'utc_offset_min', utc_offset_min) END AS terminal, device_class AS class,"
        " (SELECT CASE WHEN bool_or(c.ended_at IS NULL AND c.not_after IS NULL) THEN NULL"
        " ELSE max(least(c.ended_at, c.not_after)) END"
        " FROM device_credential c WHERE c.device_id = device.id) AS credential_until"
        " FROM device ORDER BY id",
    )
    return [_without_nulls(row, ("terminal", "class", "credential_until")) for row in rows]


async def bindings(connection: Connection) -> list[dict[str, Any]]:
    """Return the bindings that still matter."""
    return await fetch_all(
        connection,
        "SELECT device_id AS device, holder_kind, holder_id AS holder, valid_from, valid_to"
        " FROM binding WHERE coalesce(valid_to, 'infinity') > now() - interval '30 days'"
        " ORDER BY device_id, valid_from",
    )


async def orders(connection: Connection) -> list[dict[str, Any]]:
    """Return the orders that still matter, each with the end in force."""
    return await fetch_all(connection, _ORDERS)


async def fences(connection: Connection) -> list[dict[str, Any]]:
    """Return the fence versions that still matter, each with its subjects of the scope."""
    # A province has tens of thousands: shapes and lists of people cost more to read than the rest.
    cursor = connection.cursor(binary=True)
    set_json_loads(msgspec.json.decode, cursor)
    await cursor.execute(
        "SELECT f.id AS fence, f.version, f.use, f.datum, f.geometry, f.radius_m,"
        " f.width_m, f.schedule_id AS schedule, coalesce(a.subjects, '{}') AS subjects,"
        " f.valid_from, f.valid_to"
        " FROM fence f LEFT JOIN (SELECT fence_id, version,"
        " array_agg(subject_id ORDER BY subject_id) AS subjects FROM fence_assignment"
        " GROUP BY fence_id, version) a ON a.fence_id = f.id AND a.version = f.version"
        " WHERE coalesce(f.valid_to, 'infinity') > now() - interval '30 days'"
        " ORDER BY f.id, f.version"
    )
    rows = await cursor.fetchall()
    return [_without_nulls(row, ("width_m", "schedule")) for row in rows]


def _without_nulls(row: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None or name not in names}
