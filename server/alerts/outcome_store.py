"""SQL that turns the engine's outcomes into alerts; run as guitu_ingest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from psycopg.types.json import Jsonb

from server.alerts.lifecycle import (
    WAITING,
    Category,
    Change,
    News,
    Severity,
    Standing,
    arrival,
)
from server.db import Connection, fetch_all

_INSERT_OUTCOME: Final = """
  INSERT INTO outcome (id, org_id, gateway_id, entry_seq, episode_id, change, rule, subject_id,
    device_id, fence_id, body)
  VALUES (%(id)s, %(org)s, %(gateway)s, %(entry_seq)s, %(episode)s, %(change)s, %(rule)s,
    %(subject)s, %(device)s, %(fence)s, %(body)s)
  ON CONFLICT (id) DO NOTHING RETURNING id"""

# What people decided is theirs: `server.alerts.lifecycle.arrival` says what little news moves.
# An episode's category is that of its first outcome. An alert that waits keeps its clock; one that
# waits again is due at once.
_UPSERT_ALERT: Final = """
  INSERT INTO alert AS a (id, org_id, rule, severity, subject_id, device_id, fence_id, condition,
    begin_time, end_time, late, evidence, category, title, explanation, state, due_at,
    fingerprint, alike_at, own_group_id, group_id)
  VALUES (%(episode)s, %(org)s, %(rule)s, %(severity)s, %(subject)s, %(device)s, %(fence)s,
    %(condition)s, %(begin_time)s, %(end_time)s, %(late)s, %(evidence)s,
    %(category)s, %(title)s, %(explanation)s, %(first_state)s,
    CASE WHEN %(first_state)s = 'open' THEN now() END,
    %(fingerprint)s, %(alike_at)s, %(group)s, %(group)s)
  ON CONFLICT (id) DO UPDATE SET
    condition = excluded.condition, severity = excluded.severity,
    begin_time = excluded.begin_time, end_time = excluded.end_time,
    evidence = CASE WHEN %(is_evidence)s THEN excluded.evidence ELSE a.evidence END,
    title = coalesce(a.title, excluded.title),
    explanation = CASE WHEN %(is_evidence)s THEN coalesce(excluded.explanation, a.explanation)
      ELSE coalesce(a.explanation, excluded.explanation) END,
    state = %(state)s, verdict = CASE WHEN %(state)s = 'resolved' THEN a.verdict END,
    due_at = CASE WHEN %(is_waiting)s THEN coalesce(a.due_at, now()) END,
    level = CASE WHEN a.due_at IS NULL AND %(is_waiting)s THEN -1 ELSE a.level END,
    shelved_until = CASE WHEN %(state)s = 'shelved' THEN a.shelved_until END,
    shelved_from = CASE WHEN %(state)s = 'shelved' THEN a.shelved_from END,
    version = a.version + 1"""

# In the order of the ids: two batches cannot wait for each other.
_STANDING: Final = """
  SELECT id, rule, state, severity, condition, verdict, shelved_from FROM alert
  WHERE id = ANY (%s) ORDER BY id FOR UPDATE"""

# One that an outage holds is shown with that outage meanwhile.
_MOVE_TO_GROUP: Final = """
  UPDATE alert SET own_group_id = %(group)s, version = version + 1,
    group_id = CASE WHEN group_id = own_group_id THEN %(group)s ELSE group_id END
  WHERE id = %(id)s"""

_INSERT_STEP: Final = """
  INSERT INTO alert_step (org_id, alert_id, step, body)
  VALUES (%(org)s, %(episode)s, %(step)s, %(outcome)s)"""

# Only a fact that nobody reverses already: what was decided once is not asked again.
_INSERT_REVIEW: Final = """
  INSERT INTO fact_review (id, org_id, subject_id, fact_id, alert_id, cause, outcome_id, reason,
    opened_at)
  SELECT 'rv-' || left(%(id)s, 24), f.org_id, f.subject_id, f.id, %(episode)s, 'late_data',
    %(id)s, '后到的数据推翻了该报警 / later data contradict the alert', now()
  FROM fact f
  WHERE f.subject_id = %(subject)s AND f.evidence ->> 'alert_id' = %(episode)s
    AND NOT EXISTS (SELECT FROM fact_review r WHERE r.fact_id = f.id AND r.state = 'reversed')
  ON CONFLICT DO NOTHING"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One outcome of a gateway; `body` is the event's data as it came.

    Without a subject it is about the organisation, without a device no report decided it.
    """

    id: str
    gateway: str
    entry_seq: int
    episode: str
    change: Change
    org: str
    rule: str
    severity: Severity
    category: Category
    title: dict[str, str] | None
    explanation: dict[str, str] | None
    subject: str | None
    device: str | None
    fence: str | None
    begin_time: datetime
    end_time: datetime | None
    late: bool
    evidence: dict[str, Any]
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class GroupPlace:
    """Where a new alert stands among those that it is alike with.

    Attributes:
        fingerprint: What they have alike.
        alike_at: Where it stands among them.
        group: Which of them are one group with it.
    """

    fingerprint: str
    alike_at: datetime
    group: str


@dataclass(frozen=True, slots=True)
class Moved:
    """An alert whose group ran into another."""

    org: str
    group: str


@dataclass(frozen=True, slots=True)
class Grouping:
    """Groups of new alerts, and the alerts that go to another group with them; by alert."""

    placed: Mapping[str, GroupPlace]
    moved: Mapping[str, Moved]


NO_GROUPS: Final = Grouping({}, {})


async def take_outcomes(
    connection: Connection, outcomes: Sequence[Outcome], grouping: Grouping = NO_GROUPS
) -> list[Outcome]:
    """Write outcomes and their effects on alerts, in order; return those not taken before.

    Statements of all outcomes travel together: a round trip each would be most of the time.
    """
    values = [_values(outcome, grouping.placed.get(outcome.episode)) for outcome in outcomes]
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
            await _take_effects(connection, list(taken.values()), grouping)
    return [outcome for outcome, _ in taken.values()]


async def _take_effects(
    connection: Connection,
    taken: Sequence[tuple[Outcome, dict[str, Any]]],
    grouping: Grouping,
) -> None:
    named = {outcome.episode for outcome, _ in taken} | grouping.moved.keys()
    standing = await _standing(connection, sorted(named))
    effects, steps, reviews = [], [], []
    for outcome, value in taken:
        known = standing.get(outcome.episode)
        news = arrival(known, outcome.change, outcome.rule, outcome.severity)
        standing[outcome.episode] = _after(known, outcome, news)
        moved = {"state": news.state, "condition": news.condition, "severity": news.severity}
        # A row that stands already is checked as if it were new: it must be one that may be.
        moved["first_state"] = news.state if known is None else "open"
        effects.append(value | moved | {"is_waiting": news.state in WAITING})
        body = Jsonb({"outcome": outcome.id})
        line = {"org": outcome.org, "episode": outcome.episode, "outcome": body}
        steps += [line | {"step": step} for step in (outcome.change, news.step) if step]
        if news.wants_review and outcome.subject:
            reviews.append(value)
    async with connection.cursor() as cursor:
        await cursor.executemany(_UPSERT_ALERT, effects)
        await cursor.executemany(_INSERT_STEP, steps)
        if reviews:
            await cursor.executemany(_INSERT_REVIEW, reviews)
    await move_to_groups(connection, grouping)


async def move_to_groups(connection: Connection, grouping: Grouping) -> None:
    """Let alerts go with their group, which ran into another."""
    if grouping.moved:
        moves = [{"id": one, "group": to.group} for one, to in sorted(grouping.moved.items())]
        async with connection.cursor() as cursor:
            await cursor.executemany(_MOVE_TO_GROUP, moves)


async def _standing(connection: Connection, ids: Sequence[str]) -> dict[str, Standing]:
    rows = await fetch_all(connection, _STANDING, (list(ids),))
    return {row.pop("id"): Standing(**row) for row in rows}


def _after(known: Standing | None, outcome: Outcome, news: News) -> Standing:
    if known is None:
        return Standing(outcome.rule, news.state, news.severity, news.condition)
    is_moved = news.state != known.state
    return replace(
        known,
        state=news.state,
        severity=news.severity,
        condition=news.condition,
        verdict=None if is_moved else known.verdict,
        shelved_from=None if is_moved else known.shelved_from,
    )


async def announce_alert(connection: Connection, org: str, alert_id: str) -> None:
    """Tell the live feed of one alert; see announce_alerts."""
    await announce_alerts(connection, {alert_id: org})


async def announce_alerts(connection: Connection, org_of: Mapping[str, str]) -> None:
    """Tell the live feed of alerts. Its lock is held to commit: call it last in a transaction."""
    if org_of:
        async with connection.cursor() as cursor:
            values = [(org, alert_id) for alert_id, org in org_of.items()]
            await cursor.executemany("SELECT announce(%s, 'alert', %s)", values)


def _values(outcome: Outcome, place: GroupPlace | None) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(outcome, name) for name in Outcome.__slots__}
    return values | {
        "body": Jsonb(outcome.body),
        "evidence": Jsonb(outcome.evidence),
        "title": None if outcome.title is None else Jsonb(outcome.title),
        "explanation": None if outcome.explanation is None else Jsonb(outcome.explanation),
        "is_evidence": outcome.change in ("raised", "amended"),
        "fingerprint": None if place is None else place.fingerprint,
        "alike_at": None if place is None else place.alike_at,
        "group": None if place is None else place.group,
    }
