"""Bodies and answers of the permission calls."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, model_validator

from server.movement.leave_schemas import Brief, Id, Place, Proof
from server.schema import Strict

_Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
PermissionKind = Literal["cross_county", "place", "contact"]
PermissionState = Literal["applied", "approved", "refused", "withdrawn"]
_EXAMPLE: Final[dict[str, JsonValue]] = {
    "kind": "cross_county",
    "reason": "在相邻县的工厂上班，每周往返",
    "proof": [{"title": "劳动合同"}],
    "from_time": "2026-12-01T00:00:00+08:00",
    "to_time": "2027-05-31T00:00:00+08:00",
    "places": [{"name": "某某机械厂"}],
    "weekly": [{"days": [1, 2, 3, 4, 5], "start": "07:00", "end": "19:00"}],
    "frequency": "每周五次",
}


class WeeklyEntry(Strict):
    """A time on days of the week; one that does not end after its start runs into the next day."""

    days: Annotated[list[Annotated[int, Field(ge=1, le=7)]], Field(min_length=1, max_length=7)]
    start: _Clock
    end: _Clock


class NamedPlace(Strict):
    """Where the person goes."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    place: Place | None = None


class OwnPermission(Strict):
    """An application by the person: what its kind needs goes with it, and nothing else."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    kind: PermissionKind
    reason: Brief
    proof: Annotated[list[Proof], Field(min_length=1, max_length=20)]
    from_time: AwareDatetime
    to_time: AwareDatetime
    places: list[NamedPlace] = Field(default=[], max_length=10)
    weekly: list[WeeklyEntry] = Field(default=[], max_length=10)
    frequency: Annotated[str | None, Field(max_length=100)] = None
    fence: Annotated[Id | None, Field(description="the forbidden area to be entered")] = None
    pair: Annotated[Id | None, Field(description="the no-contact entry to be lifted")] = None

    @model_validator(mode="after")
    def _check_kind(self) -> "OwnPermission":
        given = {
            "cross_county": bool(self.places and self.weekly and self.frequency),
            "place": self.fence is not None,
            "contact": self.pair is not None,
        }
        wanted = {kind: kind == self.kind for kind in given}
        if given != wanted or (self.kind != "cross_county" and (self.places or self.weekly)):
            raise ValueError(
                "cross_county has places, weekly and frequency; place has fence; contact has pair"
            )
        return self

    def body(self) -> dict[str, Any]:
        """Return what stands beside the common members."""
        names = {"places", "weekly", "frequency", "fence", "pair"}
        return self.model_dump(mode="json", include=names, exclude_none=True)


class NewPermission(OwnPermission):
    """An application that an officer takes down for a person."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"subject": "s-4k2m9q", **_EXAMPLE}]},
    )

    subject: Id


class Copies(Strict):
    """That the court and the procuratorate were informed."""

    to: Annotated[list[Literal["court", "procuratorate"]], Field(min_length=1, max_length=2)]
    sent_time: AwareDatetime


class MovementReport(Strict):
    """A simplified report of a time of frequent movement."""

    happened_time: AwareDatetime
    note: Annotated[str, Field(min_length=1, max_length=500)]


class PermissionInfo(BaseModel):
    """A permission."""

    id: str
    version: int
    org: str
    subject: str
    kind: PermissionKind
    reason: str
    proof: list[Proof]
    body: dict[str, Any]
    from_time: datetime
    to_time: datetime
    applied_by: str
    applied_at: datetime
    state: PermissionState
    decided_by: str | None
    decided_at: datetime | None
    decision_reason: str | None


class PermissionPage(BaseModel):
    """Permissions, the newest application first."""

    items: list[PermissionInfo]
    next_cursor: str | None
