"""What each fact of an account should move: a function of the facts, not of their arrival. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from server.scoring.policy import MILLI, Indicator
from server.scoring.score import month_number


@dataclass(frozen=True, slots=True)
class Standing:
    """A fact that stands."""

    id: str
    occurred_at: datetime
    quantity: Decimal


def targets(
    facts: Iterable[Standing], indicator: Indicator, opened_month: int | None = None
) -> dict[str, int]:
    """Return the points of each fact in thousandths, within the caps of the month and the term.

    Facts count in the order of their time; who comes after the cap is reached moves nothing, and
    is said so by a line of zero.

    Args:
        facts: Every standing fact of one person that feeds the indicator under one policy version.
        indicator: An active one.
        opened_month: When the ledger was opened, for `not_before_months`.
    """
    first = None if opened_month is None else opened_month + indicator.not_before_months
    found: dict[str, int] = {}
    of_month: dict[int, int] = {}
    of_term = 0
    for fact in sorted(facts, key=lambda one: (one.occurred_at, one.id)):
        month = month_number(fact.occurred_at)
        points = unit_points(indicator.points, fact.quantity)
        if indicator.not_before_months and first is not None and month < first:
            points = 0
        points = _within(points, of_month.get(month, 0), indicator.month_cap)
        points = _within(points, of_term, indicator.term_cap)
        of_month[month] = of_month.get(month, 0) + points
        of_term += points
        found[fact.id] = points
    return found


def public_targets(figures: Iterable[tuple[Standing, int]], opening: int | None) -> dict[str, int]:
    """Return what each public-credit figure changes: its points less those of the one before.

    Args:
        figures: Those dated after the opening, each with its points in thousandths.
        opening: The points of the opening; None: it had no figure.
    """
    before = opening or 0
    found = {}
    for figure, points in sorted(figures, key=lambda one: (one[0].occurred_at, one[0].id)):
        found[figure.id] = points - before
        before = points
    return found


def unit_points(points: int, quantity: Decimal) -> int:
    """Return points times a quantity, in thousandths, rounded towards zero."""
    thousandths = int(quantity * MILLI)
    moved = abs(points) * thousandths // MILLI
    return moved if points >= 0 else -moved


def _within(points: int, already: int, cap: int | None) -> int:
    if cap is None:
        return points
    left = max(cap - abs(already), 0)
    return max(min(points, left), -left)
