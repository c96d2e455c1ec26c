"""SQL of leave; run as guitu_app in a person's scope."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from psycopg.types.json import Jsonb

from server.db import Connection, fetch_all, fetch_one

_COLUMNS: Final = (
    "a.id, a.version, a.org_id AS org, a.subject_id AS subject, a.ground, a.reason, a.proof,"
    " a.destination, a.route, a.place, a.from_time, a.to_time, a.days, a.urgent_reason, a.tier,"
    " a.applied_by, a.applied_at, a.state, a.verified_by, a.verified_at, a.opinion, a.decided_by,"
    " a.decided_at, a.decision_reason, a.returned_time"
)
_INSERT: Final = """
  INSERT INTO leave_application (id, org_id, subject_id, ground, reason, proof, destination, route,
    place, from_time, to_time, days, urgent_reason, tier, applied_by, applied_at)
  VALUES (%(id)s, %(org)s, %(subject)s, %(ground)s, %(reason)s, %(proof)s, %(destination)s,
    %(route)s, %(place)s, %(from_time)s, %(to_time)s, %(days)s, %(urgent_reason)s, %(tier)s,
    %(by)s, %(now)s)"""

_PAGE: Final = f"""
  SELECT {_COLUMNS} FROM leave_application a
  WHERE (%(subject)s::text IS NULL OR a.subject_id = %(subject)s)
    AND (%(state)s::text IS NULL OR a.state = %(state)s)
    AND (%(after_at)s::timestamptz IS NULL
      OR (a.applied_at, a.id) < (%(after_at)s, %(after_id)s))
  ORDER BY a.applied_at DESC, a.id DESC LIMIT %(limit)s"""  # noqa: S608 - constants of this file

_DECIDE: Final = """
  UPDATE leave_application SET state = %(state)s, tier = %(tier)s, decided_by = %(by)s,
    decided_at = %(now)s, decision_reason = %(reason)s, version = version + 1 WHERE id = %(id)s"""

_INSERT_FENCE: Final = """
  INSERT INTO fence (id, version, org_id, name, use, datum, source_datum, geometry, radius_m,
    valid_from, valid_to)
  VALUES (%(fence)s, 1, %(org)s, %(name)s, 'leave', 'WGS84', 'WGS84', %(geometry)s, %(radius_m)s,
    %(from)s, %(to)s)"""

_INSERT_LEAVE: Final = """
  INSERT INTO leave (id, org_id, subject_id, kind, fence_id, approved_by, approved_at, valid_from,
    valid_to)
  VALUES (%(id)s, %(org)s, %(subject)s, 'leave', %(fence)s, %(by)s, %(now)s, %(from)s, %(to)s)"""

_APPROVED: Final = """
  SELECT l.valid_from, l.valid_to FROM leave l WHERE l.subject_id = %s AND l.kind = 'leave'
    AND l.valid_to > %s AND l.valid_to > l.valid_from + interval '1 second'
    AND NOT EXISTS (SELECT FROM permission_application p
      WHERE p.subject_id = l.subject_id AND starts_with(l.id, p.id))
  ORDER BY l.valid_from LIMIT 1000"""

# Times of a permit that a leave now covers: two leaves of one person do not overlap.
_GIVE_WAY: Final = """
  UPDATE leave l SET valid_to = greatest(%(begin)s, l.valid_from + interval '1 microsecond')
  FROM permission_application p
  WHERE p.subject_id = l.subject_id AND starts_with(l.id, p.id) AND l.subject_id = %(subject)s
    AND l.valid_from < %(end)s AND %(begin)s < l.valid_to"""

# What an approval comes too late for: an excuse to whoever works on these alerts, no other past.
_EXCUSED: Final = """
  SELECT id FROM alert WHERE subject_id = %s AND rule IN ('inclusion', 'leave_overdue')
    AND begin_time >= %s AND begin_time < %s AND state NOT IN ('resolved', 'superseded')
    ORDER BY begin_time LIMIT 50"""


async def insert(connection: Connection, row: Mapping[str, Any]) -> None:
    """Write an application."""
    place = None if row["place"] is None else Jsonb(row["place"])
    await connection.execute(_INSERT, {**row, "proof": Jsonb(row["proof"]), "place": place})


async def leave(
    connection: Connection, leave_id: str, *, lock: bool = False
) -> dict[str, Any] | None:
    """Return an application."""
    query = f"SELECT {_COLUMNS} FROM leave_application a WHERE a.id = %s"  # noqa: S608
    return await fetch_one(connection, query + (" FOR UPDATE" if lock else ""), (leave_id,))


async def page(
    connection: Connection,
    *,
    subject: str | None,
    state: str | None,
    after: tuple[datetime, str] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return at most `limit` applications, newest first."""
    after_at, after_id = after or (None, None)
    values = {"subject": subject, "state": state, "after_at": after_at, "after_id": after_id}
    return await fetch_all(connection, _PAGE, values | {"limit": limit})


async def approved(
    connection: Connection, subject_id: str, *, since: datetime
) -> list[tuple[datetime, datetime]]:
    """Return a person's approved leave that ends after an instant, by begin.

    Times of a permit for frequent movement are not among them.
    """
    rows = await fetch_all(
        connection,
        _APPROVED,
        (subject_id, since),
    )
    return [(row["valid_from"], row["valid_to"]) for row in rows]


async def verify(
    connection: Connection, leave_id: str, *, by: str, at: datetime, opinion: str
) -> None:
    """Write the office's opinion."""
    await connection.execute(
        "UPDATE leave_application SET state = 'verified', verified_by = %s, verified_at = %s,"
        " opinion = %s, version = version + 1 WHERE id = %s",
        (by, at, opinion, leave_id),
    )


async def decide(connection: Connection, values: Mapping[str, Any]) -> None:
    """Write what became of an application."""
    await connection.execute(_DECIDE, values)


async def mark_returned(connection: Connection, leave_id: str, returned: datetime) -> None:
    """Write that the person is back."""
    await connection.execute(
        "UPDATE leave_application SET state = 'returned', returned_time = %s,"
        " version = version + 1 WHERE id = %s",
        (returned, leave_id),
    )


async def overlay(connection: Connection, values: Mapping[str, Any]) -> None:
    """Put an approved leave into the directory, with its destination where one is drawn."""
    if values["place"] is not None:
        place = values["place"]
        point = [place["longitude_deg"], place["latitude_deg"]]
        geometry = Jsonb({"type": "Point", "coordinates": point})
        drawn = {**values, "geometry": geometry, "radius_m": place["radius_m"]}
        await connection.execute(_INSERT_FENCE, drawn)
        await connection.execute(
            "INSERT INTO fence_assignment (org_id, fence_id, version, subject_id)"
            " VALUES (%(org)s, %(fence)s, 1, %(subject)s)",
            values,
        )
    await connection.execute(_INSERT_LEAVE, values)


async def end_overlay(connection: Connection, leave_id: str, at: datetime) -> bool:
    """End an approved leave at an instant where it went on longer; return whether it did."""
    row = await fetch_one(
        connection,
        "UPDATE leave SET valid_to = greatest(%s, valid_from + interval '1 microsecond')"
        " WHERE id = %s AND valid_to > %s RETURNING id",
        (at, leave_id, at),
    )
    return row is not None


async def excused(
    connection: Connection, subject_id: str, begin: datetime, end: datetime
) -> list[str]:
    """Return the open alerts on leaving the area of [begin, end)."""
    return [row["id"] for row in await fetch_all(connection, _EXCUSED, (subject_id, begin, end))]


async def give_way(connection: Connection, subject_id: str, begin: datetime, end: datetime) -> None:
    """End the times of a person's permits where a leave covers them."""
    values = {"subject": subject_id, "begin": begin, "end": end}
    await connection.execute(_GIVE_WAY, values)


async def org_name(connection: Connection, org_id: str) -> str:
    """Return what an organisation of the scope is called."""
    row = await fetch_one(connection, "SELECT name_zh FROM org WHERE id = %s", (org_id,))
    return str(row["name_zh"]) if row else org_id
