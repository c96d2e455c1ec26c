"""The same facts judged twice: by the policies in force, and with a draft among them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np

from server.scoring.policy import MILLI, Policy
from server.scoring.population import Facts, fold_population, indicator_points
from server.scoring.schedule import Schedule, Signed
from server.trends.grid import ABSENT, GRADES, Ints, Truths

_MOST_REASONS: Final = 5


@dataclass(frozen=True, slots=True)
class Cohort:
    """People in columns, each of shape (n,).

    Attributes:
        ids: Who.
        orgs: The organisation of each.
        sex: `male`, `female`, or `unknown`.
        born: Birth dates, None where none is known.
        category: 管制 缓刑 假释 暂予监外执行, by code.
        opened: The month in which each ledger was opened.
        public: Public points as of the period's end, thousandths; absent where there are none.
    """

    ids: Sequence[str]
    orgs: Sequence[str]
    sex: Sequence[str]
    born: Sequence[date | None]
    category: Sequence[str]
    opened: Ints
    public: Ints


@dataclass(frozen=True, slots=True)
class Judged:
    """Scores of people, each of shape (n,); grades are places in `GRADES`."""

    management: Ints
    total: Ints
    grade: Ints


def with_draft(base: Schedule, draft: Policy, month: int, depth: int) -> Schedule:
    """Return a schedule as if a draft had been signed from a month on.

    Args:
        base: What is in force.
        draft: The policy that is tried.
        month: The first month that it would have been in force in.
        depth: Of its organisation: what a nearer one signed stays in force.
    """
    kept = [one for one in base.signed if not (one.depth == depth and one.month >= month)]
    return Schedule((*kept, Signed(month, depth, draft)))


def judged(facts: Facts, opened: Ints, public: Ints, month: int, schedule: Schedule) -> Judged:
    """Return the scores of people as of the end of a month."""
    policy = schedule.at(month)
    management = fold_population(facts, len(opened), opened, month, schedule).management
    has_public = public != ABSENT
    total = management + np.clip(public, 0, policy.public_most)
    of_1000, of_600 = (
        np.array([getattr(one, name) for one in policy.grades], np.int64)
        for name in ("of_1000", "of_600")
    )
    limits = np.where(has_public[:, None], of_1000, of_600)
    place = np.argmax(total[:, None] >= limits, axis=1)
    names = np.array([GRADES.index(one.grade) for one in policy.grades], np.int64)
    return Judged(management, total, names[place])


def rescaled(public: Ints, before: Policy, after: Policy) -> Ints:
    """Return public points as another policy's share of the figure would have them."""
    if before.public_share == after.public_share:
        return public
    scaled = public * after.public_share // max(before.public_share, 1)
    return np.where(public == ABSENT, ABSENT, scaled)


def reasons(
    facts: Facts, opened: Ints, month: int, before: Schedule, after: Schedule
) -> list[list[dict[str, Any]]]:
    """Return for each person which indicators differ between two schedules, the most first.

    A difference that stands in no indicator comes of starting points, bounds or limits.
    """
    old, new = (_points(facts, opened, month, one) for one in (before, after))
    texts = {**before.at(month).indicators, **after.at(month).indicators}
    names = sorted({*old, *new})
    zero = np.zeros(len(opened), np.int64)
    change = np.stack([new.get(one, zero) - old.get(one, zero) for one in names], axis=1)
    found = []
    for row in change:
        most = [place for place in np.argsort(-np.abs(row), kind="stable") if row[place]]
        found.append(
            [
                {
                    "indicator": names[place],
                    "zh": texts[names[place]].text.zh,
                    "en": texts[names[place]].text.en,
                    "points": int(row[place]) / MILLI,
                }
                for place in most[:_MOST_REASONS]
            ]
        )
    return found


def chosen(facts: Facts, people: Truths) -> Facts:
    """Return the facts of some people, numbered from 0 among them."""
    number = np.cumsum(people) - 1
    is_in = people[facts.subject]
    columns = {name: getattr(facts, name)[is_in] for name in facts.__slots__}
    columns["subject"] = number[columns["subject"]]
    return Facts(**columns)


def _points(facts: Facts, opened: Ints, month: int, schedule: Schedule) -> Mapping[str, Ints]:
    points = indicator_points(facts, opened, month, schedule)
    ids = schedule.at(month).indicators
    return {one: points[:, place] for place, one in enumerate(ids)}
