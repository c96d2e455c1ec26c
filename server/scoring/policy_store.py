"""SQL of scoring policies; what was signed is never changed."""

from collections.abc import Mapping
from typing import Any, Final

from server.db import Connection, fetch_all, fetch_one

_COLUMNS: Final = (
    "version, org_id AS org, encode(sha256, 'hex') AS sha256, state, proposed_by, proposed_at,"
    " decided_by, decided_at, note, valid_from, edition"
)
_PAGE: Final = f"""
  SELECT {_COLUMNS} FROM score_policy ORDER BY proposed_at DESC, version DESC LIMIT 100"""  # noqa: S608 - a constant of this file
_ONE: Final = f"""
  SELECT {_COLUMNS}, content, record, key_id,
    translate(encode(signature, 'base64'), E'\\n', '') AS signature
  FROM score_policy WHERE version = %s"""  # noqa: S608 - a constant of this file

_INSERT: Final = """
  INSERT INTO score_policy (version, org_id, content, sha256, proposed_by, proposed_at)
  VALUES (%(version)s, %(org_id)s, %(content)s, %(sha256)s, %(proposed_by)s, %(proposed_at)s)
  ON CONFLICT (version) DO NOTHING"""

_DECIDE: Final = """
  UPDATE score_policy SET state = %(state)s, decided_by = %(by)s, decided_at = %(at)s,
    note = %(note)s, valid_from = %(valid_from)s, record = %(record)s, key_id = %(key_id)s,
    signature = %(signature)s, edition = edition + 1
  WHERE version = %(version)s"""


_LATEST_TRIAL: Final = """
  SELECT id, encode(sha256, 'hex') AS sha256, warnings FROM score_trial
  WHERE policy_version = %s ORDER BY made_at DESC, id DESC LIMIT 1"""


async def page(connection: Connection) -> list[dict[str, Any]]:
    """Return the scope's policies without their text, the newest first."""
    return await fetch_all(connection, _PAGE)


async def policy(
    connection: Connection, version: str, *, lock: bool = False
) -> dict[str, Any] | None:
    """Return a policy of the scope."""
    return await fetch_one(connection, _ONE + (" FOR UPDATE" if lock else ""), (version,))


async def latest_trial(connection: Connection, version: str) -> dict[str, Any] | None:
    """Return the newest trial of a policy, None where nobody has tried it."""
    return await fetch_one(connection, _LATEST_TRIAL, (version,))


async def in_force(connection: Connection, org_id: str) -> list[dict[str, Any]]:
    """Return what was signed for an organisation and those above it."""
    return await fetch_all(connection, "SELECT * FROM score_policies(%s)", (org_id,))


async def insert(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Propose a policy; False when its version is taken."""
    return (await connection.execute(_INSERT, row)).rowcount == 1


async def decide(connection: Connection, values: Mapping[str, Any]) -> None:
    """Write the decision on a proposed policy."""
    await connection.execute(_DECIDE, values)
