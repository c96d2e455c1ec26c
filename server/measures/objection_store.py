"""SQL of objections."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from server.db import Connection, fetch_all, fetch_one

_COLUMNS: Final = (
    "o.id, o.org_id AS org, o.subject_id AS subject, o.ref_kind, o.ref_id, o.words, o.filed_by,"
    " o.filed_at, o.state, o.answer, o.answered_by, o.answered_at, o.version"
)

_PAGE: Final = f"""
  SELECT {_COLUMNS} FROM objection o
  WHERE (%(subject)s::text IS NULL OR o.subject_id = %(subject)s)
    AND (%(state)s::text IS NULL OR o.state = %(state)s)
    AND (%(before_at)s::timestamptz IS NULL
      OR (o.filed_at, o.id) < (%(before_at)s::timestamptz, %(before_id)s::text))
  ORDER BY o.filed_at DESC, o.id DESC LIMIT %(limit)s"""  # noqa: S608 - a constant of this file


async def insert(connection: Connection, row: Mapping[str, Any]) -> None:
    """Enter an objection."""
    await connection.execute(
        "INSERT INTO objection (id, org_id, subject_id, ref_kind, ref_id, words, filed_by,"
        " filed_at) VALUES (%(id)s, %(org_id)s, %(subject_id)s, %(ref_kind)s, %(ref_id)s,"
        " %(words)s, %(filed_by)s, %(filed_at)s)",
        row,
    )


async def objection(
    connection: Connection, objection_id: str, *, lock: bool = False
) -> dict[str, Any] | None:
    """Return an objection; `lock`: until the transaction ends."""
    query = f"SELECT {_COLUMNS} FROM objection o WHERE o.id = %s"  # noqa: S608 - a constant
    return await fetch_one(connection, query + (" FOR UPDATE" if lock else ""), (objection_id,))


async def of(connection: Connection, ref_kind: str, ref_id: str) -> list[dict[str, Any]]:
    """Return the objections against a thing, the oldest first."""
    query = (
        f"SELECT {_COLUMNS} FROM objection o WHERE o.ref_kind = %s"  # noqa: S608 - a constant
        " AND o.ref_id = %s ORDER BY o.filed_at, o.id LIMIT 100"
    )
    return await fetch_all(connection, query, (ref_kind, ref_id))


async def answer(connection: Connection, objection_id: str, values: Mapping[str, Any]) -> None:
    """Write the answer."""
    await connection.execute(
        "UPDATE objection SET state = %(state)s, answer = %(answer)s,"
        " answered_by = %(answered_by)s, answered_at = %(answered_at)s, version = version + 1"
        " WHERE id = %(id)s",
        {**values, "id": objection_id},
    )


async def page(
    connection: Connection,
    *,
    subject: str | None,
    state: str | None,
    before: tuple[datetime, str] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return at most `limit` objections of the scope, the newest first."""
    before_at, before_id = before or (None, None)
    values = {"subject": subject, "state": state, "before_at": before_at, "before_id": before_id}
    return await fetch_all(connection, _PAGE, values | {"limit": limit})
