"""Bodies and answers of dispatch, as docs/http-dispatch.md says."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field

from server.dispatch.lifecycle import State
from server.dispatch.nearest import Availability
from server.schema import Strict

_Login = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
Finding = Literal["founded", "unfounded", "inconclusive"]


class GoTo(Strict):
    """A place to go to, given by who sends; WGS-84."""

    datum: Literal["WGS84"]
    longitude_deg: Annotated[float, Field(ge=-180, le=180)]
    latitude_deg: Annotated[float, Field(ge=-90, le=90)]
    name: Annotated[str | None, Field(max_length=100)] = None


class NewTask(Strict):
    """Whom to send, where and by when."""

    login: _Login
    place: GoTo | None = None
    due_at: AwareDatetime | None = None
    note: Annotated[str | None, Field(max_length=2000)] = None


class TaskAnswer(Strict):
    """What the person who was sent does."""

    state: Literal["accepted", "declined", "en_route", "on_site"]
    note: Annotated[str | None, Field(max_length=2000)] = None


class TaskReport(Strict):
    """What was found, and what it speaks for; the verdict is the alert's handler's."""

    finding: Finding
    text: Annotated[str, Field(min_length=2, max_length=2000, pattern=r"\S")]
    media: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=128)]],
        Field(max_length=20, description="recordings of it; each is linked to the task"),
    ] = []


class TaskCancellation(Strict):
    """Why nobody needs to go any more."""

    note: Annotated[str, Field(min_length=1, max_length=2000, pattern=r"\S")]


class TaskPlace(BaseModel):
    """Where to go; `fix_time`: where the person was last, null: given by who sent."""

    datum: Literal["WGS84"] = "WGS84"
    longitude_deg: float
    latitude_deg: float
    name: str | None
    fix_time: datetime | None


class Task(BaseModel):
    """Somebody is sent to an alert.

    `lapses_at`: it goes back to routing if it is not accepted, later not on site, by then.
    """

    id: str
    version: int
    org: str
    alert: str
    login: str
    name: str | None
    device: str | None
    what: str
    place: TaskPlace | None
    sent_by: str
    sent_at: datetime
    due_at: datetime
    state: State
    state_at: datetime
    lapses_at: datetime | None
    was_on_site: bool
    finding: Finding | None
    report: str | None


class TaskStep(BaseModel):
    """Who said what; neither login nor device: a clock. `moved` false: it came too late."""

    step: State
    by_login: str | None
    device: str | None
    gateway: str | None
    note: str | None
    moved: bool
    step_time: datetime
    at: datetime


class TaskWithSteps(Task):
    """A task and everything that was said of it, oldest first."""

    steps: list[TaskStep]


class TaskList(BaseModel):
    """An alert's tasks, oldest first."""

    items: list[Task]


class TaskPage(BaseModel):
    """A page of tasks, newest first."""

    items: list[Task]
    next_cursor: str | None


class CandidatePosition(BaseModel):
    """Where somebody was last."""

    datum: Literal["WGS84"] = "WGS84"
    longitude_deg: float
    latitude_deg: float
    accuracy_m: float | None
    fix_time: datetime
    age_s: float
    stale: bool


class CandidateInfo(BaseModel):
    """Somebody who may be sent."""

    login: str
    name: str
    org: str
    availability: Availability
    until: Annotated[datetime | None, Field(description="end of the shift; null: not on duty")]
    waiting: int
    task: Annotated[str | None, Field(description="the live task, if one")]
    device: Annotated[str | None, Field(description="that a task reaches; null: the app alone")]
    position: CandidatePosition | None
    distance_m: float | None


class CandidateList(BaseModel):
    """Who may be sent to an alert, the best first; at most fifty."""

    alert: str
    at: datetime
    place: TaskPlace | None
    items: list[CandidateInfo]
