"""SQL of channels and deliveries for people; run as guitu_app in a person's scope."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from server.db import Connection, fetch_all, fetch_one

_CHANNEL: Final = """
  SELECT c.id, c.org_id AS org, c.login, c.kind, c.name, c.address_shown, c.tells, c.languages,
    c.severities, c.enabled, c.failure_count, c.broken_until, c.entered_by, c.entered_at, c.version,
    CASE WHEN c.quiet_from IS NOT NULL THEN
      jsonb_build_object('begins', c.quiet_from, 'ends', c.quiet_to) END AS quiet,
    (SELECT count(*) FROM notification_delivery d WHERE d.channel_id = c.id
      AND d.state IN ('queued', 'sending')) AS waiting,
    (SELECT count(*) FROM notification_delivery d WHERE d.channel_id = c.id
      AND d.state = 'dead') AS dead,
    (SELECT count(*) FROM notification_secret s WHERE s.channel_id = c.id
      AND coalesce(s.ends_at, 'infinity') > now()) AS secret_count
  FROM notification_channel c"""

_DELIVERY: Final = """
  SELECT d.id, d.notification_id AS notification, d.channel_id AS channel,
    c.name AS channel_name, d.org_id AS org, n.kind, n.severity, n.alert_id AS alert, n.login,
    d.state, d.attempts, n.queued_at, d.first_at, d.next_at, d.ended_at, n.read_at, d.detail,
    d.message_key, d.command_id AS command, m.state AS command_state
  FROM notification_delivery d JOIN notification n ON n.id = d.notification_id
    JOIN notification_channel c ON c.id = d.channel_id LEFT JOIN command m ON m.id = d.command_id"""


async def has_org(connection: Connection, org_id: str) -> bool:
    """Return whether an organisation is of the scope."""
    return await fetch_one(connection, "SELECT FROM org WHERE id = %s", (org_id,)) is not None


async def account_org(connection: Connection, login: str) -> str | None:
    """Return the organisation of who works here under a login of the scope."""
    row = await fetch_one(
        connection,
        "SELECT org_id FROM app_user WHERE login = %s AND role <> 'subject'",
        (login,),
    )
    return str(row["org_id"]) if row else None


async def insert(connection: Connection, row: Mapping[str, Any]) -> None:
    """Enter a channel."""
    await connection.execute(
        "INSERT INTO notification_channel (id, org_id, login, kind, name, address_sealed,"
        " address_shown, tells, languages, severities, quiet_from, quiet_to, enabled, entered_by)"
        " VALUES (%(id)s, %(org)s, %(login)s, %(kind)s, %(name)s, %(address_sealed)s,"
        " %(address_shown)s, %(tells)s, %(languages)s, %(severities)s, %(quiet_from)s,"
        " %(quiet_to)s, %(enabled)s, %(by)s)",
        row,
    )


async def channel(
    connection: Connection, channel_id: str, *, lock: bool = False
) -> dict[str, Any] | None:
    """Return a channel of the scope; locked until the transaction ends when asked."""
    suffix = " FOR UPDATE OF c" if lock else ""
    return await fetch_one(connection, f"{_CHANNEL} WHERE c.id = %s{suffix}", (channel_id,))


async def channels(
    connection: Connection, *, login: str | None, after: str | None, limit: int
) -> list[dict[str, Any]]:
    """Return at most `limit` channels of the scope, by id."""
    return await fetch_all(
        connection,
        f"{_CHANNEL} WHERE (%(after)s::text IS NULL OR c.id > %(after)s)"
        " AND (%(login)s::text IS NULL OR c.login = %(login)s) ORDER BY c.id LIMIT %(limit)s",
        {"login": login, "after": after, "limit": limit},
    )


async def change(connection: Connection, row: Mapping[str, Any]) -> None:
    """Write a locked channel anew; an address that is None stays."""
    await connection.execute(
        "UPDATE notification_channel SET name = %(name)s, tells = %(tells)s,"
        " languages = %(languages)s, severities = %(severities)s, quiet_from = %(quiet_from)s,"
        " quiet_to = %(quiet_to)s, enabled = %(enabled)s, version = version + 1,"
        " address_sealed = coalesce(%(address_sealed)s, address_sealed),"
        " address_shown = coalesce(%(address_shown)s, address_shown),"
        " failure_count = 0, broken_until = NULL WHERE id = %(id)s",
        row,
    )


async def give_up_waiting(connection: Connection, channel_id: str, detail: str) -> None:
    """Put what waits for a channel among the dead letters."""
    await connection.execute(
        "UPDATE notification_delivery SET state = 'dead', ended_at = clock_timestamp(),"
        " detail = %s WHERE channel_id = %s AND state = 'queued'",
        (detail, channel_id),
    )


async def end_secrets(connection: Connection, channel_id: str, ends_at: datetime) -> None:
    """Let the standing secrets of a channel end."""
    await connection.execute(
        "UPDATE notification_secret SET ends_at = least(coalesce(ends_at, 'infinity'), %s)"
        " WHERE channel_id = %s",
        (ends_at, channel_id),
    )


async def insert_secret(connection: Connection, row: Mapping[str, Any]) -> None:
    """Keep a sealed secret, and of those that have ended none."""
    await connection.execute(
        "DELETE FROM notification_secret WHERE channel_id = %(channel)s AND ends_at <= now()", row
    )
    await connection.execute(
        "INSERT INTO notification_secret (id, org_id, channel_id, sealed)"
        " VALUES (%(id)s, %(org)s, %(channel)s, %(sealed)s)",
        row,
    )


async def deliveries(
    connection: Connection,
    *,
    state: str | None,
    channel_id: str | None,
    alert: str | None,
    before: int | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return at most `limit` deliveries of the scope's channels, newest first."""
    values = {"state": state, "channel": channel_id, "alert": alert, "before": before}
    return await fetch_all(
        connection,
        f"{_DELIVERY} WHERE (%(state)s::text IS NULL OR d.state = %(state)s)"
        " AND (%(channel)s::text IS NULL OR d.channel_id = %(channel)s)"
        " AND (%(alert)s::text IS NULL OR n.alert_id = %(alert)s)"
        " AND (%(before)s::bigint IS NULL OR d.id < %(before)s) ORDER BY d.id DESC LIMIT %(limit)s",
        values | {"limit": limit},
    )


async def delivery(connection: Connection, delivery_id: int) -> dict[str, Any] | None:
    """Return a delivery of the scope."""
    return await fetch_one(connection, f"{_DELIVERY} WHERE d.id = %s", (delivery_id,))


async def requeue(connection: Connection, delivery_id: int) -> bool:
    """Queue a dead letter again under the key that it had; return whether it was one."""
    cursor = await connection.execute(
        "UPDATE notification_delivery SET state = 'queued', ended_at = NULL, attempts = 0,"
        " next_at = clock_timestamp() WHERE id = %s AND state = 'dead'",
        (delivery_id,),
    )
    return cursor.rowcount == 1


async def notification_id(connection: Connection, key: str) -> int:
    """Return the number of a notification that was placed."""
    row = await fetch_one(connection, "SELECT id FROM notification WHERE key = %s", (key,))
    return int(row["id"]) if row else 0


async def ring(connection: Connection) -> None:
    """Wake the workers when this transaction commits."""
    await connection.execute("SELECT pg_notify('guitu_notification', '')")
