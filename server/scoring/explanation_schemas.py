"""Answers of the explanation calls, as docs/scoring.md says."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from server.schema import Words
from server.scoring.policy import Grade
from server.scoring.promise_schemas import Promise
from server.scoring.schemas import ScoreInfo


class PolicyName(BaseModel):
    """Which policy a score is read by."""

    version: str
    title: Words
    source: Words


class IndicatorShare(BaseModel):
    """What an indicator was posted in all, and what of it counts now; or why it is inactive."""

    id: str
    zh: str
    en: str
    posted: float
    counted: float
    inactive: Words | None


class DimensionShare(BaseModel):
    """A dimension: where it began, what it is, what it may become."""

    id: str
    zh: str
    en: str
    start: float
    points: float
    adjusted: Annotated[float, Field(description="by bounds and rounding, in `points`")]
    most: float
    maximum: float
    indicators: list[IndicatorShare]


class FactShare(BaseModel):
    """A fact that stands: what it moved, what is left of that, and the total without it."""

    fact: str
    kind: str
    account: str
    occurred_at: datetime
    recorded_at: datetime
    quantity: float
    posted: float
    counted: float
    without: float
    is_frozen: bool
    confirmed_by: str
    policy_version: str
    zh: str
    en: str


class Objection(BaseModel):
    """An objection to a fact: `upheld` and `reversed` say what became of the fact."""

    id: str
    fact: str
    words: str
    filed_at: datetime
    due_at: datetime | None
    state: Literal["open", "upheld", "reversed"]
    answer: str | None
    answered_at: datetime | None
    extended_because: str | None
    zh: str
    en: str


class Advice(BaseModel):
    """What would raise the score, and by how much this month."""

    indicator: str
    zh: str
    en: str
    each: float
    unit: Literal["time", "hour"]
    this_month: float


class Explanation(BaseModel):
    """A score in words: every point of it, why, by whom, by which rule, and how to object."""

    subject: str
    at: datetime
    known_at: datetime
    score: ScoreInfo
    policy: PolicyName
    dimensions: list[DimensionShare]
    facts: list[FactShare]
    promises: list[Promise]
    objections: list[Objection]
    to_raise: list[Advice]
    principle: Words
    objection: Words
    text: Words


class MonthScore(BaseModel):
    """What a score was at the end of a month, as it was known when the month was closed."""

    month: str
    org: str
    total: float
    public: float | None
    management: float
    out_of: float
    grade: Grade
    dimensions: dict[str, float]


class MonthScores(BaseModel):
    """Closed months, the newest first; 120 at most."""

    items: list[MonthScore]


class Gathered(BaseModel):
    """How many facts were taken, or fell."""

    moved: int
