"""SQL of the live feed."""

from typing import Any, Final

from server.db import Connection, fetch_all, fetch_one

_BATCH: Final = 1000
RESUME_S: Final = 300
RESUME_ROWS: Final = 10_000


async def rows_after(connection: Connection, last_id: int) -> list[dict[str, Any]]:
    """Return the next feed rows, at most a thousand."""
    return await fetch_all(
        connection,
        "SELECT id, kind, ref FROM feed WHERE id > %s ORDER BY id LIMIT %s",
        (last_id, _BATCH),
    )


async def is_too_old(connection: Connection, last_id: int) -> bool:
    """Return whether more was announced since than a stream may resume over."""
    row = await fetch_one(
        connection,
        "SELECT count(*) > %s OR min(at) < now() - make_interval(secs => %s) AS too_old"
        " FROM (SELECT at FROM feed WHERE id > %s ORDER BY id LIMIT %s) missed",
        (RESUME_ROWS, RESUME_S, last_id, RESUME_ROWS + 1),
    )
    return bool(row and row["too_old"])


async def alerts_after(connection: Connection, last_id: int) -> list[str]:
    """Return the ids of alerts of the scope that were announced after a position, in order."""
    rows = await fetch_all(
        connection,
        "SELECT ref, max(id) AS id FROM feed WHERE id > %s AND kind = 'alert'"
        " GROUP BY ref ORDER BY 2",
        (last_id,),
    )
    return [row["ref"] for row in rows]


async def commands_after(connection: Connection, last_id: int) -> list[str]:
    """Return the ids of commands of the scope that were announced after a position, in order."""
    rows = await fetch_all(
        connection,
        "SELECT ref, max(id) AS id FROM feed WHERE id > %s AND kind = 'command'"
        " GROUP BY ref ORDER BY 2",
        (last_id,),
    )
    return [row["ref"] for row in rows]


async def org_paths(connection: Connection) -> dict[str, str]:
    """Return the path of every organisation."""
    rows = await fetch_all(connection, "SELECT id, path FROM org")
    return {row["id"]: row["path"] for row in rows}


async def sessions_alive(connection: Connection, hashes: list[bytes]) -> set[bytes]:
    """Return those of the sessions that are still good."""
    rows = await fetch_all(connection, "SELECT sessions_alive(%s::bytea[]) AS alive", (hashes,))
    return {bytes(row["alive"]) for row in rows}


async def trim(connection: Connection, keep_s: int) -> None:
    """Drop feed rows that nobody may resume from, and sessions that have ended."""
    await connection.execute("SELECT trim_feed(make_interval(secs => %s))", (keep_s,))
    await connection.execute("DELETE FROM session WHERE expires_at < now()")
