"""SQL of monthly reports; run as guitu_app in a person's scope. Nothing here updates or deletes."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from server.db import Connection, fetch_all, fetch_one

_BELOW: Final = """ANY (ARRAY(SELECT o.id FROM org o JOIN org top ON starts_with(o.path, top.path)
      WHERE top.id = %(org)s))"""
_FROM: Final = "%(since)s::date::timestamp AT TIME ZONE 'Asia/Shanghai'"
_TO: Final = "%(until)s::date::timestamp AT TIME ZONE 'Asia/Shanghai'"

_TITLES: Final = f"""
  SELECT DISTINCT ON (a.rule) a.rule, a.title ->> 'zh' AS zh, a.title ->> 'en' AS en FROM alert a
  WHERE a.org_id = {_BELOW} AND a.raised_at >= {_FROM} AND a.raised_at < {_TO}
    AND a.title IS NOT NULL ORDER BY a.rule, a.raised_at DESC"""  # noqa: S608 - constants
_ESCALATIONS: Final = f"""
  SELECT coalesce((t.body ->> 'level')::int, 0) AS level, count(*) AS count
  FROM alert a JOIN alert_step t ON t.alert_id = a.id AND t.step = 'escalated'
  WHERE a.org_id = {_BELOW} AND a.raised_at >= {_FROM} AND a.raised_at < {_TO}
  GROUP BY 1 ORDER BY 1"""  # noqa: S608 - constants
_SILENCES: Final = f"""
  SELECT gateway, began_at, ended_at, unwatched
  FROM gateway_silences(%(org)s, {_FROM}, {_TO}) ORDER BY began_at, gateway LIMIT %(most)s"""  # noqa: S608 - constants
_DEAD: Final = f"""
  SELECT c.kind AS channel, count(*) AS count
  FROM notification_delivery d JOIN notification_channel c ON c.id = d.channel_id
  WHERE d.org_id = {_BELOW} AND d.state = 'dead' AND d.ended_at >= {_FROM} AND d.ended_at < {_TO}
  GROUP BY 1 ORDER BY 1"""  # noqa: S608 - constants

_REPORT: Final = """
  SELECT r.id, r.org_id AS org, r.month, r.sha256, r.document_id, d.number, r.made_by, r.made_at
  FROM alert_report r JOIN document d ON d.id = r.document_id"""
_PAGE: Final = (
    _REPORT
    + """
  WHERE (%(org)s::text IS NULL OR r.org_id = %(org)s)
    AND (%(before)s::date IS NULL OR r.month < %(before)s::date
      OR (r.month = %(before)s::date AND r.org_id > %(after)s::text))
  ORDER BY r.month DESC, r.org_id LIMIT %(limit)s"""
)
_INSERT: Final = """
  INSERT INTO alert_report (id, org_id, month, content, sha256, document_id, made_by, made_at)
  VALUES (%(id)s, %(org)s, %(month)s, %(content)s, %(sha256)s, %(document_id)s, %(made_by)s,
    %(made_at)s)"""


async def other_figures(
    connection: Connection, org: str, since: date, until: date, most: int
) -> dict[str, list[dict[str, Any]]]:
    """Return titles of rules, escalations, silences (at most `most`) and messages given up."""
    values = {"org": org, "since": since, "until": until, "most": most}
    return {
        "titles": await fetch_all(connection, _TITLES, values),
        "escalations": await fetch_all(connection, _ESCALATIONS, values),
        "silences": await fetch_all(connection, _SILENCES, values),
        "dead_letters": await fetch_all(connection, _DEAD, values),
    }


async def org_names(connection: Connection, org: str) -> dict[str, Any] | None:
    """Return what an organisation of the scope is called."""
    return await fetch_one(connection, "SELECT id, name_zh, name_en FROM org WHERE id = %s", (org,))


async def hold_month(connection: Connection, org: str, month: date) -> None:
    """Let two who make the same report wait for each other."""
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"alert_report {org} {month}",)
    )


async def insert(connection: Connection, row: Mapping[str, Any]) -> None:
    """Keep a report."""
    await connection.execute(_INSERT, row)


async def of_month(connection: Connection, org: str, month: date) -> dict[str, Any] | None:
    """Return an organisation's report of a month."""
    query = _REPORT + " WHERE r.org_id = %s AND r.month = %s"
    return await fetch_one(connection, query, (org, month))


async def report(connection: Connection, report_id: str) -> dict[str, Any] | None:
    """Return a report with its content."""
    query = _REPORT.replace("SELECT r.id,", "SELECT r.id, r.content,") + " WHERE r.id = %s"
    return await fetch_one(connection, query, (report_id,))


async def page(
    connection: Connection, *, org: str | None, after: tuple[date, str] | None, limit: int
) -> list[dict[str, Any]]:
    """Return at most `limit` reports of the scope, the newest month first."""
    before, after_org = after or (None, None)
    values = {"org": org, "before": before, "after": after_org, "limit": limit}
    return await fetch_all(connection, _PAGE, values)
