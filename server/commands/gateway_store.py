"""SQL of the commands for gateways; run as guitu_ingest in a gateway's scope."""

from collections.abc import Sequence
from typing import Any, Final

from server.commands.schemas import CommandEvent
from server.db import Connection, fetch_all

MOST_LISTED: Final = 5_000
"""Commands of one answer, as many as a gateway holds; the rest follows as these are reported on."""

_DETAIL_CHARS: Final = 500

# What silences a device names both persons, so that the gateway and the codec can check it again.
# Where a task sends is read here and kept nowhere: a person's place while an order is in force.
_WAITING: Final = """
  SELECT c.id AS command, c.device_id AS device, c.name, c.interval_s, c.text, c.expires_at,
    CASE WHEN c.approved_by IS NULL THEN '{}' ELSE ARRAY[c.requested_by, c.approved_by] END
      AS approved_by,
    CASE WHEN t.id IS NOT NULL THEN jsonb_build_object('due_at', t.due_at,
      'longitude_deg', coalesce(t.lon_e7, l.lon_e7) / 1e7,
      'latitude_deg', coalesce(t.lat_e7, l.lat_e7) / 1e7) END AS task
  FROM command c LEFT JOIN dispatch_task t ON t.command_id = c.id
    LEFT JOIN alert a ON a.id = t.alert_id
    LEFT JOIN LATERAL (
      SELECT p.lon_e7, p.lat_e7 FROM latest_position p
      WHERE p.holder_kind = 'subject' AND p.holder_id = a.subject_id AND p.lon_e7 IS NOT NULL
        AND EXISTS (SELECT FROM positioning_order o WHERE o.subject_id = a.subject_id
          AND o.valid_from <= now() AND now() < least(o.valid_to, o.lifted_at))
      ORDER BY p.fix_time DESC LIMIT 1) l ON t.id IS NOT NULL
  WHERE c.state = 'queued' AND c.expires_at > now()
  ORDER BY c.requested_at, c.id LIMIT %s"""

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
