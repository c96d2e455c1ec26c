"""The score: pure folds over ledger entries. No clock, no database."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Final

from server.scoring.policy import Grade, Indicator, Part, Policy

# China has one zone without summer time since 1992.
BEIJING: Final = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class Score:
    """A subject's score at one moment."""

    public: Decimal
    management: Decimal
    grade: Grade

    @property
    def total(self) -> Decimal:
        """Both parts together, 0 to 1000."""
        return self.public + self.management

    def described(self) -> dict[str, Any]:
        """Return what the interface says of a score."""
        return {
            "total": float(self.total),
            "public": float(self.public),
            "management": float(self.management),
            "grade": self.grade,
        }


def fold(entries: Iterable[tuple[Part, Decimal]], policy: Policy) -> Score | None:
    """Return the score of a ledger's entries, whatever their order; None for an empty ledger.

    Each part is kept between zero and its most after everything has been added up, so that the
    order of the facts does not matter.
    """
    sums: dict[Part, Decimal] = {"public": Decimal(0), "management": Decimal(0)}
    is_empty = True
    for part, points in entries:
        sums[part] += points
        is_empty = False
    if is_empty:
        return None
    public = min(max(sums["public"], Decimal(0)), policy.public_most)
    management = min(max(sums["management"], Decimal(0)), policy.management_most)
    return Score(public, management, grade_of(public + management, policy))


def grade_of(total: Decimal, policy: Policy) -> Grade:
    """Return the grade of a total; a total on a cut-off has the better grade."""
    for least, grade in policy.cut_offs:
        if total >= least:
            return grade
    return policy.cut_offs[-1][1]


def points_for(indicator: Indicator, quantity: Decimal, already: Decimal) -> Decimal:
    """Return the points of one fact, when `already` has counted in the same month.

    The month's sum is the same in whatever order its facts are confirmed.
    """
    counting = quantity
    if indicator.monthly_quantity is not None:
        counting = min(quantity, max(indicator.monthly_quantity - already, Decimal(0)))
    # The sum with zero turns -0, which a database does not keep, into 0.
    return counting * indicator.points + Decimal(0)


def month_of(moment: datetime) -> tuple[datetime, datetime]:
    """Return the calendar month in Beijing that holds a moment: its begin, and its end excluded."""
    begin = moment.astimezone(BEIJING).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    end = (begin + timedelta(days=32)).replace(day=1)
    return begin, end


def opening_points(public_credit: Decimal, policy: Policy) -> dict[Part, Decimal]:
    """Return the two opening entries' points for a public-credit figure of 0 to 1000."""
    public = (public_credit * policy.public_share).quantize(Decimal("0.1"))
    return {"public": public, "management": policy.management_start}
