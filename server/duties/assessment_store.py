"""SQL of assessments; a confirmed one is never edited."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from psycopg import sql
from psycopg.types.json import Jsonb

from server.db import Connection, fetch_all, fetch_one

_COLUMNS: Final = (
    "a.id, a.org_id AS org, a.subject_id AS subject, a.period_from, a.period_to, a.facts,"
    " a.suggested, a.grade, a.reasons, a.class AS supervision_class, a.class_suggested,"
    " a.policy_version, a.state, a.prepared_by, a.prepared_at, a.decided_by, a.decided_at, a.note,"
    " a.told_at, a.objectable_until, a.version"
)

_INSERT: Final = """
  INSERT INTO assessment (id, org_id, subject_id, period_from, period_to, facts, suggested, grade,
    reasons, class, class_suggested, policy_version, prepared_by, prepared_at)
  VALUES (%(id)s, %(org_id)s, %(subject_id)s, %(period_from)s, %(period_to)s, %(facts)s,
    %(suggested)s, %(grade)s, %(reasons)s, %(class)s, %(class_suggested)s, %(policy_version)s,
    %(prepared_by)s, %(prepared_at)s)
  ON CONFLICT (subject_id, period_from) WHERE state IN ('prepared', 'confirmed') DO NOTHING
  RETURNING id"""

_PAGE: Final = f"""
  SELECT {_COLUMNS} FROM assessment a
  WHERE (%(subject)s::text IS NULL OR a.subject_id = %(subject)s)
    AND (%(state)s::text IS NULL OR a.state = %(state)s)
    AND (%(before_at)s::timestamptz IS NULL
      OR (a.prepared_at, a.id) < (%(before_at)s::timestamptz, %(before_id)s::text))
  ORDER BY a.prepared_at DESC, a.id DESC LIMIT %(limit)s"""  # noqa: S608 - a constant of this file

# What the record says of a person and the instants [begins_at, ends_at).
_COUNTS: Final = """
  SELECT
    (SELECT count(*) FROM duty_record r WHERE r.subject_id = %(subject)s AND r.outcome = 'missed'
      AND r.period_due IS NOT NULL AND r.period_due > %(begins_at)s
      AND r.period_due <= %(ends_at)s)::int AS missed,
    (SELECT count(*) FROM measure m WHERE m.subject_id = %(subject)s AND m.state = 'decided'
      AND m.kind NOT IN ('praise', 'reduction') AND m.decided_at >= %(begins_at)s
      AND m.decided_at < %(ends_at)s)::int AS penalties,
    (SELECT count(*) FROM measure m WHERE m.subject_id = %(subject)s AND m.state = 'decided'
      AND m.kind NOT IN ('praise', 'reduction') AND m.decided_at < %(ends_at)s)::int
      AS penalties_ever,
    (SELECT count(*) FROM measure m WHERE m.subject_id = %(subject)s AND m.state = 'decided'
      AND m.kind = 'praise' AND m.decided_at >= %(begins_at)s
      AND m.decided_at < %(ends_at)s)::int AS praises"""

_LACKING: Final = """
  SELECT r.kind, s.class, r.period_due,
    (SELECT coalesce(sum(d.amount), 0) FROM duty_record d WHERE d.schedule_id = r.schedule_id
      AND d.period_due = r.period_due AND d.outcome = 'done')::int AS done
  FROM duty_record r JOIN duty_schedule s ON s.id = r.schedule_id
  WHERE r.subject_id = %(subject)s AND r.outcome = 'missed' AND r.by_login IS NULL
    AND r.kind IN ('education', 'community_work')
    AND r.period_due > %(begins_at)s AND r.period_due <= %(ends_at)s"""


async def insert(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Enter an assessment; return whether the period had none."""
    values = {**row, "facts": Jsonb(row["facts"])}
    return await fetch_one(connection, _INSERT, values) is not None


async def assessment(
    connection: Connection, assessment_id: str, *, lock: bool = False
) -> dict[str, Any] | None:
    """Return an assessment; `lock`: until the transaction ends."""
    query = f"SELECT {_COLUMNS} FROM assessment a WHERE a.id = %s"  # noqa: S608 - a constant
    return await fetch_one(connection, query + (" FOR UPDATE" if lock else ""), (assessment_id,))


async def update(connection: Connection, assessment_id: str, values: Mapping[str, Any]) -> None:
    """Write what a step changes, as another version."""
    changes = sql.SQL("").join(
        sql.SQL(", {} = {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in values
    )
    statement = sql.SQL("UPDATE assessment SET version = version + 1{} WHERE id = {}")
    await connection.execute(
        statement.format(changes, sql.Placeholder("of_id")), {**values, "of_id": assessment_id}
    )


async def counts(
    connection: Connection, subject_id: str, begins_at: datetime, ends_at: datetime
) -> dict[str, Any]:
    """Return what the record says of a person and a period."""
    values = {"subject": subject_id, "begins_at": begins_at, "ends_at": ends_at}
    return await fetch_one(connection, _COUNTS, values) or {}


async def short_of_hours(
    connection: Connection, subject_id: str, begins_at: datetime, ends_at: datetime
) -> list[dict[str, Any]]:
    """Return the months of hours that lapsed in a period, and what was done of each since."""
    values = {"subject": subject_id, "begins_at": begins_at, "ends_at": ends_at}
    return await fetch_all(connection, _LACKING, values)


async def class_since(connection: Connection, subject_id: str, now: datetime) -> date | None:
    """Return since when the class in force holds, None where none was set."""
    row = await fetch_one(
        connection,
        "SELECT (min(valid_from) AT TIME ZONE 'Asia/Shanghai')::date AS day FROM subject_version v"
        " WHERE v.subject_id = %(subject)s AND v.valid_from <= %(now)s"
        " AND NOT EXISTS (SELECT FROM subject_version o WHERE o.subject_id = v.subject_id"
        "  AND o.valid_from > v.valid_from AND o.valid_from <= %(now)s"
        "  AND o.supervision_class IS DISTINCT FROM v.supervision_class)"
        " AND v.supervision_class IS NOT DISTINCT FROM (SELECT n.supervision_class"
        "  FROM subject_version n WHERE n.subject_id = v.subject_id AND n.valid_from <= %(now)s"
        "  ORDER BY n.valid_from DESC LIMIT 1)",
        {"subject": subject_id, "now": now},
    )
    return row["day"] if row else None


async def page(
    connection: Connection,
    *,
    subject: str | None,
    state: str | None,
    before: tuple[datetime, str] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return at most `limit` assessments of the scope, the newest first."""
    before_at, before_id = before or (None, None)
    values: dict[str, Any] = {"subject": subject, "state": state}
    values |= {"before_at": before_at, "before_id": before_id}
    return await fetch_all(connection, _PAGE, values | {"limit": limit})
