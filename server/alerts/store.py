"""SQL of the alert desk; run as guitu_app in a person's scope."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from server.alerts.lifecycle import State, Verdict
from server.db import Connection, fetch_all, fetch_one

_ALERT: Final = """
  SELECT a.id, a.version, a.rule, a.severity, a.state, a.condition, a.verdict,
    jsonb_build_object('id', a.subject_id, 'name', coalesce(s.name, a.subject_id)) AS subject,
    a.device_id AS device,
    CASE WHEN a.fence_id IS NOT NULL THEN jsonb_build_object('id', a.fence_id, 'name', coalesce(
      (SELECT f.name FROM fence f WHERE f.id = a.fence_id ORDER BY f.version DESC LIMIT 1),
      a.fence_id)) END AS fence,
    a.begin_time, a.end_time, a.late, a.raised_at, a.evidence, a.org_id AS org
  FROM alert a LEFT JOIN subject s ON s.id = a.subject_id"""

_PAGE: Final = (
    _ALERT
    + """
  WHERE (%(states)s::text[] IS NULL OR a.state = ANY (%(states)s))
    AND (%(rule)s::text IS NULL OR a.rule = %(rule)s)
    AND (%(subject)s::text IS NULL OR a.subject_id = %(subject)s)
    AND (%(before_at)s::timestamptz IS NULL
      OR (a.raised_at, a.id) < (%(before_at)s::timestamptz, %(before_id)s::text))
  ORDER BY a.raised_at DESC, a.id DESC LIMIT %(limit)s"""
)


async def alert(connection: Connection, alert_id: str) -> dict[str, Any] | None:
    """Return an alert as the interface shows it."""
    return await fetch_one(connection, _ALERT + " WHERE a.id = %s", (alert_id,))


async def alerts(connection: Connection, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return these alerts by id."""
    rows = await fetch_all(connection, _ALERT + " WHERE a.id = ANY (%s)", (list(ids),))
    return {row["id"]: row for row in rows}


async def lock_alert(connection: Connection, alert_id: str) -> None:
    """Hold an alert until the transaction ends."""
    await connection.execute("SELECT FROM alert WHERE id = %s FOR UPDATE", (alert_id,))


async def page(
    connection: Connection,
    *,
    states: Sequence[State] | None,
    rule: str | None,
    subject: str | None,
    before: tuple[datetime, str] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return at most `limit` alerts, newest first, from after a (raised_at, id) on."""
    before_at, before_id = before or (None, None)
    return await fetch_all(
        connection,
        _PAGE,
        {
            "states": list(states) if states else None,
            "rule": rule,
            "subject": subject,
            "before_at": before_at,
            "before_id": before_id,
            "limit": limit,
        },
    )


async def counts(connection: Connection) -> dict[str, Any]:
    """Return how many alerts wait in the scope."""
    row = await fetch_one(
        connection,
        "SELECT count(*) FILTER (WHERE state = 'open') AS open,"
        " count(*) FILTER (WHERE state = 'acknowledged') AS acknowledged,"
        " count(*) FILTER (WHERE state = 'open' AND severity = 'critical') AS critical_open"
        " FROM alert WHERE state <> 'resolved'",
    )
    return row or {"open": 0, "acknowledged": 0, "critical_open": 0}


async def steps(connection: Connection, alert_id: str) -> list[dict[str, Any]]:
    """Return an alert's steps, oldest first."""
    return await fetch_all(
        connection,
        "SELECT t.step, t.by_login, u.name AS by_name, t.note, t.verdict, t.at"
        " FROM alert_step t LEFT JOIN app_user u ON u.login = t.by_login"
        " WHERE t.alert_id = %s ORDER BY t.id",
        (alert_id,),
    )


async def move(
    connection: Connection,
    current: dict[str, Any],
    *,
    state: State,
    by_login: str,
    note: str | None,
    verdict: Verdict | None,
) -> None:
    """Move a locked alert to a state, with the step that says who and why."""
    await connection.execute(
        "UPDATE alert SET state = %s, verdict = %s, version = version + 1 WHERE id = %s",
        (state, verdict, current["id"]),
    )
    await connection.execute(
        "INSERT INTO alert_step (org_id, alert_id, step, by_login, note, verdict)"
        " VALUES (%s, %s, %s, %s, %s, %s)",
        (current["org"], current["id"], state, by_login, note, verdict),
    )
