"""SQL of monthly closes; nothing here updates or deletes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from psycopg.types.json import Jsonb

from server.db import Connection, fetch_all, fetch_one

# Closed once the month is over, from the first whole month of the oldest ledger on.
_OPEN_MONTHS: Final = """
  SELECT o.id || '/' || %(month)s AS id, o.id AS org_id FROM org o
  WHERE EXISTS (SELECT FROM score_entry e JOIN subject s ON s.id = e.subject_id
      WHERE s.org_id = o.id AND e.indicator = 'opening' AND e.effective_at < %(ends_at)s)
    AND NOT EXISTS (SELECT FROM score_close c WHERE c.org_id = o.id AND c.month = %(month)s)
    AND o.id || '/' || %(month)s <> ALL (%(resting)s)
  ORDER BY o.id LIMIT %(most)s"""

_INSERT_CLOSE: Final = """
  INSERT INTO score_close (org_id, month, policy_version, people, total_milli, last_entry,
    head_hash, ends_at, closed_at)
  SELECT %(org_id)s, %(month)s, %(policy_version)s, %(people)s, %(total_milli)s, e.id, e.hash,
    %(ends_at)s, now()
  FROM (SELECT 1) one LEFT JOIN LATERAL (SELECT id, hash FROM score_entry
    WHERE org_id = %(org_id)s ORDER BY id DESC LIMIT 1) e ON true
  ON CONFLICT (org_id, month) DO NOTHING"""

_INSERT_MONTH: Final = """
  INSERT INTO score_month (org_id, subject_id, month, public_milli, management_milli, dimensions,
    grade, out_of_milli)
  VALUES (%(org_id)s, %(subject_id)s, %(month)s, %(public)s, %(management)s, %(dimensions)s,
    %(grade)s, %(out_of)s)"""

_MONTHS: Final = """
  SELECT m.month, m.public_milli, m.management_milli, m.dimensions, m.grade, m.out_of_milli,
    m.org_id AS org
  FROM score_month m WHERE m.subject_id = %s ORDER BY m.month DESC, m.org_id LIMIT 120"""


async def unclosed(
    connection: Connection, month: int, ends_at: datetime, *, resting: Sequence[str], most: int
) -> list[dict[str, Any]]:
    """Return organisations with ledgers whose month is not closed."""
    values = {"month": month, "ends_at": ends_at, "resting": list(resting), "most": most}
    return await fetch_all(connection, _OPEN_MONTHS, values)


async def people_of(connection: Connection, org_id: str) -> list[str]:
    """Return everybody of an organisation."""
    rows = await fetch_all(connection, "SELECT id FROM subject WHERE org_id = %s", (org_id,))
    return [row["id"] for row in rows]


async def insert_close(connection: Connection, values: Mapping[str, Any]) -> bool:
    """Close a month; False when it was closed before."""
    return (await connection.execute(_INSERT_CLOSE, values)).rowcount == 1


async def insert_months(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep what the scores were."""
    values = [dict(row) | {"dimensions": Jsonb(row["dimensions"])} for row in rows]
    async with connection.cursor() as cursor:
        await cursor.executemany(_INSERT_MONTH, values)


async def months_of(connection: Connection, subject_id: str) -> list[dict[str, Any]]:
    """Return what a subject's closed months were, the newest first."""
    return await fetch_all(connection, _MONTHS, (subject_id,))


async def close_of(connection: Connection, org_id: str, month: int) -> dict[str, Any] | None:
    """Return a close."""
    query = "SELECT * FROM score_close WHERE org_id = %s AND month = %s"
    return await fetch_one(connection, query, (org_id, month))
