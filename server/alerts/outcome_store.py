"""SQL that turns the engine's outcomes into alerts; run as guitu_ingest."""

from collections.abc import Mapping, Sequence
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
  ON CONFLICT (id) DO NOTHING RETURNING id"""

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


async def take_outcomes(connection: Connection, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Write outcomes and their effects on alerts, in order; return those not taken before.

    Three statements per outcome travel together: a round trip each would be most of the time.
    """
    values = [_values(outcome) for outcome in outcomes]
    async with connection.cursor() as cursor:
        new = set()
        if values:
            await cursor.executemany(_INSERT_OUTCOME, values, returning=True)
            async for result in cursor.results():
                new |= {row["id"] for row in await result.fetchall()}
        taken: dict[str, tuple[Outcome, dict[str, Any]]] = {}
        for outcome, value in zip(outcomes, values, strict=True):
            if outcome.id in new:
                taken.setdefault(outcome.id, (outcome, value))
        if taken:
            effects = [value for _, value in taken.values()]
            await cursor.executemany(_UPSERT_ALERT, effects)
            await cursor.executemany(_INSERT_STEP, effects)
    return [outcome for outcome, _ in taken.values()]


async def announce_alert(connection: Connection, org: str, alert_id: str) -> None:
    """Tell the live feed of one alert; see announce_alerts."""
    await announce_alerts(connection, {alert_id: org})


async def announce_alerts(connection: Connection, org_of: Mapping[str, str]) -> None:
    """Tell the live feed of alerts. Its lock is held to commit: call it last in a transaction."""
    if org_of:
        async with connection.cursor() as cursor:
            values = [(org, alert_id) for alert_id, org in org_of.items()]
            await cursor.executemany("SELECT announce(%s, 'alert', %s)", values)


def _values(outcome: Outcome) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(outcome, name) for name in Outcome.__slots__}
    return values | {
        "body": Jsonb(outcome.body),
        "evidence": Jsonb(outcome.evidence),
        "condition": next_condition(outcome.change),
        "is_evidence": outcome.change in ("raised", "amended"),
    }
