"""Bodies and answers of incidents, as docs/http-rota.md says."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from server.incidents.plan import MOST_TASKS, Who
from server.schema import Strict, Words

State = Literal["open", "closed"]
TaskState = Literal["open", "done", "dropped"]
Login = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
AlertIds = Annotated[
    list[Annotated[str, Field(max_length=80)]], Field(min_length=1, max_length=500)
]
Note = Annotated[str, Field(min_length=2, max_length=2000, pattern=r"\S")]
_Text = Annotated[str, Field(min_length=2, max_length=500)]
_Minutes = Annotated[int, Field(ge=1, le=10_080)]


class TaskText(Strict):
    """What is to be done."""

    zh: _Text
    en: _Text


class PlannedTask(Strict):
    """One thing that a plan asks for."""

    text: TaskText
    who: Who
    within_minutes: _Minutes


class NewPlan(Strict):
    """A plan of the own organisation and those below it."""

    key: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
    title: TaskText
    tasks: Annotated[list[PlannedTask], Field(min_length=1, max_length=MOST_TASKS)]
    source: Annotated[str, Field(min_length=4, max_length=400, description="the document")]


class PlanInfo(BaseModel):
    """A plan in force; without a source the product's own."""

    key: str
    version: str
    title: Words
    source: str
    tasks: list[PlannedTask]


class PlanList(BaseModel):
    """The plans in force, by key."""

    items: list[PlanInfo]


class NewIncident(Strict):
    """An emergency: one title, one plan, the alerts that it is about."""

    org: Annotated[str | None, Field(max_length=40, description="the own if none")] = None
    title: Annotated[str, Field(min_length=2, max_length=200, pattern=r"\S")]
    plan: Annotated[str, Field(max_length=40)]
    alerts: AlertIds
    commander: Annotated[Login | None, Field(description="who opens it, if none")] = None


class MoreAlerts(Strict):
    """Alerts that belong to it too."""

    alerts: AlertIds


class NewNote(Strict):
    """What is to stand on the time line."""

    note: Note


class Commander(Strict):
    """Who commands from now on."""

    login: Login


class NewTask(Strict):
    """Something else to do."""

    text: TaskText
    who: Who = "commander"
    owner: Login | None = None
    within_minutes: _Minutes


class Owner(Strict):
    """Who does it."""

    login: Login


class TaskEnd(Strict):
    """What became of a task."""

    state: Literal["done", "dropped"]
    note: Note


class Closing(Strict):
    """What it was, and what was done."""

    summary: Annotated[str, Field(min_length=4, max_length=4000, pattern=r"\S")]


class TaskInfo(BaseModel):
    """A task with its clock."""

    number: int
    version: int
    text: Words
    who: Who
    owner: str | None
    state: TaskState
    due_at: datetime
    overdue: bool
    ended_by: str | None
    ended_at: datetime | None
    note: str | None


class IncidentSummary(BaseModel):
    """An incident in a list."""

    id: str
    version: int
    org: str
    title: str
    plan: str
    plan_version: str
    plan_title: Words
    commander: str
    state: State
    opened_by: str
    opened_at: datetime
    closed_by: str | None
    closed_at: datetime | None
    summary: str | None


class IncidentInfo(IncidentSummary):
    """An incident with its alerts and tasks."""

    alerts: list[str]
    tasks: list[TaskInfo]


class IncidentPage(BaseModel):
    """Incidents, newest first."""

    items: list[IncidentSummary]
    next_cursor: str | None


class Moment(BaseModel):
    """A line of the time line: an entry of the incident, or a step of one of its alerts."""

    key: str
    at: datetime
    kind: str
    alert: str | None
    by_login: str | None
    note: str | None
    body: dict[str, Any]


class TimeLine(BaseModel):
    """What happened, newest first."""

    items: list[Moment]
    next_cursor: str | None
