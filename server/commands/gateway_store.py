"""SQL of the commands for gateways; run as guitu_ingest in a gateway's scope."""

from collections.abc import Sequence
from typing import Any, Final

from server.commands.schemas import CommandEvent
from server.db import Connection, fetch_all

MOST_LISTED: Final = 5_000
"""Commands of one answer, as many as a gateway holds; the rest follows as these are reported on."""

_DETAIL_CHARS: Final = 500

# What silences a device names both persons, so that the gateway and the codec can check it again.
_WAITING: Final = """
  SELECT id AS command, device_id AS device, name, interval_s, text, expires_at,
    CASE WHEN approved_by IS NULL THEN '{}' ELSE ARRAY[requested_by, approved_by] END AS approved_by
  FROM command WHERE state = 'queued' AND expires_at > now()
  ORDER BY requested_at, id LIMIT %s"""

_STEP: Final = """
  INSERT INTO command_step (org_id, command_id, step, gateway_id, detail, at)
  VALUES (%(org)s, %(command)s, %(step)s, %(gateway)s, %(detail)s, %(at)s)
  ON CONFLICT DO NOTHING"""


async def waiting(connection: Connection) -> list[dict[str, Any]]:
    """Return what is queued for the scope's devices, oldest first."""
    return await fetch_all(connection, _WAITING, (MOST_LISTED,))


async def lock_states(connection: Connection, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Hold these commands until the transaction ends; return organisation and state by id."""
    rows = await fetch_all(
        connection,
        "SELECT id, org_id AS org, state FROM command WHERE id = ANY (%s) ORDER BY id FOR UPDATE",
        (sorted(set(ids)),),
    )
    return {row["id"]: row for row in rows}


async def note_step(
    connection: Connection, event: CommandEvent, *, org: str, gateway_id: str
) -> bool:
    """Keep what a gateway said, whether it moves the command or not; False when it is known."""
    values = {"org": org, "command": event.command, "step": event.state, "gateway": gateway_id}
    values |= {"detail": event.detail[:_DETAIL_CHARS]}
    return (await connection.execute(_STEP, {**values, "at": event.at})).rowcount == 1


async def move(connection: Connection, event: CommandEvent) -> None:
    """Move a held command to the state that a gateway reported."""
    await connection.execute(
        "UPDATE command SET state = %s, state_at = %s, detail = %s, version = version + 1"
        " WHERE id = %s",
        (event.state, event.at, event.detail[:_DETAIL_CHARS], event.command),
    )


async def remark(connection: Connection, command_id: str, detail: str) -> None:
    """Say something of a held command without moving it."""
    await connection.execute(
        "UPDATE command SET detail = %s, version = version + 1 WHERE id = %s", (detail, command_id)
    )
