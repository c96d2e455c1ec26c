"""SQL of objections (异议) to facts that moved points: reviews whose cause is the person's own."""

from collections.abc import Mapping
from typing import Any, Final

from server.db import Connection, fetch_one

# With the organisation that has the file now: it answers.
_FACT: Final = """
  SELECT f.id, f.subject_id, s.org_id, f.confirmed_by, f.evidence ->> 'alert_id' AS alert_id,
    f.evidence ->> 'entered_by' AS entered_by,
    EXISTS (SELECT FROM fact_void v WHERE v.fact_id = f.id) AS is_void
  FROM fact f JOIN subject s ON s.id = f.subject_id WHERE f.id = %s"""

_FILE: Final = """
  INSERT INTO fact_review (id, org_id, subject_id, fact_id, alert_id, cause, reason, opened_by,
    opened_at)
  VALUES (%(id)s, %(org_id)s, %(subject_id)s, %(fact_id)s, %(alert_id)s, 'objection', %(words)s,
    %(by)s, %(at)s)
  ON CONFLICT DO NOTHING"""


async def fact(connection: Connection, fact_id: str) -> dict[str, Any] | None:
    """Return a fact of the scope with who said it and whether it fell."""
    return await fetch_one(connection, _FACT, (fact_id,))


async def file(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Enter an objection; False when the fact was objected to before."""
    return (await connection.execute(_FILE, row)).rowcount == 1


async def extend(connection: Connection, objection_id: str, because: str) -> None:
    """Write why an answer takes longer."""
    await connection.execute(
        "UPDATE fact_review SET extended_because = %s, version = version + 1 WHERE id = %s",
        (because, objection_id),
    )
