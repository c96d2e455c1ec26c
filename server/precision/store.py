"""SQL of the tallies of alerts; run as guitu_app in a person's scope, or by the server itself."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final, Literal, LiteralString

from server.db import Connection, fetch_all, fetch_one

By = Literal["rule", "device_model", "fence_kind", "org"]

TALLIES: Final = """
  SELECT u.id AS unit, t.day, t.rule, t.device_model, t.fence_kind, t.is_heard, t.standing, t.n
  FROM units u JOIN alert_tally t ON t.org_id = u.id WHERE t.day >= %(since)s
  UNION ALL
  SELECT u.id, c.day, c.rule, c.device_model, c.fence_kind, c.is_heard, c.standing, c.n
  FROM alert_tally_change c JOIN org o ON o.id = c.org_id
  JOIN units u ON starts_with(o.path, u.path) WHERE c.day >= %(since)s"""
"""What is added up already, and what is not yet: one snapshot sees each alert once. `units` are
organisations, each with all below it."""

_COUNTS: Final = """
  sum(n)::bigint AS raised,
  coalesce(sum(n) FILTER (WHERE standing = 'undecided'), 0)::bigint AS undecided,
  coalesce(sum(n) FILTER (WHERE standing = 'superseded'), 0)::bigint AS superseded,
  coalesce(sum(n) FILTER (WHERE standing = 'confirmed'), 0)::bigint AS confirmed,
  coalesce(sum(n) FILTER (WHERE standing = 'false'), 0)::bigint AS "false",
  coalesce(sum(n) FILTER (WHERE standing = 'technical'), 0)::bigint AS technical,
  coalesce(sum(n) FILTER (WHERE standing = 'excused'), 0)::bigint AS excused"""

_KEYS: Final[Mapping[By, LiteralString]] = {
    "rule": "rule",
    "device_model": "device_model",
    "fence_kind": "fence_kind",
    "org": "unit",
}
_WEEK: Final = "date_trunc('week', day)::date"
_WHOLE: Final = "%(since)s::date"

_PAGE: Final = """
  WITH units AS (SELECT o.id, o.path FROM org o
    WHERE o.id = %(org)s OR (%(with_next)s AND o.parent_id = %(org)s))
  SELECT * FROM (
    SELECT {week} AS begins_on, {key} AS key, {counts} FROM ({tallies}) t
    WHERE day < %(until)s AND (%(rule)s::text IS NULL OR rule = %(rule)s)
    GROUP BY 1, 2 HAVING sum(n) > 0) w
  WHERE %(after_day)s::date IS NULL OR begins_on < %(after_day)s::date
    OR (begins_on = %(after_day)s::date AND key > %(after_key)s)
  ORDER BY begins_on DESC, key LIMIT %(limit)s"""

# A rule's alerts at fences of a kind, or of a device model where there is no fence.
_ALIKE: Final = f"""
  WITH units AS (SELECT o.id, o.path FROM org o WHERE o.id = %(org)s)
  SELECT coalesce(sum(n) FILTER (WHERE standing = 'confirmed'), 0)::bigint AS confirmed,
    coalesce(sum(n) FILTER (WHERE standing IN ('confirmed', 'false', 'technical', 'excused')), 0)
      ::bigint AS judged
  FROM ({TALLIES}) t
  WHERE rule = %(rule)s AND CASE WHEN %(fence_kind)s::text IS NOT NULL
    THEN fence_kind = %(fence_kind)s
    ELSE device_model = coalesce(%(device_model)s::text, '') END"""  # noqa: S608 - a constant


async def page(
    connection: Connection,
    by: By,
    *,
    weekly: bool,
    since: date,
    until: date,
    rule: str | None,
    org: str,
    after: tuple[date, str] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return at most `limit` counts of the alerts raised from a day to before another.

    Args:
        connection: Of the reader.
        by: What the counts are told apart by.
        weekly: By week too, that begins on Monday; newest first.
        since: The first day, in Asia/Shanghai.
        until: The day after the last.
        rule: Only alerts of this rule.
        org: Of this organisation and those below it; told apart by organisation, of those next
            below it too.
        after: Where the page before ended: its last (begins_on, key).
        limit: At most so many.
    """
    query = _PAGE.format(
        week=_WEEK if weekly else _WHOLE,
        key=_KEYS[by],
        counts=_COUNTS,
        tallies=TALLIES,
    )
    after_day, after_key = after or (None, None)
    values: dict[str, Any] = {"since": since, "until": until, "rule": rule, "org": org}
    values["with_next"] = by == "org"
    values |= {"after_day": after_day, "after_key": after_key, "limit": limit}
    return await fetch_all(connection, query, values)


async def alike(
    connection: Connection,
    *,
    org: str,
    rule: str,
    fence_kind: str | None,
    device_model: str | None,
    since: date,
) -> dict[str, int]:
    """Return how many such alerts of an organisation were judged, of those raised since a day.

    And how many of them were confirmed.
    """
    values: dict[str, Any] = {"org": org, "rule": rule, "since": since}
    values |= {"fence_kind": fence_kind, "device_model": device_model}
    row = await fetch_one(connection, _ALIKE, values)
    return row or {"confirmed": 0, "judged": 0}


async def fold(connection: Connection, most: int) -> int:
    """Add up to `most` changes into the tally; return how many they were."""
    row = await fetch_one(connection, "SELECT fold_alert_tally(%s) AS folded", (most,))
    folded: int = row["folded"] if row else 0
    return folded
