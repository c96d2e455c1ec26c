"""What an organisation has spent of its nuisance budget, and on what. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Literal

Grain = Literal["day", "week"]

PARAMETER: Final = "nuisance_budget_centi_per_day"
"""The policy's name of it: alerts for each person and day, in hundredths."""

_CENTI: Final = 100
_DECIMALS: Final = 3


@dataclass(frozen=True, slots=True)
class Day:
    """One day of an organisation.

    Attributes:
        people: How many were under an order on it.
        alerts: Raised on it, of those that ask for somebody.
        confirmed: Of them, those that were confirmed: they cost nothing.
    """

    day: date
    people: int
    alerts: int
    confirmed: int


def spent(days: Iterable[Day], budget_centi: int) -> dict[str, Any]:
    """Return what some days spent.

    Args:
        days: Of one organisation with all below it.
        budget_centi: Alerts for each person and day that are not too many, in hundredths.
    """
    held = list(days)
    subject_days = sum(day.people for day in held)
    alerts = sum(day.alerts for day in held)
    nuisance = alerts - sum(day.confirmed for day in held)
    allowed_centi = budget_centi * subject_days
    return {
        "subject_days": subject_days,
        "alerts": alerts,
        "nuisance": nuisance,
        "allowed": allowed_centi / _CENTI,
        "left": (allowed_centi - _CENTI * nuisance) / _CENTI,
        "per_subject_day": round(nuisance / subject_days, _DECIMALS) if subject_days else None,
        # In whole hundredths: at the budget is within it.
        "is_overdrawn": _CENTI * nuisance > allowed_centi,
    }


def by_period(
    days: Mapping[date, Day], *, since: date, until: date, grain: Grain, budget_centi: int
) -> list[dict[str, Any]]:
    """Return every day or week from `since` to before `until`, the oldest first, empty ones too.

    A week begins on Monday; the first and the last may be cut.
    """
    groups: dict[date, list[Day]] = {}
    for number in range((until - since).days):
        day = since + timedelta(days=number)
        begin = day if grain == "day" else max(since, day - timedelta(days=day.weekday()))
        groups.setdefault(begin, []).append(days.get(day, Day(day, 0, 0, 0)))
    return [{"begins_on": begin, **spent(group, budget_centi)} for begin, group in groups.items()]
