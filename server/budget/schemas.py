"""The nuisance budget, as docs/http-duty-record.md says."""

from datetime import date

from pydantic import BaseModel

from server.budget.store import Reason


class Spent(BaseModel):
    """What was spent: alerts that nobody confirmed, against people watched times days."""

    subject_days: int
    alerts: int
    nuisance: int
    allowed: float
    left: float
    per_subject_day: float | None
    is_overdrawn: bool


class SpentPeriod(Spent):
    """A day, or a week that begins on Monday."""

    begins_on: date


class Budget(Spent):
    """An organisation's budget with all that are below it, in a period and its days or weeks."""

    org: str
    since: date
    until: date
    budget_per_subject_day: float
    source: str
    status: str
    periods: list[SpentPeriod]


class BudgetReason(BaseModel):
    """One of what it was spent on; `name` where the reader may read one."""

    key: str
    name: str | None
    alerts: int
    nuisance: int


class BudgetReasons(BaseModel):
    """What it was spent on, the most first."""

    org: str
    by: Reason
    since: date
    until: date
    items: list[BudgetReason]
