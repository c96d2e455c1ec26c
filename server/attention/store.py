"""SQL of who saw and did what at the alert desk; run as guitu_app in a person's scope."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from server.db import Connection, fetch_all, fetch_one

# In the order of the ids: two pages of one person cannot wait for each other.
_SEE: Final = """
  INSERT INTO alert_seen AS s (org_id, alert_id, login, opened_at)
  SELECT a.org_id, a.id, %(login)s, CASE WHEN a.id = ANY (%(opened)s) THEN now() END
  FROM alert a WHERE a.id = ANY (%(shown)s) OR a.id = ANY (%(opened)s) ORDER BY a.id
  ON CONFLICT (alert_id, login) DO UPDATE SET opened_at = now()
    WHERE s.opened_at IS NULL AND excluded.opened_at IS NOT NULL"""

# Three ranges of an index, each as long as the page at most.
_PARTS: Final = (
    ("alert_seen", "shown_at", "login", "'shown'", "0::bigint", "NULL"),
    ("alert_seen", "opened_at", "login", "'opened'", "0::bigint", "NULL"),
    ("alert_step", "at", "by_login", "x.step", "x.id", "x.verdict"),
)
_PART: Final = """
    (SELECT x.{at} AS at, {what} AS what, x.alert_id AS alert, {line} AS line, {verdict} AS verdict
    FROM {table} x WHERE x.{who} = %(login)s
      AND x.{at} >= %(since)s::date::timestamp AT TIME ZONE 'Asia/Shanghai'
      AND x.{at} < %(until)s::date::timestamp AT TIME ZONE 'Asia/Shanghai'
      AND (%(before)s::timestamptz IS NULL OR (x.{at} <= %(before)s::timestamptz
        AND (x.{at}, x.alert_id, {what}, {line})
          < (%(before)s::timestamptz, %(alert)s::text, %(what)s::text, %(line)s::bigint)))
    ORDER BY x.{at} DESC, x.alert_id DESC, 2 DESC, 4 DESC LIMIT %(limit)s)"""
_LINES: Final = " UNION ALL ".join(
    _PART.format(table=table, at=at, who=who, what=what, line=line, verdict=verdict)
    for table, at, who, what, line, verdict in _PARTS
)
_RECORD: Final = f"""
  SELECT l.at, l.what, l.alert, l.line, l.verdict, a.rule, a.severity, a.org_id AS org, a.raised_at,
    extract(epoch FROM l.at - a.raised_at)::float AS after_s
  FROM ({_LINES}) l JOIN alert a ON a.id = l.alert
  ORDER BY l.at DESC, l.alert DESC, l.what DESC, l.line DESC LIMIT %(limit)s"""  # noqa: S608 - constants

_BELOW: Final = """ANY (ARRAY(SELECT o.id FROM org o JOIN org top ON starts_with(o.path, top.path)
      WHERE top.id = %(org)s))"""
_RAISED: Final = f"""a.org_id = {_BELOW}
      AND a.raised_at >= %(since)s::date::timestamp AT TIME ZONE 'Asia/Shanghai'
      AND a.raised_at < %(until)s::date::timestamp AT TIME ZONE 'Asia/Shanghai'
      AND alert_is_heard(a.category, a.subject_id, a.device_id)"""

STAGES: Final = ("shown", "acknowledged", "on_site", "resolved")
_STAGES: Final = ", ".join(
    f"count({name}_s) AS {name}, "
    f"percentile_cont(0.5) WITHIN GROUP (ORDER BY {name}_s) AS {name}_p50, "
    f"percentile_cont(0.95) WITHIN GROUP (ORDER BY {name}_s) AS {name}_p95"
    for name in STAGES
)
_TIMED: Final = f"""
  WITH raised AS (
    SELECT a.id, a.org_id, a.severity, a.raised_at,
      extract(epoch FROM a.acknowledged_at - a.raised_at)::float AS acknowledged_s,
      extract(epoch FROM a.resolved_at - a.raised_at)::float AS resolved_s
    FROM alert a WHERE {_RAISED}
  ), timed AS (
    SELECT r.*, extract(epoch FROM v.at - r.raised_at)::float AS shown_s,
      extract(epoch FROM t.at - r.raised_at)::float AS on_site_s
    FROM raised r
    LEFT JOIN LATERAL (SELECT min(s.shown_at) AS at FROM alert_seen s WHERE s.alert_id = r.id) v
      ON true
    LEFT JOIN LATERAL (SELECT min(t.at) AS at FROM alert_step t
      WHERE t.alert_id = r.id AND t.step = 'on_site') t ON true)"""  # noqa: S608 - constants
_TIMES: Final = f"""{_TIMED}
  SELECT org_id AS org, severity, count(*) AS alerts, {_STAGES}
  FROM timed WHERE (org_id, severity) > (%(after_org)s::text, %(after_severity)s::text)
  GROUP BY org_id, severity ORDER BY org_id, severity LIMIT %(limit)s"""  # noqa: S608 - constants
_TIMES_BY_SEVERITY: Final = f"""{_TIMED}
  SELECT severity, count(*) AS alerts, {_STAGES} FROM timed GROUP BY severity
  ORDER BY severity"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class Days:
    """Alerts of an organisation and those below it, raised from a day to before another."""

    org: str
    since: date
    until: date


async def see(
    connection: Connection, login: str, shown: Sequence[str], opened: Sequence[str]
) -> None:
    """Note that alerts of the scope were on a person's screen; the first time stands."""
    values = {"login": login, "shown": list(shown), "opened": list(opened)}
    await connection.execute(_SEE, values)


async def record(
    connection: Connection,
    login: str,
    *,
    since: date,
    until: date,
    before: tuple[datetime, str, str, int] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return at most `limit` lines of a person's record, newest first.

    Args:
        connection: Of the reader: lines about alerts outside the scope are left out.
        login: Whose.
        since: The first day, in Asia/Shanghai.
        until: The day after the last.
        before: Where the page before ended: its last (at, alert, what, line).
        limit: At most so many.
    """
    at, alert, what, line = before or (None, None, None, None)
    values: dict[str, Any] = {"login": login, "since": since, "until": until, "limit": limit}
    values |= {"before": at, "alert": alert, "what": what, "line": line}
    return await fetch_all(connection, _RECORD, values)


async def works_here(connection: Connection, login: str) -> bool:
    """Return whether an account of the scope has this login."""
    row = await fetch_one(connection, "SELECT id FROM app_user WHERE login = %s", (login,))
    return row is not None


async def times(
    connection: Connection, days: Days, *, after: tuple[str, str] | None, limit: int
) -> list[dict[str, Any]]:
    """Return how long alerts waited for each stage, by organisation and severity."""
    after_org, after_severity = after or ("", "")
    values: dict[str, Any] = {"org": days.org, "since": days.since, "until": days.until}
    values |= {"after_org": after_org, "after_severity": after_severity, "limit": limit}
    return await fetch_all(connection, _TIMES, values)


async def times_by_severity(connection: Connection, days: Days) -> list[dict[str, Any]]:
    """Return how long alerts of an organisation and all below it waited, by severity."""
    values = {"org": days.org, "since": days.since, "until": days.until}
    return await fetch_all(connection, _TIMES_BY_SEVERITY, values)
