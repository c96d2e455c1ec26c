"""Figures of many scores: distributions, movement between grades. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from server.scoring.policy import MILLI
from server.trends.grid import ABSENT, GRADES, Grid, Ints, Truths
from server.trends.hiding import LEAST, hidden

_BINS: Final = 20
_BASES: Final[Mapping[str, int]] = {"of_1000": 1_000_000, "of_600": 600_000}
_QUANTILES: Final = (0.1, 0.25, 0.5, 0.75, 0.9)
_Z: Final = 1.959964
"""Standard normal quantile of a 95 % interval."""


def grade_counts(grade: Ints) -> dict[str, int]:
    """Return how many people each grade has, best first."""
    counts = np.bincount(grade, minlength=len(GRADES))
    return {name: int(count) for name, count in zip(GRADES, counts, strict=True)}


def distribution(grid: Grid, month: int, *, is_hidden: bool) -> dict[str, Any]:
    """Return the distribution of scores of a month; hidden where people are too few.

    A total of 1000 and one of 600 are not one scale: each has its own histogram.

    Args:
        grid: That has the month.
        month: Which.
        is_hidden: Others could be told by subtraction.
    """
    chosen = grid.is_there(month)
    people = int(chosen.sum())
    if is_hidden or people < LEAST:
        hides = is_hidden or people > 0
        count = None if hides else 0
        return {"people": count, "hidden": hides, "grades": None, "bases": []}
    column = month - grid.first
    with_public = chosen & (grid.public[:, column] != ABSENT)
    of = {"of_1000": with_public, "of_600": chosen & ~with_public}
    left_out = hidden({name: int(those.sum()) for name, those in of.items()})
    total = grid.total(month)
    bases = [
        _basis(name, total[those], is_hidden=name in left_out)
        for name, those in of.items()
        if those.any()
    ]
    counts = grade_counts(grid.grade[chosen, column])
    return {"people": people, "hidden": False, "grades": counts, "bases": bases}


def _basis(name: str, total: Ints, *, is_hidden: bool) -> dict[str, Any]:
    if is_hidden:
        return {"basis": name, "hidden": True, "people": None, "mean": None} | {
            "quantiles": [],
            "histogram": [],
        }
    width = _BASES[name] // _BINS
    bins = np.bincount(np.minimum(total // width, _BINS - 1), minlength=_BINS)
    quantiles = np.quantile(total, _QUANTILES)
    return {
        "basis": name,
        "people": len(total),
        "hidden": False,
        "mean": points(total.mean()),
        "quantiles": [
            {"share": share, "points": points(value)}
            for share, value in zip(_QUANTILES, quantiles, strict=True)
        ],
        "histogram": [
            {"from": number * width / MILLI, "to": (number + 1) * width / MILLI, "people": int(one)}
            for number, one in enumerate(bins)
        ],
    }


def movement(grid: Grid, since: int, until: int, *, is_hidden: bool) -> dict[str, Any]:
    """Return how many went from which grade to which between the ends of two months.

    Args:
        grid: That has both months.
        since: The earlier one.
        until: The later one.
        is_hidden: Others could be told by subtraction.
    """
    before, after = grid.is_there(since), grid.is_there(until)
    both = before & after
    people = int(both.sum())
    if is_hidden or people < LEAST:
        hides = is_hidden or people > 0
        unknown = dict.fromkeys(("matrix", "better", "same", "worse", "came", "went"))
        return {"people": None if hides else 0, "hidden": hides, **unknown}
    old, new = (grid.grade[both, month - grid.first] for month in (since, until))
    size = len(GRADES)
    matrix = np.bincount(old * size + new, minlength=size * size).reshape(size, size)
    return {
        "people": people,
        "hidden": False,
        "matrix": {
            one: {other: int(matrix[row, place]) for place, other in enumerate(GRADES)}
            for row, one in enumerate(GRADES)
        },
        "better": int(np.tril(matrix, -1).sum()),
        "same": int(np.trace(matrix)),
        "worse": int(np.triu(matrix, 1).sum()),
        "came": int((after & ~before).sum()),
        "went": int((before & ~after).sum()),
    }


def compared(management: Ints, before: Ints, grade: Ints) -> dict[str, Any]:
    """Return the figures of one organisation beside others.

    By management points, which everybody has; the interval says how far chance alone may carry the
    mean of so few people.

    Args:
        management: Of a month, shape (n,).
        before: Of the same people a month earlier, absent where there is none.
        grade: Shape (n,).
    """
    count = len(management)
    mean = float(management.mean())
    spread = float(management.std(ddof=1)) if count > 1 else 0.0
    half = _Z * spread / count**0.5
    had = before != ABSENT
    change = float((management[had] - before[had]).mean()) if had.sum() >= LEAST else None
    return {
        "people": count,
        "hidden": False,
        "mean": points(mean),
        "low": points(mean - half),
        "high": points(mean + half),
        "median": points(float(np.median(management))),
        "change": None if change is None else points(change),
        "grades": grade_counts(grade),
    }


def members(org: Ints, places: Sequence[int]) -> Truths:
    """Return who is of any of these organisations, shape (n,)."""
    found: Truths = np.isin(org, places)
    return found


def points(milli: float) -> float:
    """Return thousandths as points with one decimal."""
    return round(float(milli) / MILLI, 1)
