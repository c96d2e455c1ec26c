"""SQL of the rota."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from psycopg.types.json import Jsonb

from server.db import Connection, fetch_all, fetch_one
from server.rota.on_duty import Absence, Shift

MOST_ROWS: Final = 2000
"""Most shifts and most absences of one answer: two months of a big office's rota."""
_MOST_OPEN: Final = 500

_SHIFT: Final = """
  SELECT s.id, s.version, s.org_id AS org, s.login, u.name, s.post, s.begins_at, s.ends_at,
    s.entered_by, s.entered_at, s.cancelled_by, s.cancelled_at
  FROM duty_shift s LEFT JOIN app_user u ON u.login = s.login"""

_INSERT_SHIFT: Final = """
  INSERT INTO duty_shift (id, org_id, login, post, begins_at, ends_at, entered_by, entered_at)
  VALUES (%(id)s, %(org)s, %(login)s, %(post)s, %(begins_at)s, %(ends_at)s, %(by)s, %(at)s)"""

_ABSENCE: Final = """
  SELECT a.id, a.version, a.org_id AS org, a.login, u.name, a.kind, a.begins_at, a.ends_at,
    a.substitute, a.entered_by, a.entered_at, a.ended_by, a.ended_at
  FROM duty_absence a LEFT JOIN app_user u ON u.login = a.login"""

_INSERT_ABSENCE: Final = """
  INSERT INTO duty_absence (id, org_id, login, kind, begins_at, ends_at, substitute, entered_by,
    entered_at)
  VALUES (%(id)s, %(org)s, %(login)s, %(kind)s, %(begins_at)s, %(ends_at)s, %(substitute)s, %(by)s,
    %(at)s)"""

_HANDOVER: Final = """
  SELECT id, version, org_id AS org, shift_id AS shift, note, open_alerts, written_by, written_at,
    signed_by, signed_at, remark
  FROM duty_handover"""

_PAGE_HANDOVERS: Final = (
    _HANDOVER
    + """
  WHERE (%(org)s::text IS NULL OR org_id = %(org)s) AND (%(before_at)s::timestamptz IS NULL
    OR (written_at, id) < (%(before_at)s::timestamptz, %(before_id)s::text))
  ORDER BY written_at DESC, id DESC LIMIT %(limit)s"""
)

# The critical ones first: the list is bounded, and they must be in it.
_OPEN_ALERTS: Final = """
  SELECT id, rule, severity, state, assigned_to FROM alert
  WHERE org_id = %s AND due_at IS NOT NULL
  ORDER BY array_position(ARRAY['critical', 'major', 'minor'], severity), raised_at, id LIMIT %s"""

# What may change who is on duty from an instant on.
_SHIFTS_FROM: Final = """
  SELECT id, org_id, login, post, begins_at, least(ends_at, cancelled_at) AS ends_at
  FROM duty_shift WHERE org_id = ANY (%s) AND ends_at > %s AND begins_at <= %s
    AND (cancelled_at IS NULL OR cancelled_at > %s) ORDER BY begins_at, id"""

_ABSENCES_FROM: Final = """
  SELECT login, begins_at, least(ends_at, ended_at) AS ends_at, substitute FROM duty_absence
  WHERE ends_at > %s AND (ended_at IS NULL OR ended_at > %s) AND begins_at < coalesce(
    ended_at, 'infinity') ORDER BY begins_at, id"""


async def insert_shifts(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Enter shifts.

    Raises:
        psycopg.errors.ExclusionViolation: Somebody stands elsewhere at that time.
    """
    async with connection.cursor() as cursor:
        await cursor.executemany(_INSERT_SHIFT, rows)


async def shift(
    connection: Connection, shift_id: str, *, lock: bool = False
) -> dict[str, Any] | None:
    """Return a shift; `lock`: until the transaction ends."""
    query = _SHIFT + " WHERE s.id = %s" + (" FOR UPDATE OF s" if lock else "")
    return await fetch_one(connection, query, (shift_id,))


async def shifts(connection: Connection, ids: Sequence[str]) -> list[dict[str, Any]]:
    """Return these shifts, the earliest first."""
    query = _SHIFT + " WHERE s.id = ANY (%s) ORDER BY s.begins_at, s.id"
    return await fetch_all(connection, query, (list(ids),))


async def shifts_between(
    connection: Connection, org: str, begin: datetime, end: datetime
) -> list[dict[str, Any]]:
    """Return an organisation's shifts that touch a time, one more than the bound at most."""
    query = _SHIFT + (
        " WHERE s.org_id = %s AND s.ends_at > %s AND s.begins_at < %s"
        " ORDER BY s.begins_at, s.id LIMIT %s"
    )
    return await fetch_all(connection, query, (org, begin, end, MOST_ROWS + 1))


async def cancel_shift(connection: Connection, shift_id: str, *, by: str, at: datetime) -> None:
    """Cut a shift short, or cancel it before it began."""
    await connection.execute(
        "UPDATE duty_shift SET cancelled_by = %s, cancelled_at = %s, version = version + 1"
        " WHERE id = %s",
        (by, at, shift_id),
    )


async def insert_absence(connection: Connection, row: Mapping[str, Any]) -> None:
    """Enter an absence."""
    await connection.execute(_INSERT_ABSENCE, row)


async def absence(
    connection: Connection, absence_id: str, *, lock: bool = False
) -> dict[str, Any] | None:
    """Return an absence; `lock`: until the transaction ends."""
    query = _ABSENCE + " WHERE a.id = %s" + (" FOR UPDATE OF a" if lock else "")
    return await fetch_one(connection, query, (absence_id,))


async def absences_between(
    connection: Connection, org: str, begin: datetime, end: datetime
) -> list[dict[str, Any]]:
    """Return absences of an organisation's people that touch a time, bounded as shifts are."""
    query = _ABSENCE + (
        " WHERE a.org_id = %s AND a.ends_at > %s AND a.begins_at < %s"
        " ORDER BY a.begins_at, a.id LIMIT %s"
    )
    return await fetch_all(connection, query, (org, begin, end, MOST_ROWS + 1))


async def end_absence(connection: Connection, absence_id: str, *, by: str, at: datetime) -> None:
    """Note that somebody is back."""
    await connection.execute(
        "UPDATE duty_absence SET ended_by = %s, ended_at = %s, version = version + 1 WHERE id = %s",
        (by, at, absence_id),
    )


async def shifts_from(connection: Connection, orgs: Iterable[str], at: datetime) -> list[Shift]:
    """Return the shifts of organisations that hold at an instant, in order."""
    rows = await fetch_all(connection, _SHIFTS_FROM, (list(orgs), at, at, at))
    return [Shift(**row) for row in rows]


async def absences_from(connection: Connection, at: datetime) -> list[Absence]:
    """Return the absences of the scope that hold at an instant or begin later."""
    rows = await fetch_all(connection, _ABSENCES_FROM, (at, at))
    return [Absence(**row) for row in rows]


async def member(connection: Connection, login: str) -> dict[str, Any] | None:
    """Return an account of the scope that may be on duty: its org, that one's path, role, state."""
    return await fetch_one(
        connection,
        "SELECT u.login, u.name, u.role, u.disabled, u.org_id AS org, o.path FROM app_user u"
        " JOIN org o ON o.id = u.org_id WHERE u.login = %s",
        (login,),
    )


async def org_path(connection: Connection, org: str) -> str | None:
    """Return the path of an organisation of the scope."""
    row = await fetch_one(connection, "SELECT path FROM org WHERE id = %s", (org,))
    return row["path"] if row else None


async def names_of(connection: Connection, logins: Sequence[str]) -> dict[str, str]:
    """Return the names of people of the scope."""
    rows = await fetch_all(
        connection, "SELECT login, name FROM app_user WHERE login = ANY (%s)", (list(logins),)
    )
    return {row["login"]: row["name"] for row in rows}


async def open_alerts(connection: Connection, org: str) -> list[dict[str, Any]]:
    """Return an organisation's alerts that wait for somebody, the critical first, at most 500."""
    return await fetch_all(connection, _OPEN_ALERTS, (org, _MOST_OPEN))


async def insert_handover(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Write a hand-over note; return whether the shift had none."""
    written = await fetch_one(
        connection,
        "INSERT INTO duty_handover (id, org_id, shift_id, note, open_alerts, written_by,"
        " written_at) VALUES (%(id)s, %(org)s, %(shift)s, %(note)s, %(open_alerts)s, %(by)s,"
        " %(at)s) ON CONFLICT (shift_id) DO NOTHING RETURNING id",
        {**row, "open_alerts": Jsonb(row["open_alerts"])},
    )
    return written is not None


async def handover(
    connection: Connection, handover_id: str, *, lock: bool = False
) -> dict[str, Any] | None:
    """Return a hand-over note; `lock`: until the transaction ends."""
    query = _HANDOVER + " WHERE id = %s" + (" FOR UPDATE" if lock else "")
    return await fetch_one(connection, query, (handover_id,))


async def sign_handover(
    connection: Connection, handover_id: str, *, by: str, at: datetime, remark: str | None
) -> None:
    """Note who took over."""
    await connection.execute(
        "UPDATE duty_handover SET signed_by = %s, signed_at = %s, remark = %s,"
        " version = version + 1 WHERE id = %s",
        (by, at, remark, handover_id),
    )


async def handovers(
    connection: Connection, *, org: str | None, before: tuple[datetime, str] | None, limit: int
) -> list[dict[str, Any]]:
    """Return at most `limit` hand-over notes of the scope, newest first."""
    before_at, before_id = before or (None, None)
    values = {"org": org, "before_at": before_at, "before_id": before_id, "limit": limit}
    return await fetch_all(connection, _PAGE_HANDOVERS, values)
