"""Bodies and answers of the duty calls, as docs/http-duties.md says."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field

from server.duties.kinds import DutyKind, ReportKind, SupervisionClass
from server.schema import Strict

SubjectId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
Outcome = Literal["done", "excused", "missed"]
RecordKind = DutyKind | Literal["change"]


class Plan(Strict):
    """What a person owes from a day on; `begins_on` is today if none."""

    begins_on: Annotated[
        date | None, Field(description="the day that periods count from; not in the past")
    ] = None


class Entry(Strict):
    """What one person did."""

    subject: SubjectId
    outcome: Outcome = "done"
    minutes: Annotated[int | None, Field(ge=1, le=1440, description="of education and work")] = None
    result: Annotated[str, Field(max_length=2000, examples=["报告近期在家务工，无异常"])] = ""


class NewRecords(Strict):
    """One duty of up to 200 persons: all are noted, or none."""

    kind: Literal[
        "periodic_report",
        "written_report",
        "health_report",
        "medical_review",
        "visits",
        "talks",
        "education",
        "community_work",
        "change",
    ]
    form: Annotated[str | None, Field(pattern=r"^[a-z_]{1,40}$", examples=["in_person"])] = None
    happened_time: AwareDatetime | None = None
    entries: Annotated[list[Entry], Field(min_length=1, max_length=200)]


class OwnReport(Strict):
    """A report from the person's own account."""

    kind: ReportKind
    result: Annotated[
        str, Field(min_length=2, max_length=2000, examples=["换了手机号码，新号尾号0000"])
    ]


class Extension(Strict):
    """延期提交病情复查: granted by the next-higher agency."""

    reasons: Annotated[str, Field(min_length=4, max_length=2000, pattern=r"\S")]


class ScheduleInfo(BaseModel):
    """A duty and its period that runs: `done` of `wanted`, in times or minutes."""

    id: str
    org: str
    subject: str
    kind: DutyKind
    supervision_class: SupervisionClass
    clock: str
    article: str
    unit: Literal["times", "minutes"]
    wanted: int
    done: int
    period_begin: date
    period_due: datetime
    planned_by: str | None
    planned_at: datetime
    ended_at: datetime | None


class Schedules(BaseModel):
    """Every duty of a person, those that run first."""

    items: list[ScheduleInfo]


class RecordInfo(BaseModel):
    """A record; `period_due` names the period that it counts for."""

    id: int
    org: str
    subject: str
    schedule: str | None
    period_due: datetime | None
    kind: RecordKind
    outcome: Outcome
    amount: int
    form: str | None
    result: str
    activity: str | None
    happened_time: datetime
    by_login: str | None
    noted_at: datetime


class RecordPage(BaseModel):
    """Records, the newest first."""

    items: list[RecordInfo]
    next_cursor: str | None


class Noted(BaseModel):
    """The numbers of the records, in the order of the entries."""

    records: list[int]
