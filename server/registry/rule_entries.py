"""Entries of a registry file that the gateways' rules need (docs/wire/registry-v1.md)."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, StrictFloat, StrictInt

from server.registry.forms import Id, Name
from server.schema import Strict

SupervisionClass = Literal["strict", "general", "lenient"]
Colour = Literal["red", "yellow", "green"]
_Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
_EndClock = Annotated[str, Field(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]
_DayKind = Annotated[int, Field(ge=0, le=7)]
_Version = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,40}$")]
_DeviceKind = Literal["wristband", "kiosk", "recorder", "terminal", "phone"]

ParameterName = Annotated[str, Field(max_length=80)]
Layer = Annotated[
    dict[ParameterName, StrictInt | Annotated[StrictFloat, Field(allow_inf_nan=False)]],
    Field(max_length=500),
]
"""Rule parameters by name; a number is no truth value and no text."""


class ProtectedEntry(Strict):
    """A person whom a subject must keep away from (受保护人)."""

    protected: Id
    org: Id
    name: Name


class WindowEntry(Strict):
    """Wall-clock time; one that does not end after its start runs into the next day."""

    start: _Clock
    end: _EndClock
    days: Annotated[list[_DayKind], Field(min_length=1, max_length=8)] = [0, 1, 2, 3, 4, 5, 6, 7]


_Windows = Annotated[list[WindowEntry], Field(max_length=50)]


class ScheduleEntry(Strict):
    """Windows of a week, with days that differ."""

    schedule: Id
    org: Id
    zone: Annotated[str, Field(max_length=64)]
    windows: _Windows
    first_day: date | None = None
    last_day: date | None = None
    exceptions: Annotated[dict[date, _Windows], Field(max_length=1_000)] = {}
    day_kinds: Annotated[dict[date, _DayKind], Field(max_length=1_000)] = {}

    def body(self) -> dict[str, Any]:
        """Return the row of the directory, in one order."""
        body = self.model_dump(mode="json", exclude={"org"})
        for windows in (body["windows"], *body["exceptions"].values()):
            for window in windows:
                window["days"] = sorted(set(window["days"]))
        return body


class SubjectVersionEntry(Strict):
    """How a person is supervised in an interval."""

    subject: Id
    supervision_class: Annotated[SupervisionClass | None, Field(alias="class")] = None
    colour: Colour | None = None
    valid_from: AwareDatetime
    valid_to: AwareDatetime | None = None


class LeaveEntry(Strict):
    """An approved leave, or a trip with a route."""

    leave: Id
    subject: Id
    kind: Literal["leave", "trip"]
    fence: Id | None = None
    approved_by: Name
    approved_at: AwareDatetime
    valid_from: AwareDatetime
    valid_to: AwareDatetime


class NoContactEntry(Strict):
    """Whom a person must keep away from: another subject or a protected person."""

    pair: Id
    subject: Id
    other: Id
    distance_m: Annotated[float, Field(gt=0, le=100_000, allow_inf_nan=False)]
    valid_from: AwareDatetime
    valid_to: AwareDatetime | None = None


class SiteEntry(Strict):
    """A sensitive place, or an official one."""

    site: Id
    org: Id
    kind: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    name: Name | None = None
    datum: Literal["WGS84", "GCJ02", "BD09"]
    longitude_deg: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
    latitude_deg: Annotated[float, Field(ge=-89, le=89, allow_inf_nan=False)]
    radius_m: Annotated[float, Field(gt=0, le=10_000, allow_inf_nan=False)]
    official: bool
    valid_from: AwareDatetime
    valid_to: AwareDatetime | None = None


class CheckInEntry(Strict):
    """A duty to check in once in each window of a schedule."""

    checkin: Id
    subject: Id
    schedule: Id
    kiosk: Id | None = None
    grace_s: Annotated[int, Field(ge=0, le=86_400)]
    valid_from: AwareDatetime
    valid_to: AwareDatetime | None = None


class PeriodEntry(Strict):
    """A sensitive period of an organisation and all below it."""

    period: Id
    org: Id
    name: Name
    parameters: Layer
    classes: Annotated[list[SupervisionClass], Field(min_length=1, max_length=3)] | None = None
    valid_from: AwareDatetime
    valid_to: AwareDatetime


class SilenceEntry(Strict):
    """A silence of a device that is known beforehand; the reason stays at the server."""

    device: Id
    reason: Name | None = None
    valid_from: AwareDatetime
    valid_to: AwareDatetime


class PermitEntry(Strict):
    """A permission that ends."""

    permit: Id
    subject: Id
    name: Name
    valid_to: AwareDatetime


class RuleSetEntry(Strict):
    """A version of the rule parameters; never changed once it is entered."""

    version: _Version
    org: Id
    parameters: Layer = {}
    kinds: dict[_DeviceKind, Layer] = {}
    device_classes: Annotated[dict[Id, Layer], Field(max_length=30)] = {}
    classes: dict[SupervisionClass, Layer] = {}
    colours: dict[Colour, Layer] = {}

    def body(self) -> dict[str, Any]:
        """Return what the directory carries of it."""
        return self.model_dump(mode="json", exclude={"version", "org"})


class RulesInForceEntry(Strict):
    """Which version an organisation, and all below it without one, is judged by from now on."""

    org: Id
    version: _Version
