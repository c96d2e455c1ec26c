"""Answers of the deadline calls."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from server.schema import Words

State = Literal["open", "met", "lapsed", "cancelled"]


class DeadlineInfo(BaseModel):
    """A clock of the law.

    `met_late`: it lapsed, and what it asks for was done after all; `moot_at`: it lapsed, and what
    it is about ended then: nobody owes it any more.
    """

    id: int
    org: str
    subject: str | None
    kind: str
    title: Words
    who: str
    article: str
    ref_kind: str
    ref_id: str
    begins_at: datetime
    due_at: datetime
    warn_at: datetime
    state: State
    warned_at: datetime | None
    ended_at: datetime | None
    met_late: bool
    moot_at: datetime | None


class DeadlinePage(BaseModel):
    """Deadlines, the earliest end first."""

    items: list[DeadlineInfo]
    next_cursor: str | None


class DutyCount(BaseModel):
    """How many of a kind are owed, and how many of them are over their time."""

    kind: str
    title: Words
    who: str
    due: int
    overdue: int


class DutyCounts(BaseModel):
    """What is owed by the end of a day."""

    by: datetime
    counts: list[DutyCount]
