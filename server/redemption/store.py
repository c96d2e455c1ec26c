"""SQL of redemption accounts; a minor and a sealed file have none."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from server.db import Connection, fetch_all, fetch_one

_UNCREDITED: Final = """
  SELECT c.org_id || '/' || c.month AS id, c.org_id, c.month FROM score_close c
  WHERE c.month = %(month)s AND c.org_id || '/' || c.month <> ALL (%(resting)s)
    AND NOT EXISTS (SELECT FROM redemption_round r
      WHERE r.org_id = c.org_id AND r.month = c.month)
  ORDER BY c.org_id LIMIT %(most)s"""

# Beijing has been eight hours ahead since 1991.
_NETS: Final = """
  SELECT e.subject_id, e.dimension, e.account,
    (date_part('year', e.effective_at AT TIME ZONE INTERVAL '08:00') * 12
      + date_part('month', e.effective_at AT TIME ZONE INTERVAL '08:00') - 1)::int AS month,
    sum(e.points_milli)::bigint AS points
  FROM score_entry e JOIN subject s ON s.id = e.subject_id
  WHERE s.org_id = %(org)s AND NOT s.is_minor AND NOT s.is_sealed AND e.fact_id IS NOT NULL
    AND e.effective_at >= %(since)s AND e.effective_at < %(until)s
  GROUP BY 1, 2, 3, 4 ORDER BY 1"""

_BOOKED: Final = """
  SELECT e.subject_id, e.month, sum(e.points_milli)::bigint AS points
  FROM redemption_entry e JOIN subject s ON s.id = e.subject_id
  WHERE s.org_id = %(org)s AND NOT s.is_sealed AND e.kind IN ('earned', 'corrected')
    AND e.month >= %(since_month)s
  GROUP BY 1, 2"""

_INSERT_ENTRY: Final = """
  INSERT INTO redemption_entry (org_id, subject_id, number, kind, month, redemption_id,
    points_milli, balance_milli, policy_version, author, recorded_at, prev_hash, hash)
  VALUES (%(org_id)s, %(subject_id)s, %(number)s, %(kind)s, %(month)s, %(redemption_id)s,
    %(points_milli)s, %(balance_milli)s, %(policy_version)s, %(author)s, %(recorded_at)s,
    %(prev_hash)s, %(hash)s)"""

_LINES: Final = "SELECT * FROM redemption_entry WHERE subject_id = %s ORDER BY number"
_LAST: Final = _LINES + " DESC LIMIT 1"

_COLUMNS: Final = (
    "r.id, r.org_id AS org, r.subject_id AS subject, r.item, r.zh, r.en, r.cost_milli,"
    " r.policy_version, r.asked_by, r.asked_at, r.state, r.decided_by, r.decided_at, r.note,"
    " r.reversed_by, r.reversed_at, r.reason, r.version"
)
_INSERT: Final = """
  INSERT INTO redemption (id, org_id, subject_id, item, zh, en, cost_milli, policy_version,
    asked_by, asked_at)
  VALUES (%(id)s, %(org_id)s, %(subject_id)s, %(item)s, %(zh)s, %(en)s, %(cost)s,
    %(policy_version)s, %(by)s, %(at)s)"""
_ONE: Final = f"SELECT {_COLUMNS} FROM redemption r WHERE r.id = %s"  # noqa: S608 - a constant
_OF: Final = f"""
  SELECT {_COLUMNS} FROM redemption r WHERE r.subject_id = %s
  ORDER BY r.asked_at DESC, r.id DESC LIMIT 200"""  # noqa: S608 - a constant of this file
_PAGE: Final = f"""
  SELECT {_COLUMNS} FROM redemption r JOIN org o ON o.id = r.org_id
  JOIN org top ON starts_with(o.path, top.path)
  WHERE top.id = %(org)s AND (%(state)s::text IS NULL OR r.state = %(state)s)
    AND (%(before_at)s::timestamptz IS NULL
      OR (r.asked_at, r.id) < (%(before_at)s, %(before_id)s))
  ORDER BY r.asked_at DESC, r.id DESC LIMIT %(limit)s"""  # noqa: S608 - a constant of this file
_DECIDE: Final = """
  UPDATE redemption SET state = %(state)s, decided_by = %(by)s, decided_at = %(at)s,
    note = %(note)s, version = version + 1
  WHERE id = %(id)s"""
_REVERSE: Final = """
  UPDATE redemption SET state = 'reversed', reversed_by = %(by)s, reversed_at = %(at)s,
    reason = %(reason)s, version = version + 1
  WHERE id = %(id)s"""


async def uncredited(
    connection: Connection, month: int, *, resting: Sequence[str], most: int
) -> list[dict[str, Any]]:
    """Return closes of a month that were not credited yet."""
    values = {"month": month, "resting": list(resting), "most": most}
    return await fetch_all(connection, _UNCREDITED, values)


async def nets(
    connection: Connection, org_id: str, since: datetime, until: datetime
) -> list[dict[str, Any]]:
    """Return what the people of an organisation gained or lost, by account and month."""
    return await fetch_all(connection, _NETS, {"org": org_id, "since": since, "until": until})


async def booked(connection: Connection, org_id: str, since_month: int) -> list[dict[str, Any]]:
    """Return what was credited to the people of an organisation, by month."""
    return await fetch_all(connection, _BOOKED, {"org": org_id, "since_month": since_month})


async def begin_round(connection: Connection, org_id: str, month: int, at: datetime) -> bool:
    """Note that a close is credited; False: somebody else did it, or does and was waited for."""
    cursor = await connection.execute(
        "INSERT INTO redemption_round (org_id, month, made_at) VALUES (%s, %s, %s)"
        " ON CONFLICT DO NOTHING",
        (org_id, month, at),
    )
    return cursor.rowcount == 1


async def lock_account(connection: Connection, subject_id: str) -> dict[str, Any] | None:
    """Wait for the account's other writers, until the end; return its last line, if any."""
    name = f"redemption {subject_id}"
    await connection.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", (name,))
    return await fetch_one(connection, _LAST, (subject_id,))


async def append(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Append lines to an account that is locked."""
    for row in rows:
        await connection.execute(_INSERT_ENTRY, row)


async def lines(connection: Connection, subject_id: str) -> list[dict[str, Any]]:
    """Return the lines of an account, the oldest first."""
    return await fetch_all(connection, _LINES, (subject_id,))


async def file_of(connection: Connection, subject_id: str) -> dict[str, Any] | None:
    """Return whose a person's file is; None: nobody's of the scope."""
    query = "SELECT org_id, is_minor, is_sealed FROM subject WHERE id = %s"
    return await fetch_one(connection, query, (subject_id,))


async def insert(connection: Connection, row: Mapping[str, Any]) -> None:
    """Keep what is asked for."""
    await connection.execute(_INSERT, row)


async def redemption(
    connection: Connection, redemption_id: str, *, lock: bool = False
) -> dict[str, Any] | None:
    """Return a redemption of the scope."""
    return await fetch_one(connection, _ONE + (" FOR UPDATE" if lock else ""), (redemption_id,))


async def of_subject(connection: Connection, subject_id: str) -> list[dict[str, Any]]:
    """Return a person's redemptions, the newest first; 200 at most."""
    return await fetch_all(connection, _OF, (subject_id,))


async def page(connection: Connection, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return redemptions of an organisation and those below it, the newest first."""
    return await fetch_all(connection, _PAGE, asked)


async def decide(connection: Connection, values: Mapping[str, Any]) -> None:
    """Write the decision."""
    await connection.execute(_DECIDE, values)


async def reverse(connection: Connection, values: Mapping[str, Any]) -> None:
    """Take a granted one back."""
    await connection.execute(_REVERSE, values)
