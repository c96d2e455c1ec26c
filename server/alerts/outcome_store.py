"""SQL that turns the engine's outcomes into alerts; run as guitu_ingest."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg.types.json import Jsonb

from server.alerts.lifecycle import Change, next_condition
from server.db import Connection

_INSERT_OUTCOME: Final = """
  INSERT INTO outcome (id, org_id, gateway_id, entry_seq, episode_id, change, rule, subject_id,
    device_id, fence_id, body)
  VALUES (%(id)s, %(org)s, %(gateway)s, %(entry_seq)s, %(episode)s, %(change)s, %(rule)s,
    %(subject)s, %(device)s, %(fence)s, %(body)s)
  ON CONFLICT (id) DO NOTHING"""

# Any change may be the first that arrives: an alert is never lost because an earlier one was.
# State and verdict are people's and are not named here.
_UPSERT_ALERT: Final = """
  INSERT INTO alert AS a (id, org_id, rule, severity, subject_id, device_id, fence_id, condition,
    begin_time, end_time, late, evidence)
  VALUES (%(episode)s, %(org)s, %(rule)s, %(severity)s, %(subject)s, %(device)s, %(fence)s,
    coalesce(%(condition)s, 'active'), %(begin_time)s, %(end_time)s, %(late)s, %(evidence)s)
  ON CONFLICT (id) DO UPDATE SET
    condition = coalesce(%(condition)s, a.condition),
    begin_time = excluded.begin_time, end_time = excluded.end_time,
    evidence = CASE WHEN %(is_evidence)s THEN excluded.evidence ELSE a.evidence END,
    version = a.version + 1"""

_INSERT_STEP: Final = """
  INSERT INTO alert_step (org_id, alert_id, step) VALUES (%(org)s, %(episode)s, %(change)s)"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One outcome of a gateway; `body` is the event's data as it came."""

    id: str
    gateway: str
    entry_seq: int
    episode: str
    change: Change
    org: str
    rule: str
    severity: str
    subject: str
    device: str
    fence: str | None
    begin_time: datetime
    end_time: datetime | None
    late: bool
    evidence: dict[str, Any]
    body: dict[str, Any]


async def take_outcome(connection: Connection, outcome: Outcome) -> bool:
    """Write an outcome and its effect on the alert; False when it had been taken before."""
    values: dict[str, Any] = {name: getattr(outcome, name) for name in Outcome.__slots__}
    values |= {
        "body": Jsonb(outcome.body),
        "evidence": Jsonb(outcome.evidence),
        "condition": next_condition(outcome.change),
        "is_evidence": outcome.change in ("raised", "amended"),
    }
    cursor = await connection.execute(_INSERT_OUTCOME, values)
    if cursor.rowcount == 0:
        return False
    await connection.execute(_UPSERT_ALERT, values)
    await connection.execute(_INSERT_STEP, values)
    return True


async def announce_alert(connection: Connection, org: str, alert_id: str) -> None:
    """Tell the live feed. Its lock is held to commit: call it last in a transaction."""
    await connection.execute("SELECT announce(%s, 'alert', %s)", (org, alert_id))
