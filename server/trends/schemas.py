"""Answers of the calls on scores over people and months, as docs/scoring.md says."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from server.schema import Words
from server.scoring.policy import Grade

Basis = Literal["of_1000", "of_600"]
Hidden = Annotated[
    bool, Field(description="too few people, or others could be told by subtraction")
]


class Quantile(BaseModel):
    """So large a share of the people have at most so many points."""

    share: float
    points: float


class Bin(BaseModel):
    """People with at least `from` and less than `to` points; the last bin has its end too."""

    model_config = ConfigDict(populate_by_name=True)

    since: Annotated[float, Field(alias="from")]
    to: float
    people: int


class BasisFigures(BaseModel):
    """Totals on one scale: of 1000 with the public part, of 600 without."""

    basis: Basis
    people: int | None
    hidden: Hidden
    mean: float | None
    quantiles: list[Quantile]
    histogram: list[Bin]


class MonthGrades(BaseModel):
    """People by grade at the end of a month; null where they are too few."""

    month: str
    people: int | None
    grades: dict[Grade, int] | None


class Distribution(BaseModel):
    """The scores of an organisation, with all below it, at the end of a month."""

    org: str
    month: str
    people: int | None
    hidden: Hidden
    grades: dict[Grade, int] | None
    bases: list[BasisFigures]
    trend: Annotated[list[MonthGrades], Field(description="twelve months, the oldest first")]


class Movement(BaseModel):
    """How people went from grade to grade: rows are grades before, columns grades after."""

    org: str
    since: str
    until: str
    people: Annotated[int | None, Field(description="with a score at the end of both months")]
    hidden: Hidden
    matrix: dict[Grade, dict[Grade, int]] | None
    better: int | None
    same: int | None
    worse: int | None
    came: int | None
    went: int | None


class Compared(BaseModel):
    """One organisation beside others, by management points; null where it is hidden."""

    org: str
    name_zh: str
    name_en: str
    level: str
    is_own: Annotated[bool, Field(description="only whom it has itself, nobody below it")]
    hidden: Hidden
    people: int | None = None
    mean: float | None = None
    low: Annotated[float | None, Field(description="of the mean's 95 % interval")] = None
    high: float | None = None
    median: float | None = None
    change: Annotated[float | None, Field(description="mean change since the month before")] = None
    grades: dict[Grade, int] | None = None


class Comparison(BaseModel):
    """Those next below an organisation, beside each other; `whole` is all of them together."""

    org: str
    month: str
    whole: Compared
    items: list[Compared]


class DeclineReason(BaseModel):
    """A dimension that fell over the months looked at, in points."""

    dimension: str
    zh: str
    en: str
    points: float


class Declining(BaseModel):
    """Somebody whose score goes down month after month."""

    subject: str
    org: str
    grade: Grade
    management: float
    slope: Annotated[float, Field(description="points a month, Theil-Sen")]
    months: int
    reasons: list[DeclineReason]
    text: Words


class WatchFigure(BaseModel):
    """A figure that a warning rests on, and where it comes from."""

    name: str
    value: int
    unit: str
    status: str
    source: str


class Decline(BaseModel):
    """Whose score goes down, the fastest first; a hint for officers without effect in law."""

    org: str
    month: str
    people: Annotated[int, Field(description="so many in all; 200 at most are listed")]
    parameters: list[WatchFigure]
    items: list[Declining]
