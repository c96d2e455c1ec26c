"""SQL of our own silence; the watch runs as guitu_ingest in the scope of everything."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from psycopg.types.json import Jsonb

from server.alerts.outcome_store import GroupPlace
from server.db import Connection, Database, fetch_all, fetch_one
from server.silence.trouble import KINDS, Rule

_SILENT: Final = """
  SELECT g.id AS gateway, g.org_id, g.last_seen_at FROM gateway g
  WHERE g.last_seen_at < now() - make_interval(secs => %s) AND NOT EXISTS (
    SELECT FROM own_trouble t WHERE t.source = g.id AND t.rule = 'gateway_silent')
  ORDER BY g.id"""

_BACK: Final = """
  SELECT t.org_id AS org, t.source, t.rule FROM own_trouble t JOIN gateway g ON g.id = t.source
  WHERE t.rule = 'gateway_silent' AND g.last_seen_at > t.began_at ORDER BY t.source"""

_UNWATCHED: Final = """
  SELECT s.id AS subject, s.org_id AS org FROM subject s
  WHERE s.org_id IN (SELECT unwatched_orgs(%(gateway)s, make_interval(secs => %(silent_s)s)))
    AND EXISTS (SELECT FROM positioning_order p WHERE p.subject_id = s.id
      AND p.valid_from <= now() AND least(p.valid_to, p.lifted_at) > now())"""

_COVERAGE: Final = f"""
  WITH page AS (SELECT * FROM ({_UNWATCHED}) u WHERE u.subject > %(after)s
    ORDER BY u.subject LIMIT %(most)s)
  SELECT page.subject, page.org, r.report_time AS last_report_time FROM page
  LEFT JOIN last_report_times(ARRAY(SELECT subject FROM page)) r ON r.subject_id = page.subject
  ORDER BY page.subject"""  # noqa: S608 - constants of this file

_LOST: Final = f"""
  WITH lost AS ({_UNWATCHED})
  SELECT (SELECT count(*) FROM lost) AS unwatched,
    (SELECT max(report_time) FROM last_report_times(ARRAY(SELECT subject FROM lost)))
      AS newest_report_time"""  # noqa: S608 - constants of this file

_BEGIN: Final = """
  INSERT INTO own_trouble (org_id, source, rule, began_at, alert_id) VALUES (%s, %s, %s, %s, %s)
  ON CONFLICT DO NOTHING RETURNING alert_id"""

_RAISE: Final = """
  INSERT INTO alert (id, org_id, rule, severity, condition, begin_time, late, evidence, category,
    title, explanation, fingerprint, alike_at, own_group_id, group_id)
  VALUES (%(id)s, %(org)s, %(rule)s, %(severity)s, 'active', %(began_at)s, false, %(evidence)s,
    'device', %(title)s, %(explanation)s, %(fingerprint)s, %(began_at)s, %(group)s, %(group)s)
  ON CONFLICT (id) DO NOTHING RETURNING id"""

# What comes and goes is one alert as long as a person still has it: the newest that has ended.
_WAITS_STILL: Final = """
  SELECT id FROM alert WHERE fingerprint = %s AND due_at IS NOT NULL AND condition = 'cleared'
    AND end_time >= %s ORDER BY alike_at DESC, id LIMIT 1 FOR UPDATE"""

_AGAIN: Final = """
  UPDATE alert SET condition = 'active', end_time = NULL, explanation = %(explanation)s,
    evidence = %(evidence)s::jsonb || jsonb_build_object(
      'times', coalesce((evidence ->> 'times')::int, 1) + 1),
    version = version + 1
  WHERE id = %(id)s"""

_STEP: Final = "INSERT INTO alert_step (org_id, alert_id, step, body) VALUES (%s, %s, %s, %s)"


async def newly_silent(connection: Connection, silent_after_s: int) -> list[dict[str, Any]]:
    """Return gateways that are not heard and have no alert of it; one never heard is none."""
    return await fetch_all(connection, _SILENT, (silent_after_s,))


async def back_again(connection: Connection) -> list[dict[str, Any]]:
    """Return the troubles of gateways that have been heard since."""
    return await fetch_all(connection, _BACK)


async def lost_coverage(
    connection: Connection, gateway: str, silent_after_s: int
) -> dict[str, Any]:
    """Return how many people under order nobody watches, and the newest report of any of them."""
    values = {"gateway": gateway, "silent_s": silent_after_s}
    row = await fetch_one(connection, _LOST, values)
    return row or {"unwatched": 0, "newest_report_time": None}


async def coverage(
    connection: Connection, gateway: str, *, silent_after_s: int, after: str, most: int
) -> list[dict[str, Any]]:
    """Return a page of the people of the scope whom nobody watches, with their last reports."""
    values = {"gateway": gateway, "silent_s": silent_after_s, "after": after, "most": most}
    return await fetch_all(connection, _COVERAGE, values)


async def note_health(
    connection: Connection, gateway: str, org: str, at: datetime, body: dict[str, Any]
) -> None:
    """Keep what a gateway says of itself, and hold its row: its reports go one by one."""
    await connection.execute(
        "INSERT INTO gateway_health (gateway_id, org_id, reported_at, body) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT (gateway_id) DO UPDATE SET reported_at = excluded.reported_at,"
        " body = excluded.body",
        (gateway, org, at, Jsonb(body)),
    )


async def roots(connection: Connection) -> list[str]:
    """Return the organisations that no other stands above: a server's own troubles are theirs."""
    rows = await fetch_all(connection, "SELECT id FROM org WHERE parent_id IS NULL ORDER BY id")
    return [row["id"] for row in rows]


async def standing(connection: Connection, org: str, source: str) -> set[str]:
    """Return the rules of the troubles that something has now."""
    query = "SELECT rule FROM own_trouble WHERE org_id = %s AND source = %s"
    return {row["rule"] for row in await fetch_all(connection, query, (org, source))}


async def telemetry_age_s(database: Database) -> float | None:
    """Return how long ago any server last took telemetry, in seconds; None: never."""
    async with database.upkeep() as connection:
        row = await fetch_one(
            connection,
            "SELECT extract(epoch FROM now() - max(taken_at))::float AS age_s FROM gateway_mark"
            " WHERE stream = 'telemetry'",
        )
    return row["age_s"] if row else None


async def backlog(connection: Connection, patience_s: float, dead_s: float) -> dict[str, int]:
    """Return what is overdue for so long, and what was given up within so long."""
    query = "SELECT * FROM own_backlog(make_interval(secs => %s), make_interval(secs => %s))"
    row = await fetch_one(connection, query, (patience_s, dead_s))
    return row or {}


async def waits_still(
    connection: Connection, fingerprint: str, ended_since: datetime
) -> str | None:
    """Lock the alert of a trouble that ended lately and that a person still has; return it."""
    row = await fetch_one(connection, _WAITS_STILL, (fingerprint, ended_since))
    return None if row is None else str(row["id"])


async def begin(
    connection: Connection, *, org: str, source: str, rule: Rule, began_at: datetime, alert: str
) -> bool:
    """Note that a trouble lasts, with its alert; False: another server has."""
    row = await fetch_one(connection, _BEGIN, (org, source, rule, began_at, alert))
    return row is not None


async def tell(
    connection: Connection,
    *,
    alert: str,
    place: GroupPlace | None,
    org: str,
    rule: Rule,
    began_at: datetime,
    evidence: Mapping[str, Any],
    explanation: tuple[str, str],
) -> None:
    """Raise a trouble's alert, or take up one that waits still, where it has no place as new."""
    kind = KINDS[rule]
    values = {
        "id": alert,
        "org": org,
        "rule": rule,
        "severity": kind.severity,
        "began_at": began_at,
        "evidence": Jsonb(dict(evidence)),
        "title": Jsonb({"zh": kind.zh, "en": kind.en}),
        "explanation": Jsonb(dict(zip(("zh", "en"), explanation, strict=True))),
    }
    if place is None:
        await connection.execute(_AGAIN, values)
        body = {"again": True, "began_at": began_at.isoformat()}
        await connection.execute(_STEP, (org, alert, "raised", Jsonb(body)))
        return
    values |= {"fingerprint": place.fingerprint, "group": place.group}
    if await fetch_one(connection, _RAISE, values) is not None:
        await connection.execute(_STEP, (org, alert, "raised", Jsonb({})))


async def end(
    connection: Connection, *, org: str, source: str, rule: str, at: datetime, body: dict[str, Any]
) -> str | None:
    """Clear a trouble's alert, which stays for a person; None when another server has."""
    row = await fetch_one(
        connection,
        "DELETE FROM own_trouble WHERE org_id = %s AND source = %s AND rule = %s"
        " RETURNING alert_id",
        (org, source, rule),
    )
    if row is None:
        return None
    named: str = row["alert_id"]
    await connection.execute(
        "UPDATE alert SET condition = 'cleared', end_time = greatest(begin_time, %s),"
        " version = version + 1 WHERE id = %s AND condition = 'active'",
        (at, named),
    )
    await connection.execute(_STEP, (org, named, "cleared", Jsonb(body)))
    return named
