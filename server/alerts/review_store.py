"""SQL of reviews (复核) of confirmed facts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from server.db import Connection, fetch_all, fetch_one

_COLUMNS: Final = """
  v.id, v.org_id AS org, v.subject_id AS subject, v.fact_id, v.alert_id, v.cause, v.outcome_id,
  v.reason, v.opened_by, v.opened_at, v.state, v.verdict, v.decision, v.decided_by, v.decided_at,
  v.version, v.extended_because, f.confirmed_by"""

_REVIEW: Final = f"""
  SELECT {_COLUMNS} FROM fact_review v JOIN fact f ON f.id = v.fact_id"""  # noqa: S608 - a constant

_PAGE: Final = (
    _REVIEW
    + """
  WHERE (%(state)s::text IS NULL OR v.state = %(state)s)
    AND (%(subject)s::text IS NULL OR v.subject_id = %(subject)s)
    AND (%(before_at)s::timestamptz IS NULL
      OR (v.opened_at, v.id) < (%(before_at)s::timestamptz, %(before_id)s::text))
  ORDER BY v.opened_at DESC, v.id DESC LIMIT %(limit)s"""
)

_OPEN: Final = """
  INSERT INTO fact_review (id, org_id, subject_id, fact_id, alert_id, cause, reason, opened_by,
    opened_at)
  VALUES (%(id)s, %(org_id)s, %(subject_id)s, %(fact_id)s, %(alert_id)s, 'officer', %(reason)s,
    %(opened_by)s, %(opened_at)s)
  ON CONFLICT DO NOTHING"""

_DECIDE: Final = """
  UPDATE fact_review SET state = %(state)s, verdict = %(verdict)s, decision = %(decision)s,
    decided_by = %(by)s, decided_at = %(at)s, settled_at = now(), version = version + 1
  WHERE id = %(id)s"""


_UNTOLD: Final = """
  SELECT v.id, v.org_id AS org, v.alert_id AS alert, f.confirmed_by
  FROM fact_review v JOIN fact f ON f.id = v.fact_id
  WHERE v.state = 'open' AND v.id <> ALL (%s::text[])
    AND NOT EXISTS (SELECT FROM notification n WHERE n.key = 'review_wanted/' || v.id)
  ORDER BY v.opened_at, v.id LIMIT %s FOR UPDATE OF v SKIP LOCKED"""


async def open_review(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Open a review; False when one of the fact is open."""
    return (await connection.execute(_OPEN, row)).rowcount == 1


async def review(
    connection: Connection, review_id: str, *, lock: bool = False
) -> dict[str, Any] | None:
    """Return a review; `lock`: until the transaction ends."""
    query = _REVIEW + " WHERE v.id = %s" + (" FOR UPDATE OF v" if lock else "")
    return await fetch_one(connection, query, (review_id,))


async def decide(connection: Connection, values: Mapping[str, Any]) -> None:
    """Write what a named person decided."""
    await connection.execute(_DECIDE, values)


async def untold(
    connection: Connection, resting: Sequence[str], *, most: int
) -> list[dict[str, Any]]:
    """Return, locked, open reviews that nobody was told of."""
    return await fetch_all(connection, _UNTOLD, (resting, most))


async def reversed_of(connection: Connection, alert_id: str) -> int:
    """Return how many facts of an alert were reversed."""
    row = await fetch_one(
        connection,
        "SELECT count(*) AS n FROM fact_review WHERE alert_id = %s AND state = 'reversed'",
        (alert_id,),
    )
    return row["n"] if row else 0


async def page(
    connection: Connection,
    *,
    state: str | None,
    subject: str | None,
    before: tuple[datetime, str] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return at most `limit` reviews of the scope, newest first."""
    before_at, before_id = before or (None, None)
    values = {"state": state, "subject": subject, "before_at": before_at, "before_id": before_id}
    return await fetch_all(connection, _PAGE, values | {"limit": limit})
