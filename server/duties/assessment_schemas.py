"""Bodies and answers of the assessment calls, as docs/http-duties.md says."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, Field

from server.duties.assessment import Grade
from server.duties.kinds import SupervisionClass
from server.schema import Strict

AssessmentState = Literal["prepared", "confirmed", "returned", "annulled"]
_Reasons = Annotated[str, Field(min_length=4, max_length=4000, pattern=r"\S")]


class NewAssessment(Strict):
    """The office's assessment of a period; a grade that is not suggested needs its reasons."""

    period_from: date
    period_to: Annotated[date, Field(description="first day after the period")]
    grade: Grade
    reasons: Annotated[_Reasons, Field(examples=["按时报告，积极参加学习，无违规"])]


class Confirmation(Strict):
    """The county's word."""

    outcome: Literal["confirmed", "returned"]
    note: Annotated[str, Field(max_length=2000)] = ""


class Told(Strict):
    """书面通知本人."""

    happened_time: AwareDatetime | None = None


class AssessmentObjection(Strict):
    """The person's objection."""

    words: Annotated[str, Field(min_length=2, max_length=4000, pattern=r"\S")]


class AssessmentInfo(BaseModel):
    """An assessment; `suggested` and `class_suggested` are what the record suggests."""

    id: str
    org: str
    subject: str
    period_from: date
    period_to: date
    facts: dict[str, Any]
    suggested: Grade
    grade: Grade
    reasons: str
    supervision_class: SupervisionClass
    class_suggested: SupervisionClass
    policy_version: str
    state: AssessmentState
    prepared_by: str
    prepared_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    note: str | None
    told_at: datetime | None
    objectable_until: datetime | None
    version: int


class AssessmentPage(BaseModel):
    """Assessments, the newest first."""

    items: list[AssessmentInfo]
    next_cursor: str | None
