"""SQL of the map and of the gateways' state; run as guitu_app in a person's scope."""

from typing import Any, Final

from server.db import Connection, fetch_all

_GATEWAYS: Final = """
  SELECT g.id AS gateway, g.org_id AS org, g.last_seen_at,
    g.last_seen_at IS NULL OR g.last_seen_at < now() - make_interval(secs => %(silent_s)s)
      AS silent,
    coalesce((SELECT jsonb_object_agg(m.stream, m.through_seq) FROM gateway_mark m
      WHERE m.gateway_id = g.id), '{}') AS marks
  FROM gateway g WHERE %(only)s::text[] IS NULL OR g.id = ANY (%(only)s) ORDER BY g.id"""


async def boundaries(connection: Connection) -> list[dict[str, Any]]:
    """Return the organisations of the scope that have a boundary, the widest first."""
    return await fetch_all(
        connection,
        "SELECT id AS org, parent_id AS parent, name_zh, name_en, level, boundary FROM org"
        " WHERE boundary IS NOT NULL ORDER BY length(path), id",
    )


async def fences_in_force(connection: Connection) -> list[dict[str, Any]]:
    """Return the fence versions that are in force now."""
    return await fetch_all(
        connection,
        "SELECT f.id AS fence, f.version, f.org_id AS org, f.name, f.use, f.radius_m, f.width_m,"
        " f.schedule_id AS schedule, f.valid_from, f.geometry,"
        " ARRAY(SELECT a.subject_id FROM fence_assignment a WHERE a.fence_id = f.id"
        " AND a.version = f.version ORDER BY 1) AS subjects"
        " FROM fence f WHERE f.valid_from <= now() AND coalesce(f.valid_to, 'infinity') > now()"
        " ORDER BY f.id",
    )


async def gateways(
    connection: Connection, *, silent_after_s: int, only: list[str] | None = None
) -> list[dict[str, Any]]:
    """Return the gateways of the scope with their marks; `only` these when given."""
    return await fetch_all(connection, _GATEWAYS, {"silent_s": silent_after_s, "only": only})
