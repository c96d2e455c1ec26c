"""SQL of looks at one's own data."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from server.db import Connection, fetch_all


async def page(
    connection: Connection,
    subject_id: str,
    untold: Sequence[str],
    *,
    before: tuple[datetime, int] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return at most `limit` looks with a purpose at a person, newest first."""
    before_at, before_id = before or (None, None)
    return await fetch_all(
        connection,
        "SELECT * FROM looks_at(%(subject)s) l WHERE NOT (l.purpose = ANY (%(untold)s))"
        " AND (%(at)s::timestamptz IS NULL OR (l.at, l.id) < (%(at)s, %(id)s))"
        " ORDER BY l.at DESC, l.id DESC LIMIT %(limit)s",
        {
            "subject": subject_id,
            "untold": list(untold),
            "at": before_at,
            "id": before_id,
            "limit": limit,
        },
    )
