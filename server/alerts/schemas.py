"""The alert and its calls, as docs/http.md says."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from server.alerts.lifecycle import Condition, State, Verdict


class AlertSubject(BaseModel):
    """Whom an alert is about."""

    id: str
    name: str


class AlertFence(BaseModel):
    """Which fence an alert is about."""

    id: str
    name: str


class Step(BaseModel):
    """Who did what, when and why; no login: the engine."""

    step: str
    by_login: str | None
    by_name: str | None
    note: str | None
    verdict: Verdict | None
    at: datetime


class Alert(BaseModel):
    """One episode on an officer's desk."""

    id: str
    version: int
    rule: str
    severity: str
    state: State
    condition: Condition
    verdict: Verdict | None
    subject: AlertSubject
    device: str
    fence: AlertFence | None
    begin_time: datetime
    end_time: datetime | None
    late: bool
    raised_at: datetime
    evidence: dict[str, Any]
    org: str


class AlertWithSteps(Alert):
    """An alert and everything that happened to it, oldest first."""

    steps: list[Step]


class AlertPage(BaseModel):
    """A page of alerts, newest first."""

    items: list[Alert]
    next_cursor: str | None


class AlertCounts(BaseModel):
    """How many wait."""

    open: int
    acknowledged: int
    critical_open: int


class Acknowledge(BaseModel):
    """I have seen it."""

    model_config = ConfigDict(extra="forbid")

    note: Annotated[str, Field(max_length=2000)] | None = None


class Resolve(BaseModel):
    """What it was."""

    model_config = ConfigDict(extra="forbid")

    verdict: Verdict
    note: Annotated[str, Field(min_length=1, max_length=2000, pattern=r"\S")]
