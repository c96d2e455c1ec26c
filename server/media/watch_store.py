"""SQL of the watch over recordings: what is owed runs as guitu_ingest, destruction as guitu_app."""

from datetime import datetime
from typing import Any, Final

from server.db import Connection, fetch_all, fetch_one

# Recorders that owe something now, and those that have an alert of it still.
_OWING: Final = """
  SELECT d.org_id AS org, d.id AS device,
    count(m.id) FILTER (WHERE m.state = 'announced') AS overdue,
    count(m.id) FILTER (WHERE m.state = 'mismatch') AS wrong,
    coalesce(sum(m.size_bytes), 0)::bigint AS bytes,
    to_char(min(m.end_time) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS oldest
  FROM device d LEFT JOIN media m ON m.device_id = d.id
    AND (m.state = 'mismatch' OR (m.state = 'announced' AND m.due_at <= %(now)s))
  WHERE d.id IN (
    SELECT device_id FROM media
      WHERE state IN ('announced', 'mismatch') AND (state = 'mismatch' OR due_at <= %(now)s)
    UNION SELECT source FROM own_trouble WHERE rule IN ('media_overdue', 'media_mismatch'))
  GROUP BY d.org_id, d.id ORDER BY d.id LIMIT %(most)s"""

# A recording of a case is kept until everybody whom it is linked to has left supervision, and from
# then on as long as one without a case.
_CASES_OVER: Final = """
  SELECT m.id, m.org_id AS org, greatest(m.end_time, max(c.ended_at)) AS ended_at
  FROM media m JOIN media_link l ON l.media_id = m.id
    JOIN case_file c ON c.subject_id = l.subject_id
  WHERE m.state = 'stored' AND m.retention = 'case' AND m.keep_until IS NULL
  GROUP BY m.id HAVING bool_and(c.ended_at IS NOT NULL) ORDER BY m.id LIMIT %s"""

_OVER: Final = """
  SELECT id, object FROM media
  WHERE state = 'stored' AND keep_until <= %s AND NOT media_held(id)
  ORDER BY keep_until, id LIMIT %s"""


async def owing(connection: Connection, now: datetime, most: int) -> list[dict[str, Any]]:
    """Return recorders with what they owe; 0 where an alert of theirs may end."""
    return await fetch_all(connection, _OWING, {"now": now, "most": most})


async def cases_over(connection: Connection, most: int) -> list[dict[str, Any]]:
    """Return recordings of which every case has ended, and when the last of them did."""
    return await fetch_all(connection, _CASES_OVER, (most,))


async def set_end(connection: Connection, media_id: str, keep_until: datetime) -> None:
    """Set when a recording's time is over."""
    await connection.execute(
        "UPDATE media SET keep_until = %s, version = version + 1 WHERE id = %s",
        (keep_until, media_id),
    )


async def over(connection: Connection, now: datetime, most: int) -> list[dict[str, Any]]:
    """Return recordings whose time is over, with their objects."""
    return await fetch_all(connection, _OVER, (now, most))


async def destroyed(connection: Connection, media_id: str, now: datetime) -> bool:
    """Note that a recording is destroyed, its key with it; False: somebody else did."""
    row = await fetch_one(
        connection,
        "UPDATE media SET state = 'destroyed', state_at = %s, object = NULL, sealed_key = NULL,"
        " version = version + 1 WHERE id = %s AND state = 'stored' AND keep_until <= %s"
        " AND NOT media_held(id)"
        " RETURNING id",
        (now, media_id, now),
    )
    return row is not None
