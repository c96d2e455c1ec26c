"""SQL of notices on scores; what was decided on one stays."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from psycopg.types.json import Jsonb

from server.db import Connection, fetch_all, fetch_one

_UNLOOKED: Final = """
  SELECT c.org_id || '/' || c.month AS id, c.org_id, c.month FROM score_close c
  WHERE c.month = %(month)s AND c.org_id || '/' || c.month <> ALL (%(resting)s)
    AND NOT EXISTS (SELECT FROM score_notice_round r
      WHERE r.org_id = c.org_id AND r.month = c.month)
  ORDER BY c.org_id LIMIT %(most)s"""

# Whoever has moved here brings the months of before.
_MONTHS: Final = """
  SELECT DISTINCT ON (m.subject_id, m.month) m.subject_id, m.month, m.public_milli,
    m.management_milli, m.dimensions, m.grade
  FROM score_month this
  JOIN subject s ON s.id = this.subject_id AND NOT s.is_minor AND NOT s.is_sealed
  JOIN score_month m ON m.subject_id = this.subject_id
  WHERE this.org_id = %(org)s AND this.month = %(last)s
    AND m.month BETWEEN %(first)s AND %(last)s
  ORDER BY m.subject_id, m.month, m.org_id <> %(org)s, m.org_id"""

_INSERT: Final = """
  INSERT INTO score_notice (id, org_id, subject_id, month, kind, from_grade, to_grade, from_milli,
    to_milli, slope_milli, months, reasons, made_at)
  VALUES (%(id)s, %(org_id)s, %(subject_id)s, %(month)s, %(kind)s, %(from_grade)s, %(to_grade)s,
    %(from_milli)s, %(to_milli)s, %(slope_milli)s, %(months)s, %(reasons)s, %(made_at)s)
  ON CONFLICT DO NOTHING"""

_COLUMNS: Final = (
    "n.id, n.org_id, n.subject_id, n.month, n.kind, n.from_grade, n.to_grade, n.from_milli,"
    " n.to_milli, n.slope_milli, n.months, n.reasons, n.made_at, n.state, n.decided_by,"
    " n.decided_at, n.note, n.version"
)
_PAGE: Final = f"""
  SELECT {_COLUMNS} FROM score_notice n JOIN org o ON o.id = n.org_id
  JOIN org top ON starts_with(o.path, top.path)
  WHERE top.id = %(org)s AND (%(kind)s::text IS NULL OR n.kind = %(kind)s)
    AND (%(state)s::text IS NULL OR n.state = %(state)s)
    AND (%(subject)s::text IS NULL OR n.subject_id = %(subject)s)
    AND (%(month)s::int IS NULL OR n.month = %(month)s)
    AND (%(after_month)s::int IS NULL OR (n.month, n.id) < (%(after_month)s, %(after_id)s))
  ORDER BY n.month DESC, n.id DESC LIMIT %(limit)s"""  # noqa: S608 - a constant of this file
_ONE: Final = f"SELECT {_COLUMNS} FROM score_notice n WHERE n.id = %s"  # noqa: S608 - the same

_DECIDE: Final = """
  UPDATE score_notice SET state = %(state)s, decided_by = %(by)s, decided_at = %(at)s,
    note = %(note)s, version = version + 1
  WHERE id = %(id)s"""


async def unlooked(
    connection: Connection, month: int, *, resting: Sequence[str], most: int
) -> list[dict[str, Any]]:
    """Return closes of a month that nobody has looked at."""
    values = {"month": month, "resting": list(resting), "most": most}
    return await fetch_all(connection, _UNLOOKED, values)


async def months(
    connection: Connection, org_id: str, first: int, last: int
) -> list[dict[str, Any]]:
    """Return the closed months of an organisation's people, minors' and sealed files left out."""
    return await fetch_all(connection, _MONTHS, {"org": org_id, "first": first, "last": last})


async def insert(
    connection: Connection, rows: Sequence[Mapping[str, Any]], made_at: datetime
) -> int:
    """Keep notices; return how many were new."""
    made = 0
    for row in rows:
        values = dict(row) | {"reasons": Jsonb(row["reasons"]), "made_at": made_at}
        made += (await connection.execute(_INSERT, values)).rowcount
    return made


async def insert_round(
    connection: Connection, org_id: str, month: int, made: int, made_at: datetime
) -> None:
    """Note that a close was looked at."""
    await connection.execute(
        "INSERT INTO score_notice_round (org_id, month, notices, made_at) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT DO NOTHING",
        (org_id, month, made, made_at),
    )


async def page(connection: Connection, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return notices of an organisation and those below it, the newest month first."""
    return await fetch_all(connection, _PAGE, asked)


async def notice(
    connection: Connection, notice_id: str, *, lock: bool = False
) -> dict[str, Any] | None:
    """Return a notice of the scope."""
    return await fetch_one(connection, _ONE + (" FOR UPDATE" if lock else ""), (notice_id,))


async def decide(connection: Connection, values: Mapping[str, Any]) -> None:
    """Write the decision on an open notice."""
    await connection.execute(_DECIDE, values)
