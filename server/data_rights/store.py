"""SQL of requests about the own data."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from server.db import Connection, fetch_all, fetch_one

_REQUEST: Final = (
    "SELECT r.id, r.org_id AS org, r.subject_id AS subject, r.kind, r.words, r.filed_by,"
    " r.filed_at, r.on_behalf, r.state, r.answer, r.answered_by, r.answered_at,"
    " r.document_id AS document, r.version, (SELECT max(d.due_at) FROM deadline d"
    " WHERE d.ref_kind = 'data_request' AND d.ref_id = r.id) AS due_at FROM data_request r"
)
_PAGE: Final = f"""
  {_REQUEST} WHERE (%(subject)s::text IS NULL OR r.subject_id = %(subject)s)
    AND (%(state)s::text IS NULL OR r.state = %(state)s)
    AND (%(before_at)s::timestamptz IS NULL OR (r.filed_at, r.id) < (%(before_at)s, %(before_id)s))
  ORDER BY r.filed_at DESC, r.id DESC LIMIT %(limit)s"""


async def insert(connection: Connection, row: Mapping[str, Any]) -> None:
    """Write a request."""
    await connection.execute(
        "INSERT INTO data_request (id, org_id, subject_id, kind, words, filed_by, filed_at,"
        " on_behalf) VALUES (%(id)s, %(org)s, %(subject)s, %(kind)s, %(words)s, %(by)s, %(at)s,"
        " %(on_behalf)s)",
        row,
    )


async def request(
    connection: Connection, request_id: str, *, lock: bool = False
) -> dict[str, Any] | None:
    """Return a request of the scope; locked until the transaction ends when asked."""
    suffix = " FOR UPDATE OF r" if lock else ""
    return await fetch_one(connection, f"{_REQUEST} WHERE r.id = %s{suffix}", (request_id,))


async def page(
    connection: Connection,
    *,
    subject: str | None,
    state: str | None,
    before: tuple[datetime, str] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return at most `limit` requests of the scope, newest first."""
    before_at, before_id = before or (None, None)
    values = {"subject": subject, "state": state, "before_at": before_at, "before_id": before_id}
    return await fetch_all(connection, _PAGE, values | {"limit": limit})


async def open_count(connection: Connection, subject_id: str) -> int:
    """Return how many requests of a person wait."""
    row = await fetch_one(
        connection,
        "SELECT count(*)::int AS count FROM data_request WHERE subject_id = %s AND state = 'open'",
        (subject_id,),
    )
    return int(row["count"]) if row else 0


async def answer(connection: Connection, row: Mapping[str, Any]) -> None:
    """Write the answer."""
    await connection.execute(
        "UPDATE data_request SET state = %(outcome)s, answer = %(answer)s, answered_by = %(by)s,"
        " answered_at = %(at)s, document_id = %(document)s, version = version + 1"
        " WHERE id = %(id)s",
        row,
    )
