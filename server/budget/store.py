"""SQL of the nuisance budget; run as guitu_app in a person's scope."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final, Literal, LiteralString

from server.budget.spending import Day
from server.db import Connection, fetch_all
from server.precision.store import TALLIES

Reason = Literal["rule", "device_model", "fence_kind", "device", "fence", "subject"]

_UNITS: Final = "WITH units AS (SELECT o.id, o.path FROM org o WHERE o.id = %(org)s)"
_DAYS: Final = f"""
  {_UNITS}, counted AS (
    SELECT day, sum(n)::bigint AS alerts,
      coalesce(sum(n) FILTER (WHERE standing = 'confirmed'), 0)::bigint AS confirmed
    FROM ({TALLIES}) t WHERE day < %(until)s AND is_heard GROUP BY day)
  SELECT day, coalesce(people, 0) AS people, coalesce(alerts, 0) AS alerts,
    coalesce(confirmed, 0) AS confirmed
  FROM counted FULL JOIN watched_people(%(org)s, %(since)s, %(until)s) USING (day)"""  # noqa: S608 - constants

_TALLIED: Final = """
  {units}
  SELECT {key} AS key, NULL AS name, sum(n)::bigint AS alerts,
    (sum(n) - coalesce(sum(n) FILTER (WHERE standing = 'confirmed'), 0))::bigint AS nuisance
  FROM ({tallies}) t WHERE day < %(until)s AND is_heard
  GROUP BY 1 HAVING sum(n) > 0 ORDER BY nuisance DESC, key LIMIT %(most)s"""

_LISTED: Final = """
  SELECT t.key, {name} AS name, t.alerts, t.nuisance FROM (
    SELECT a.{column} AS key, count(*) AS alerts,
      count(*) FILTER (WHERE a.verdict IS DISTINCT FROM 'confirmed') AS nuisance
    FROM alert a
    WHERE a.org_id = ANY (ARRAY(SELECT o.id FROM org o JOIN org top ON starts_with(o.path, top.path)
        WHERE top.id = %(org)s))
      AND a.raised_at >= %(since)s::date::timestamp AT TIME ZONE 'Asia/Shanghai'
      AND a.raised_at < %(until)s::date::timestamp AT TIME ZONE 'Asia/Shanghai'
      AND a.{column} IS NOT NULL AND a.category NOT IN ('care', 'notice')
      AND (a.subject_id IS NOT NULL OR a.device_id IS NULL)
    GROUP BY 1 ORDER BY nuisance DESC, key LIMIT %(most)s) t
  ORDER BY t.nuisance DESC, t.key"""

_FENCE_NAME: Final = (
    "(SELECT f.name FROM fence f WHERE f.id = t.key ORDER BY f.version DESC LIMIT 1)"
)
_SUBJECT_NAME: Final = "(SELECT s.name FROM subject s WHERE s.id = t.key)"
_QUERIES: Final[Mapping[Reason, LiteralString]] = {
    **{
        name: _TALLIED.format(units=_UNITS, key=name, tallies=TALLIES)
        for name in ("rule", "device_model", "fence_kind")
    },
    "device": _LISTED.format(column="device_id", name="NULL"),
    "fence": _LISTED.format(column="fence_id", name=_FENCE_NAME),
    "subject": _LISTED.format(column="subject_id", name=_SUBJECT_NAME),
}


async def days(connection: Connection, org: str, since: date, until: date) -> dict[date, Day]:
    """Return the days on which somebody was watched or an alert raised, in an organisation."""
    values = {"org": org, "since": since, "until": until}
    return {row["day"]: Day(**row) for row in await fetch_all(connection, _DAYS, values)}


async def reasons(
    connection: Connection, by: Reason, *, org: str, since: date, until: date, most: int
) -> list[dict[str, Any]]:
    """Return what an organisation's budget was spent on, the most first; at most `most`."""
    values = {"org": org, "since": since, "until": until, "most": most}
    return await fetch_all(connection, _QUERIES[by], values)
