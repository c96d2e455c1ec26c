"""SQL of retention: counts, destruction, holds."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from server.db import Connection, fetch_all, fetch_one

_HOLD: Final = (
    "SELECT h.id, h.org_id AS org, h.subject_id AS subject, h.reason, h.until, h.placed_by,"
    " h.placed_at, h.lift_reason, h.lift_asked_by, h.lift_asked_at, h.lifted_by, h.lifted_at,"
    " h.version, CASE WHEN h.lifted_at IS NOT NULL THEN 'lifted'"
    " WHEN coalesce(h.until, 'infinity') <= %(now)s THEN 'ended'"
    " WHEN h.lift_asked_at IS NOT NULL THEN 'lifting' ELSE 'held' END AS state"
    " FROM legal_hold h"
)
_PAGE: Final = f"""
  {_HOLD} WHERE (%(subject)s::text IS NULL OR h.subject_id = %(subject)s)
    AND (%(before_at)s::timestamptz IS NULL OR (h.placed_at, h.id) < (%(before_at)s, %(before_id)s))
  ORDER BY h.placed_at DESC, h.id DESC LIMIT %(limit)s"""
_DESTRUCTIONS: Final = """
  SELECT id, org_id AS org, class AS record_class, basis, kept_days, row_count, oldest_at,
    newest_at, at FROM retention_destruction
  WHERE (%(before)s::bigint IS NULL OR id < %(before)s) ORDER BY id DESC LIMIT %(limit)s"""


async def due_counts(connection: Connection, name: str, days: int) -> tuple[int, int]:
    """Return how many rows of a class are due in the scope, and how many a hold keeps."""
    row = await fetch_one(
        connection, "SELECT * FROM due_counts(%s, %s)", (name, timedelta(days=days))
    )
    return (int(row["due_count"]), int(row["held_count"])) if row else (0, 0)


async def destroy_due(connection: Connection, name: str, days: int, basis: str, most: int) -> int:
    """Destroy at most so many rows of a class that are due; as guitu_worker."""
    row = await fetch_one(
        connection,
        "SELECT destroy_due(%s, %s::int, %s, %s::int) AS count",
        (name, days, basis, most),
    )
    return int(row["count"]) if row else 0


async def destructions(
    connection: Connection, *, before: int | None, limit: int
) -> list[dict[str, Any]]:
    """Return at most `limit` records of destruction of the scope, newest first."""
    return await fetch_all(connection, _DESTRUCTIONS, {"before": before, "limit": limit})


async def org_of(connection: Connection, subject_id: str) -> str | None:
    """Return whose file a person's is, None outside the scope."""
    row = await fetch_one(connection, "SELECT org_id FROM subject WHERE id = %s", (subject_id,))
    return row["org_id"] if row else None


async def add_hold(connection: Connection, row: Mapping[str, Any]) -> None:
    """Write a hold."""
    await connection.execute(
        "INSERT INTO legal_hold (id, org_id, subject_id, reason, until, placed_by, placed_at)"
        " VALUES (%(id)s, %(org)s, %(subject)s, %(reason)s, %(until)s, %(by)s, %(at)s)",
        row,
    )


async def hold(
    connection: Connection, hold_id: str, now: datetime, *, lock: bool = False
) -> dict[str, Any] | None:
    """Return a hold of the scope; locked until the transaction ends when asked."""
    query = f"{_HOLD} WHERE h.id = %(id)s{' FOR UPDATE' if lock else ''}"
    return await fetch_one(connection, query, {"id": hold_id, "now": now})


async def holds(
    connection: Connection,
    *,
    subject: str | None,
    now: datetime,
    before: tuple[datetime, str] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return at most `limit` holds of the scope, newest first."""
    before_at, before_id = before or (None, None)
    values = {"subject": subject, "now": now, "before_at": before_at, "before_id": before_id}
    return await fetch_all(connection, _PAGE, values | {"limit": limit})


async def ask_lifting(connection: Connection, row: Mapping[str, Any]) -> None:
    """Write who asks for a lifting, and why; all None takes it back."""
    await connection.execute(
        "UPDATE legal_hold SET lift_reason = %(reason)s, lift_asked_by = %(by)s,"
        " lift_asked_at = %(at)s, version = version + 1 WHERE id = %(id)s",
        row,
    )


async def lift(connection: Connection, hold_id: str, by: str, at: datetime) -> None:
    """Lift a hold."""
    await connection.execute(
        "UPDATE legal_hold SET lifted_by = %s, lifted_at = %s, version = version + 1 WHERE id = %s",
        (by, at, hold_id),
    )
