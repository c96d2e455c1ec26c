"""The directory as it travels (docs/wire/directory-v1.md): the form, checked while it is read."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from firmware_protocols.topics import DeviceKind
from gateway.directory.terminal import Terminal
from geofence.datum import Datum

Identifier = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
Instant = Annotated[datetime, Meta(tz=True)]
Number = Annotated[int, Meta(ge=-(1 << 53), le=1 << 53)] | Annotated[float, Meta(ge=-1e15, le=1e15)]
Layer = dict[str, Number]
"""Rule parameters by name."""

HolderKind = Literal["subject", "officer", "protected"]
SupervisionClass = Literal["strict", "general", "lenient"]
"""严管, 普管, 宽管."""
Colour = Literal["red", "yellow", "green"]
LeaveKind = Literal["leave", "trip"]
LapseKind = Literal["order", "permit", "leave", "binding"]
PlacedUse = Literal["inclusion", "exclusion", "curfew", "route", "leave"]

_Clock = Annotated[str, Meta(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]
_DayKind = Annotated[int, Meta(ge=0, le=7)]
_Text = Annotated[str, Meta(max_length=200)]


class DeviceRow(msgspec.Struct):
    """A registered device."""

    device: Identifier
    org: Identifier
    kind: DeviceKind
    expected_interval_s: Annotated[int, Meta(ge=1, le=86_400)]
    terminal: Terminal | None = None
    device_class: Identifier | None = msgspec.field(name="class", default=None)
    credential_until: Instant | None = None


class BindingRow(msgspec.Struct):
    """Who wears or carries a device."""

    device: Identifier
    holder_kind: HolderKind
    holder: Identifier
    valid_from: Instant
    valid_to: Instant | None


class OrderRow(msgspec.Struct):
    """A positioning order."""

    order: Identifier
    subject: Identifier
    valid_from: Instant
    valid_to: Instant


class FenceRow(msgspec.Struct):
    """A version of a fence; `radius_m` of a circle, `width_m` of a corridor."""

    fence: Identifier
    version: int
    use: PlacedUse
    datum: Datum
    geometry: dict[str, Any]
    subjects: list[Identifier]
    valid_from: Instant
    valid_to: Instant | None
    radius_m: float | None = None
    width_m: float | None = None
    schedule: Identifier | None = None


class SubjectRow(msgspec.Struct):
    """How a person is supervised during an interval."""

    subject: Identifier
    org: Identifier
    valid_from: Instant
    valid_to: Instant | None
    supervision_class: SupervisionClass | None = msgspec.field(name="class", default=None)
    colour: Colour | None = None


class WindowRow(msgspec.Struct):
    """Wall-clock time; one that does not end after its start runs into the next day."""

    start: _Clock
    end: _Clock
    days: list[_DayKind] | None = None


class ScheduleRow(msgspec.Struct):
    """Windows of a week, with days that differ."""

    schedule: Identifier
    zone: Annotated[str, Meta(max_length=64)]
    windows: list[WindowRow]
    first_day: date | None = None
    last_day: date | None = None
    exceptions: dict[date, list[WindowRow]] = {}
    day_kinds: dict[date, _DayKind] = {}


class LeaveRow(msgspec.Struct):
    """An approved leave (请假外出), or a trip that has a route."""

    leave: Identifier
    subject: Identifier
    kind: LeaveKind
    valid_from: Instant
    valid_to: Instant
    fence: Identifier | None = None


class NoContactRow(msgspec.Struct):
    """Whom a person must keep away from (禁止接触)."""

    pair: Identifier
    subject: Identifier
    other: Identifier
    distance_m: Annotated[float, Meta(gt=0, le=100_000)]
    valid_from: Instant
    valid_to: Instant | None


class SiteRow(msgspec.Struct):
    """A sensitive or an official place."""

    site: Identifier
    kind: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    datum: Datum
    longitude_deg: Annotated[float, Meta(ge=-180, le=180)]
    latitude_deg: Annotated[float, Meta(ge=-89, le=89)]
    radius_m: Annotated[float, Meta(gt=0, le=10_000)]
    official: bool
    name: _Text | None = None
    valid_from: Instant | None = None
    valid_to: Instant | None = None


class CheckInRow(msgspec.Struct):
    """A duty to check in: once in each window of the schedule."""

    checkin: Identifier
    subject: Identifier
    schedule: Identifier
    grace_s: Annotated[int, Meta(ge=0, le=86_400)]
    valid_from: Instant
    valid_to: Instant | None
    kiosk: Identifier | None = None


class PeriodRow(msgspec.Struct):
    """A sensitive period (敏感时期) that overrides named parameters."""

    period: Identifier
    name: _Text
    valid_from: Instant
    valid_to: Instant | None
    parameters: Layer
    classes: list[SupervisionClass] | None = None


class SilenceRow(msgspec.Struct):
    """When a device is expected to be silent."""

    device: Identifier
    valid_from: Instant
    valid_to: Instant
    reason: _Text | None = None


class RecorderTaskRow(msgspec.Struct):
    """When an officer's recorder is to record."""

    device: Identifier
    valid_from: Instant
    valid_to: Instant


class LapseRow(msgspec.Struct):
    """What ends and somebody must know in time."""

    lapse: Identifier
    kind: LapseKind
    subject: Identifier
    valid_to: Instant


class OnDutyRow(msgspec.Struct):
    """When a terminal is that of somebody on duty at an organisation (值班)."""

    org: Identifier
    device: Identifier
    valid_from: Instant
    valid_to: Instant


class AboveRow(msgspec.Struct):
    """Which organisation is the next one above."""

    org: Identifier
    above: Identifier


class RulesRow(msgspec.Struct):
    """The parameter overrides, layer by layer."""

    version: str
    parameters: dict[str, Any]
    kinds: dict[DeviceKind, Layer] = {}
    device_classes: dict[Identifier, Layer] = {}
    classes: dict[SupervisionClass, Layer] = {}
    colours: dict[Colour, Layer] = {}


class Snapshot(msgspec.Struct):
    """The whole body; a section that is absent is empty."""

    format: Literal["guitu-directory/1"]
    version: int
    org: Identifier
    orgs: list[Identifier]
    devices: list[DeviceRow]
    bindings: list[BindingRow]
    orders: list[OrderRow]
    fences: list[FenceRow]
    rules: RulesRow
    subjects: list[SubjectRow] = []
    schedules: list[ScheduleRow] = []
    leaves: list[LeaveRow] = []
    no_contact: list[NoContactRow] = []
    sites: list[SiteRow] = []
    checkins: list[CheckInRow] = []
    periods: list[PeriodRow] = []
    planned_silences: list[SilenceRow] = []
    lapses: list[LapseRow] = []
    recorder_tasks: list[RecorderTaskRow] = []
    on_duty: list[OnDutyRow] = []
    above: list[AboveRow] = []
