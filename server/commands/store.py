"""SQL of the commands for people; run as guitu_app in a person's scope."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from server.commands.lifecycle import OPEN, State
from server.db import Connection, fetch_all, fetch_one

_COMMAND: Final = """
  SELECT c.id, c.version, c.org_id AS org, c.device_id AS device, c.name, c.interval_s, c.text,
    c.purpose, c.state, c.state_at, c.detail, c.requested_at, c.approved_at, c.expires_at,
    jsonb_build_object('login', c.requested_by, 'name', coalesce(r.name, c.requested_by))
      AS requested_by,
    CASE WHEN c.approved_by IS NOT NULL THEN
      jsonb_build_object('login', c.approved_by, 'name', coalesce(a.name, c.approved_by)) END
      AS approved_by
  FROM command c LEFT JOIN app_user r ON r.login = c.requested_by
    LEFT JOIN app_user a ON a.login = c.approved_by"""

_PAGE: Final = (
    _COMMAND
    + """
  WHERE c.device_id = %(device)s AND (%(before_at)s::timestamptz IS NULL
    OR (c.requested_at, c.id) < (%(before_at)s::timestamptz, %(before_id)s::text))
  ORDER BY c.requested_at DESC, c.id DESC LIMIT %(limit)s"""
)

_INSERT: Final = """
  INSERT INTO command (id, org_id, device_id, name, interval_s, text, purpose, requested_by,
    expires_at, state)
  VALUES (%(id)s, %(org)s, %(device)s, %(name)s, %(interval_s)s, %(text)s, %(purpose)s, %(by)s,
    now() + make_interval(secs => %(valid_for_s)s), %(state)s)"""

_STEP: Final = """
  INSERT INTO command_step (org_id, command_id, step, by_login, at)
  VALUES (%s, %s, %s, %s, now())"""

# Nobody fetched or approved it in time; or the gateway that sent it has forgotten it: then it is
# said so two hours after the last moment at which it could be sent.
_EXPIRE: Final = """
  WITH due AS (
    SELECT id, state FROM command WHERE state IN ('awaiting_approval', 'queued', 'sent')
      AND expires_at < now() - CASE state WHEN 'awaiting_approval' THEN interval '0'
        WHEN 'queued' THEN interval '60 s' ELSE interval '2 hours' END
    ORDER BY expires_at LIMIT 1000 FOR UPDATE SKIP LOCKED),
  gone AS (
    UPDATE command c SET state = 'timed_out', state_at = now(), version = version + 1,
      detail = CASE due.state WHEN 'awaiting_approval' THEN 'not approved in time'
        WHEN 'queued' THEN 'not sent in time' ELSE 'no word from the gateway' END
    FROM due WHERE c.id = due.id RETURNING c.id, c.org_id, c.detail),
  noted AS (
    INSERT INTO command_step (org_id, command_id, step, detail, at)
    SELECT org_id, id, 'timed_out', detail, now() FROM gone ON CONFLICT DO NOTHING)
  SELECT announce(org_id, 'command', id) FROM gone"""


async def command(connection: Connection, command_id: str) -> dict[str, Any] | None:
    """Return a command as the interface shows it."""
    return await fetch_one(connection, _COMMAND + " WHERE c.id = %s", (command_id,))


async def commands(connection: Connection, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return these commands by id."""
    rows = await fetch_all(connection, _COMMAND + " WHERE c.id = ANY (%s)", (list(ids),))
    return {row["id"]: row for row in rows}


async def lock_command(connection: Connection, command_id: str) -> None:
    """Hold a command until the transaction ends."""
    await connection.execute("SELECT FROM command WHERE id = %s FOR UPDATE", (command_id,))


async def page(
    connection: Connection, device: str, *, before: tuple[datetime, str] | None, limit: int
) -> list[dict[str, Any]]:
    """Return at most `limit` commands of a device, newest first, after a (requested_at, id)."""
    before_at, before_id = before or (None, None)
    values = {"device": device, "before_at": before_at, "before_id": before_id, "limit": limit}
    return await fetch_all(connection, _PAGE, values)


async def steps(connection: Connection, command_id: str) -> list[dict[str, Any]]:
    """Return the states that a command was in, oldest first."""
    return await fetch_all(
        connection,
        "SELECT s.step, CASE WHEN s.by_login IS NOT NULL THEN jsonb_build_object('login',"
        " s.by_login, 'name', coalesce(u.name, s.by_login)) END AS by, s.gateway_id AS gateway,"
        " s.detail, s.at FROM command_step s LEFT JOIN app_user u ON u.login = s.by_login"
        " WHERE s.command_id = %s ORDER BY s.id",
        (command_id,),
    )


async def lock_device(connection: Connection, device: str) -> None:
    """Let one command of a device be entered at a time."""
    await connection.execute("SELECT FROM device WHERE id = %s FOR UPDATE", (device,))


async def device_held(connection: Connection, device: str) -> dict[str, Any] | None:
    """Return a device's organisation, its subject of now, and how many commands are open."""
    return await fetch_one(
        connection,
        "SELECT d.org_id AS org, (SELECT b.holder_id FROM binding b WHERE b.device_id = d.id"
        " AND b.holder_kind = 'subject' AND b.valid_from <= now()"
        " AND coalesce(b.valid_to, 'infinity') > now()) AS subject,"
        " (SELECT count(*) FROM command c WHERE c.device_id = d.id AND c.state = ANY (%s))"
        " AS open_count FROM device d WHERE d.id = %s",
        (list(OPEN), device),
    )


async def insert(connection: Connection, row: dict[str, Any]) -> None:
    """Enter a command with its first step."""
    await connection.execute(_INSERT, row)
    await connection.execute(_STEP, (row["org"], row["id"], row["state"], row["by"]))


async def move(
    connection: Connection, current: dict[str, Any], *, state: State, by_login: str
) -> None:
    """Move a locked command to a state, with the step that says who."""
    await connection.execute(
        "UPDATE command SET state = %s, state_at = now(), detail = '', version = version + 1"
        " WHERE id = %s",
        (state, current["id"]),
    )
    await connection.execute(_STEP, (current["org"], current["id"], state, by_login))


async def approve(connection: Connection, current: dict[str, Any], *, by_login: str) -> None:
    """Queue a locked command in the name of a second person."""
    await connection.execute(
        "UPDATE command SET state = 'queued', state_at = now(), approved_by = %s,"
        " approved_at = now(), version = version + 1 WHERE id = %s",
        (by_login, current["id"]),
    )
    await connection.execute(_STEP, (current["org"], current["id"], "queued", by_login))


async def announce(connection: Connection, org: str, command_id: str) -> None:
    """Tell the live feed. Its lock is held to commit: call it last in a transaction."""
    await connection.execute("SELECT announce(%s, 'command', %s)", (org, command_id))


async def expire(connection: Connection) -> None:
    """End what waits for too long, at most a thousand at a time, and tell the live feed."""
    await connection.execute(_EXPIRE)
