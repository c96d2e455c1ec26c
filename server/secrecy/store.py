"""SQL of the data keys."""

from typing import Any, Final

from server.db import Connection, fetch_all

_ADD: Final = """
  INSERT INTO data_key (org_id, use, algorithm, wrapped) VALUES (%s, %s, %s, %s)
  ON CONFLICT (org_id, use) WHERE retired_at IS NULL DO NOTHING"""


async def keys_of(connection: Connection, org_id: str) -> list[dict[str, Any]]:
    """Return the keys of an organisation, the newest first; '': those of the keyed index."""
    return await fetch_all(connection, "SELECT * FROM data_keys_of(%s)", (org_id,))


async def add_key(
    connection: Connection, org_id: str, *, use: str, algorithm: str, wrapped: bytes
) -> None:
    """Store a key unless the organisation has one that is in use. As guitu_worker."""
    await connection.execute(_ADD, (org_id, use, algorithm, wrapped))
