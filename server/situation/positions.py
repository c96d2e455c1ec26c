"""The newest positions as columns of integers."""

from collections.abc import Iterable
from typing import Any, Final

from server.db import Connection, fetch_all

# lon_e7 is 1e-7 degrees, the wire has 1e-6 (0.1 m): a map needs no more.
_POSITIONS: Final = """
  SELECT l.feed_id, l.org_id, l.device_id AS device, l.holder_kind, l.holder_id AS holder,
    coalesce(s.name, u.name, l.holder_id) AS label, d.kind,
    round(l.lon_e7 / 10.0)::int AS lon, round(l.lat_e7 / 10.0)::int AS lat,
    (extract(epoch FROM l.fix_time) * 1000)::bigint AS fix_time_ms,
    round(l.accuracy_mm / 1000.0, 1)::float8 AS accuracy_m, l.battery_pct, l.alarms
  FROM latest_positions(%s) l
  JOIN device d ON d.id = l.device_id
  LEFT JOIN subject s ON l.holder_kind = 'subject' AND s.id = l.holder_id
  LEFT JOIN app_user u ON l.holder_kind = 'officer' AND u.login = l.holder_id
  ORDER BY l.device_id"""

COLUMNS: Final = (
    *("device", "holder_kind", "holder", "label", "kind", "lon", "lat", "fix_time_ms"),
    *("accuracy_m", "battery_pct", "alarms"),
)


async def newest_positions(connection: Connection, after_feed: int) -> list[dict[str, Any]]:
    """Return the newest position of each device of the scope that changed after a feed position."""
    return await fetch_all(connection, _POSITIONS, (after_feed,))


def in_columns(rows: Iterable[dict[str, Any]], feed_id: int) -> dict[str, Any]:
    """Return rows as the interface's columns."""
    given = list(rows)
    return {"feed_id": feed_id, **{name: [row[name] for row in given] for name in COLUMNS}}
