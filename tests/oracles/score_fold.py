"""The management score of one person, fact by fact, straight from the policy's YAML."""

from datetime import date
from fractions import Fraction
from math import trunc
from typing import Any


def _months(day: date) -> int:
    return day.year * 12 + day.month - 1


def management(
    policy: dict[str, Any], facts: list[tuple[date, str, Fraction]], on: date
) -> tuple[int, dict[str, int]]:
    """Return the points in thousandths, and those of each dimension.

    Args:
        policy: The YAML as plain Python.
        facts: Day, kind and quantity of each, in any order.
        on: The day that the score is of.
    """
    dimensions = {}
    for dimension in policy["dimensions"]:
        points = round(dimension["start"] * 1000)
        for group in dimension["groups"]:
            for indicator in group["indicators"]:
                if "inactive" not in indicator:
                    points += _of(indicator, facts, on)
        least, most = dimension["least"] * 1000, dimension["most"] * 1000
        dimensions[dimension["id"]] = min(max(points, least), most)
    return min(max(sum(dimensions.values()), 0), 600_000), dimensions


def _of(indicator: dict[str, Any], facts: list[tuple[date, str, Fraction]], on: date) -> int:
    mine = sorted(fact for fact in facts if fact[1] in indicator["facts"] and fact[0] <= on)
    by_month: dict[int, int] = {}
    whole = 0
    for day, _, quantity in mine:
        points = trunc(Fraction(str(indicator["points"])) * 1000 * quantity)
        month = _months(day)
        for cap, used in (("month_cap", by_month.get(month, 0)), ("term_cap", whole)):
            if cap in indicator:
                room = max(round(indicator[cap] * 1000) - abs(used), 0)
                points = max(min(points, room), -room)
        by_month[month] = by_month.get(month, 0) + points
        whole += points
    return sum(_left(indicator, points, _months(on) - month) for month, points in by_month.items())


def _left(indicator: dict[str, Any], points: int, months: int) -> int:
    half = indicator.get("half_life_months")
    share = 1.0 if half is None else 0.5 ** (months / half)
    return trunc(Fraction(points * round(share * 1_000_000), 1_000_000))
