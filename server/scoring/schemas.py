"""Bodies and answers of the ledger calls, as docs/http.md says."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field

from server.schema import Strict
from server.scoring.policy import Grade, Part


class ScoreInfo(BaseModel):
    """A score; `grade` is its colour, from green (诚实守信) to red (严重失信)."""

    total: float
    public: Annotated[
        float | None, Field(description="null: no public-credit figure is known; never guessed")
    ]
    management: float
    out_of: Annotated[float, Field(description="what can be reached: 600 without the public part")]
    grade: Grade
    dimensions: Annotated[dict[str, float], Field(description="management points by dimension")]


class FactInfo(BaseModel):
    """The confirmed fact behind an entry."""

    id: str
    alert_id: str | None
    confirmed_by: str
    confirmed_at: datetime
    note: str


class Entry(BaseModel):
    """One line of the ledger; `balance` is the sum of this and all earlier lines.

    A line moves its points from `contra`, the policy's account, to `account`, the person's account
    of an indicator. One that `reverses` another takes exactly its points back.
    """

    id: int
    at: datetime
    effective_at: datetime
    part: Part
    dimension: str
    indicator: str
    account: str
    contra: str
    points: float
    balance: float
    author: str
    policy_version: str
    reverses: int | None
    reason_zh: str
    reason_en: str
    fact: FactInfo | None


class Ledger(BaseModel):
    """A subject's ledger, the newest line first."""

    score: ScoreInfo | None
    policy_version: str
    entries: list[Entry]


class NewFact(Strict):
    """A fact that a person enters by hand; `indicator` is its kind."""

    indicator: Annotated[str, Field(max_length=40)]
    occurred_at: AwareDatetime
    quantity: Annotated[Decimal, Field(gt=0, le=24, decimal_places=1)]
    note: Annotated[str, Field(min_length=1, max_length=2000, pattern=r"\S")]


class TakenFact(BaseModel):
    """The fact's id and the ledger's entry; no entry when the subject's facts move no points."""

    fact: str
    entry: Entry | None
