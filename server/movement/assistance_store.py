"""SQL of requests for help; the row is seen by who asks and by who is asked."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from server.db import Connection, fetch_all, fetch_one

_COLUMNS: Final = (
    "r.id, r.version, r.org_id AS org, r.to_org, r.subject_id AS subject, r.person_name,"
    " r.leave_id AS leave, r.destination, r.from_time, r.to_time, r.request, r.asked_by,"
    " r.asked_at, r.state, r.answered_by, r.answered_at, r.answer, r.arrived_time, r.departed_time"
)
_INSERT: Final = """
  INSERT INTO leave_assistance (id, org_id, to_org, subject_id, leave_id, person_name, destination,
    from_time, to_time, request, asked_by, asked_at)
  SELECT %(id)s, %(org)s, %(to_org)s, s.id, a.id, s.name, a.destination, a.from_time, a.to_time,
    %(request)s, %(by)s, %(now)s
  FROM leave_application a JOIN subject s ON s.id = a.subject_id WHERE a.id = %(leave)s"""

_PAGE: Final = f"""
  SELECT {_COLUMNS} FROM leave_assistance r
  WHERE (%(after_at)s::timestamptz IS NULL OR (r.asked_at, r.id) < (%(after_at)s, %(after_id)s))
  ORDER BY r.asked_at DESC, r.id DESC LIMIT %(limit)s"""  # noqa: S608 - constants of this file


async def insert(connection: Connection, values: Mapping[str, Any]) -> None:
    """Write a request."""
    await connection.execute(_INSERT, values)


async def request(connection: Connection, request_id: str) -> dict[str, Any] | None:
    """Return a request from or to the scope."""
    query = f"SELECT {_COLUMNS} FROM leave_assistance r WHERE r.id = %s"  # noqa: S608
    return await fetch_one(connection, query, (request_id,))


async def received(connection: Connection, request_id: str) -> dict[str, Any] | None:
    """Return a request to the scope, locked."""
    query = (
        f"SELECT {_COLUMNS} FROM leave_assistance r WHERE r.id = %s"  # noqa: S608
        " AND r.to_org = ANY ((SELECT scope_orgs())::text[]) FOR UPDATE"
    )
    return await fetch_one(connection, query, (request_id,))


async def page(
    connection: Connection, *, after: tuple[datetime, str] | None, limit: int
) -> list[dict[str, Any]]:
    """Return at most `limit` requests, newest first."""
    after_at, after_id = after or (None, None)
    values = {"after_at": after_at, "after_id": after_id, "limit": limit}
    return await fetch_all(connection, _PAGE, values)


async def answer(connection: Connection, values: Mapping[str, Any]) -> None:
    """Write the answer."""
    await connection.execute(
        "UPDATE leave_assistance SET state = %(state)s, answered_by = %(by)s,"
        " answered_at = %(now)s, answer = %(answer)s, version = version + 1 WHERE id = %(id)s",
        values,
    )


async def sight(connection: Connection, request_id: str, kind: str, at: datetime) -> None:
    """Write when the person arrived or departed."""
    arrived, departed = (at, None) if kind == "arrival" else (None, at)
    await connection.execute(
        "UPDATE leave_assistance SET arrived_time = coalesce(%s, arrived_time),"
        " departed_time = coalesce(%s, departed_time), version = version + 1 WHERE id = %s",
        (arrived, departed, request_id),
    )
