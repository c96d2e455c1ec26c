"""SQL of devices' credentials."""

from datetime import datetime
from typing import Any, Final

from server.db import Connection, fetch_all, fetch_one

_CREDENTIALS: Final = """
  SELECT coalesce(c.generation, 0) AS generation, c.issued_by, c.issued_at, c.not_after,
    c.end_reason, c.ended_by, c.ended_at,
    CASE WHEN c.ended_at IS NOT NULL THEN 'ended'
      WHEN coalesce(c.not_after, 'infinity') <= %(now)s THEN 'expired' ELSE 'in_force' END AS state
  FROM device d LEFT JOIN device_credential c ON c.device_id = d.id
  WHERE d.id = %(device)s ORDER BY c.generation DESC LIMIT 100"""


async def device_org(connection: Connection, device_id: str) -> str | None:
    """Return whose a device of the scope is, the device locked until the transaction ends."""
    row = await fetch_one(
        connection, "SELECT org_id FROM device WHERE id = %s FOR UPDATE", (device_id,)
    )
    return row["org_id"] if row else None


async def credentials(
    connection: Connection, device_id: str, now: datetime
) -> list[dict[str, Any]]:
    """Return the newest credentials of a device of the scope; none: no such device."""
    return await fetch_all(connection, _CREDENTIALS, {"device": device_id, "now": now})


async def write_first(
    connection: Connection, device_id: str, org_id: str, *, by: str, at: datetime
) -> None:
    """Write the row of a device's first credential; again changes nothing."""
    await connection.execute(
        "INSERT INTO device_credential (device_id, generation, org_id, issued_by, issued_at)"
        " VALUES (%s, 0, %s, %s, %s) ON CONFLICT DO NOTHING",
        (device_id, org_id, by, at),
    )


async def let_run_out(connection: Connection, device_id: str, at: datetime) -> None:
    """Let credentials that hold beyond an instant hold until then."""
    await connection.execute(
        "UPDATE device_credential SET not_after = %(at)s WHERE device_id = %(device)s"
        " AND ended_at IS NULL AND coalesce(not_after, 'infinity') > %(at)s",
        {"device": device_id, "at": at},
    )


async def add(
    connection: Connection,
    device_id: str,
    org_id: str,
    *,
    by: str,
    at: datetime,
    not_after: datetime | None,
) -> int:
    """Write the next credential of a device; return its number."""
    row = await fetch_one(
        connection,
        "INSERT INTO device_credential"
        " (device_id, generation, org_id, issued_by, issued_at, not_after)"
        " SELECT %(device)s, 1 + max(generation), %(org)s, %(by)s, %(at)s, %(not_after)s"
        " FROM device_credential WHERE device_id = %(device)s RETURNING generation",
        {"device": device_id, "org": org_id, "by": by, "at": at, "not_after": not_after},
    )
    return int(row["generation"]) if row else 0


async def end(
    connection: Connection,
    device_id: str,
    generation: int | None,
    *,
    reason: str,
    by: str,
    at: datetime,
) -> list[int]:
    """End a credential, or every one, of a device; return the numbers of those that ended."""
    rows = await fetch_all(
        connection,
        "UPDATE device_credential SET end_reason = %(reason)s, ended_by = %(by)s,"
        " ended_at = %(at)s WHERE device_id = %(device)s AND ended_at IS NULL"
        " AND (%(generation)s::int IS NULL OR generation = %(generation)s) RETURNING generation",
        {"device": device_id, "generation": generation, "reason": reason, "by": by, "at": at},
    )
    return sorted(row["generation"] for row in rows)
