"""SQL of looks."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from server.db import Connection, fetch_all, fetch_one

_LOOK: Final = (
    "SELECT l.id, l.org_id AS org, l.subject_id AS subject, l.ground, l.reason, l.asked_by,"
    " l.asked_at, l.hours, l.state, l.decided_by, l.decided_at, l.ends_at, l.version"
    " FROM file_look l"
)
_PAGE: Final = f"""{_LOOK}
  WHERE (%(asked_by)s::text IS NULL OR l.asked_by = %(asked_by)s)
    AND (%(state)s::text IS NULL OR l.state = %(state)s)
    AND (%(before_at)s::timestamptz IS NULL OR (l.asked_at, l.id) < (%(before_at)s, %(before_id)s))
  ORDER BY l.asked_at DESC, l.id DESC LIMIT %(limit)s"""


async def insert(connection: Connection, row: Mapping[str, Any]) -> None:
    """Write what is asked for."""
    await connection.execute(
        "INSERT INTO file_look (id, org_id, subject_id, ground, reason, asked_by, asked_at, hours)"
        " VALUES (%(id)s, %(org)s, %(subject)s, %(ground)s, %(reason)s, %(by)s, %(at)s, %(hours)s)",
        row,
    )


async def look(
    connection: Connection, look_id: str, *, lock: bool = False
) -> dict[str, Any] | None:
    """Return a look of the scope; locked until the transaction ends when asked."""
    suffix = " FOR UPDATE" if lock else ""
    return await fetch_one(connection, f"{_LOOK} WHERE l.id = %s{suffix}", (look_id,))


async def waits(connection: Connection, subject_id: str, login: str) -> bool:
    """Return whether a look of this login at this file waits for its decision."""
    row = await fetch_one(
        connection,
        "SELECT FROM file_look WHERE subject_id = %s AND asked_by = %s AND state = 'asked'",
        (subject_id, login),
    )
    return row is not None


async def decide(connection: Connection, row: Mapping[str, Any]) -> None:
    """Write the decision on a locked look."""
    await connection.execute(
        "UPDATE file_look SET state = %(state)s, decided_by = %(by)s, decided_at = %(at)s,"
        " ends_at = %(ends_at)s, version = version + 1 WHERE id = %(id)s",
        row,
    )


async def page(
    connection: Connection,
    *,
    asked_by: str | None,
    state: str | None,
    before: tuple[datetime, str] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return at most `limit` looks of the scope, newest first; of one login when given."""
    before_at, before_id = before or (None, None)
    values = {"asked_by": asked_by, "state": state, "before_at": before_at, "before_id": before_id}
    return await fetch_all(connection, _PAGE, values | {"limit": limit})
