"""Runs a trial: reads people and facts, judges them twice, keeps what was found."""

import asyncio
import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import numpy as np

from server.auth.person import Desk
from server.db import Connection
from server.errors import ConflictError, InvalidError, NotFoundError
from server.policies.store import policy_of as law_of
from server.score_trials import store
from server.score_trials.fairness import Limits, age_band
from server.score_trials.result import Tried, figures, movers
from server.score_trials.trying import (
    Cohort,
    Judged,
    chosen,
    judged,
    reasons,
    rescaled,
    with_draft,
)
from server.scoring.policy import MILLI, Policy
from server.scoring.population import Facts
from server.scoring.population_store import packed_facts
from server.scoring.schedule import Schedule, schedule_of
from server.scoring.score import BEIJING, month_number
from server.trends.asking import month_text, over
from server.trends.grid import ABSENT, Ints
from server.trends.store import tree

_MOST_PEOPLE: Final = 60_000
_MOST_MONTHS: Final = 36
_MOST_MOVERS: Final = 2_000
_LAST_DAY: Final = 31
_CENTI: Final = 100
_RATIO: Final = "score_fairness_ratio_centi"
_GAP: Final = "score_fairness_gap_centi"


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried.

    Attributes:
        org: Whose people, with those below it.
        depth: Length of the path of the draft's organisation.
        first: The month from whose first day the draft would have been in force.
        last: The month whose end the scores are as of.
    """

    draft: Policy
    org: str
    depth: int
    first: int
    last: int


async def asked_trial(
    desk: Desk, draft: Policy, of_draft: str, org: str | None, months: tuple[str, str]
) -> Trial:
    """Return what was asked for.

    Raises:
        NotFoundError: No such organisation in the scope.
        InvalidError: The months are not over, too many, or out of order.
    """
    first, last = (over(desk, text, name) for text, name in zip(months, _NAMES, strict=True))
    if not 0 <= last - first < _MOST_MONTHS:
        raise InvalidError([("/until", f"1 to {_MOST_MONTHS} months may be tried")])
    scope = {one["id"]: one for one in await tree(desk.connection, desk.person.org_id)}
    asked = org or desk.person.org_id
    if asked not in scope or of_draft not in scope:
        raise NotFoundError("no such organisation in your scope")
    return Trial(draft, asked, len(scope[of_draft]["path"]), first, last)


_NAMES: Final = ("/since", "/until")


async def run(desk: Desk, trial: Trial) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the figures of a trial, and who would move.

    Raises:
        ConflictError: The organisation has more people than can be tried at once.
    """
    connection = desk.connection
    rows = await store.people(connection, trial.org, _MOST_PEOPLE + 1)
    if len(rows) > _MOST_PEOPLE:
        raise ConflictError(f"more than {_MOST_PEOPLE} people: try an organisation below")
    cohort = await _cohort(connection, rows, trial.last)
    schedules = {one: await schedule_of(connection, one) for one in sorted(set(cohort.orgs))}
    parts = []
    async for begin, ids, facts in packed_facts(connection, cohort.ids):
        span = slice(begin, begin + len(ids))
        parts.append(await asyncio.to_thread(_judge, facts, _part(cohort, span), trial, schedules))
    law = await law_of(connection, trial.org, desk.now)
    limits = Limits(law.number(_RATIO) / _CENTI, law.number(_GAP) * MILLI // _CENTI)
    units = await tree(connection, trial.org)
    tried = _joined(cohort, parts)
    groups = _groups(cohort, units, trial)
    found = await asyncio.to_thread(figures, tried, groups, limits)
    shown = [law.parameter(name) for name in (_RATIO, _GAP)]
    head = {
        "format": "guitu-score-trial/1",
        "policy": {"version": trial.draft.version, "sha256": trial.draft.sha256},
        "org": trial.org,
        "since": month_text(trial.first),
        "until": month_text(trial.last),
        "parameters": [
            {name: getattr(one, name) for name in ("name", "value", "unit", "status", "source")}
            for one in shown
        ],
    }
    return head | found, movers(tried, _MOST_MOVERS)


async def keep(
    desk: Desk, trial: Trial, of_draft: str, found: tuple[dict[str, Any], list[dict[str, Any]]]
) -> str:
    """Keep a trial with its policy's draft; return its id."""
    content, moved = frozen(found[0]), found[1]
    row = {
        "id": f"st-{secrets.token_hex(12)}",
        "org_id": of_draft,
        "policy": trial.draft.version,
        "of_org": trial.org,
        "first_month": trial.first,
        "last_month": trial.last,
        "content": content,
        "sha256": hashlib.sha256(content.encode()).digest(),
        "warnings": len(found[0]["warnings"]),
        "made_by": desk.person.login,
        "made_at": desk.now,
    }
    await store.insert(desk.connection, row, moved)
    return str(row["id"])


def frozen(found: Mapping[str, Any]) -> str:
    """Return figures as they are kept: the same figures give the same text."""
    return json.dumps(found, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


async def _cohort(connection: Connection, rows: Sequence[Mapping[str, Any]], last: int) -> Cohort:
    """Return those who had a ledger by the period's end."""
    year, month = divmod(last + 1, 12)
    ends_at = datetime(year, month + 1, 1, tzinfo=BEIJING)
    ledgers = await store.ledgers(connection, [row["id"] for row in rows], ends_at)
    kept = [row for row in rows if ledgers.get(row["id"], {}).get("opened_at") is not None]
    of = [ledgers[row["id"]] for row in kept]
    public = [ABSENT if one["public"] is None else max(one["public"], 0) for one in of]
    return Cohort(
        ids=[row["id"] for row in kept],
        orgs=[row["org_id"] for row in kept],
        sex=[row["sex"] or "unknown" for row in kept],
        born=[row["birth_date"] for row in kept],
        category=[row["category"] for row in kept],
        opened=np.array([month_number(one["opened_at"]) for one in of], np.int64),
        public=np.array(public, np.int64),
    )


def _part(cohort: Cohort, span: slice) -> Cohort:
    return Cohort(*(getattr(cohort, name)[span] for name in cohort.__slots__))


_Columns = tuple[Judged, Judged, Ints, list[list[dict[str, Any]]]]


def _judge(
    facts: Facts, cohort: Cohort, trial: Trial, schedules: Mapping[str, Schedule]
) -> _Columns:
    """Judge a chunk of people twice; those of one schedule together."""
    facts = facts.until(trial.last, _LAST_DAY)
    size = len(cohort.ids)
    before, after = (Judged(*(np.zeros(size, np.int64) for _ in range(3))) for _ in range(2))
    why: dict[int, list[dict[str, Any]]] = {}
    for schedule, orgs in _alike(schedules):
        people = np.isin(np.array(cohort.orgs), list(orgs))
        if not people.any():
            continue
        part, opened, public = chosen(facts, people), cohort.opened[people], cohort.public[people]
        tried = with_draft(schedule, trial.draft, trial.first, trial.depth)
        old, new = schedule.at(trial.last), tried.at(trial.last)
        one = judged(part, opened, public, trial.last, schedule)
        other = judged(part, opened, rescaled(public, old, new), trial.last, tried)
        for name in Judged.__slots__:
            getattr(before, name)[people] = getattr(one, name)
            getattr(after, name)[people] = getattr(other, name)
        movers = one.grade != other.grade
        told = reasons(chosen(part, movers), opened[movers], trial.last, schedule, tried)
        why |= dict(zip(np.flatnonzero(people)[movers].tolist(), told, strict=True))
    moved = np.array(sorted(why), np.int64)
    return before, after, moved, [why[place] for place in moved.tolist()]


def _alike(schedules: Mapping[str, Schedule]) -> list[tuple[Schedule, set[str]]]:
    found: dict[tuple[Any, ...], tuple[Schedule, set[str]]] = {}
    for org, schedule in schedules.items():
        key = tuple((one.month, one.depth, one.policy.version) for one in schedule.signed)
        found.setdefault(key, (schedule, set()))[1].add(org)
    return list(found.values())


def _joined(cohort: Cohort, parts: Sequence[_Columns]) -> Tried:
    begins = np.cumsum([0, *(len(before.total) for before, _, _, _ in parts)])
    before, after = (
        Judged(*(_all([getattr(part[side], name) for part in parts]) for name in Judged.__slots__))
        for side in (0, 1)
    )
    moved = _all([part[2] + begin for part, begin in zip(parts, begins, strict=False)])
    return Tried(cohort, before, after, moved, [one for part in parts for one in part[3]])


def _all(columns: Sequence[Ints]) -> Ints:
    return np.concatenate([np.zeros(0, np.int64), *columns])


def _groups(
    cohort: Cohort, units: Sequence[Mapping[str, Any]], trial: Trial
) -> dict[str, Sequence[str]]:
    year, month = divmod(trial.last, 12)
    on = date(year, month + 1, 1)
    top = next(one for one in units if one["id"] == trial.org)
    next_below = top["path"].count("/") + 1
    part = {one["id"]: _unit(one["path"], next_below) for one in units}
    return {
        "sex": cohort.sex,
        "age": [age_band(born, on) for born in cohort.born],
        "category": cohort.category,
        "org": [part[org] for org in cohort.orgs],
    }


def _unit(path: str, depth: int) -> str:
    """Return the organisation next below that a path leads through, or its own."""
    return path.split("/")[min(depth, path.count("/")) - 1]
