"""SQL of activities and who attended."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from server.db import Connection, fetch_all, fetch_one

_COLUMNS: Final = (
    "a.id, a.org_id AS org, a.kind, a.title, a.place, a.begins_at, a.ends_at, a.for_minors,"
    " a.state, a.planned_by, a.planned_at, a.ended_by, a.ended_at, a.version"
)

_INSERT: Final = """
  INSERT INTO activity (id, org_id, kind, title, place, begins_at, ends_at, for_minors, planned_by,
    planned_at)
  VALUES (%(id)s, %(org_id)s, %(kind)s, %(title)s, %(place)s, %(begins_at)s, %(ends_at)s,
    %(for_minors)s, %(planned_by)s, %(planned_at)s)"""

_ADD: Final = """
  INSERT INTO attendance (activity_id, subject_id, org_id, strength)
  VALUES (%(activity_id)s, %(subject_id)s, %(org_id)s, %(strength)s)"""

_PAGE: Final = f"""
  SELECT {_COLUMNS} FROM activity a
  WHERE (%(kind)s::text IS NULL OR a.kind = %(kind)s)
    AND (%(before_at)s::timestamptz IS NULL
      OR (a.begins_at, a.id) < (%(before_at)s::timestamptz, %(before_id)s::text))
  ORDER BY a.begins_at DESC, a.id DESC LIMIT %(limit)s"""  # noqa: S608 - a constant of this file


async def insert(connection: Connection, row: Mapping[str, Any]) -> None:
    """Plan an activity."""
    await connection.execute(_INSERT, row)


async def add(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put persons on its list."""
    async with connection.cursor() as cursor:
        await cursor.executemany(_ADD, rows)


async def activity(
    connection: Connection, activity_id: str, *, lock: bool = False
) -> dict[str, Any] | None:
    """Return an activity; `lock`: until the transaction ends."""
    query = f"SELECT {_COLUMNS} FROM activity a WHERE a.id = %s"  # noqa: S608 - a constant
    return await fetch_one(connection, query + (" FOR UPDATE" if lock else ""), (activity_id,))


async def attendance(connection: Connection, activity_id: str) -> list[dict[str, Any]]:
    """Return who is on its list, as far as the scope sees them."""
    return await fetch_all(
        connection,
        "SELECT subject_id AS subject, strength, outcome, minutes, note FROM attendance"
        " WHERE activity_id = %s ORDER BY subject_id",
        (activity_id,),
    )


async def write_attendance(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Write how one person took part; return whether the person is on the list."""
    cursor = await connection.execute(
        "UPDATE attendance SET outcome = %(outcome)s, minutes = %(minutes)s, note = %(note)s"
        " WHERE activity_id = %(activity_id)s AND subject_id = %(subject_id)s"
        " AND outcome = 'planned'",
        row,
    )
    return cursor.rowcount == 1


async def end(
    connection: Connection, activity_id: str, state: str, *, by: str, now: datetime
) -> None:
    """Write that it was held or cancelled."""
    await connection.execute(
        "UPDATE activity SET state = %s, ended_by = %s, ended_at = %s, version = version + 1"
        " WHERE id = %s",
        (state, by, now, activity_id),
    )


async def page(
    connection: Connection,
    *,
    kind: str | None,
    before: tuple[datetime, str] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return at most `limit` activities of the scope, the latest first."""
    before_at, before_id = before or (None, None)
    values: dict[str, Any] = {"kind": kind, "before_at": before_at, "before_id": before_id}
    return await fetch_all(connection, _PAGE, values | {"limit": limit})
