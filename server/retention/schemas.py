"""Bodies and answers of the retention calls."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from server.schema import Strict

_Reason = Annotated[str, Field(min_length=4, max_length=500)]


class ClassPlan(BaseModel):
    """A class of records: how long it is kept, by which article, and what of the scope is due.

    `verified` is false where no law sets the period; `days` is null where it is kept for good.
    """

    record_class: str
    zh: str
    en: str
    article: str
    basis_zh: str
    basis_en: str
    verified: bool
    least_days: int
    days: int | None
    since_zh: str
    since_en: str
    does: Literal["destroyed", "elsewhere", "kept"]
    how: str
    due: int
    held: int


class RetentionPlan(BaseModel):
    """Every class."""

    classes: list[ClassPlan]


class Destruction(BaseModel):
    """What retention destroyed at once: of which class, how much, by what; nothing of whom."""

    id: int
    org: str
    record_class: str
    basis: str
    kept_days: int
    row_count: int
    oldest_at: datetime
    newest_at: datetime
    at: datetime


class DestructionPage(BaseModel):
    """Destructions, newest first."""

    items: list[Destruction]
    next_cursor: str | None


class NewHold(Strict):
    """What is to be held, and why; without a subject the own organisation with those below it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"subject": "s-4k2m9q", "reason": "检察机关调取证据，案件未结"}]
        }
    )

    subject: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")] | None = None
    reason: _Reason
    until: AwareDatetime | None = None


class NewLifting(Strict):
    """Why a hold is to be lifted."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "案件已办结，证据已移送"}]}
    )

    reason: _Reason


class LiftingDecision(Strict):
    """Whether the hold is lifted."""

    approve: bool


class HoldInfo(BaseModel):
    """A legal hold. The subject is a pseudonym."""

    id: str
    org: str
    subject: str | None
    reason: str
    until: datetime | None
    placed_by: str
    placed_at: datetime
    lift_reason: str | None
    lift_asked_by: str | None
    lift_asked_at: datetime | None
    lifted_by: str | None
    lifted_at: datetime | None
    state: Literal["held", "lifting", "lifted", "ended"]
    version: int


class HoldPage(BaseModel):
    """Holds, newest first."""

    items: list[HoldInfo]
    next_cursor: str | None
