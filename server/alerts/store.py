"""SQL of the alert desk; run as guitu_app in a person's scope."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from psycopg.types.json import Jsonb

from server.alerts.lifecycle import State, Verdict
from server.db import Connection, fetch_all, fetch_one

ALERT_COLUMNS: Final = """
  a.id, a.version, a.rule, a.severity, a.category, a.title, a.explanation,
    a.state, a.condition, a.verdict,
    CASE WHEN a.subject_id IS NOT NULL THEN jsonb_build_object('id', a.subject_id,
      'name', coalesce(s.name, a.subject_id)) END AS subject,
    a.device_id AS device,
    CASE WHEN a.fence_id IS NOT NULL THEN jsonb_build_object('id', a.fence_id, 'name', coalesce(
      (SELECT f.name FROM fence f WHERE f.id = a.fence_id ORDER BY f.version DESC LIMIT 1),
      a.fence_id)) END AS fence,
    a.begin_time, a.end_time, a.late, a.raised_at, a.evidence, a.org_id AS org,
    a.due_at, a.level, a.assigned_to, a.shelved_until, a.shelved_from,
    a.group_id, a.held_by, a.held_as, a.device_model, a.fence_kind"""
"""Of an alert `a` as the interface shows it, with its subject `s`."""

_ALERT: Final = f"""
  SELECT {ALERT_COLUMNS}
  FROM alert a LEFT JOIN subject s ON s.id = a.subject_id"""  # noqa: S608 - constants of this file


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


def matching(
    *,
    states: Sequence[State] | None,
    rule: str | None,
    subject: str | None,
    assigned_to: str | None,
) -> dict[str, Any]:
    """Return what a list of alerts is narrowed by, as `page_store.narrowed` takes it."""
    return {
        "states": list(states) if states else None,
        "rule": rule,
        "subject": subject,
        "assigned_to": assigned_to,
    }


async def steps(connection: Connection, alert_id: str) -> list[dict[str, Any]]:
    """Return an alert's steps, oldest first."""
    return await fetch_all(
        connection,
        "SELECT t.step, t.by_login, u.name AS by_name, t.note, t.verdict, t.at, t.body"
        " FROM alert_step t LEFT JOIN app_user u ON u.login = t.by_login"
        " WHERE t.alert_id = %s ORDER BY t.id",
        (alert_id,),
    )


@dataclass(frozen=True, slots=True)
class AlertStep:
    """One line of an alert's history.

    Attributes:
        step: What happened; the schema has the names.
        by_login: Who; None: the engine or a clock of the server.
        body: What else the line must say.
    """

    step: str
    by_login: str | None = None
    note: str | None = None
    verdict: Verdict | None = None
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an alert stands after a move.

    Attributes:
        due_at: When it goes to the next person; None where nobody has to act.
        shelved_until: End of a shelving.
        shelved_from: The state before it.
        taken_by: Who takes it on; None: it stays with whom it was.
    """

    state: State
    due_at: datetime | None
    verdict: Verdict | None = None
    shelved_until: datetime | None = None
    shelved_from: State | None = None
    taken_by: str | None = None


async def move(
    connection: Connection, current: Mapping[str, Any], place: Place, step: AlertStep
) -> None:
    """Move a locked alert, with the step that says who and why."""
    await connection.execute(
        "UPDATE alert SET state = %s, due_at = %s, verdict = %s, shelved_until = %s,"
        " shelved_from = %s, assigned_to = coalesce(%s, assigned_to), version = version + 1"
        " WHERE id = %s",
        (
            *(place.state, place.due_at, place.verdict, place.shelved_until, place.shelved_from),
            *(place.taken_by, current["id"]),
        ),
    )
    await add_step(connection, current, step)


async def add_step(connection: Connection, current: Mapping[str, Any], step: AlertStep) -> None:
    """Write a line into an alert's history; its version does not change."""
    await connection.execute(
        "INSERT INTO alert_step (org_id, alert_id, step, by_login, note, verdict, body)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (
            *(current["org"], current["id"], step.step, step.by_login, step.note, step.verdict),
            Jsonb(dict(step.body)),
        ),
    )


async def hasten(connection: Connection, alert_id: str, due_at: datetime) -> None:
    """Let a locked alert that waits go on to the next person no later than at an instant."""
    await connection.execute(
        "UPDATE alert SET due_at = least(due_at, %(due)s),"
        " escalate_at = least(escalate_at, %(due)s) WHERE id = %(id)s AND due_at IS NOT NULL",
        {"id": alert_id, "due": due_at},
    )


async def restart_clock(connection: Connection, alert_id: str, now: datetime) -> None:
    """Let a locked alert's clock begin anew: somebody has acted; routing sets it."""
    await connection.execute(
        "UPDATE alert SET clock_phase = NULL, due_at = least(due_at, %s)"
        " WHERE id = %s AND due_at IS NOT NULL",
        (now, alert_id),
    )


async def touch(connection: Connection, current: Mapping[str, Any], step: AlertStep) -> None:
    """Write a line into a locked alert's history, as another version of the alert."""
    await connection.execute(
        "UPDATE alert SET version = version + 1 WHERE id = %s", (current["id"],)
    )
    await add_step(connection, current, step)


async def shelf_ended(
    connection: Connection, now: datetime, resting: Sequence[str], *, most: int
) -> list[dict[str, Any]]:
    """Return, locked, alerts whose shelving is over, but those that rest."""
    return await fetch_all(
        connection,
        "SELECT id, org_id AS org FROM alert WHERE state = 'shelved' AND shelved_until <= %s"
        " AND id <> ALL (%s::text[]) ORDER BY shelved_until, id LIMIT %s FOR UPDATE SKIP LOCKED",
        (now, resting, most),
    )
