"""SQL of incidents."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from psycopg.types.json import Jsonb

from server.db import Connection, fetch_all, fetch_one

_INCIDENT: Final = """
  SELECT id, version, org_id AS org, title, plan_key AS plan, plan_version, plan_title, commander,
    state, opened_by, opened_at, closed_by, closed_at, summary
  FROM incident"""

_PAGE: Final = (
    _INCIDENT
    + """
  WHERE (%(state)s::text IS NULL OR state = %(state)s) AND (%(before_at)s::timestamptz IS NULL
    OR (opened_at, id) < (%(before_at)s::timestamptz, %(before_id)s::text))
  ORDER BY opened_at DESC, id DESC LIMIT %(limit)s"""
)

_INSERT: Final = """
  INSERT INTO incident (id, org_id, title, plan_key, plan_version, plan_title, commander, opened_by,
    opened_at)
  VALUES (%(id)s, %(org)s, %(title)s, %(plan)s, %(plan_version)s, %(plan_title)s, %(commander)s,
    %(by)s, %(at)s)"""

_TASK: Final = """
  SELECT id, number, version, text, who, owner, state, due_at, ended_by, ended_at, note
  FROM incident_task"""

_INSERT_TASK: Final = """
  INSERT INTO incident_task (id, org_id, incident_id, number, text, who, owner, due_at, remind_at)
  VALUES (%(id)s, %(org)s, %(incident)s, %(number)s, %(text)s, %(who)s, %(owner)s, %(due_at)s,
    %(due_at)s)"""

_ENTRY: Final = """
  INSERT INTO incident_entry (org_id, incident_id, kind, by_login, note, body, at)
  VALUES (%(org)s, %(incident)s, %(kind)s, %(by)s, %(note)s, %(body)s, %(at)s)"""

# An entry and an alert's step at one instant are told apart by their keys.
_TIME_LINE: Final = """
  SELECT * FROM (
    SELECT 'e' || lpad(e.id::text, 19, '0') AS key, e.at, e.kind, NULL AS alert, e.by_login, e.note,
      e.body
    FROM incident_entry e WHERE e.incident_id = %(incident)s
    UNION ALL
    SELECT 's' || lpad(s.id::text, 19, '0'), s.at, s.step, s.alert_id, s.by_login, s.note, s.body
    FROM incident_alert a JOIN alert_step s ON s.alert_id = a.alert_id
    WHERE a.incident_id = %(incident)s) moment
  WHERE %(before_at)s::timestamptz IS NULL
    OR (at, key) < (%(before_at)s::timestamptz, %(before_key)s::text)
  ORDER BY at DESC, key DESC LIMIT %(limit)s"""

_TO_REMIND: Final = """
  SELECT t.id, t.org_id AS org, t.incident_id AS incident, t.number, t.owner, t.due_at, t.remind_at,
    i.commander
  FROM incident_task t JOIN incident i ON i.id = t.incident_id
  WHERE t.remind_at <= %s AND t.id <> ALL (%s::text[])
  ORDER BY t.remind_at, t.id LIMIT %s FOR UPDATE OF t SKIP LOCKED"""


async def plans(connection: Connection, org: str) -> list[dict[str, Any]]:
    """Return the plans that organisations set for this one, the nearest's newest of each."""
    return await fetch_all(connection, "SELECT * FROM incident_plans(%s)", (org,))


async def enter_plan(connection: Connection, row: Mapping[str, Any]) -> None:
    """Enter the next version of an organisation's plan."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtext('guitu incident plan'))")
    await connection.execute(
        "INSERT INTO incident_plan (org_id, key, version, body, source, entered_by, entered_at)"
        " SELECT %(org)s, %(key)s, coalesce(max(version), 0) + 1, %(body)s, %(source)s, %(by)s,"
        " %(at)s FROM incident_plan WHERE org_id = %(org)s AND key = %(key)s",
        {**row, "body": Jsonb(row["body"])},
    )


async def insert(connection: Connection, row: Mapping[str, Any]) -> None:
    """Open an incident."""
    await connection.execute(_INSERT, {**row, "plan_title": Jsonb(row["plan_title"])})


async def incident(
    connection: Connection, incident_id: str, *, lock: bool = False
) -> dict[str, Any] | None:
    """Return an incident; `lock`: until the transaction ends."""
    query = _INCIDENT + " WHERE id = %s" + (" FOR UPDATE" if lock else "")
    return await fetch_one(connection, query, (incident_id,))


async def page(
    connection: Connection, *, state: str | None, before: tuple[datetime, str] | None, limit: int
) -> list[dict[str, Any]]:
    """Return at most `limit` incidents of the scope, newest first."""
    before_at, before_id = before or (None, None)
    values = {"state": state, "before_at": before_at, "before_id": before_id, "limit": limit}
    return await fetch_all(connection, _PAGE, values)


async def command(connection: Connection, incident_id: str, login: str) -> None:
    """Name another commander."""
    await connection.execute(
        "UPDATE incident SET commander = %s, version = version + 1 WHERE id = %s",
        (login, incident_id),
    )


async def close(
    connection: Connection, incident_id: str, summary: str, *, by: str, at: datetime
) -> None:
    """Close an incident."""
    await connection.execute(
        "UPDATE incident SET state = 'closed', summary = %s, closed_by = %s, closed_at = %s,"
        " version = version + 1 WHERE id = %s",
        (summary, by, at, incident_id),
    )


async def alerts_in_scope(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    """Return the organisations of those alerts that the scope sees, locked, by alert."""
    rows = await fetch_all(
        connection,
        "SELECT id, org_id FROM alert WHERE id = ANY (%s) ORDER BY id FOR UPDATE",
        (list(ids),),
    )
    return {row["id"]: row["org_id"] for row in rows}


async def alerts_elsewhere(connection: Connection, ids: Sequence[str]) -> list[str]:
    """Return those alerts that an open incident of the scope has already."""
    rows = await fetch_all(
        connection,
        "SELECT DISTINCT a.alert_id FROM incident_alert a JOIN incident i ON i.id = a.incident_id"
        " WHERE a.alert_id = ANY (%s) AND i.state = 'open' ORDER BY 1",
        (list(ids),),
    )
    return [row["alert_id"] for row in rows]


async def add_alerts(
    connection: Connection, of: Mapping[str, Any], ids: Sequence[str], *, by: str, at: datetime
) -> None:
    """Put alerts into an incident."""
    await connection.execute(
        "INSERT INTO incident_alert (org_id, incident_id, alert_id, added_by, added_at)"
        " SELECT %s, %s, id, %s, %s FROM unnest(%s::text[]) id",
        (of["org"], of["id"], by, at, list(ids)),
    )


async def alerts_of(connection: Connection, incident_id: str) -> list[str]:
    """Return the alerts of an incident, in the order in which they were added."""
    rows = await fetch_all(
        connection,
        "SELECT alert_id FROM incident_alert WHERE incident_id = %s ORDER BY added_at, alert_id",
        (incident_id,),
    )
    return [row["alert_id"] for row in rows]


async def add_tasks(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add tasks; the clock of each runs."""
    async with connection.cursor() as cursor:
        await cursor.executemany(_INSERT_TASK, [{**r, "text": Jsonb(r["text"])} for r in rows])


async def tasks_of(connection: Connection, incident_id: str) -> list[dict[str, Any]]:
    """Return an incident's tasks by number."""
    return await fetch_all(
        connection, _TASK + " WHERE incident_id = %s ORDER BY number", (incident_id,)
    )


async def task(connection: Connection, incident_id: str, number: int) -> dict[str, Any] | None:
    """Return a task, locked."""
    query = _TASK + " WHERE incident_id = %s AND number = %s FOR UPDATE"
    return await fetch_one(connection, query, (incident_id, number))


async def give_task(connection: Connection, task_id: str, owner: str) -> None:
    """Name who does a task; its clock runs on."""
    await connection.execute(
        "UPDATE incident_task SET owner = %s, version = version + 1 WHERE id = %s", (owner, task_id)
    )


async def end_task(
    connection: Connection, task_id: str, state: str, *, by: str, at: datetime, note: str
) -> None:
    """Note what became of a task."""
    await connection.execute(
        "UPDATE incident_task SET state = %s, ended_by = %s, ended_at = %s, note = %s,"
        " remind_at = NULL, version = version + 1 WHERE id = %s",
        (state, by, at, note, task_id),
    )


async def add_entry(connection: Connection, row: Mapping[str, Any]) -> None:
    """Write a line of the time line."""
    await connection.execute(_ENTRY, {**row, "body": Jsonb(row["body"])})


async def time_line(
    connection: Connection,
    incident_id: str,
    *,
    before: tuple[datetime, str] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return at most `limit` entries and steps of an incident and its alerts, newest first."""
    before_at, before_key = before or (None, None)
    values = {"incident": incident_id, "before_at": before_at, "before_key": before_key}
    return await fetch_all(connection, _TIME_LINE, values | {"limit": limit})


async def to_remind(
    connection: Connection, now: datetime, resting: Sequence[str], *, most: int
) -> list[dict[str, Any]]:
    """Return, locked, the tasks whose time is over and of which somebody is to be told."""
    return await fetch_all(connection, _TO_REMIND, (now, resting, most))


async def remind_again(connection: Connection, task_id: str, at: datetime) -> None:
    """Set when somebody is told again."""
    await connection.execute("UPDATE incident_task SET remind_at = %s WHERE id = %s", (at, task_id))
