"""SQL of verifications (核实): who is to find out about an alert, by when, and what was found."""

from collections.abc import Mapping
from typing import Any, Final

from server.alerts.lifecycle import Verified
from server.db import Connection, fetch_all, fetch_one

# What was found before an alert was opened again says nothing of what opened it. By the numbers of
# the lines, which are written under the alert's lock: clocks of two machines may differ.
_DONE: Final = """
  SELECT t.by_login AS by, t.body ->> 'means' AS means, t.body ->> 'outcome' AS finding,
    coalesce((t.body ->> 'proven')::boolean, false) AS is_proven
  FROM alert_step t
  WHERE t.alert_id = %(alert)s AND t.step = 'verified' AND t.id > coalesce((
    SELECT max(o.id) FROM alert_step o
    WHERE o.alert_id = %(alert)s AND o.step = 'reopened'), 0)
  ORDER BY t.id"""

_VERIFICATION: Final = """
  SELECT v.id, v.org_id AS org, v.alert_id, v.means, v.assigned_to, v.asked_by, v.asked_at,
    v.due_at, v.state, v.outcome, v.happened_time, v.report, v.done_by, v.done_at, v.version
  FROM alert_verification v"""

_INSERT: Final = """
  INSERT INTO alert_verification (id, org_id, alert_id, means, assigned_to, asked_by, asked_at,
    due_at)
  VALUES (%(id)s, %(org_id)s, %(alert_id)s, %(means)s, %(assigned_to)s, %(asked_by)s, %(asked_at)s,
    %(due_at)s)"""

_FINISH: Final = """
  UPDATE alert_verification SET state = 'done', means = %(means)s, outcome = %(outcome)s,
    happened_time = %(happened_time)s, report = %(report)s, done_by = %(by)s, done_at = %(at)s,
    version = version + 1
  WHERE id = %(id)s"""


async def done(connection: Connection, alert_id: str) -> tuple[Verified, ...]:
    """Return what was verified of an alert since it was opened last, oldest first."""
    rows = await fetch_all(connection, _DONE, {"alert": alert_id})
    return tuple(Verified(**row) for row in rows)


async def insert(connection: Connection, row: Mapping[str, Any]) -> None:
    """Enter a verification that is asked for."""
    await connection.execute(_INSERT, row)


async def verification(
    connection: Connection, verification_id: str, *, lock: bool = False
) -> dict[str, Any] | None:
    """Return a verification; `lock`: until the transaction ends."""
    query = _VERIFICATION + " WHERE v.id = %s" + (" FOR UPDATE" if lock else "")
    return await fetch_one(connection, query, (verification_id,))


async def of_alert(connection: Connection, alert_id: str, most: int) -> list[dict[str, Any]]:
    """Return an alert's verifications, the newest first."""
    query = _VERIFICATION + " WHERE v.alert_id = %s ORDER BY v.asked_at DESC, v.id LIMIT %s"
    return await fetch_all(connection, query, (alert_id, most))


async def finish(connection: Connection, values: Mapping[str, Any]) -> None:
    """Write what was found."""
    await connection.execute(_FINISH, values)


async def handles_alerts(connection: Connection, login: str) -> bool:
    """Return whether somebody of the scope handles alerts under this login."""
    row = await fetch_one(
        connection,
        "SELECT FROM app_user WHERE login = %s AND NOT disabled"
        " AND role IN ('officer', 'supervisor')",
        (login,),
    )
    return row is not None
