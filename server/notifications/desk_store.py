"""SQL of a person's own notifications; run as guitu_app in the person's scope."""

from typing import Any, Final

from server.db import Connection, fetch_all, fetch_one

_OWN: Final = """
  SELECT n.id, n.kind, n.severity, n.body, n.alert_id AS number, n.about_org AS org, n.queued_at,
    n.read_at, coalesce(o.name_zh, n.about_org) AS office_zh,
    coalesce(o.name_en, n.about_org) AS office_en,
    coalesce(a.title ->> 'zh', a.rule, '') AS rule_zh,
    coalesce(a.title ->> 'en', a.rule, '') AS rule_en, coalesce(a.rule, '') AS rule
  FROM notification n LEFT JOIN org o ON o.id = n.about_org LEFT JOIN alert a ON a.id = n.alert_id
  WHERE n.login = %(login)s"""


async def page(
    connection: Connection, login: str, *, unread_only: bool, before: int | None, limit: int
) -> list[dict[str, Any]]:
    """Return at most `limit` notifications of a person, newest first."""
    unread = " AND n.read_at IS NULL" if unread_only else ""
    return await fetch_all(
        connection,
        f"{_OWN}{unread} AND (%(before)s::bigint IS NULL OR n.id < %(before)s)"
        " ORDER BY n.id DESC LIMIT %(limit)s",
        {"login": login, "before": before, "limit": limit},
    )


async def one(connection: Connection, login: str, notification_id: int) -> dict[str, Any] | None:
    """Return a notification of a person."""
    return await fetch_one(
        connection, f"{_OWN} AND n.id = %(id)s", {"login": login, "id": notification_id}
    )


async def unread(connection: Connection, login: str) -> dict[str, Any]:
    """Return how many a person has not read."""
    row = await fetch_one(
        connection,
        "SELECT count(*) AS unread, count(*) FILTER (WHERE severity = 'critical') AS critical"
        " FROM notification WHERE login = %s AND read_at IS NULL",
        (login,),
    )
    return row or {"unread": 0, "critical": 0}


async def mark_read(connection: Connection, login: str, notification_id: int) -> None:
    """Note that a person read one; the first time stands."""
    await connection.execute(
        "UPDATE notification SET read_at = clock_timestamp()"
        " WHERE id = %s AND login = %s AND read_at IS NULL",
        (notification_id, login),
    )


async def mark_read_through(connection: Connection, login: str, notification_id: int) -> None:
    """Note that a person read all up to one."""
    await connection.execute(
        "UPDATE notification SET read_at = clock_timestamp()"
        " WHERE id <= %s AND login = %s AND read_at IS NULL",
        (notification_id, login),
    )
