"""SQL of findings."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from psycopg.types.json import Jsonb

from server.db import Connection, fetch_all, fetch_one

_COLUMNS: Final = (
    "f.id, f.org_id AS org, f.subject_id AS subject, f.kind, f.begin_time, f.end_time,"
    " f.description, f.evidence, f.state, f.gravity, f.was_educated, f.has_proper_reason,"
    " f.verification, f.missing_id AS missing, f.reported_by, f.reported_at, f.verified_by,"
    " f.verified_at, f.version"
)

_INSERT: Final = """
  INSERT INTO finding (id, org_id, subject_id, kind, begin_time, end_time, description, evidence,
    missing_id, reported_by, reported_at)
  VALUES (%(id)s, %(org_id)s, %(subject_id)s, %(kind)s, %(begin_time)s, %(end_time)s,
    %(description)s, %(evidence)s, %(missing_id)s, %(reported_by)s, %(reported_at)s)"""

_PAGE: Final = f"""
  SELECT {_COLUMNS} FROM finding f
  WHERE (%(subject)s::text IS NULL OR f.subject_id = %(subject)s)
    AND (%(state)s::text IS NULL OR f.state = %(state)s)
    AND (%(before_at)s::timestamptz IS NULL
      OR (f.reported_at, f.id) < (%(before_at)s::timestamptz, %(before_id)s::text))
  ORDER BY f.reported_at DESC, f.id DESC LIMIT %(limit)s"""  # noqa: S608 - a constant of this file


async def insert(connection: Connection, row: Mapping[str, Any]) -> None:
    """Enter a finding."""
    await connection.execute(_INSERT, {**row, "evidence": Jsonb(row["evidence"])})


async def finding(
    connection: Connection, finding_id: str, *, lock: bool = False
) -> dict[str, Any] | None:
    """Return a finding as the interface shows it; `lock`: until the transaction ends."""
    query = f"SELECT {_COLUMNS} FROM finding f WHERE f.id = %s"  # noqa: S608 - a constant
    return await fetch_one(connection, query + (" FOR UPDATE" if lock else ""), (finding_id,))


async def findings(connection: Connection, ids: Sequence[str]) -> list[dict[str, Any]]:
    """Return these findings, locked, in no order."""
    query = f"SELECT {_COLUMNS} FROM finding f WHERE f.id = ANY (%s) FOR UPDATE"  # noqa: S608
    return await fetch_all(connection, query, (list(ids),))


async def verify(connection: Connection, finding_id: str, values: Mapping[str, Any]) -> None:
    """Write what the verification found."""
    await connection.execute(
        "UPDATE finding SET state = %(state)s, gravity = %(gravity)s, end_time = %(end_time)s,"
        " was_educated = %(was_educated)s, has_proper_reason = %(has_proper_reason)s,"
        " verification = %(verification)s, verified_by = %(verified_by)s,"
        " verified_at = %(verified_at)s, version = version + 1 WHERE id = %(id)s",
        {**values, "id": finding_id},
    )


async def end_absence(
    connection: Connection, finding_id: str, end_time: datetime, *, has_proper_reason: bool
) -> None:
    """Write when an absence ended, and whether it had a proper reason."""
    await connection.execute(
        "UPDATE finding SET end_time = %s, has_proper_reason = has_proper_reason OR %s,"
        " version = version + 1 WHERE id = %s",
        (end_time, has_proper_reason, finding_id),
    )


async def newest_breach(connection: Connection, subject_id: str) -> datetime | None:
    """Return when the newest established breach of a person began."""
    row = await fetch_one(
        connection,
        "SELECT max(begin_time) AS at FROM finding WHERE subject_id = %s"
        " AND state = 'established' AND NOT has_proper_reason AND gravity IS NOT NULL",
        (subject_id,),
    )
    return row["at"] if row else None


async def page(
    connection: Connection,
    *,
    subject: str | None,
    state: str | None,
    before: tuple[datetime, str] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return at most `limit` findings of the scope, the newest first."""
    before_at, before_id = before or (None, None)
    values = {"subject": subject, "state": state, "before_at": before_at, "before_id": before_id}
    return await fetch_all(connection, _PAGE, values | {"limit": limit})
