"""Whether a policy treats groups alike: differences with their intervals. Pure.

Shares: the difference with its interval by Newcombe's method of Wilson's scores (R. G. Newcombe,
Statistics in Medicine 17, 1998, method 10). Means: percentile bootstrap (B. Efron, 1979), seeded,
so that the same people give the same figures. A difference is no proof of unfairness, and none is
no proof of fairness: it is what a signer has to look at.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt
from typing import Any, Final

import numpy as np

from server.law.text import Text
from server.scoring.policy import MILLI
from server.trends.figures import points
from server.trends.grid import GRADES, Ints, Truths
from server.trends.hiding import hidden

_Z: Final = 1.959964
"""Standard normal quantile of a 95 % interval."""
_DRAWS: Final = 400
_MOST_DRAWN: Final = 2_000_000
"""Numbers at once: 16 MB."""
_AGES: Final = (30, 40, 50, 60)
_GOOD: Final = (GRADES.index("green"), GRADES.index("blue"))
_ATTRIBUTES: Final = {
    "sex": Text("性别", "Sex"),
    "age": Text("年龄段", "Age"),
    "category": Text("矫正类别", "Category"),
    "org": Text("机构", "Organisation"),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """When a difference is warned of.

    Attributes:
        ratio: Of a group's share of good grades to the best group's.
        gap: Of means, in thousandths of a point.
    """

    ratio: float
    gap: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of people, each of shape (n,); grades are places in `GRADES`."""

    before: Ints
    after: Ints
    grade_before: Ints
    grade_after: Ints


def age_band(born: date | None, on: date) -> str:
    """Return the band that a person's age lies in on a day, such as `30-39`."""
    if born is None:
        return "unknown"
    age = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
    begins = max((one for one in _AGES if one <= age), default=None)
    if begins is None:
        return f"under {_AGES[0]}"
    return f"{begins}+" if begins == _AGES[-1] else f"{begins}-{begins + 9}"


def wilson(good: int, people: int) -> tuple[float, float]:
    """Return the 95 % interval of a share."""
    share, square = good / people, _Z * _Z
    middle = share + square / (2 * people)
    half = _Z * sqrt(share * (1 - share) / people + square / (4 * people * people))
    scale = 1 + square / people
    return max((middle - half) / scale, 0.0), min((middle + half) / scale, 1.0)


def newcombe(good: int, people: int, other_good: int, others: int) -> tuple[float, float]:
    """Return the 95 % interval of one share less another's."""
    one, two = good / people, other_good / others
    low_one, high_one = wilson(good, people)
    low_two, high_two = wilson(other_good, others)
    below = sqrt((one - low_one) ** 2 + (high_two - two) ** 2)
    above = sqrt((high_one - one) ** 2 + (two - low_two) ** 2)
    return one - two - below, one - two + above


def bootstrap(values: Ints, others: Ints, seed: int) -> tuple[float, float]:
    """Return the 95 % interval of the mean of values less that of others."""
    random = np.random.default_rng(seed)
    drawn = _means(values, random) - _means(others, random)
    low, high = np.quantile(drawn, (0.025, 0.975))
    return float(low), float(high)


def _means(values: Ints, random: np.random.Generator) -> Any:
    at_once = max(_MOST_DRAWN // len(values), 1)
    found = [
        values[random.integers(0, len(values), (min(at_once, _DRAWS - begun), len(values)))].mean(
            axis=1
        )
        for begun in range(0, _DRAWS, at_once)
    ]
    return np.concatenate(found)


def fairness(
    groups: Mapping[str, Sequence[str]], outcome: Outcome, limits: Limits, seed: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the figures of every group, and what has to be acknowledged.

    Args:
        groups: By attribute the group of each person.
        outcome: Of the same people.
        limits: When a difference is warned of.
        seed: Of the bootstrap.
    """
    found, warnings = [], []
    for attribute, names in groups.items():
        rows = _attribute(np.array(names), outcome, seed)
        best = max((row["good_after"] for row in rows if not row["hidden"]), default=0.0)
        for row in rows:
            if not row["hidden"] and best > 0:
                row["ratio"] = round(row["good_after"] / best, 3)
        text = _ATTRIBUTES[attribute]
        found.append({"attribute": attribute, "zh": text.zh, "en": text.en, "groups": rows})
        warnings += [
            warning for row in rows for warning in _warnings(attribute, row, limits)
        ]  # fmt: skip
    return found, warnings


def _attribute(names: Any, outcome: Outcome, seed: int) -> list[dict[str, Any]]:
    values, counts = np.unique(names, return_counts=True)
    out = hidden({str(name): int(count) for name, count in zip(values, counts, strict=True)})
    return [
        {"group": str(name), "hidden": True}
        if str(name) in out
        else _group(str(name), names == name, outcome, seed)
        for name in values
    ]


def _group(name: str, those: Truths, outcome: Outcome, seed: int) -> dict[str, Any]:
    people = int(those.sum())
    good_before, good_after = (
        np.isin(one, _GOOD) for one in (outcome.grade_before, outcome.grade_after)
    )
    good = int(good_after[those].sum())
    found: dict[str, Any] = {
        "group": name,
        "hidden": False,
        "people": people,
        "mean_before": points(outcome.before[those].mean()),
        "mean_after": points(outcome.after[those].mean()),
        "good_before": round(float(good_before[those].mean()), 3),
        "good_after": round(good / people, 3),
        "better": int((outcome.grade_after < outcome.grade_before)[those].sum()),
        "worse": int((outcome.grade_after > outcome.grade_before)[those].sum()),
    }
    others = ~those
    rest = int(others.sum())
    if rest:
        gap = bootstrap(outcome.after[those], outcome.after[others], seed)
        mean = outcome.after[those].mean() - outcome.after[others].mean()
        share = newcombe(good, people, int(good_after[others].sum()), rest)
        found["gap"] = {"value": points(mean), "low": points(gap[0]), "high": points(gap[1])}
        difference = good / people - float(good_after[others].mean())
        found["share"] = {
            "value": round(difference, 3),
            "low": round(share[0], 3),
            "high": round(share[1], 3),
        }
    return found


def _warnings(attribute: str, row: Mapping[str, Any], limits: Limits) -> list[dict[str, Any]]:
    if row["hidden"] or "gap" not in row:
        return []
    text, group = _ATTRIBUTES[attribute], row["group"]
    found = []
    if row.get("ratio", 1.0) < limits.ratio and row["share"]["high"] < 0:
        found.append(
            {
                "code": "share_ratio",
                "zh": f"{text.zh}“{group}”良好以上等级的比例仅为最高组的{row['ratio']:.0%}",
                "en": f"{text.en} {group}: the share of good grades is {row['ratio']:.0%} of the"
                " best group's",
            }
        )
    gap = row["gap"]
    if abs(gap["value"]) * MILLI >= limits.gap and gap["low"] * gap["high"] > 0:
        found.append(
            {
                "code": "mean_gap",
                "zh": f"{text.zh}“{group}”的平均管理分与其他人相差{gap['value']:+g}分",
                "en": f"{text.en} {group}: the mean differs from the others' by {gap['value']:+g}",
            }
        )
    return [one | {"attribute": attribute, "group": group} for one in found]
