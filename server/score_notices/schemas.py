"""Bodies and answers of the calls on notices, as docs/scoring.md says."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from server.schema import Strict, Words
from server.scoring.policy import Grade
from server.trends.schemas import DeclineReason

NoticeKind = Literal["grade_change", "decline"]
NoticeState = Literal["open", "confirmed", "set_aside"]


class ScoreNotice(BaseModel):
    """What a close showed of a person; a grade is in effect when somebody has confirmed it."""

    id: str
    org: str
    subject: str
    month: str
    kind: NoticeKind
    from_grade: Grade
    to_grade: Grade
    before: Annotated[float, Field(description="points; of a decline: management points only")]
    after: float
    slope: Annotated[float | None, Field(description="points a month; of a decline only")]
    months: int
    reasons: list[DeclineReason]
    text: Words
    made_at: datetime
    state: NoticeState
    decided_by: str | None
    decided_at: datetime | None
    note: str | None
    version: int


class ScoreNotices(BaseModel):
    """Notices, the newest month first."""

    items: list[ScoreNotice]
    next_cursor: str | None


class NoticeDecision(Strict):
    """A person's word on a notice: `confirmed` puts the grade in effect, or takes the hint up."""

    outcome: Literal["confirmed", "set_aside"]
    note: Annotated[str, Field(min_length=2, max_length=2000, pattern=r"\S")]
