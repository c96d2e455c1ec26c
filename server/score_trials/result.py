"""What a trial says: movement, means, indicators, fairness. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from server.score_trials.fairness import Limits, Outcome, fairness
from server.score_trials.trying import Cohort, Judged
from server.scoring.policy import MILLI
from server.trends.figures import points
from server.trends.grid import GRADES, Ints
from server.trends.hiding import LEAST

_MOST_INDICATORS: Final = 12
_SEED: Final = 20261123
"""Of the bootstrap: the same trial gives the same figures."""


@dataclass(frozen=True, slots=True)
class Tried:
    """People judged twice.

    Attributes:
        moved: Places of those whose grade differs, in the cohort's order.
        why: For each of `moved`, what differs by indicator.
    """

    cohort: Cohort
    before: Judged
    after: Judged
    moved: Ints
    why: Sequence[Sequence[Mapping[str, Any]]]


def figures(tried: Tried, groups: Mapping[str, Sequence[str]], limits: Limits) -> dict[str, Any]:
    """Return the figures of a trial; without any where people are too few."""
    people = len(tried.cohort.ids)
    if people < LEAST:
        empty: dict[str, Any] = dict.fromkeys(("moved", "better", "worse", "matrix"))
        empty |= dict.fromkeys(("mean_before", "mean_after"))
        return {"people": None if people else 0, **empty} | {
            "indicators": [],
            "fairness": [],
            "warnings": [],
        }
    before, after = tried.before, tried.after
    size = len(GRADES)
    matrix = np.bincount(before.grade * size + after.grade, minlength=size * size)
    outcome = Outcome(before.management, after.management, before.grade, after.grade)
    rows, warnings = fairness(groups, outcome, limits, _SEED)
    return {
        "people": people,
        "moved": len(tried.moved),
        "better": int((after.grade < before.grade).sum()),
        "worse": int((after.grade > before.grade).sum()),
        "matrix": {
            one: {other: int(matrix[row * size + place]) for place, other in enumerate(GRADES)}
            for row, one in enumerate(GRADES)
        },
        "mean_before": points(before.management.mean()),
        "mean_after": points(after.management.mean()),
        "indicators": _indicators(tried.why),
        "fairness": rows,
        "warnings": warnings,
    }


def movers(tried: Tried, most: int) -> list[dict[str, Any]]:
    """Return who would move, those with the greatest change first."""
    change = np.abs(tried.after.total - tried.before.total)[tried.moved]
    order = np.argsort(-change, kind="stable")[:most]
    found = []
    for place in order:
        row = tried.moved[place]
        found.append(
            {
                "subject": tried.cohort.ids[row],
                "org": tried.cohort.orgs[row],
                "from_grade": GRADES[tried.before.grade[row]],
                "to_grade": GRADES[tried.after.grade[row]],
                "before": int(tried.before.total[row]),
                "after": int(tried.after.total[row]),
                "reasons": list(tried.why[place]),
            }
        )
    return found


def _indicators(why: Sequence[Sequence[Mapping[str, Any]]]) -> list[dict[str, Any]]:
    counts: Counter[str] = Counter()
    sums: Counter[str] = Counter()
    texts: dict[str, Mapping[str, Any]] = {}
    for reasons in why:
        for one in reasons:
            counts[one["indicator"]] += 1
            sums[one["indicator"]] += round(one["points"] * MILLI)
            texts[one["indicator"]] = one
    most = sorted(counts, key=lambda one: (-counts[one], one))[:_MOST_INDICATORS]
    return [
        {
            "indicator": name,
            "zh": texts[name]["zh"],
            "en": texts[name]["en"],
            "people": counts[name],
            "mean": points(sums[name] / counts[name]),
        }
        for name in most
    ]
