"""SQL of what became of an order's end: who heard of it when, and what was destroyed."""

from typing import Any, Final

from server.db import Connection, fetch_all, fetch_one

# The gateways in whose scope the person is, or was when the order stood.
_TAKEN: Final = """
  SELECT g.id AS gateway, t.version, t.taken_at FROM positioning_order o
  JOIN org held ON held.id = o.org_id
  JOIN org scope ON starts_with(held.path, scope.path) JOIN gateway g ON g.org_id = scope.id
  LEFT JOIN LATERAL (SELECT version, taken_at FROM directory_taken d
    WHERE d.gateway_id = g.id AND d.version >= %(version)s ORDER BY d.taken_at LIMIT 1) t ON true
  WHERE o.id = %(order)s ORDER BY g.id"""


async def lift_version(connection: Connection, order_id: str) -> int | None:
    """Return the directory version that the lifting of an order made."""
    row = await fetch_one(
        connection,
        "SELECT (body ->> 'directory_version')::bigint AS version FROM act"
        " WHERE ref_kind = 'order' AND ref_id = %s AND kind = 'order.lifted'",
        (order_id,),
    )
    return row["version"] if row else None


async def taken(connection: Connection, order_id: str, version: int) -> list[dict[str, Any]]:
    """Return since when each gateway of the person has worked by a version, or a later one."""
    return await fetch_all(connection, _TAKEN, {"order": order_id, "version": version})


async def destroyed(connection: Connection, order_id: str) -> list[dict[str, Any]]:
    """Return what was destroyed of an order's positions."""
    return await fetch_all(
        connection,
        "SELECT reason, from_time, to_time, report_count, alert_count, fact_count, at"
        " FROM position_destruction WHERE order_id = %s ORDER BY id LIMIT 100",
        (order_id,),
    )
