"""SQL of groups: guitu_ingest finds an alert's group, routing (guitu_app) holds and lets go."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from server.db import Connection, fetch_all

# Two servers that find the group of one matter do so one after the other; in one order of all.
_LOCK: Final = """
  SELECT pg_advisory_xact_lock(hashtext(%s), k) FROM (
    SELECT DISTINCT hashtext(key) AS k FROM unnest(%s::text[]) key ORDER BY 1) keys"""

_NEIGHBOURS: Final = """
  SELECT a.id, a.alike_at AS at, a.own_group_id AS "group", n.fingerprint
  FROM unnest(%s::text[], %s::timestamptz[], %s::timestamptz[]) n (fingerprint, from_at, to_at)
  JOIN alert a ON a.fingerprint = n.fingerprint AND a.alike_at BETWEEN n.from_at AND n.to_at"""

_OF_GROUPS: Final = """
  SELECT a.id, a.org_id AS org, a.own_group_id AS "group", a.fingerprint
  FROM unnest(%s::text[], %s::text[]) n (fingerprint, own_group)
  JOIN alert a ON a.fingerprint = n.fingerprint AND a.own_group_id = n.own_group"""

# The outage that lasts or ended last, of each organisation or of the gateway itself.
_LAST_OUTAGE: Final = """
  SELECT o.org, (SELECT h.id FROM alert h
    WHERE ((h.rule = 'outage' AND h.org_id = o.org)
        OR (h.rule = ANY (%(troubles)s) AND h.evidence ->> 'source' = %(gateway)s))
      AND h.raised_at > %(now)s::timestamptz - interval '30 days'
      AND (h.condition = 'active' OR h.end_time > %(now)s::timestamptz - o.lasts)
    ORDER BY h.begin_time DESC, h.id LIMIT 1) AS outage
  FROM unnest(%(orgs)s::text[], %(windows)s::interval[]) o (org, lasts)"""

# Only what somebody still has: an alert that was decided explains nothing any more.
_INHIBITORS: Final = """
  SELECT a.id AS alert, h.id, h.group_id, h.severity, h.begin_time,
    coalesce(h.escalate_at, h.due_at) AS until
  FROM alert a CROSS JOIN LATERAL (
    SELECT t.alert_id AS id FROM outcome o JOIN own_trouble t ON t.source = o.gateway_id
      WHERE o.episode_id = a.id AND t.rule = ANY (%(troubles)s)
    UNION
    SELECT s.id FROM alert s WHERE s.org_id = a.org_id AND s.rule = 'outage'
      AND s.state IN ('open', 'acknowledged', 'dispatched') AND a.rule <> 'outage') named
  JOIN alert h ON h.id = named.id AND h.condition = 'active' AND h.due_at IS NOT NULL
  WHERE a.id = ANY (%(alerts)s)
  ORDER BY a.id, h.rule <> 'outage', h.begin_time, h.id"""

_HEADS: Final = """
  SELECT DISTINCT ON (group_id) id, group_id, severity, begin_time,
    coalesce(escalate_at, due_at) AS until
  FROM alert WHERE group_id = ANY (%s) AND due_at IS NOT NULL AND held_as IS NULL AND level >= 0
  ORDER BY group_id, array_position(ARRAY['critical', 'major', 'minor'], severity), raised_at, id"""

_WAITING_IN: Final = """
  SELECT group_id, count(*) AS waiting FROM alert
  WHERE group_id = ANY (%s) AND due_at IS NOT NULL GROUP BY group_id"""

# Counted for those who have the group: what others were told before is news to them.
_TOLD: Final = """
  SELECT h.id, h.org_id, h.group_id, h.severity, h.assigned_to AS login,
    (SELECT count(*) FROM alert m WHERE m.group_id = h.group_id AND m.due_at IS NOT NULL)
      AS waiting,
    (SELECT coalesce(max((n.body ->> 'count')::int), 1) FROM notification n
      WHERE n.alert_id = h.id AND n.login = h.assigned_to
        AND n.kind IN ('alert_group', 'alert_group_grown')) AS told
  FROM alert h WHERE h.id = ANY (%s) AND h.assigned_to IS NOT NULL AND h.group_id IS NOT NULL
  ORDER BY h.id"""

_HOLD: Final = """
  UPDATE alert SET held_by = %(held_by)s, held_as = %(held_as)s, group_id = %(group)s,
    due_at = %(due_at)s, route_failures = 0,
    version = version + CASE WHEN (held_by, held_as, group_id)
      IS DISTINCT FROM (%(held_by)s::text, %(held_as)s::text, %(group)s::text) THEN 1 ELSE 0 END
  WHERE id = %(id)s"""

_LET_GO: Final = """
  UPDATE alert SET held_as = NULL, group_id = %(group)s, version = version + 1 WHERE id = %(id)s"""

# What held it has ended, stands elsewhere, or is less grave by now.
_RELEASE: Final = """
  UPDATE alert SET due_at = %(now)s WHERE id IN (
    SELECT m.id FROM alert m JOIN alert h ON h.id = m.held_by
    WHERE m.held_as IS NOT NULL AND m.due_at > %(now)s AND (h.due_at IS NULL
      OR (m.held_as = 'inhibited' AND (h.condition <> 'active' OR h.group_id <> m.group_id))
      OR (m.held_as = 'folded' AND (h.held_as IS NOT NULL
        OR array_position(ARRAY['critical', 'major', 'minor'], m.severity)
          < array_position(ARRAY['critical', 'major', 'minor'], h.severity))))
    ORDER BY m.id LIMIT 1000 FOR UPDATE OF m SKIP LOCKED)"""


async def lock(connection: Connection, what: str, keys: Collection[str]) -> None:
    """Hold names until the transaction ends."""
    if keys:
        await connection.execute(_LOCK, (what, list(keys)))


async def known(connection: Connection, ids: Collection[str]) -> set[str]:
    """Return those of the ids that are alerts already."""
    rows = await fetch_all(connection, "SELECT id FROM alert WHERE id = ANY (%s)", (list(ids),))
    return {row["id"] for row in rows}


async def neighbours(
    connection: Connection, spans: Mapping[str, tuple[datetime, datetime]]
) -> list[dict[str, Any]]:
    """Return the alerts of fingerprints, each within its span."""
    froms = [span[0] for span in spans.values()]
    tos = [span[1] for span in spans.values()]
    return await fetch_all(connection, _NEIGHBOURS, (list(spans), froms, tos))


async def of_own_groups(
    connection: Connection, groups: Collection[tuple[str, str]]
) -> list[dict[str, Any]]:
    """Return the alerts of (fingerprint, own group)."""
    fingerprints, names = [one[0] for one in groups], [one[1] for one in groups]
    return await fetch_all(connection, _OF_GROUPS, (fingerprints, names))


async def last_outages(
    connection: Connection,
    windows: Mapping[str, timedelta],
    *,
    gateway: str,
    troubles: Sequence[str],
    now: datetime,
) -> dict[str, str]:
    """Return the outage of each organisation that lasts, or ended within its window."""
    values = {
        "orgs": list(windows),
        "windows": list(windows.values()),
        "gateway": gateway,
        "troubles": list(troubles),
        "now": now,
    }
    rows = await fetch_all(connection, _LAST_OUTAGE, values)
    return {row["org"]: row["outage"] for row in rows if row["outage"] is not None}


async def inhibitors(
    connection: Connection, alerts: Sequence[str], troubles: Sequence[str]
) -> list[dict[str, Any]]:
    """Return the outages that last and cover each of these alerts, the nearest first."""
    values = {"alerts": list(alerts), "troubles": list(troubles)}
    return await fetch_all(connection, _INHIBITORS, values)


async def heads(connection: Connection, groups: Collection[str]) -> list[dict[str, Any]]:
    """Return the alert of each group that was routed, the gravest and then the first."""
    return await fetch_all(connection, _HEADS, (list(groups),))


async def waiting_in(connection: Connection, groups: Collection[str]) -> dict[str, int]:
    """Return how many alerts of each group wait."""
    rows = await fetch_all(connection, _WAITING_IN, (list(groups),))
    return {row["group_id"]: row["waiting"] for row in rows}


async def told_of(connection: Connection, heads: Collection[str]) -> list[dict[str, Any]]:
    """Return who has the groups that these alerts stand for, and what they were told of them."""
    return await fetch_all(connection, _TOLD, (list(heads),)) if heads else []


async def hold(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Hold locked alerts."""
    async with connection.cursor() as cursor:
        await cursor.executemany(_HOLD, rows)


async def let_go(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Let locked alerts be routed on their own."""
    async with connection.cursor() as cursor:
        await cursor.executemany(_LET_GO, rows)


async def release(connection: Connection, now: datetime) -> None:
    """Make due what nothing holds any more, but what another process has in hand."""
    await connection.execute(_RELEASE, {"now": now})
