"""SQL of volunteers, organisations, their deeds and the policies that these count by."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from psycopg.types.json import Jsonb

from server.db import Connection, fetch_all, fetch_one

_PARTICIPANT: Final = "id, org_id AS org, kind, registration, name, entered_by, entered_at"
_INSERT: Final = """
  INSERT INTO participant (id, org_id, kind, registration, name, entered_by, entered_at)
  VALUES (%(id)s, %(org)s, %(kind)s, %(registration)s, %(name)s, %(by)s, %(at)s)
  ON CONFLICT DO NOTHING"""
_PAGE: Final = f"""
  SELECT {_PARTICIPANT} FROM participant
  WHERE (%(kind)s::text IS NULL OR kind = %(kind)s) AND (%(after)s::text IS NULL OR id > %(after)s)
  ORDER BY id LIMIT %(limit)s"""  # noqa: S608 - a constant of this file

_INSERT_DEED: Final = """
  INSERT INTO participant_deed (id, org_id, participant_id, deed, quantity, occurred_at, note,
    recorded_by, recorded_at)
  VALUES (%(id)s, %(org)s, %(participant)s, %(deed)s, %(quantity)s, %(occurred_at)s, %(note)s,
    %(by)s, %(at)s)
  ON CONFLICT DO NOTHING"""
_DEED: Final = """
  SELECT d.id, d.org_id AS org, d.participant_id AS participant, d.deed, d.quantity, d.occurred_at,
    d.note, d.recorded_by, d.recorded_at, v.reason AS void_reason, v.by_login AS voided_by,
    v.at AS voided_at
  FROM participant_deed d LEFT JOIN participant_deed_void v ON v.deed_id = d.id"""
_INSERT_VOID: Final = """
  INSERT INTO participant_deed_void (deed_id, org_id, reason, by_login, at)
  VALUES (%(deed)s, %(org)s, %(reason)s, %(by)s, %(at)s) ON CONFLICT DO NOTHING"""

_POLICY: Final = (
    "id, org_id AS org, content, encode(sha256, 'hex') AS sha256, state, month, proposed_by,"
    " proposed_at, decided_by, decided_at, version"
)
_INSERT_POLICY: Final = """
  INSERT INTO participant_policy (id, org_id, content, sha256, proposed_by, proposed_at)
  VALUES (%(id)s, %(org)s, %(content)s, %(sha256)s, %(by)s, %(at)s)
  ON CONFLICT (id) DO NOTHING"""


async def insert(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Enter a participant; False when the organisation has it already."""
    return (await connection.execute(_INSERT, row)).rowcount == 1


async def page(connection: Connection, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return participants of the scope, by id."""
    return await fetch_all(connection, _PAGE, asked)


async def participant(connection: Connection, participant_id: str) -> dict[str, Any] | None:
    """Return a participant of the scope."""
    query = f"SELECT {_PARTICIPANT} FROM participant WHERE id = %s"  # noqa: S608 - a constant
    return await fetch_one(connection, query, (participant_id,))


async def insert_deed(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Record a deed; False when the same was recorded before."""
    return (await connection.execute(_INSERT_DEED, row)).rowcount == 1


async def deeds(connection: Connection, participants: Sequence[str]) -> list[dict[str, Any]]:
    """Return what participants did, with what was taken back."""
    query = f"{_DEED} WHERE d.participant_id = ANY (%s) ORDER BY d.occurred_at, d.id"
    return await fetch_all(connection, query, (list(participants),))


async def deed(connection: Connection, deed_id: str) -> dict[str, Any] | None:
    """Return a deed of the scope."""
    return await fetch_one(connection, f"{_DEED} WHERE d.id = %s", (deed_id,))


async def void(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Take a deed back; False when it was taken back before."""
    return (await connection.execute(_INSERT_VOID, row)).rowcount == 1


async def in_force(connection: Connection, org_id: str) -> list[dict[str, Any]]:
    """Return what was signed for an organisation and those above it, in the order of signing."""
    return await fetch_all(connection, "SELECT * FROM participant_policies(%s)", (org_id,))


async def insert_policy(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Propose a policy; False when its id is taken."""
    values = dict(row) | {"content": Jsonb(row["content"])}
    return (await connection.execute(_INSERT_POLICY, values)).rowcount == 1


async def policy(
    connection: Connection, policy_id: str, *, lock: bool = False
) -> dict[str, Any] | None:
    """Return a policy of the scope."""
    query = f"SELECT {_POLICY} FROM participant_policy WHERE id = %s"  # noqa: S608 - a constant
    return await fetch_one(connection, query + (" FOR UPDATE" if lock else ""), (policy_id,))


async def policies(connection: Connection) -> list[dict[str, Any]]:
    """Return the scope's policies, the newest first; 100 at most."""
    query = f"SELECT {_POLICY} FROM participant_policy ORDER BY proposed_at DESC, id LIMIT 100"  # noqa: S608 - a constant
    return await fetch_all(connection, query)


async def decide_policy(connection: Connection, values: Mapping[str, Any]) -> None:
    """Write the decision on a proposed policy."""
    await connection.execute(
        "UPDATE participant_policy SET state = %(state)s, month = %(month)s, decided_by = %(by)s,"
        " decided_at = %(at)s, version = version + 1 WHERE id = %(id)s",
        values,
    )
