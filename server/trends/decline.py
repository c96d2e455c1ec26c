"""Early warning (预警): whose score goes down month after month. Pure.

The slope is Theil and Sen's: the median of the slopes of all pairs of months, which one odd month
does not move (H. Theil, 1950; P. K. Sen, Journal of the American Statistical Association 63, 1968).
A warning is a reason to talk to somebody. It moves no point and has no effect in law.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from server.law.policy import Policy as LawPolicy
from server.law.text import Text
from server.scoring.policy import MILLI, Policy
from server.trends.grid import ABSENT, Floats, Ints, Truths

_CENTI: Final = 100
_MOST_REASONS: Final = 3
PARAMETERS: Final = (
    *("score_decline_months", "score_decline_least_months", "score_decline_centi_per_month"),
)


@dataclass(frozen=True, slots=True)
class Watch:
    """When a decline is told of.

    Attributes:
        months: It looks back so far.
        least: With so many closed months at least.
        per_month: And so much loss a month, in thousandths of a point.
    """

    months: int
    least: int
    per_month: int


def watch_of(policy: LawPolicy) -> Watch:
    """Return what an organisation's parameters say."""
    months, least, centi = (policy.number(name) for name in PARAMETERS)
    return Watch(months, least, centi * MILLI // _CENTI)


def slopes(management: Ints) -> Floats:
    """Return the Theil-Sen slope of each row, thousandths of a point a month, shape (n,).

    Args:
        management: Shape (n, m), a column a month; absent ones are left out. NaN: fewer than two.
    """
    values = np.where(management == ABSENT, np.nan, management.astype(np.float64))
    count = values.shape[1]
    pairs = [
        (values[:, later] - values[:, earlier]) / (later - earlier)
        for earlier in range(count)
        for later in range(earlier + 1, count)
    ]
    found = np.full(len(values), np.nan)
    if not pairs:
        return found
    every = np.stack(pairs, axis=1)
    some = ~np.isnan(every).all(axis=1)
    found[some] = np.nanmedian(every[some], axis=1)
    return found


def declining(management: Ints, watch: Watch) -> Truths:
    """Return whose score declines, shape (n,): the last month is there and below the first."""
    there = management != ABSENT
    enough = there[:, -1] & (there.sum(axis=1) >= watch.least)
    slope = slopes(management)
    first = management[np.arange(len(management)), there.argmax(axis=1)]
    down = np.nan_to_num(slope, nan=0.0) <= -watch.per_month
    found: Truths = enough & down & (management[:, -1] < first)
    return found


def reasons(
    first: Mapping[str, int], last: Mapping[str, int], policy: Policy
) -> list[dict[str, Any]]:
    """Return the dimensions that fell most between two closes, the most first, in points."""
    texts = {one.id: one.text for one in policy.dimensions}
    fell = {name: last.get(name, 0) - points for name, points in first.items()}
    worst = sorted((name for name in fell if fell[name] < 0), key=lambda one: (fell[one], one))
    return [
        {
            "dimension": name,
            "zh": texts.get(name, Text(name, name)).zh,
            "en": texts.get(name, Text(name, name)).en,
            "points": fell[name] / MILLI,
        }
        for name in worst[:_MOST_REASONS]
    ]


def said(slope: float, months: int, why: list[dict[str, Any]]) -> Text:
    """Return a warning in words: how fast, over how long, by what."""
    loss = f"{abs(slope) / MILLI:.1f}"
    zh = "、".join(f"{one['zh']}{abs(one['points']):g}分" for one in why) or "各维度变化不大"
    en = ", ".join(f"{one['en']} {abs(one['points']):g}" for one in why) or "no dimension alone"
    return Text(
        f"近{months}个月管理分平均每月下降{loss}分（取中位数）；下降较多的是：{zh}。"
        "这只是提示，不产生任何法律后果。",
        f"Over {months} months the management score fell by {loss} points a month (the median);"
        f" most in: {en}. A hint only, without any effect in law.",
    )
