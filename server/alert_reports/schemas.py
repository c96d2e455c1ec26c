"""A month of the alert desk, as docs/http-duty-record.md says."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from server.alerts.lifecycle import Severity
from server.attention.schemas import StageTime
from server.budget.schemas import BudgetReason, Spent
from server.precision.schemas import SharePart
from server.schema import Strict

Month = Annotated[str, Field(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", examples=["2026-10"])]


class Counted(BaseModel):
    """Alerts of one key by verdict; `zh` and `en` where it has a title."""

    key: str
    zh: str | None
    en: str | None
    raised: int
    undecided: int
    superseded: int
    confirmed: int
    false: int
    technical: int
    excused: int
    precision: SharePart | None


class SeverityTimes(BaseModel):
    """Times of alerts of one severity."""

    severity: Severity
    alerts: int
    shown: StageTime
    acknowledged: StageTime
    on_site: StageTime
    resolved: StageTime


class MonthBudget(Spent):
    """The nuisance budget of the month, and what it was spent on most."""

    budget_per_subject_day: float
    source: str
    rules: list[BudgetReason]
    devices: list[BudgetReason]


class Escalations(BaseModel):
    """How often alerts went up to a level: 0 office, 1 its lead, 2 county, 3 city."""

    level: int
    count: int


class Silence(BaseModel):
    """A time in which a gateway was not heard; `unwatched` where the scope may know it."""

    gateway: str
    began_at: datetime
    ended_at: datetime | None
    unwatched: int | None


class DeadLetters(BaseModel):
    """Messages that were given up, by kind of channel."""

    channel: str
    count: int


class MonthFigures(BaseModel):
    """What an organisation's month was, with all below it."""

    format: Literal["guitu-alert-report/1"]
    org: str
    name_zh: str
    name_en: str
    since: date
    until: date
    total: Counted
    rules: list[Counted]
    device_models: list[Counted]
    times: list[SeverityTimes]
    budget: MonthBudget
    escalations: list[Escalations]
    silences: list[Silence]
    dead_letters: list[DeadLetters]


class NewReport(Strict):
    """The month that is over and to be reported."""

    month: Month


class ReportInfo(BaseModel):
    """A report that was made; its print is the document."""

    id: str
    org: str
    month: date
    sha256: str
    document_id: str
    number: str
    made_by: str
    made_at: datetime


class Report(ReportInfo):
    """A report with its figures as they were."""

    figures: MonthFigures


class ReportPage(BaseModel):
    """Reports, the newest month first."""

    items: list[ReportInfo]
    next_cursor: str | None
