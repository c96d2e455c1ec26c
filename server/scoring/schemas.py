"""Bodies and answers of the ledger calls, as docs/http.md says."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from server.scoring.policy import Grade, Part


class ScoreInfo(BaseModel):
    """A score; `grade` is its colour, from green (诚实守信) to red (严重失信)."""

    total: float
    public: float
    management: float
    grade: Grade


class FactInfo(BaseModel):
    """The confirmed fact behind an entry."""

    id: str
    alert_id: str | None
    confirmed_by: str
    confirmed_at: datetime
    note: str


class Entry(BaseModel):
    """One line of the ledger; `balance` is the sum of this and all earlier lines."""

    id: int
    at: datetime
    effective_at: datetime
    part: Part
    dimension: str
    indicator: str
    points: float
    balance: float
    author: str
    reason_zh: str
    reason_en: str
    fact: FactInfo | None


class Ledger(BaseModel):
    """A subject's ledger, the newest line first."""

    score: ScoreInfo | None
    policy_version: str
    entries: list[Entry]


class NewFact(BaseModel):
    """A fact that a person enters by hand."""

    model_config = ConfigDict(extra="forbid")

    indicator: Annotated[str, Field(max_length=40)]
    occurred_at: AwareDatetime
    quantity: Annotated[Decimal, Field(gt=0, le=24, decimal_places=1)]
    note: Annotated[str, Field(min_length=1, max_length=2000, pattern=r"\S")]


class TakenFact(BaseModel):
    """The fact's id and the ledger's entry; no entry when the subject's facts move no points."""

    fact: str
    entry: Entry | None
