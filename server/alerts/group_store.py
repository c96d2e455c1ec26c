"""SQL of groups as people see them."""

from collections.abc import Collection
from typing import Any, Final

from server.db import Connection, fetch_all

# The version is of what waits: a group is acted on as it was seen.
_GROUPS: Final = """
  SELECT a.group_id AS id, count(*) AS count,
    count(*) FILTER (WHERE a.due_at IS NOT NULL) AS waiting,
    md5(coalesce(string_agg(a.id || ' ' || a.version, ',' ORDER BY a.id)
      FILTER (WHERE a.due_at IS NOT NULL), '')) AS version,
    (ARRAY['critical', 'major', 'minor'])[coalesce(
      min(array_position(ARRAY['critical', 'major', 'minor'], a.severity))
        FILTER (WHERE a.due_at IS NOT NULL),
      min(array_position(ARRAY['critical', 'major', 'minor'], a.severity)))] AS severity,
    jsonb_strip_nulls(jsonb_build_object(
      'open', nullif(count(*) FILTER (WHERE a.state = 'open'), 0),
      'acknowledged', nullif(count(*) FILTER (WHERE a.state = 'acknowledged'), 0),
      'dispatched', nullif(count(*) FILTER (WHERE a.state = 'dispatched'), 0),
      'resolved', nullif(count(*) FILTER (WHERE a.state = 'resolved'), 0),
      'shelved', nullif(count(*) FILTER (WHERE a.state = 'shelved'), 0),
      'superseded', nullif(count(*) FILTER (WHERE a.state = 'superseded'), 0))) AS by_state,
    min(a.raised_at) AS first_raised_at, max(a.raised_at) AS newest_raised_at
  FROM alert a WHERE a.group_id = ANY (%s) GROUP BY a.group_id"""

_LOCK_WAITING: Final = """
  SELECT id, version, state FROM alert
  WHERE group_id = %s AND due_at IS NOT NULL ORDER BY id LIMIT %s FOR UPDATE"""

# Whom the members are about: what is never in a group may wait beside them.
_BESIDE: Final = """
  SELECT a.id, a.rule, a.severity, a.state, a.raised_at FROM alert a
  WHERE a.due_at IS NOT NULL AND a.rule = ANY (%(rules)s) AND a.subject_id IN (
    SELECT m.subject_id FROM alert m WHERE m.group_id = %(group)s AND m.subject_id IS NOT NULL)
  ORDER BY a.raised_at DESC, a.id DESC LIMIT %(most)s"""


async def groups_of(connection: Connection, ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """Return groups of the scope by id."""
    if not ids:
        return {}
    rows = await fetch_all(connection, _GROUPS, (list(ids),))
    return {row["id"]: row for row in rows}


async def lock_waiting(connection: Connection, group_id: str, most: int) -> list[dict[str, Any]]:
    """Hold the members of a group that wait, in the order of their ids; return them."""
    return await fetch_all(connection, _LOCK_WAITING, (group_id, most))


async def waiting_beside(
    connection: Connection, group_id: str, rules: Collection[str], most: int
) -> list[dict[str, Any]]:
    """Return what waits of these rules about the people of a group, the newest first."""
    values = {"group": group_id, "rules": list(rules), "most": most}
    return await fetch_all(connection, _BESIDE, values)
