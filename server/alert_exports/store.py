"""SQL of exported alerts: never one about a minor's or a sealed file, whatever is open.

The transaction must have closed every file (`server.db.close_files`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from server.alerts.page_store import keys
from server.db import Connection, fetch_all

_OPEN_TO_ALL: Final = "(a.subject_id IS NULL OR a.subject_id NOT IN (SELECT closed_files()))"

# A place is told of whose track could be read, with a legal basis at that time.
_ALERTS: Final = f"""
  SELECT a.id, a.version, a.rule, a.severity, a.category, a.title, a.explanation, a.state,
    a.condition, a.verdict, a.subject_id AS subject, s.name AS subject_name,
    a.device_id AS device, a.fence_id AS fence, a.begin_time, a.end_time, a.late, a.raised_at,
    a.changed_at, a.evidence, a.org_id AS org, o.name_zh AS org_name_zh, o.name_en AS org_name_en,
    a.level, a.assigned_to, a.due_at, %(places)s AND s.id IS NOT NULL AS place,
    f.name AS fence_name, f.use AS fence_use, f.radius_m AS fence_radius_m,
    CASE WHEN %(places)s THEN f.geometry END AS fence_geometry
  FROM alert a JOIN org o ON o.id = a.org_id
  LEFT JOIN subject s ON s.id = a.subject_id
  LEFT JOIN LATERAL (
    SELECT v.name, v.use, v.radius_m, v.geometry FROM fence v
    WHERE v.id = a.fence_id ORDER BY v.valid_from <= a.begin_time DESC, v.version DESC LIMIT 1
  ) f ON true
  WHERE a.id = ANY (%(ids)s) AND {_OPEN_TO_ALL}
  ORDER BY a.raised_at DESC, a.id DESC"""  # noqa: S608 - constants


async def window(
    connection: Connection,
    filters: Mapping[str, Any],
    *,
    before: tuple[datetime, str] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return (raised_at, id) of at most `limit` alerts, newest first, from after one on."""
    return await keys(connection, filters, also=_OPEN_TO_ALL, before=before, limit=limit)


async def alerts(
    connection: Connection, ids: Sequence[str], *, places: bool
) -> list[dict[str, Any]]:
    """Return those of the alerts that may leave, newest first."""
    return await fetch_all(connection, _ALERTS, {"ids": list(ids), "places": places})
