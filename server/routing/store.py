"""SQL of routing; the worker's part runs in the scope of everything."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from psycopg.types.json import Jsonb

from server.auth.person import CASE_HANDLERS
from server.db import Connection, fetch_all, fetch_one

# After an arrival the clock is another; a later dispatch begins the way anew.
_PHASE: Final = """
  CASE WHEN a.state = 'dispatched' AND EXISTS (
    SELECT FROM alert_step s WHERE s.alert_id = a.id AND s.step IN ('on_site', 'reported')
      AND s.id > coalesce((SELECT max(d.id) FROM alert_step d
        WHERE d.alert_id = a.id AND d.step = 'dispatched'), 0))
    THEN 'on_site' ELSE a.state END"""

# The critical ones first; what another process has in hand is passed over.
_DUE: Final = f"""
  SELECT a.id, a.org_id, a.severity, {_PHASE} AS phase, a.level, a.assigned_to, a.assigned_at,
    a.on_duty_until, a.clock_phase, a.escalate_at, a.group_id, a.rule, a.version, a.route_failures,
    a.own_group_id, a.held_by, a.held_as, a.condition, a.late, a.begin_time, a.raised_at,
    a.seen_locally_by, a.seen_locally_at
  FROM alert a WHERE a.due_at <= %s
  ORDER BY array_position(ARRAY['critical', 'major', 'minor'], a.severity), a.due_at, a.id
  LIMIT %s FOR UPDATE OF a SKIP LOCKED"""  # noqa: S608 - a constant of this file

_MOVE: Final = """
  UPDATE alert SET level = %(level)s, assigned_to = %(assigned_to)s, assigned_at = %(assigned_at)s,
    on_duty_until = %(on_duty_until)s, clock_phase = %(clock_phase)s,
    escalate_at = %(escalate_at)s, due_at = %(due_at)s, route_failures = 0,
    version = version + ((level, assigned_to) IS DISTINCT FROM
      (%(level)s::int, %(assigned_to)s::text))::int
  WHERE id = %(id)s"""

_STEP: Final = """
  INSERT INTO alert_step (org_id, alert_id, step, body)
  VALUES (%(org_id)s, %(id)s, %(step)s, %(body)s)"""

_CHAINS: Final = """
  SELECT mine.id AS mine, above.id, above.level
  FROM org mine JOIN org above ON starts_with(mine.path, above.path)
  WHERE mine.id = ANY (%s) ORDER BY mine.id, length(above.path) DESC"""

_ACCOUNTS: Final = """
  SELECT login, org_id, role, can_sign_in AND NOT disabled AS may_act FROM app_user
  WHERE role = ANY (%s) AND (org_id = ANY (%s) OR login = ANY (%s)) ORDER BY org_id, login"""

_LOADS: Final = """
  SELECT l.login, (SELECT count(*) FROM alert a WHERE a.assigned_to = l.login
      AND a.due_at IS NOT NULL) AS waiting,
    (SELECT max(a.assigned_at) FROM alert a WHERE a.assigned_to = l.login) AS last_at
  FROM unnest(%s::text[]) l (login)"""

_OFFICERS: Final = """
  SELECT u.login, u.name, u.role, w.critical, w.major, w.minor, w.oldest_at,
    (SELECT max(a.assigned_at) FROM alert a WHERE a.assigned_to = u.login) AS last_at
  FROM app_user u CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE a.severity = 'critical') AS critical,
      count(*) FILTER (WHERE a.severity = 'major') AS major,
      count(*) FILTER (WHERE a.severity = 'minor') AS minor, min(a.raised_at) AS oldest_at
    FROM alert a WHERE a.assigned_to = u.login AND a.due_at IS NOT NULL) w
  WHERE u.org_id = %s AND u.role = ANY (%s) AND NOT u.disabled ORDER BY u.login LIMIT 500"""

_STATUS: Final = """
  SELECT count(*) AS waiting, count(*) FILTER (WHERE held_as IS NOT NULL) AS held,
    count(*) FILTER (WHERE assigned_to IS NULL AND held_as IS NULL) AS unassigned,
    count(*) FILTER (WHERE due_at < %(late)s) AS overdue,
    count(*) FILTER (WHERE level >= 2) AS above,
    min(due_at) FILTER (WHERE due_at < %(late)s) AS overdue_since
  FROM alert WHERE due_at IS NOT NULL"""


async def due(connection: Connection, now: datetime, most: int) -> list[dict[str, Any]]:
    """Return, locked, the alerts that routing is to look at, the critical first."""
    return await fetch_all(connection, _DUE, (now, most))


async def chains(connection: Connection, orgs: Collection[str]) -> list[dict[str, Any]]:
    """Return organisations with those above them, the nearest first."""
    return await fetch_all(connection, _CHAINS, (list(orgs),))


async def accounts(
    connection: Connection, orgs: Collection[str], logins: Collection[str]
) -> list[dict[str, Any]]:
    """Return who may handle alerts at these organisations, and these people."""
    values = (list(CASE_HANDLERS), list(orgs), list(logins))
    return await fetch_all(connection, _ACCOUNTS, values)


async def loads(connection: Connection, logins: Collection[str]) -> list[dict[str, Any]]:
    """Return how much waits for each of these people, and when the newest was assigned."""
    return await fetch_all(connection, _LOADS, (list(logins),))


async def move(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write what became of alerts."""
    async with connection.cursor() as cursor:
        await cursor.executemany(_MOVE, rows)


async def add_steps(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write what the clock did into the alerts' histories."""
    if rows:
        values = [{**row, "body": Jsonb(row["body"])} for row in rows]
        async with connection.cursor() as cursor:
            await cursor.executemany(_STEP, values)


async def postpone(connection: Connection, alert_id: str, due_at: datetime) -> None:
    """Look again later at an alert that could not be routed, and count it."""
    await connection.execute(
        "UPDATE alert SET due_at = %s, route_failures = route_failures + 1 WHERE id = %s",
        (due_at, alert_id),
    )


async def assign(connection: Connection, alert_id: str, login: str, now: datetime) -> None:
    """Give an alert to somebody by a person's hand; the clock runs on."""
    await connection.execute(
        "UPDATE alert SET assigned_to = %s, assigned_at = %s, on_duty_until = NULL,"
        " level = greatest(level, 0), version = version + 1 WHERE id = %s",
        (login, now, alert_id),
    )


async def handler(connection: Connection, login: str) -> dict[str, Any] | None:
    """Return somebody of the scope who may handle alerts, with the path of the own organisation."""
    return await fetch_one(
        connection,
        "SELECT u.login, u.name, o.path FROM app_user u JOIN org o ON o.id = u.org_id"
        " WHERE u.login = %s AND u.role = ANY (%s) AND u.can_sign_in AND NOT u.disabled",
        (login, list(CASE_HANDLERS)),
    )


async def officers(connection: Connection, org: str) -> list[dict[str, Any]]:
    """Return who may handle alerts at an organisation, with what waits for each."""
    return await fetch_all(connection, _OFFICERS, (org, list(CASE_HANDLERS)))


async def status(connection: Connection, late: datetime) -> dict[str, Any]:
    """Return what waits in the scope; overdue: not looked at since an instant."""
    row = await fetch_one(connection, _STATUS, {"late": late})
    return row or {}


async def failing(connection: Connection) -> list[dict[str, Any]]:
    """Return the alerts of the scope that could not be routed, at most a hundred."""
    return await fetch_all(
        connection,
        "SELECT id AS alert, org_id AS org, route_failures AS failures, due_at AS again_at"
        " FROM alert WHERE due_at IS NOT NULL AND route_failures > 0"
        " ORDER BY route_failures DESC, id LIMIT 100",
    )
