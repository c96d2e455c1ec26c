"""SQL of permissions, and of what they change in the directory."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from psycopg.types.json import Jsonb

from server.db import Connection, fetch_all, fetch_one

# To the own account an id that an office chose says nothing: it may name the place or the person.
_BODY: Final = """CASE WHEN own_subject() IS NULL THEN p.body
    ELSE p.body || jsonb_strip_nulls(jsonb_build_object(
      'fence', own_ref(p.subject_id, 'area', p.body ->> 'fence'),
      'pair', own_ref(p.subject_id, 'pair', p.body ->> 'pair'))) END AS body"""
_COLUMNS: Final = (
    "p.id, p.version, p.org_id AS org, p.subject_id AS subject, p.kind, p.reason, p.proof,"
    f" {_BODY}, p.from_time, p.to_time, p.applied_by, p.applied_at, p.state, p.decided_by,"
    " p.decided_at, p.decision_reason"
)
_INSERT: Final = """
  INSERT INTO permission_application (id, org_id, subject_id, kind, reason, proof, body, from_time,
    to_time, applied_by, applied_at)
  VALUES (%(id)s, %(org)s, %(subject)s, %(kind)s, %(reason)s, %(proof)s, %(body)s, %(from_time)s,
    %(to_time)s, %(by)s, %(now)s)"""

_PAGE: Final = f"""
  SELECT {_COLUMNS} FROM permission_application p
  WHERE (%(subject)s::text IS NULL OR p.subject_id = %(subject)s)
    AND (%(state)s::text IS NULL OR p.state = %(state)s)
    AND (%(after_at)s::timestamptz IS NULL
      OR (p.applied_at, p.id) < (%(after_at)s, %(after_id)s))
  ORDER BY p.applied_at DESC, p.id DESC LIMIT %(limit)s"""  # noqa: S608 - constants of this file

_LEAVE: Final = """
  INSERT INTO leave (id, org_id, subject_id, kind, approved_by, approved_at, valid_from, valid_to)
  VALUES (%(id)s, %(org)s, %(subject)s, 'leave', %(by)s, %(now)s, %(from)s, %(to)s)"""

_PAIR: Final = """
  SELECT valid_to FROM no_contact WHERE id = %s AND subject_id = %s AND valid_from <= %s
    AND coalesce(valid_to, 'infinity') > %s FOR UPDATE"""

_PAIR_AFTER: Final = """
  INSERT INTO no_contact (id, org_id, subject_id, other_id, distance_m, valid_from, valid_to)
  SELECT %(after)s, n.org_id, n.subject_id, n.other_id, n.distance_m, %(to)s, %(until)s
  FROM no_contact n WHERE n.id = %(pair)s"""


async def insert(connection: Connection, row: Mapping[str, Any]) -> None:
    """Write an application."""
    given = {"proof": Jsonb(row["proof"]), "body": Jsonb(row["body"])}
    await connection.execute(_INSERT, {**row, **given})


async def referred(connection: Connection, ref: str) -> str | None:
    """Return the forbidden area or no-contact entry that the own account refers to."""
    row = await fetch_one(connection, "SELECT own_referred(%s) AS id", (ref,))
    return row["id"] if row else None


async def permission(
    connection: Connection, permission_id: str, *, lock: bool = False
) -> dict[str, Any] | None:
    """Return a permission."""
    query = f"SELECT {_COLUMNS} FROM permission_application p WHERE p.id = %s"  # noqa: S608
    return await fetch_one(connection, query + (" FOR UPDATE" if lock else ""), (permission_id,))


async def page(
    connection: Connection,
    *,
    subject: str | None,
    state: str | None,
    after: tuple[datetime, str] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return at most `limit` permissions, newest first."""
    after_at, after_id = after or (None, None)
    values = {"subject": subject, "state": state, "after_at": after_at, "after_id": after_id}
    return await fetch_all(connection, _PAGE, values | {"limit": limit})


async def decide(connection: Connection, values: Mapping[str, Any]) -> None:
    """Write what became of an application."""
    await connection.execute(
        "UPDATE permission_application SET state = %(state)s, decided_by = %(by)s,"
        " decided_at = %(now)s, decision_reason = %(reason)s, version = version + 1"
        " WHERE id = %(id)s",
        values,
    )


async def insert_permit(
    connection: Connection,
    values: Mapping[str, Any],
    times: Sequence[tuple[datetime, datetime]],
) -> None:
    """Put a permit and each of its times into the directory."""
    await connection.execute(
        "INSERT INTO permit (id, org_id, subject_id, name, valid_to)"
        " VALUES (%(id)s, %(org)s, %(subject)s, %(name)s, %(to)s)",
        values,
    )
    rows = [
        {**values, "id": f"{values['id']}-{number}", "from": begin, "to": end}
        for number, (begin, end) in enumerate(times, start=1)
    ]
    async with connection.cursor() as cursor:
        await cursor.executemany(_LEAVE, rows)


async def all_leave(
    connection: Connection, subject_id: str, since: datetime
) -> list[tuple[datetime, datetime]]:
    """Return every leave of a person that ends after an instant."""
    rows = await fetch_all(
        connection,
        "SELECT valid_from, valid_to FROM leave WHERE subject_id = %s AND kind = 'leave'"
        " AND valid_to > %s ORDER BY valid_from LIMIT 2000",
        (subject_id, since),
    )
    return [(row["valid_from"], row["valid_to"]) for row in rows]


async def lift_pair(
    connection: Connection, pair_id: str, subject_id: str, begin: datetime, end: datetime
) -> bool:
    """Let a no-contact entry rest in [begin, end); return whether it held then."""
    row = await fetch_one(connection, _PAIR, (pair_id, subject_id, begin, begin))
    if row is None:
        return False
    await connection.execute(
        "UPDATE no_contact SET valid_to = greatest(%s, valid_from + interval '1 microsecond')"
        " WHERE id = %s",
        (begin, pair_id),
    )
    if row["valid_to"] is None or row["valid_to"] > end:
        # The entry that goes on has a name of its own: rows stand as they were entered.
        after = f"{pair_id[:20]}-{int(end.timestamp())}"
        values = {"pair": pair_id, "after": after, "to": end, "until": row["valid_to"]}
        await connection.execute(_PAIR_AFTER, values)
    return True
