"""What reached whom, as docs/http-duty-record.md says."""

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, Field

from server.alerts.lifecycle import Severity, Verdict
from server.schema import Strict

AlertId = Annotated[str, Field(min_length=1, max_length=80)]
_Alerts = Annotated[list[AlertId], Field(max_length=200)]


class Seen(Strict):
    """Alerts that were on the person's screen, in a list or by themselves."""

    shown: _Alerts = []
    opened: _Alerts = []


class RecordLine(BaseModel):
    """Something that reached a person or was done by one; `what` is shown, opened or a step."""

    at: datetime
    what: str
    alert: str
    rule: str
    severity: Severity
    org: str
    verdict: Verdict | None
    raised_at: datetime
    after_s: float


class RecordPage(BaseModel):
    """A person's record, newest first."""

    login: str
    since: date
    until: date
    items: list[RecordLine]
    next_cursor: str | None


class StageTime(BaseModel):
    """How long alerts waited for a stage, in seconds; `count` of them reached it."""

    count: int
    median_s: float | None
    p95_s: float | None


class TimesRow(BaseModel):
    """Times of an organisation's own alerts of one severity."""

    org: str
    severity: Severity
    alerts: int
    shown: StageTime
    acknowledged: StageTime
    on_site: StageTime
    resolved: StageTime


class TimesPage(BaseModel):
    """Times by organisation and severity."""

    since: date
    until: date
    items: list[TimesRow]
    next_cursor: str | None
