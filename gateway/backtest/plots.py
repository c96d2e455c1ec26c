"""The report's pictures, as SVG that stands inside a page: no script, nothing from outside."""

import math
from collections.abc import Mapping, Sequence
from typing import Final

from gateway.backtest.figures import OrgFigures
from gateway.directory.moment import to_text
from gateway.plot import LEFT, RIGHT, WIDTH, Plot

Series = Sequence[tuple[str, str]]
"""Name and colour of each rule set, in order."""

_DAY_MS: Final = 86_400_000
_DELAY_TICKS_S: Final = (1, 10, 60, 600, 3_600, 21_600, 86_400, 604_800)
_DELAY_NAMES: Final = ("1秒", "10秒", "1分", "10分", "1时", "6时", "1天", "7天")
_LABELS_MOST: Final = 16
_ORGS_MOST: Final = 40


def days_plot(days: Sequence[Mapping[int, int]], series: Series) -> str:
    """Return bars: alerts of each local day, of each rule set side by side."""
    height, top, bottom = 260, 12, 34
    numbers = sorted({day for each in days for day in each})
    most = _round_up(max((n for each in days for n in each.values()), default=0))
    plot = Plot("每日告警数 alerts per day", height)
    plot.y_axis(most, top, height - bottom)
    slot = (WIDTH - LEFT - RIGHT) / max(1, len(numbers))
    bar = min(40.0, slot * 0.8 / len(series))
    every = -(-len(numbers) // _LABELS_MOST)
    for place, day in enumerate(numbers):
        middle = LEFT + slot * (place + 0.5)
        for nth, each in enumerate(days):
            tall = (height - top - bottom) * each.get(day, 0) / most
            left = middle + (nth - len(days) / 2) * bar
            name, colour = series[nth]
            date = to_text(day * _DAY_MS)[:10]
            box = left, height - bottom - tall, bar, tall
            plot.bar(box, colour, f"{date} {name}: {each.get(day, 0)}")
        if place % every == 0:
            plot.text(middle, height - 12, to_text(day * _DAY_MS)[5:10], "middle")
    return plot.svg()


def delays_plot(delays: Sequence[Sequence[float]], series: Series) -> str:
    """Return curves: the share of alerts that were told within a time, seconds, ascending."""
    height, top, bottom = 280, 12, 34
    plot = Plot("从违规开始到告警的时间 time from begin to alert", height)
    plot.y_axis(100, top, height - bottom, "%")

    def x_of(delay_s: float) -> float:
        reach = math.log(_DELAY_TICKS_S[-1])
        share = min(1.0, math.log(max(1.0, delay_s)) / reach)
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    for tick_s, name in zip(_DELAY_TICKS_S, _DELAY_NAMES, strict=True):
        plot.line([(x_of(tick_s), top), (x_of(tick_s), height - bottom)], "#e4e8ec")
        plot.text(
            x_of(tick_s), height - 12, name, "end" if tick_s == _DELAY_TICKS_S[-1] else "middle"
        )
    for each, (_, colour) in zip(delays, series, strict=True):
        points = [(x_of(1.0), float(height - bottom))]
        step = max(1, len(each) // 500)
        shown = [*range(step - 1, len(each), step), *([len(each) - 1] if each else [])]
        for place in shown:
            share = (place + 1) / len(each)
            points.append((x_of(each[place]), height - bottom - share * (height - top - bottom)))
        plot.line(points, colour, 2.5)
    return plot.svg()


def budget_plot(orgs: Sequence[Mapping[str, OrgFigures]], series: Series, budget: float) -> str:
    """Return bars: nuisance of each organisation, the loudest first, and a line at the budget."""
    names = sorted(
        {org for each in orgs for org in each},
        key=lambda org: -max(each[org].nuisance for each in orgs if org in each),
    )[:_ORGS_MOST]
    row = 10 + 16 * len(series)
    height = 34 + row * len(names)
    most = max([budget * 1.25, *(o.nuisance * 1.1 for each in orgs for o in each.values())])
    left = 200.0
    scale = (WIDTH - left - 90) / most
    plot = Plot("每人每天的打扰 nuisance alerts per subject and day", height)
    for place, org in enumerate(names):
        above = row * place + 8.0
        plot.text(left - 8, above + row / 2, org, "end")
        for nth, each in enumerate(orgs):
            if org not in each:
                continue
            value, at = each[org].nuisance, above + 16 * nth
            name, colour = series[nth]
            plot.bar((left, at, value * scale, 13), colour, f"{org} {name}: {value:.3f}")
            plot.text(left + value * scale + 6, at + 11, f"{value:.3f}")
    line = left + budget * scale
    plot.line([(line, 0), (line, height - 26)], "#b3261e", 1.5, dashed=True)
    plot.text(line, height - 8, f"预算 budget {budget:g}", "middle")
    return plot.svg()


def _round_up(value: int) -> int:
    """Return a number of at least `value` whose quarters are whole and easy to read."""
    step = 4
    while True:
        for factor in (1, 2, 3, 5):
            if step * factor >= value:
                return step * factor
        step *= 10
