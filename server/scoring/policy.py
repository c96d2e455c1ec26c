"""A scoring policy as it is in force: dimensions, indicators, grades. Pure.

Points are integers in thousandths of a point, weights in millionths, so that every sum is exact
and its order does not matter.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final, Literal

from server.law.text import Text
from server.scoring.kinds import Unit

Part = Literal["public", "management"]
Grade = Literal["green", "blue", "yellow", "orange", "red"]
TreatmentKind = Literal["reward", "restriction"]

MILLI: Final = 1000
"""Thousandths in a point."""
WHOLE: Final = 1_000_000
"""The weight of a fact of the same month, in millionths."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """A third-level indicator.

    Attributes:
        facts: Kinds of facts that feed it.
        points: For one unit, in thousandths; negative takes away.
        month_cap: Most that it moves in a calendar month (Beijing), in thousandths; None: no cap.
        term_cap: Most that it moves in the whole term, in thousandths.
        half_life_months: After so many months half of it is left; None: it stays whole.
        window_months: From the so-manieth month on nothing of it is left; None: it stays.
        not_before_months: Facts of the first so many months after the opening move nothing.
        inactive: Why it moves nothing; None: it is active.
    """

    id: str
    text: Text
    dimension: str
    facts: tuple[str, ...]
    points: int
    unit: Unit
    source: Text | None
    month_cap: int | None = None
    term_cap: int | None = None
    half_life_months: int | None = None
    window_months: int | None = None
    not_before_months: int = 0
    inactive: Text | None = None

    def weight(self, months: int) -> int:
        """Return what is left of a fact after so many calendar months, in millionths."""
        return _weight(self.half_life_months, self.window_months, months)


@dataclass(frozen=True, slots=True)
class Group:
    """A second-level indicator."""

    id: str
    text: Text
    indicators: tuple[Indicator, ...]


@dataclass(frozen=True, slots=True)
class Dimension:
    """A first-level indicator; its sum is kept between `least` and `most`, in thousandths."""

    id: str
    text: Text
    start: int
    least: int
    most: int
    groups: tuple[Group, ...]

    @property
    def maximum(self) -> int:
        """What its active indicators can reach."""
        gains = [
            one.term_cap
            for group in self.groups
            for one in group.indicators
            if one.inactive is None and one.points > 0
        ]
        if any(gain is None for gain in gains):
            return self.most
        return min(self.most, self.start + sum(gain or 0 for gain in gains))


@dataclass(frozen=True, slots=True)
class GradeLimit:
    """A grade and its lowest total in thousandths, with the public part and without."""

    grade: Grade
    text: Text
    of_1000: int
    of_600: int


@dataclass(frozen=True, slots=True)
class Treatment:
    """What is proposed to a person for who keeps a grade (奖惩); nothing applies by itself.

    Attributes:
        grades: Any of them.
        months: So many ends of months in a row.
    """

    id: str
    text: Text
    kind: TreatmentKind
    grades: tuple[Grade, ...]
    months: int


@dataclass(frozen=True, slots=True)
class RedemptionItem:
    """What points are redeemed for; `cost` in thousandths."""

    id: str
    text: Text
    cost: int


@dataclass(frozen=True, slots=True)
class Redemption:
    """Redemption of points (积分兑换), beside the score and never out of it.

    Attributes:
        per_point: What a point gained is worth, in thousandths.
        dimensions: Whose gains count.
        month_most: Most that a month brings, in thousandths.
    """

    per_point: int
    dimensions: tuple[str, ...]
    month_most: int
    items: tuple[RedemptionItem, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of the policy.

    Attributes:
        takes_over: Versions whose openings and entries are read by this one.
        public_share: Of the public-credit figure, in millionths.
        grades: Best first.
        indicators: By id, in the order of the file.
        of_fact: The active indicator that a kind of fact feeds.
        treatments: In the order of the file.
        redemption: None: nothing is redeemed.
        sha256: Of the file's text, in hex.
    """

    version: str
    takes_over: tuple[str, ...]
    title: Text
    source: Text
    public_share: int
    public_most: int
    dimensions: tuple[Dimension, ...]
    grades: tuple[GradeLimit, ...]
    indicators: Mapping[str, Indicator]
    of_fact: Mapping[str, Indicator]
    treatments: tuple[Treatment, ...]
    redemption: Redemption | None
    sha256: str

    @property
    def start(self) -> int:
        """Management points of somebody without any fact."""
        return sum(one.start for one in self.dimensions)

    @property
    def most(self) -> int:
        """Most management points."""
        return sum(one.most for one in self.dimensions)

    @property
    def maximum(self) -> int:
        """Management points that can be reached: what is inactive is left out."""
        return sum(one.maximum for one in self.dimensions)


@lru_cache(maxsize=4096)
def _weight(half_life: int | None, window: int | None, months: int) -> int:
    if months <= 0:
        return WHOLE
    if window is not None and months >= window:
        return 0
    return WHOLE if half_life is None else round(WHOLE * 0.5 ** (months / half_life))


def points_of(milli: int) -> Decimal:
    """Return thousandths as points."""
    return (Decimal(milli) / MILLI).normalize() + Decimal(0)
