"""Bodies and answers of the activity calls, as docs/http-duties.md says."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field, model_validator

from server.duties.schemas import SubjectId
from server.schema import Strict

ActivityKind = Literal["education", "community_work"]
ActivityState = Literal["planned", "held", "cancelled"]
Attended = Literal["attended", "absent", "excused"]


class Invited(Strict):
    """Who shall take part; community work goes by the person's strengths (个人特长)."""

    subject: SubjectId
    strength: Annotated[
        str | None, Field(min_length=2, max_length=200, examples=["会木工，修缮社区座椅"])
    ] = None


class NewActivity(Strict):
    """A session of education or of community work for up to 200 persons."""

    kind: ActivityKind
    title: Annotated[str, Field(min_length=2, max_length=200, examples=["集中学习：社区矫正法"])]
    place: Annotated[str, Field(min_length=2, max_length=200, examples=["城关司法所"])]
    begins_at: AwareDatetime
    ends_at: AwareDatetime
    for_minors: Annotated[bool, Field(description="minors take part apart from adults")] = False
    invited: Annotated[list[Invited], Field(min_length=1, max_length=200)]

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> "NewActivity":
        if self.ends_at <= self.begins_at:
            raise ValueError("ends_at must lie after begins_at")
        return self


class TookPart(Strict):
    """How one person took part."""

    subject: SubjectId
    outcome: Attended
    minutes: Annotated[int | None, Field(ge=1, le=1440)] = None
    note: Annotated[str | None, Field(max_length=500)] = None


class Attendance(Strict):
    """Everybody on the list, in one call."""

    entries: Annotated[list[TookPart], Field(min_length=1, max_length=200)]


class Cancellation(Strict):
    """Why a session does not take place."""

    reasons: Annotated[str, Field(min_length=2, max_length=500)]


class AttendanceInfo(BaseModel):
    """A person on the list."""

    subject: str
    strength: str | None
    outcome: Literal["planned", "attended", "absent", "excused"]
    minutes: int | None
    note: str | None


class ActivityInfo(BaseModel):
    """A session."""

    id: str
    org: str
    kind: ActivityKind
    title: str
    place: str
    begins_at: datetime
    ends_at: datetime
    for_minors: bool
    state: ActivityState
    planned_by: str
    planned_at: datetime
    ended_by: str | None
    ended_at: datetime | None
    version: int


class ActivityWhole(ActivityInfo):
    """A session with its list."""

    attendance: list[AttendanceInfo]


class ActivityPage(BaseModel):
    """Sessions, the latest first."""

    items: list[ActivityInfo]
    next_cursor: str | None
