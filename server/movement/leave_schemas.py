"""Bodies and answers of the leave calls."""

from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, model_validator

from server.schema import Strict

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
Text = Annotated[str, Field(min_length=4, max_length=2000)]
Brief = Annotated[str, Field(min_length=4, max_length=300, description="as the document has it")]
LeaveState = Literal["applied", "verified", "approved", "refused", "withdrawn", "returned"]
Ground = Literal["medical", "schooling", "litigation", "family", "work", "other"]
_EXAMPLE: Final[dict[str, JsonValue]] = {
    "ground": "medical",
    "reason": "到省人民医院复查，预约单附后",
    "proof": [{"title": "门诊预约单"}],
    "destination": "浙江省杭州市上城区",
    "from_time": "2026-12-01T08:00:00+08:00",
    "to_time": "2026-12-03T20:00:00+08:00",
}


class Proof(Strict):
    """A proof that was shown; `sha256` of the file, where there is one."""

    title: Annotated[str, Field(min_length=1, max_length=200)]
    sha256: Annotated[str | None, Field(pattern=r"^[0-9a-f]{64}$")] = None


class Place(Strict):
    """A circle, WGS-84."""

    longitude_deg: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
    latitude_deg: Annotated[float, Field(ge=-89, le=89, allow_inf_nan=False)]
    radius_m: Annotated[float, Field(ge=50, le=100_000, allow_inf_nan=False)]


class OwnLeave(Strict):
    """An application for leave by the person."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    ground: Annotated[Ground, Field(description="a proper reason of measures-26, or another")]
    reason: Brief
    proof: Annotated[list[Proof], Field(max_length=20)] = []
    destination: Annotated[str, Field(min_length=2, max_length=200)]
    route: Annotated[str | None, Field(max_length=1000)] = None
    place: Place | None = None
    from_time: AwareDatetime
    to_time: AwareDatetime
    urgent_reason: Annotated[str | None, Field(min_length=4, max_length=500)] = None

    @model_validator(mode="after")
    def _check_length(self) -> "OwnLeave":
        if (self.to_time - self.from_time).days > _MOST_DAYS:
            raise ValueError(f"at most {_MOST_DAYS} days at once")
        return self


_MOST_DAYS = 365


class NewLeave(OwnLeave):
    """An application for leave that an officer takes down for a person."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"subject": "s-4k2m9q", **_EXAMPLE}]},
    )

    subject: Id


class Opinion(Strict):
    """What the office found."""

    opinion: Text


class Decision(Strict):
    """Why, where it must be said."""

    reason: Annotated[str | None, Field(max_length=2000)] = None


class RefusedLeave(Strict):
    """Why a leave is refused: a proper reason shall be granted (Art. 27)."""

    reason: Annotated[str, Field(min_length=4, max_length=600)]
    article: Annotated[str, Field(max_length=40, description="key of an article of docs/law.md")]


class Return(Strict):
    """That the person is back."""

    returned_time: AwareDatetime
    note: Annotated[str | None, Field(max_length=500)] = None


class Delay(Strict):
    """That the person cannot be back in time."""

    reason: Text
    until: AwareDatetime


class Copy(Strict):
    """That the procuratorate was informed."""

    sent_time: AwareDatetime
    number: Annotated[str | None, Field(max_length=80)] = None


class LeaveInfo(BaseModel):
    """A leave; `days` are those that it touches, `tier` says who decides."""

    id: str
    version: int
    org: str
    subject: str
    ground: str
    reason: str
    proof: list[Proof]
    destination: str
    route: str | None
    place: Place | None
    from_time: datetime
    to_time: datetime
    days: int
    urgent_reason: str | None
    tier: Literal["office", "county", "city"]
    applied_by: str
    applied_at: datetime
    state: LeaveState
    verified_by: str | None
    verified_at: datetime | None
    opinion: str | None
    decided_by: str | None
    decided_at: datetime | None
    decision_reason: str | None
    returned_time: datetime | None


class LeavePage(BaseModel):
    """Leaves, the newest application first."""

    items: list[LeaveInfo]
    next_cursor: str | None
