"""SQL of the impact-assessment register."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from server.db import Connection, fetch_all, fetch_one

_ONE: Final = (
    "SELECT i.id, i.org_id AS org, i.activity, i.article, i.purpose, i.risk, i.risk_level,"
    " i.measures, i.made_by, i.made_at, i.valid_until, i.state, i.reviewed_by, i.reviewed_at,"
    " i.review_note, i.version, i.state = 'approved' AND i.valid_until < %(today)s::date AS lapsed"
    " FROM impact_assessment i"
)
_PAGE: Final = f"""
  {_ONE} WHERE (%(state)s::text IS NULL OR i.state = %(state)s)
    AND (%(before_at)s::timestamptz IS NULL OR (i.made_at, i.id) < (%(before_at)s, %(before_id)s))
  ORDER BY i.made_at DESC, i.id DESC LIMIT %(limit)s"""


async def insert(connection: Connection, row: Mapping[str, Any]) -> None:
    """Write an assessment."""
    await connection.execute(
        "INSERT INTO impact_assessment (id, org_id, activity, article, purpose, risk, risk_level,"
        " measures, made_by, made_at, valid_until) VALUES (%(id)s, %(org)s, %(activity)s,"
        " %(article)s, %(purpose)s, %(risk)s, %(risk_level)s, %(measures)s, %(by)s, %(at)s,"
        " %(valid_until)s)",
        row,
    )


async def one(
    connection: Connection, impact_id: str, today: date, *, lock: bool = False
) -> dict[str, Any] | None:
    """Return an assessment of the scope; locked until the transaction ends when asked."""
    query = f"{_ONE} WHERE i.id = %(id)s{' FOR UPDATE' if lock else ''}"
    return await fetch_one(connection, query, {"id": impact_id, "today": today})


async def page(
    connection: Connection,
    *,
    state: str | None,
    today: date,
    before: tuple[datetime, str] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return at most `limit` assessments of the scope, newest first."""
    before_at, before_id = before or (None, None)
    values = {"state": state, "today": today, "before_at": before_at, "before_id": before_id}
    return await fetch_all(connection, _PAGE, values | {"limit": limit})


async def replace(connection: Connection, org_id: str, activity: str) -> list[str]:
    """Let what stands for an activity be replaced; return its id, if there is one."""
    rows = await fetch_all(
        connection,
        "UPDATE impact_assessment SET state = 'replaced', version = version + 1"
        " WHERE org_id = %s AND activity = %s AND state = 'approved' RETURNING id",
        (org_id, activity),
    )
    return [row["id"] for row in rows]


async def review(connection: Connection, row: Mapping[str, Any]) -> None:
    """Write a review."""
    await connection.execute(
        "UPDATE impact_assessment SET state = %(state)s, reviewed_by = %(by)s,"
        " reviewed_at = %(at)s, review_note = %(note)s, version = version + 1 WHERE id = %(id)s",
        row,
    )
