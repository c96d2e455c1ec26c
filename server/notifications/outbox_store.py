"""SQL of handing notifications over; run in the caller's transaction."""

from collections.abc import Sequence
from typing import Any

from psycopg.types.json import Jsonb

from server.db import Connection, fetch_one


async def place(connection: Connection, rows: Sequence[dict[str, Any]]) -> int:
    """Place notifications; return how many keys were new."""
    row = await fetch_one(
        connection, "SELECT enqueue_notifications(%s) AS placed", (Jsonb(list(rows)),)
    )
    return int(row["placed"]) if row else 0
