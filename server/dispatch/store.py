"""SQL of dispatch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from server.db import Connection, fetch_all, fetch_one
from server.dispatch.lifecycle import LIVE, Event, State

_E7: Final = 1e7

_TASK: Final = """
  SELECT t.id, t.version, t.org_id AS org, t.alert_id AS alert, t.login, t.device_id AS device,
    t.command_id AS command, t.what, t.place_name, t.lon_e7, t.lat_e7, t.sent_by, t.sent_at,
    t.due_at, t.state, t.state_at, t.lapses_at, t.was_on_site, t.finding, t.report, a.severity,
    a.subject_id AS subject
  FROM dispatch_task t JOIN alert a ON a.id = t.alert_id"""

_PAGE: Final = (
    _TASK
    + """
  WHERE (%(login)s::text IS NULL OR t.login = %(login)s)
    AND (%(states)s::text[] IS NULL OR t.state = ANY (%(states)s))
    AND (%(before_at)s::timestamptz IS NULL
      OR (t.sent_at, t.id) < (%(before_at)s::timestamptz, %(before_id)s::text))
  ORDER BY t.sent_at DESC, t.id DESC LIMIT %(limit)s"""
)

_INSERT: Final = """
  INSERT INTO dispatch_task (id, org_id, alert_id, login, device_id, command_id, what, place_name,
    lon_e7, lat_e7, sent_by, sent_at, due_at, state_at, lapses_at)
  VALUES (%(id)s, %(org)s, %(alert)s, %(login)s, %(device)s, %(command)s, %(what)s, %(place_name)s,
    %(lon_e7)s, %(lat_e7)s, %(sent_by)s, %(sent_at)s, %(due_at)s, %(sent_at)s, %(lapses_at)s)"""

_MOVE: Final = """
  UPDATE dispatch_task SET state = %(state)s, state_at = %(at)s, lapses_at = %(lapses_at)s,
    was_on_site = was_on_site OR %(state)s = 'on_site', finding = %(finding)s, report = %(report)s,
    version = version + 1
  WHERE id = %(id)s"""

_STEP: Final = """
  INSERT INTO dispatch_step (org_id, task_id, step, by_login, device_id, gateway_id, note, moved,
    step_time)
  VALUES (%(org)s, %(task)s, %(step)s, %(by_login)s, %(device)s, %(gateway)s, %(note)s, %(moved)s,
    %(time)s) ON CONFLICT DO NOTHING"""

# What may be sent a task: it speaks a protocol that has them, or shows them as a text.
_DEVICES: Final = """
  SELECT DISTINCT ON (b.holder_id) b.holder_id AS login, d.id AS device
  FROM binding b JOIN device d ON d.id = b.device_id
  WHERE b.holder_kind = 'officer' AND b.holder_id = ANY (%(logins)s) AND b.valid_from <= %(now)s
    AND coalesce(b.valid_to, 'infinity') > %(now)s AND d.kind = 'terminal'
  ORDER BY b.holder_id, b.valid_from DESC, d.id"""

_SEEN: Final = """
  SELECT DISTINCT ON (l.holder_id) l.holder_id AS login, l.lon_e7, l.lat_e7, l.accuracy_mm,
    l.fix_time
  FROM latest_positions(-1) l
  WHERE l.holder_kind = 'officer' AND l.holder_id = ANY (%s)
  ORDER BY l.holder_id, l.fix_time DESC"""

# Only while an order is in force: the function sees to it.
_SUBJECT_SEEN: Final = """
  SELECT l.lon_e7, l.lat_e7, l.fix_time FROM latest_positions(-1) l
  WHERE l.holder_kind = 'subject' AND l.holder_id = %s ORDER BY l.fix_time DESC LIMIT 1"""

_LOCK_ALERTS: Final = """
  SELECT FROM alert WHERE id IN (
    SELECT alert_id FROM dispatch_task WHERE command_id = ANY (%s)) ORDER BY id FOR UPDATE"""

# Back to routing's clock: the next look goes one level up, unless somebody else is on the way.
_GIVE_BACK: Final = """
  UPDATE alert SET clock_phase = 'dispatched', escalate_at = %(now)s,
    due_at = least(due_at, %(now)s)
  WHERE id = %(alert)s AND state = 'dispatched' AND NOT EXISTS (
    SELECT FROM dispatch_task t WHERE t.alert_id = %(alert)s AND t.state = ANY (%(live)s))"""

# An alert is held before its tasks, everywhere.
_LAPSED: Final = """
  SELECT t.id, t.alert_id AS alert, t.org_id AS org
  FROM dispatch_task t JOIN alert a ON a.id = t.alert_id
  WHERE t.lapses_at <= %s AND t.id <> ALL (%s::text[])
  ORDER BY t.lapses_at, t.id LIMIT %s FOR UPDATE OF a SKIP LOCKED"""

# Who has arrived (no clock) stays: what was found is still to be reported.
_TO_END: Final = """
  SELECT t.id, t.alert_id AS alert, t.org_id AS org, t.command_id AS command, a.verdict
  FROM dispatch_task t JOIN alert a ON a.id = t.alert_id
  WHERE t.lapses_at IS NOT NULL AND {} AND t.id <> ALL (%s::text[])
  ORDER BY t.sent_at, t.id LIMIT %s FOR UPDATE OF a SKIP LOCKED"""
_OUTLIVING: Final = _TO_END.format("a.state IN ('resolved', 'superseded')")
_CONTRADICTED: Final = _TO_END.format(
    "a.condition = 'superseded' AND a.due_at IS NOT NULL AND NOT EXISTS ("
    "SELECT FROM notification n WHERE n.key = 'alert_superseded/' || t.id)"
)


@dataclass(frozen=True, slots=True)
class Said:
    """Who said it: a person, a device through a gateway, or (none of them) a clock.

    Attributes:
        time: When, as it was said; aware.
        media: Recordings that go with it.
    """

    time: datetime
    by_login: str | None = None
    device: str | None = None
    gateway: str | None = None
    note: str | None = None
    media: tuple[str, ...] = ()


async def task(connection: Connection, task_id: str) -> dict[str, Any] | None:
    """Return a task."""
    return await fetch_one(connection, _TASK + " WHERE t.id = %s", (task_id,))


async def lock_task(connection: Connection, task_id: str) -> dict[str, Any] | None:
    """Return a task, its alert and itself held until the transaction ends; the alert first."""
    found = await task(connection, task_id)
    if found is None:
        return None
    await connection.execute("SELECT FROM alert WHERE id = %s FOR UPDATE", (found["alert"],))
    return await fetch_one(connection, _TASK + " WHERE t.id = %s FOR UPDATE OF t", (task_id,))


async def lock_tasks_of(
    connection: Connection, commands: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """Return the tasks that commands carry, by command; held with their alerts, those first."""
    await connection.execute(_LOCK_ALERTS, (list(commands),))
    query = _TASK + " WHERE t.command_id = ANY (%s) ORDER BY t.id FOR UPDATE OF t"
    rows = await fetch_all(connection, query, (list(commands),))
    return {row["command"]: row for row in rows}


async def tasks_of_alert(connection: Connection, alert_id: str) -> list[dict[str, Any]]:
    """Return an alert's tasks, oldest first."""
    query = _TASK + " WHERE t.alert_id = %s ORDER BY t.sent_at, t.id LIMIT 200"
    return await fetch_all(connection, query, (alert_id,))


async def page(
    connection: Connection,
    *,
    login: str | None,
    states: Sequence[State] | None,
    before: tuple[datetime, str] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return at most `limit` tasks of the scope, newest first, from after a (sent_at, id) on."""
    before_at, before_id = before or (None, None)
    values = {"login": login, "states": list(states) if states else None, "limit": limit}
    return await fetch_all(
        connection, _PAGE, values | {"before_at": before_at, "before_id": before_id}
    )


async def live_tasks(connection: Connection, logins: Sequence[str]) -> dict[str, list[str]]:
    """Return the live tasks of people of the scope, oldest first, by login."""
    rows = await fetch_all(
        connection,
        "SELECT login, array_agg(id ORDER BY sent_at, id) AS ids FROM dispatch_task"
        " WHERE login = ANY (%s) AND state = ANY (%s) GROUP BY login",
        (list(logins), list(LIVE)),
    )
    return {row["login"]: row["ids"] for row in rows}


async def steps(connection: Connection, task_id: str) -> list[dict[str, Any]]:
    """Return what was said of a task, oldest first."""
    return await fetch_all(
        connection,
        "SELECT step, by_login, device_id AS device, gateway_id AS gateway, note, moved, step_time,"
        " at FROM dispatch_step WHERE task_id = %s ORDER BY id LIMIT 500",
        (task_id,),
    )


async def insert(connection: Connection, row: Mapping[str, Any]) -> None:
    """Enter a task with its first step."""
    await connection.execute(_INSERT, row)
    said = Said(row["sent_at"], by_login=row["sent_by"], note=row["note"])
    await add_step(connection, {"org": row["org"], "id": row["id"]}, "sent", said, moved=True)


async def move(
    connection: Connection,
    current: Mapping[str, Any],
    state: State,
    *,
    at: datetime,
    lapses_at: datetime | None,
    finding: str | None = None,
    report: str | None = None,
) -> None:
    """Move a locked task."""
    values = {"id": current["id"], "state": state, "at": at, "lapses_at": lapses_at}
    await connection.execute(_MOVE, values | {"finding": finding, "report": report})


async def name_media(connection: Connection, task_id: str, media: Sequence[str]) -> None:
    """Keep which recordings a terminal's report names, announced or not."""
    await connection.execute(
        "UPDATE dispatch_task SET report_media = %s WHERE id = %s", (list(media), task_id)
    )


async def add_step(
    connection: Connection,
    current: Mapping[str, Any],
    step: Event | State,
    said: Said,
    *,
    moved: bool,
) -> None:
    """Write down what was said of a task."""
    values = {"org": current["org"], "task": current["id"], "step": step, "moved": moved}
    values |= {"by_login": said.by_login, "device": said.device, "gateway": said.gateway}
    await connection.execute(_STEP, values | {"note": said.note, "time": said.time})


async def give_back(connection: Connection, alert_id: str, now: datetime) -> None:
    """Let routing look at an alert at once, if nobody is on the way to it any more."""
    await connection.execute(_GIVE_BACK, {"alert": alert_id, "now": now, "live": list(LIVE)})


async def look_again(connection: Connection, alert_id: str, now: datetime) -> None:
    """Let routing look at an alert that somebody was sent to, or has arrived at."""
    await connection.execute(
        "UPDATE alert SET due_at = least(due_at, %s) WHERE id = %s AND due_at IS NOT NULL",
        (now, alert_id),
    )


async def lapsed(
    connection: Connection, now: datetime, resting: Sequence[str], *, most: int
) -> list[dict[str, Any]]:
    """Return tasks whose clock ended, the longest ago first, with their alerts locked."""
    return await fetch_all(connection, _LAPSED, (now, resting, most))


async def outliving(
    connection: Connection, resting: Sequence[str], *, most: int
) -> list[dict[str, Any]]:
    """Return tasks of who is on the way to an alert that needs nobody any more, alerts locked."""
    return await fetch_all(connection, _OUTLIVING, (resting, most))


async def contradicted(
    connection: Connection, resting: Sequence[str], *, most: int
) -> list[dict[str, Any]]:
    """Return tasks of who is on the way to what late data contradict, untold, alerts locked."""
    return await fetch_all(connection, _CONTRADICTED, (resting, most))


async def devices_of(
    connection: Connection, logins: Sequence[str], now: datetime
) -> dict[str, str]:
    """Return the terminal that each of these people has on."""
    rows = await fetch_all(connection, _DEVICES, {"logins": list(logins), "now": now})
    return {row["login"]: row["device"] for row in rows}


async def seen(connection: Connection, logins: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return where officers were last, whatever device said it; degrees and metres."""
    return {
        row["login"]: _scaled(row) for row in await fetch_all(connection, _SEEN, (list(logins),))
    }


async def subject_seen(connection: Connection, subject_id: str) -> dict[str, Any] | None:
    """Return where a person was last, while an order is in force."""
    row = await fetch_one(connection, _SUBJECT_SEEN, (subject_id,))
    return None if row is None else _scaled(row)


async def names_of(connection: Connection, logins: Sequence[str]) -> dict[str, str]:
    """Return the names of people of the scope."""
    rows = await fetch_all(
        connection, "SELECT login, name FROM app_user WHERE login = ANY (%s)", (list(logins),)
    )
    return {row["login"]: row["name"] for row in rows}


def _scaled(row: Mapping[str, Any]) -> dict[str, Any]:
    accuracy_mm = row.get("accuracy_mm")
    return {
        "longitude_deg": row["lon_e7"] / _E7,
        "latitude_deg": row["lat_e7"] / _E7,
        "accuracy_m": None if accuracy_mm is None else accuracy_mm / 1_000,
        "fix_time": row["fix_time"],
    }
