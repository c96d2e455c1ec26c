"""SQL of schedules and records of duties; a record is never rewritten."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from server.db import Connection, fetch_all, fetch_one

_SCHEDULE: Final = (
    "s.id, s.org_id AS org, s.subject_id AS subject, s.kind, s.class, s.clock, s.anchor,"
    " s.period_begin, s.period_due, s.planned_by, s.planned_at, s.ended_at, s.version,"
    " (SELECT coalesce(sum(r.amount), 0) FROM duty_record r WHERE r.schedule_id = s.id"
    "  AND r.period_due = s.period_due AND r.outcome = 'done')::int AS done"
)

_INSERT: Final = """
  INSERT INTO duty_schedule (id, org_id, subject_id, kind, class, clock, anchor, period_begin,
    period_due, planned_by, planned_at)
  VALUES (%(id)s, %(org_id)s, %(subject_id)s, %(kind)s, %(class)s, %(clock)s, %(anchor)s,
    %(period_begin)s, %(period_due)s, %(planned_by)s, %(planned_at)s)"""

_INSERT_RECORD: Final = """
  INSERT INTO duty_record (org_id, subject_id, schedule_id, period_due, kind, outcome, amount, form,
    result, activity_id, happened_time, by_login, noted_at)
  VALUES (%(org_id)s, %(subject_id)s, %(schedule_id)s, %(period_due)s, %(kind)s, %(outcome)s,
    %(amount)s, %(form)s, %(result)s, %(activity_id)s, %(happened_time)s, %(by_login)s,
    %(noted_at)s) RETURNING id"""

_RECORDS: Final = """
  SELECT id, org_id AS org, subject_id AS subject, schedule_id AS schedule, period_due, kind,
    outcome, amount, form, result, activity_id AS activity, happened_time, by_login, noted_at
  FROM duty_record r
  WHERE (%(subject)s::text IS NULL OR subject_id = %(subject)s)
    AND (%(kind)s::text IS NULL OR kind = %(kind)s)
    AND (%(before)s::bigint IS NULL OR id < %(before)s)
  ORDER BY id DESC LIMIT %(limit)s"""


async def insert(connection: Connection, row: Mapping[str, Any]) -> None:
    """Start a schedule."""
    await connection.execute(_INSERT, row)


async def running(connection: Connection, subject_id: str) -> list[dict[str, Any]]:
    """Return, locked, the schedules of a person that run."""
    query = (
        f"SELECT {_SCHEDULE} FROM duty_schedule s WHERE s.subject_id = %s"  # noqa: S608
        " AND s.ended_at IS NULL ORDER BY s.kind FOR UPDATE"
    )
    return await fetch_all(connection, query, (subject_id,))


async def schedule(connection: Connection, schedule_id: str) -> dict[str, Any] | None:
    """Return a schedule, locked."""
    query = f"SELECT {_SCHEDULE} FROM duty_schedule s WHERE s.id = %s FOR UPDATE"  # noqa: S608
    return await fetch_one(connection, query, (schedule_id,))


async def of_kind(connection: Connection, subject_id: str, kind: str) -> dict[str, Any] | None:
    """Return, locked, the schedule of a kind that runs for a person."""
    query = (
        f"SELECT {_SCHEDULE} FROM duty_schedule s WHERE s.subject_id = %s"  # noqa: S608
        " AND s.kind = %s AND s.ended_at IS NULL FOR UPDATE"
    )
    return await fetch_one(connection, query, (subject_id, kind))


async def schedules(connection: Connection, subject_id: str) -> list[dict[str, Any]]:
    """Return every schedule of a person, those that run first."""
    query = (
        f"SELECT {_SCHEDULE} FROM duty_schedule s WHERE s.subject_id = %s"  # noqa: S608
        " ORDER BY s.ended_at IS NOT NULL, s.kind, s.planned_at DESC LIMIT 200"
    )
    return await fetch_all(connection, query, (subject_id,))


async def begin_period(
    connection: Connection, schedule_id: str, *, clock: str, begin: date, due: datetime
) -> None:
    """Write which period runs."""
    await connection.execute(
        "UPDATE duty_schedule SET clock = %s, period_begin = %s, period_due = %s,"
        " version = version + 1 WHERE id = %s",
        (clock, begin, due, schedule_id),
    )


async def end(connection: Connection, schedule_id: str, now: datetime) -> None:
    """End a schedule."""
    await connection.execute(
        "UPDATE duty_schedule SET ended_at = %s, version = version + 1 WHERE id = %s",
        (now, schedule_id),
    )


async def insert_record(connection: Connection, row: Mapping[str, Any]) -> int:
    """Note what was done or missed; return its number."""
    inserted = await fetch_one(connection, _INSERT_RECORD, row)
    number: int = inserted["id"] if inserted else 0
    return number


async def done_in(connection: Connection, schedule_id: str, period_due: datetime) -> int:
    """Return how much was done in a period."""
    row = await fetch_one(
        connection,
        "SELECT coalesce(sum(amount), 0)::int AS done FROM duty_record WHERE schedule_id = %s"
        " AND period_due = %s AND outcome = 'done'",
        (schedule_id, period_due),
    )
    return row["done"] if row else 0


async def class_of(connection: Connection, subject_id: str, now: datetime) -> str | None:
    """Return the supervision class in force, None where none is set."""
    row = await fetch_one(
        connection,
        "SELECT supervision_class FROM subject_version WHERE subject_id = %s AND valid_from <= %s"
        " AND coalesce(valid_to, 'infinity') > %s ORDER BY valid_from DESC LIMIT 1",
        (subject_id, now, now),
    )
    return row["supervision_class"] if row else None


async def records(
    connection: Connection,
    *,
    subject: str | None,
    kind: str | None,
    before: int | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return at most `limit` records of the scope, the newest first."""
    values = {"subject": subject, "kind": kind, "before": before, "limit": limit}
    return await fetch_all(connection, _RECORDS, values)


async def amounts(
    connection: Connection, subject_id: str, begin: datetime, end_at: datetime
) -> Sequence[dict[str, Any]]:
    """Return how much of each kind and outcome happened in [begin, end_at)."""
    return await fetch_all(
        connection,
        "SELECT kind, outcome, count(*)::int AS times, sum(amount)::int AS amount FROM duty_record"
        " WHERE subject_id = %s AND happened_time >= %s AND happened_time < %s"
        " GROUP BY kind, outcome ORDER BY kind, outcome",
        (subject_id, begin, end_at),
    )
