"""Bodies and answers of the calls on redemption, as docs/scoring.md says."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from server.redemption.account import Kind
from server.schema import Strict, Words

RedemptionState = Literal["asked", "granted", "refused", "reversed"]
_Said = Annotated[str, Field(min_length=2, max_length=2000, pattern=r"\S")]


class RedemptionOffer(BaseModel):
    """What may be asked for."""

    id: str
    text: Words
    cost: float


class RedemptionLine(BaseModel):
    """A line of the account: `points` against `contra`, and the balance after it."""

    number: int
    kind: Kind
    contra: str
    month: str | None
    redemption: str | None
    points: float
    balance: float
    policy_version: str
    author: str
    recorded_at: datetime


class Redemption(BaseModel):
    """What was asked for, and what came of it."""

    id: str
    org: str
    subject: str
    item: str
    text: Words
    cost: float
    policy_version: str
    asked_by: str
    asked_at: datetime
    state: RedemptionState
    decided_by: str | None
    decided_at: datetime | None
    note: str | None
    reversed_by: str | None
    reversed_at: datetime | None
    reason: str | None
    version: int


class RedemptionAccount(BaseModel):
    """An account with every line, the oldest first, and the newest 200 redemptions."""

    balance: float
    available: Annotated[float, Field(description="less what is asked for and undecided")]
    is_whole: Annotated[bool, Field(description="its lines are chained and add up")]
    offers: list[RedemptionOffer]
    lines: list[RedemptionLine]
    redemptions: list[Redemption]


class Redemptions(BaseModel):
    """Redemptions, the newest first."""

    items: list[Redemption]
    next_cursor: str | None


class NewRedemption(Strict):
    """What is asked for: an `id` of the offers."""

    item: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,40}$")]


class RedemptionDecision(Strict):
    """Another person's word, with the reason that the person concerned reads."""

    outcome: Literal["granted", "refused"]
    note: _Said


class RedemptionReversal(Strict):
    """Why a granted one is taken back; its points are returned."""

    reason: _Said
