"""SQL of information checks; run as guitu_app in a person's scope."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from psycopg.types.json import Jsonb

from server.db import Connection, fetch_all, fetch_one

_COLUMNS: Final = (
    "c.id, c.version, c.org_id AS org, c.subject_id AS subject, c.plan_id AS plan, c.method,"
    " c.due_from, c.due_to, c.purpose, c.entered_by,"
    " CASE WHEN c.state = 'planned' AND c.due_to <= %(now)s THEN 'missed' ELSE c.state END"
    " AS state,"
    " c.result, c.happened_time, c.note, c.done_by, (c.lon_e7 / 1e7)::float8 AS longitude_deg,"
    " (c.lat_e7 / 1e7)::float8 AS latitude_deg, (c.accuracy_mm / 1e3)::float8 AS accuracy_m"
)
_PAGE: Final = f"""
  SELECT * FROM (SELECT {_COLUMNS} FROM information_check c
    WHERE (%(subject)s::text IS NULL OR c.subject_id = %(subject)s)
      AND (%(begun_by)s::timestamptz IS NULL OR c.due_from <= %(begun_by)s)) c
  WHERE (%(state)s::text IS NULL OR c.state = %(state)s)
    AND (%(after_at)s::timestamptz IS NULL
      OR (c.due_from, c.id) < (%(after_at)s, %(after_id)s))
  ORDER BY c.due_from DESC, c.id DESC LIMIT %(limit)s"""  # noqa: S608 - constants of this file

_OVER: Final = """
  SELECT c.id, c.org_id AS org, c.subject_id AS subject, c.method, c.due_to
  FROM information_check c JOIN case_file f ON f.subject_id = c.subject_id
  WHERE c.state = 'planned' AND c.due_to <= %s AND f.stage = 'in_correction'
    AND c.id <> ALL (%s::text[])
  ORDER BY c.due_to, c.id LIMIT %s FOR UPDATE OF c SKIP LOCKED"""

_INSERT: Final = """
  INSERT INTO information_check (id, org_id, subject_id, plan_id, method, due_from, due_to, purpose,
    entered_by)
  VALUES (%(id)s, %(org)s, %(subject)s, %(plan)s, %(method)s, %(due_from)s, %(due_to)s, %(purpose)s,
    %(by)s)"""

_INSERT_PLAN: Final = """
  INSERT INTO check_plan (id, org_id, subject_id, methods, first_day, last_day, windows, count,
    answer_min, seed, commitment, planned_by, planned_at)
  VALUES (%(id)s, %(org)s, %(subject)s, %(methods)s, %(first_day)s, %(last_day)s, %(windows)s,
    %(count)s, %(answer_min)s, %(seed)s, %(commitment)s, %(by)s, %(now)s)"""

_PLAN: Final = """
  SELECT id, org_id AS org, subject_id AS subject, methods, first_day, last_day, windows, count,
    answer_min, planned_by, planned_at, encode(commitment, 'hex') AS commitment,
    CASE WHEN last_day < %(today)s THEN encode(seed, 'hex') END AS seed
  FROM check_plan WHERE id = %(id)s"""


async def insert_plan(connection: Connection, row: Mapping[str, Any]) -> None:
    """Write a plan."""
    await connection.execute(_INSERT_PLAN, {**row, "windows": Jsonb(row["windows"])})


async def plan(connection: Connection, plan_id: str, today: Any) -> dict[str, Any] | None:
    """Return a plan; without the seed while it runs."""
    return await fetch_one(connection, _PLAN, {"id": plan_id, "today": today})


async def insert(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write checks."""
    async with connection.cursor() as cursor:
        await cursor.executemany(_INSERT, rows)


async def check(
    connection: Connection, check_id: str, now: datetime, *, lock: bool = False
) -> dict[str, Any] | None:
    """Return a check as it stands at an instant."""
    query = f"SELECT {_COLUMNS} FROM information_check c WHERE c.id = %(id)s"  # noqa: S608
    query += " FOR UPDATE" if lock else ""
    return await fetch_one(connection, query, {"id": check_id, "now": now})


async def page(
    connection: Connection,
    *,
    now: datetime,
    subject: str | None,
    state: str | None,
    begun_by: datetime | None,
    after: tuple[datetime, str] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return at most `limit` checks, the latest first."""
    after_at, after_id = after or (None, None)
    values: dict[str, Any] = {"now": now, "subject": subject, "state": state, "begun_by": begun_by}
    values |= {"after_at": after_at, "after_id": after_id, "limit": limit}
    return await fetch_all(connection, _PAGE, values)


async def phone_checks(
    connection: Connection, subject_id: str, since: datetime, until: datetime
) -> list[datetime]:
    """Return when a person's phone checks of [since, until] begin."""
    rows = await fetch_all(
        connection,
        "SELECT due_from FROM information_check WHERE subject_id = %s AND method = 'phone'"
        " AND state <> 'cancelled' AND due_from BETWEEN %s AND %s ORDER BY due_from LIMIT 500",
        (subject_id, since, until),
    )
    return [row["due_from"] for row in rows]


async def over(
    connection: Connection, now: datetime, resting: Sequence[str], *, most: int
) -> list[dict[str, Any]]:
    """Return, locked, checks whose time is over, but those that rest, the earliest first.

    Whoever is supervised no more owes none.
    """
    return await fetch_all(connection, _OVER, (now, resting, most))


async def miss(connection: Connection, check_id: str) -> None:
    """Mark a check as missed."""
    await connection.execute(
        "UPDATE information_check SET state = 'missed' WHERE id = %s", (check_id,)
    )


async def finish(connection: Connection, values: Mapping[str, Any]) -> None:
    """Write what a check found."""
    await connection.execute(
        "UPDATE information_check SET state = 'done', result = %(result)s,"
        " happened_time = %(happened_time)s, note = %(note)s, done_by = %(by)s,"
        " version = version + 1 WHERE id = %(id)s",
        values,
    )


async def answer(connection: Connection, values: Mapping[str, Any]) -> None:
    """Write the one position of a check by phone."""
    await connection.execute(
        "UPDATE information_check SET state = 'done', result = 'answered',"
        " happened_time = %(now)s, done_by = %(by)s, lon_e7 = %(lon_e7)s, lat_e7 = %(lat_e7)s,"
        " accuracy_mm = %(accuracy_mm)s, version = version + 1 WHERE id = %(id)s",
        values,
    )


async def cancel(connection: Connection, check_id: str, note: str) -> None:
    """Write that a check does not take place."""
    await connection.execute(
        "UPDATE information_check SET state = 'cancelled', note = %s, version = version + 1"
        " WHERE id = %s",
        (note, check_id),
    )
