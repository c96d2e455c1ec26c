"""Bodies and answers of the check calls."""

from datetime import date, datetime, time
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, model_validator

from server.schema import Strict

Method = Literal["kiosk", "phone", "video", "call", "visit"]
CheckState = Literal["planned", "done", "missed", "cancelled"]
Result = Literal["as_expected", "not_as_expected", "unreachable", "inconclusive"]
Verdict = Literal["match", "no_match", "inconclusive"]
Purpose = Annotated[str, Field(min_length=4, max_length=500)]
_EXAMPLE: Final[dict[str, JsonValue]] = {
    "methods": ["phone", "video"],
    "first_day": "2026-12-01",
    "last_day": "2026-12-31",
    "windows": [{"start": "08:00", "end": "21:00"}],
    "count": 6,
    "purpose": "按普管等级每季度抽查",
}


class WindowEntry(Strict):
    """A part of each day, Asia/Shanghai; it ends on the day on which it starts."""

    start: time
    end: time

    @model_validator(mode="after")
    def _check_order(self) -> "WindowEntry":
        has_seconds = self.start.second or self.end.second or self.start.tzinfo or self.end.tzinfo
        if has_seconds or self.end <= self.start:
            raise ValueError("start and end are whole minutes as HH:MM, end after start")
        return self


class NewPlan(Strict):
    """Checks to be drawn; the first day is tomorrow at the earliest."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    methods: Annotated[list[Method], Field(min_length=1, max_length=5)]
    first_day: date
    last_day: date
    windows: Annotated[list[WindowEntry], Field(min_length=1, max_length=5)]
    count: Annotated[int, Field(ge=1, le=100)]
    answer_min: Annotated[int, Field(ge=10, le=240, description="minutes to answer in")] = 30
    purpose: Purpose


class NewCheck(Strict):
    """A check on the spot."""

    method: Method
    purpose: Purpose
    answer_min: Annotated[int, Field(ge=10, le=240)] = 30


class CheckResult(Strict):
    """What a check found."""

    result: Result
    happened_time: AwareDatetime | None = None
    note: Annotated[str | None, Field(max_length=2000)] = None


class Reason(Strict):
    """Why."""

    reason: Purpose


class OnePosition(Strict):
    """Where the person is now: one position, WGS-84."""

    longitude_deg: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
    latitude_deg: Annotated[float, Field(ge=-89, le=89, allow_inf_nan=False)]
    accuracy_m: Annotated[float, Field(gt=0, le=100_000, allow_inf_nan=False)]


class CheckInfo(BaseModel):
    """A check; a position stands with it only where one was given on demand."""

    id: str
    version: int
    org: str
    subject: str
    plan: str | None
    method: Method
    due_from: datetime
    due_to: datetime
    purpose: str
    entered_by: str
    state: CheckState
    result: (
        Literal["as_expected", "not_as_expected", "unreachable", "inconclusive", "answered"] | None
    )
    happened_time: datetime | None
    note: str | None
    done_by: str | None
    longitude_deg: float | None
    latitude_deg: float | None
    accuracy_m: float | None


class OwnCheck(BaseModel):
    """A check that waits for the person's answer, or had one."""

    id: str
    version: int
    method: Method
    due_from: datetime
    due_to: datetime
    state: CheckState


class CheckPage(BaseModel):
    """Checks, the latest first."""

    items: list[CheckInfo]
    next_cursor: str | None


class OwnCheckPage(BaseModel):
    """The own checks, the latest first."""

    items: list[OwnCheck]
    next_cursor: str | None


class AttemptInfo(BaseModel):
    """An attempt to check in at a kiosk; the picture itself stays at the gateway, if anywhere."""

    id: str
    org: str
    subject: str
    kiosk: str
    attempt: str
    challenge_time: datetime
    response_time: datetime
    received_at: datetime
    verdict: Verdict
    causes: Annotated[list[str], Field(description="docs/faces.md says what each means")]
    capture: Annotated[str | None, Field(description="SHA-256 of the picture, hex")]


class AttemptPage(BaseModel):
    """Attempts, the latest first."""

    items: list[AttemptInfo]
    next_cursor: str | None


class CheckInRates(BaseModel):
    """How checks were met in a time: by face at a kiosk, or by another way.

    `fallback_share` is of all checks that were done; null: none was.
    """

    begin: datetime
    end: datetime
    attempts: Annotated[dict[str, int], Field(description="attempts at kiosks by verdict")]
    checks: Annotated[dict[str, int], Field(description="checks done, by method")]
    fallback_share: float | None


class PlanInfo(BaseModel):
    """A plan; `seed` is null until its last day is over."""

    id: str
    org: str
    subject: str
    methods: list[str]
    first_day: date
    last_day: date
    windows: list[tuple[str, str]]
    count: int
    answer_min: int
    planned_by: str
    planned_at: datetime
    commitment: str
    seed: str | None
