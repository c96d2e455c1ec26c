"""SQL of the worker; run as guitu_app with every organisation in scope and no closed file open."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from server.db import Connection, fetch_all, fetch_one

MOST_FOLDED: Final = 100
"""Notifications of one message; a message that names more is not read."""

# A waiting channel costs one look into an index, however much waits for it: a channel that rests
# with thousands of messages slows nobody.
_LEADS: Final = """
  WITH RECURSIVE waiting (channel_id) AS (
    (SELECT channel_id FROM notification_delivery WHERE state IN ('queued', 'sending')
     ORDER BY channel_id LIMIT 1)
    UNION ALL
    SELECT (SELECT d.channel_id FROM notification_delivery d
            WHERE d.state IN ('queued', 'sending') AND d.channel_id > w.channel_id
            ORDER BY d.channel_id LIMIT 1)
    FROM waiting w WHERE w.channel_id IS NOT NULL)
  SELECT d.id, d.urgency, d.message_key, d.fold_key, d.attempts, c.id AS channel_id, c.org_id,
    c.login, c.kind, c.tells, c.languages, c.quiet_from, c.quiet_to, c.failure_count,
    c.address_sealed AS sealed,
    ARRAY(SELECT s.id FROM notification_secret s WHERE s.channel_id = c.id
      AND coalesce(s.ends_at, 'infinity') > now() ORDER BY s.made_at DESC, s.id) AS secret_ids,
    ARRAY(SELECT s.sealed FROM notification_secret s WHERE s.channel_id = c.id
      AND coalesce(s.ends_at, 'infinity') > now() ORDER BY s.made_at DESC, s.id) AS secrets
  FROM waiting w JOIN notification_channel c ON c.id = w.channel_id
  LEFT JOIN unnest(%(known)s::text[], %(rooms)s::int[]) AS r (channel_id, room)
    ON r.channel_id = c.id
  CROSS JOIN LATERAL (
    SELECT * FROM notification_delivery l WHERE l.channel_id = c.id
      AND l.state IN ('queued', 'sending') AND l.next_at <= clock_timestamp()
    ORDER BY l.urgency, l.next_at, l.id
    LIMIT CASE WHEN c.kind = 'webhook' AND c.failure_count = 0 THEN coalesce(r.room, %(first)s)
      ELSE 1 END
    FOR UPDATE SKIP LOCKED) d
  WHERE coalesce(r.room, 1) > 0 AND coalesce(c.broken_until, '-infinity') <= clock_timestamp()
  ORDER BY d.urgency, d.next_at LIMIT %(most)s"""

_FRESH: Final = """
  SELECT id, fold_key FROM notification_delivery
  WHERE channel_id = %s AND state = 'queued' AND message_key IS NULL
    AND next_at <= clock_timestamp() AND id <> %s
  ORDER BY urgency, next_at, id LIMIT %s FOR UPDATE SKIP LOCKED"""

_SAME: Final = """
  SELECT id FROM notification_delivery
  WHERE channel_id = %s AND message_key = %s AND state IN ('queued', 'sending') FOR UPDATE"""

_TAKE: Final = """
  UPDATE notification_delivery d SET state = 'sending', lease = t.lease,
    next_at = clock_timestamp() + make_interval(secs => %(lease_s)s),
    message_key = t.message_key, attempts = t.attempts,
    first_at = coalesce(first_at, clock_timestamp())
  FROM unnest(%(ids)s::bigint[], %(leases)s::text[], %(keys)s::text[], %(attempts)s::int[])
    AS t (id, lease, message_key, attempts)
  WHERE d.id = t.id"""

# A closed file's person is not seen here, so that a message names nobody.
_CONTENT: Final = """
  SELECT d.id AS delivery, d.urgency, n.id, n.key, n.kind, n.severity, n.body, n.queued_at,
    n.alert_id AS number, n.about_org AS org, o.name_zh AS office_zh, o.name_en AS office_en,
    a.rule, coalesce(a.title ->> 'zh', a.rule, '') AS rule_zh,
    coalesce(a.title ->> 'en', a.rule, '') AS rule_en, s.id AS pseudonym, s.name,
    extract(epoch FROM clock_timestamp() - d.next_at) AS lay_s
  FROM notification_delivery d JOIN notification n ON n.id = d.notification_id
    JOIN org o ON o.id = n.about_org LEFT JOIN alert a ON a.id = n.alert_id
    LEFT JOIN subject s ON s.id = a.subject_id
  WHERE d.id = ANY (%s)"""

# What another holds now is passed over: a message is under one lease only.
_DELIVER: Final = """
  WITH held AS (
    SELECT id, lease FROM notification_delivery WHERE lease = ANY (%s) ORDER BY id FOR UPDATE)
  UPDATE notification_delivery d SET state = 'delivered', ended_at = clock_timestamp(),
    lease = NULL, detail = '' FROM held WHERE d.id = held.id RETURNING held.lease"""

_WORKS: Final = """
  WITH failed AS (
    SELECT id FROM notification_channel WHERE id = ANY (%s) AND failure_count > 0
    ORDER BY id FOR UPDATE)
  UPDATE notification_channel c SET failure_count = 0, broken_until = NULL
  FROM failed WHERE c.id = failed.id"""

_FAILED: Final = """
  UPDATE notification_channel SET failure_count = failure_count + 1
  WHERE id = %s RETURNING failure_count"""


@dataclass(frozen=True, slots=True)
class Taking:
    """Deliveries that are one message from now on."""

    ids: Sequence[int]
    lease: str
    message_key: str
    attempts: int


async def leads(
    connection: Connection, *, room: Mapping[str, int], first: int, most: int
) -> list[dict[str, Any]]:
    """Return, locked, what is first in line of each channel that may be tried, with the channel.

    Args:
        connection: The transaction.
        room: How many of a channel at most; of one that is not named, `first`. More than one only
            of a webhook that did not fail the last time.
        first: See `room`.
        most: How many of all.
    """
    values = {"known": list(room), "rooms": list(room.values()), "first": first, "most": most}
    return await fetch_all(connection, _LEADS, values)


async def fresh(connection: Connection, channel_id: str, *, beside: int) -> list[dict[str, Any]]:
    """Return, locked, what else is due on a channel and was never sent."""
    return await fetch_all(connection, _FRESH, (channel_id, beside, MOST_FOLDED - 1))


async def same(connection: Connection, channel_id: str, message_key: str) -> list[int]:
    """Return, locked, the deliveries of a message that was taken up before."""
    rows = await fetch_all(connection, _SAME, (channel_id, message_key))
    return [row["id"] for row in rows]


async def content(connection: Connection, ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return what deliveries say."""
    return await fetch_all(connection, _CONTENT, (list(ids),))


async def take(connection: Connection, taken: Sequence[Taking], *, lease_s: float) -> None:
    """Take locked deliveries up as messages; after the lease somebody else may."""
    each = [(one, number) for one in taken for number in one.ids]
    values = {
        "ids": [number for _, number in each],
        "leases": [one.lease for one, _ in each],
        "keys": [one.message_key for one, _ in each],
        "attempts": [one.attempts for one, _ in each],
        "lease_s": lease_s,
    }
    await connection.execute(_TAKE, values)


async def rest(connection: Connection, channel_id: str, rest_s: float) -> None:
    """Let a channel rest."""
    await connection.execute(
        "UPDATE notification_channel"
        " SET broken_until = clock_timestamp() + make_interval(secs => %s) WHERE id = %s",
        (rest_s, channel_id),
    )


async def defer(connection: Connection, channel_id: str, until: datetime) -> None:
    """Put off what of a channel is due and not critical."""
    await connection.execute(
        "UPDATE notification_delivery SET next_at = %s WHERE channel_id = %s AND state = 'queued'"
        " AND urgency > 0 AND next_at <= clock_timestamp()",
        (until, channel_id),
    )


async def deliver(connection: Connection, leases: Sequence[str]) -> dict[str, int]:
    """Note that leased messages went through; return how many deliveries each was."""
    rows = await fetch_all(connection, _DELIVER, (list(leases),)) if leases else []
    return dict(Counter(row["lease"] for row in rows))


async def deliver_by_command(connection: Connection, lease: str, command_id: str) -> int:
    """Note that a leased message became a command to a terminal."""
    await connection.execute(
        "UPDATE notification_delivery SET command_id = %s WHERE lease = %s", (command_id, lease)
    )
    return (await deliver(connection, [lease])).get(lease, 0)


async def give_up(connection: Connection, ids: Sequence[int], detail: str) -> int:
    """Put locked deliveries among the dead letters; return how many."""
    cursor = await connection.execute(
        "UPDATE notification_delivery SET state = 'dead', ended_at = clock_timestamp(),"
        " lease = NULL, detail = %s WHERE id = ANY (%s)",
        (detail, list(ids)),
    )
    return cursor.rowcount


async def leased(connection: Connection, lease: str) -> list[int]:
    """Return, locked, what is still under a lease."""
    rows = await fetch_all(
        connection,
        "SELECT id FROM notification_delivery WHERE lease = %s ORDER BY id FOR UPDATE",
        (lease,),
    )
    return [row["id"] for row in rows]


async def put_back(
    connection: Connection, ids: Sequence[int], *, pause_s: float, detail: str
) -> None:
    """Queue locked deliveries again, due after a pause."""
    await connection.execute(
        "UPDATE notification_delivery SET state = 'queued', lease = NULL, detail = %s,"
        " next_at = clock_timestamp() + make_interval(secs => %s) WHERE id = ANY (%s)",
        (detail, pause_s, list(ids)),
    )


async def count_failure(connection: Connection, channel_id: str) -> int:
    """Count a failure of a channel; return how many came in a row."""
    row = await fetch_one(connection, _FAILED, (channel_id,))
    return int(row["failure_count"]) if row else 0


async def count_success(connection: Connection, channel_ids: Sequence[str]) -> None:
    """Note that channels work."""
    if channel_ids:
        await connection.execute(_WORKS, (list(channel_ids),))


async def trim(connection: Connection, keep_days: int) -> int:
    """Delete what was told long ago, at most a thousand at a time; return how many."""
    cursor = await connection.execute(
        "DELETE FROM notification WHERE id IN (SELECT id FROM notification"
        " WHERE queued_at < now() - make_interval(days => %s) ORDER BY queued_at LIMIT 1000)",
        (keep_days,),
    )
    return cursor.rowcount
