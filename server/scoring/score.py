"""The score: pure folds over what each account holds by month. No clock, no database.

A cell is what one account (a person's indicator) was posted in one calendar month of Beijing. The
weight of a month applies to the cell's sum, so that a reversing line takes exactly its line away
and the order of the lines does not matter.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Final, NamedTuple

from server.scoring.policy import MILLI, WHOLE, Grade, Part, Policy, points_of

# China has one zone without summer time since 1992.
BEIJING: Final = timezone(timedelta(hours=8))
OPENING: Final = "opening"


class Cell(NamedTuple):
    """What one account was posted in one month, in thousandths of a point."""

    part: Part
    account: str
    month: int
    points: int


@dataclass(frozen=True, slots=True)
class Score:
    """A subject's score at one moment, in thousandths of a point.

    Attributes:
        public: None: no public-credit figure is known, and none is guessed.
        dimensions: Management points of each dimension.
        out_of: What can be reached: 1000 points, or 600 without the public part, less what only
            inactive indicators could bring.
    """

    public: int | None
    management: int
    dimensions: Mapping[str, int]
    grade: Grade
    out_of: int

    @property
    def total(self) -> int:
        """Both parts together."""
        return (self.public or 0) + self.management

    def described(self) -> dict[str, Any]:
        """Return what the interface says of a score."""
        return {
            "total": self.total / MILLI,
            "public": None if self.public is None else self.public / MILLI,
            "management": self.management / MILLI,
            "out_of": self.out_of / MILLI,
            "grade": self.grade,
            "dimensions": {name: value / MILLI for name, value in self.dimensions.items()},
        }


def fold(cells: Iterable[Cell], month: int, policy: Policy) -> Score | None:
    """Return the score of a ledger's cells as of a month, whatever their order.

    None without an opening: nobody's ledger is guessed. Dimensions are kept within their bounds,
    then both parts within theirs, after everything has been added up.
    """
    sums = {dimension.id: dimension.start for dimension in policy.dimensions}
    public: int | None = None
    is_open = False
    accounts: dict[tuple[str, int], int] = {}
    for cell in cells:
        if cell.part == "public":
            public = (public or 0) + cell.points
        elif cell.account == OPENING:
            is_open = True
        else:
            key = (cell.account, cell.month)
            accounts[key] = accounts.get(key, 0) + cell.points
    if not is_open:
        return None
    for (account, then), points in accounts.items():
        indicator = policy.indicators.get(account)
        if indicator is not None:
            sums[indicator.dimension] += weighted(points, indicator.weight(month - then))
    bounded = {
        one.id: min(max(sums[one.id], one.least), one.most) for one in policy.dimensions
    }  # fmt: skip
    management = min(max(sum(bounded.values()), 0), policy.most)
    if public is not None:
        public = min(max(public, 0), policy.public_most)
    grade = grade_of((public or 0) + management, policy, has_public=public is not None)
    out_of = policy.maximum + (0 if public is None else policy.public_most)
    return Score(public, management, bounded, grade, out_of)


def weighted(points: int, weight: int) -> int:
    """Return what is left of points, rounded towards zero: a reversal leaves nothing."""
    left = abs(points) * weight // WHOLE
    return left if points >= 0 else -left


def grade_of(total: int, policy: Policy, *, has_public: bool) -> Grade:
    """Return the grade of a total in thousandths; one on a limit has the better grade."""
    for limit in policy.grades:
        if total >= (limit.of_1000 if has_public else limit.of_600):
            return limit.grade
    return policy.grades[-1].grade


def month_number(moment: datetime) -> int:
    """Return a moment's calendar month in Beijing as year x 12 + month - 1."""
    local = moment.astimezone(BEIJING)
    return local.year * 12 + local.month - 1


def month_of(moment: datetime) -> tuple[datetime, datetime]:
    """Return the calendar month in Beijing that holds a moment: its begin, and its end excluded."""
    begin = moment.astimezone(BEIJING).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    end = (begin + timedelta(days=32)).replace(day=1)
    return begin, end


def public_points(credit: Decimal, policy: Policy) -> Decimal:
    """Return the points of a public-credit figure of 0 to 1000, to a tenth."""
    share = Decimal(policy.public_share) / WHOLE
    return (credit * share).quantize(Decimal("0.1"))


def opening_points(credit: Decimal | None, policy: Policy) -> dict[Part, Decimal]:
    """Return the opening entries' points; no public one without a figure."""
    opening: dict[Part, Decimal] = {}
    if credit is not None:
        opening["public"] = public_points(credit, policy)
    return opening | {"management": points_of(policy.start)}
