"""SQL of alarms on unusual looking."""

from collections.abc import Sequence
from typing import Any, Final

from server.db import Connection, fetch_all

_PAGE: Final = """
  SELECT id, org_id AS org, by_login, kind, day, persons, bound, at FROM look_alarm
  WHERE (%(before)s::bigint IS NULL OR id < %(before)s) ORDER BY id DESC LIMIT %(limit)s"""
_UNTOLD: Final = """
  SELECT a.id, a.org_id AS org, a.by_login, a.kind, a.persons, a.bound FROM look_alarm a
  WHERE a.at > now() - interval '30 days' AND a.id::text <> ALL (%s::text[])
    AND NOT EXISTS (SELECT FROM notification n WHERE n.key = 'looks/' || a.id)
  ORDER BY a.id LIMIT %s"""
_AUDITORS: Final = """
  SELECT u.login FROM app_user u JOIN org o ON o.id = u.org_id
  JOIN org mine ON mine.id = %s AND starts_with(mine.path, o.path)
  WHERE u.role = 'auditor' AND NOT u.disabled AND u.login <> %s ORDER BY u.login"""


async def page(connection: Connection, *, before: int | None, limit: int) -> list[dict[str, Any]]:
    """Return at most `limit` alarms of the scope, newest first."""
    return await fetch_all(connection, _PAGE, {"before": before, "limit": limit})


async def untold(
    connection: Connection, resting: Sequence[str], *, most: int
) -> list[dict[str, Any]]:
    """Return alarms of the last 30 days that nobody was told of."""
    return await fetch_all(connection, _UNTOLD, (resting, most))


async def auditors(connection: Connection, org_id: str, without: str) -> list[str]:
    """Return the auditors of an organisation and of those above it, but for one login."""
    return [row["login"] for row in await fetch_all(connection, _AUDITORS, (org_id, without))]
