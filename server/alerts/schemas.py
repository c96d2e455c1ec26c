"""The alert and its calls, as docs/http.md says."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, Field, model_validator

from server.alerts.lifecycle import (
    Category,
    Condition,
    Finding,
    Means,
    Severity,
    State,
    Verdict,
)
from server.precision.schemas import Likeness
from server.schema import Strict


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
    body: dict[str, Any]


class AlertText(BaseModel):
    """A text of the engine for people."""

    zh: str
    en: str


class Alert(BaseModel):
    """One episode on an officer's desk."""

    id: str
    version: int
    rule: str
    severity: Severity
    category: Category
    title: AlertText | None
    explanation: AlertText | None
    state: State
    condition: Condition
    verdict: Verdict | None
    subject: AlertSubject | None
    device: str | None
    fence: AlertFence | None
    begin_time: datetime
    end_time: datetime | None
    late: bool
    raised_at: datetime
    evidence: dict[str, Any]
    org: str
    due_at: datetime | None
    level: int
    assigned_to: str | None
    shelved_until: datetime | None
    shelved_from: State | None
    group_id: str | None
    held_by: str | None
    held_as: Literal["inhibited", "folded"] | None
    device_model: str | None
    fence_kind: str | None


class AlertWithSteps(Alert):
    """An alert and everything that happened to it, oldest first, and how its like turned out."""

    steps: list[Step]
    alike: Likeness


class AlertGroup(BaseModel):
    """Alerts that are one matter; `version` changes with those of its members that wait.

    `severity` is the worst of those that wait, or else of all; `by_state` counts all.
    """

    id: str
    version: str
    count: int
    waiting: int
    severity: Severity
    by_state: dict[State, int]
    first_raised_at: datetime
    newest_raised_at: datetime


class ListedAlert(Alert):
    """An alert in a list; asked by group, the newest of its group with that."""

    group: AlertGroup | None = None


class AlertPage(BaseModel):
    """A page of alerts, newest first."""

    items: list[ListedAlert]
    next_cursor: str | None


class AlertCounts(BaseModel):
    """How many wait."""

    open: int
    acknowledged: int
    dispatched: int
    shelved: int
    critical_open: int


class Acknowledge(Strict):
    """I have seen it."""

    note: Annotated[str, Field(max_length=2000)] | None = None


class Resolve(Strict):
    """What it was."""

    verdict: Verdict
    note: Annotated[str, Field(min_length=1, max_length=2000, pattern=r"\S")]


Note = Annotated[str, Field(min_length=2, max_length=2000, pattern=r"\S")]


class Reason(Strict):
    """Why."""

    note: Note


class Shelving(Strict):
    """Until when nobody is to be bothered, and why."""

    until: AwareDatetime
    note: Note


class BulkItem(Strict):
    """One alert, at the version that was seen."""

    id: Annotated[str, Field(max_length=80)]
    version: Annotated[int, Field(ge=1)]


class BulkAction(Strict):
    """The same for many alerts. A fact is confirmed one by one."""

    action: Literal["acknowledge", "resolve"]
    alerts: Annotated[list[BulkItem], Field(min_length=1, max_length=100)]
    verdict: Literal["false", "technical", "excused"] | None = None
    note: Note

    @model_validator(mode="after")
    def _resolves_as_something(self) -> "BulkAction":
        if (self.action == "resolve") is (self.verdict is None):
            raise ValueError("verdict goes with resolve, and resolve wants one")
        if len({one.id for one in self.alerts}) != len(self.alerts):
            raise ValueError("an alert stands twice")
        return self


class BulkOutcome(BaseModel):
    """What became of one of many: the alert, or the problem that kept it as it was."""

    id: str
    status: int
    alert: Alert | None
    problem: dict[str, Any] | None


class BulkOutcomes(BaseModel):
    """In the order of the request."""

    items: list[BulkOutcome]


class NewVerification(Strict):
    """Who is to find out, how, and by when; without an end, the policy's."""

    means: Means
    assigned_to: Annotated[str, Field(min_length=1, max_length=40)]
    due_at: AwareDatetime | None = None
    note: Note | None = None


class VerificationResult(Strict):
    """What was found; `means` is how it was really done."""

    means: Means
    outcome: Finding
    happened_time: AwareDatetime
    report: Note


class Verification(BaseModel):
    """A verification (核实)."""

    id: str
    org: str
    alert_id: str
    means: Means
    assigned_to: str
    asked_by: str
    asked_at: datetime
    due_at: datetime
    state: Literal["open", "done", "cancelled"]
    outcome: Finding | None
    happened_time: datetime | None
    report: str | None
    done_by: str | None
    done_at: datetime | None
    version: int


class Verifications(BaseModel):
    """An alert's verifications, the newest first; at most 50."""

    items: list[Verification]


class ReviewDecision(Strict):
    """What a review came to; a reversal says what the alert was instead."""

    outcome: Literal["upheld", "reversed"]
    verdict: Literal["false", "technical", "excused"] | None = None
    reason: Note

    @model_validator(mode="after")
    def _reverses_to_something(self) -> "ReviewDecision":
        if (self.outcome == "reversed") is (self.verdict is None):
            raise ValueError("verdict goes with reversed, and reversed wants one")
        return self


class Review(BaseModel):
    """A review (复核) of a confirmed fact; nobody opened it: late data or a late lifting did."""

    id: str
    org: str
    subject: str
    fact_id: str
    alert_id: str | None
    cause: Literal["late_data", "officer", "objection", "lifted"]
    outcome_id: str | None
    reason: str
    opened_by: str | None
    opened_at: datetime
    state: Literal["open", "upheld", "reversed"]
    verdict: Verdict | None
    decision: str | None
    decided_by: str | None
    decided_at: datetime | None
    extended_because: str | None
    version: int


class ReviewPage(BaseModel):
    """Reviews, newest first."""

    items: list[Review]
    next_cursor: str | None
