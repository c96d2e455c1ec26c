"""SQL of a person's own sessions: functions that want the hash of one of them."""

from typing import Any

from server.db import Connection, fetch_all, fetch_one


async def beside(connection: Connection, key: bytes) -> list[dict[str, Any]]:
    """Return the live sessions of whose session it is, newest first."""
    return await fetch_all(connection, "SELECT * FROM sessions_beside(%s)", (key,))


async def end_beside(connection: Connection, key: bytes, number: int | None) -> int:
    """End one of them, None: every other one; return how many ended."""
    row = await fetch_one(connection, "SELECT end_session_beside(%s, %s) AS ended", (key, number))
    ended: int = row["ended"] if row else 0
    return ended
