"""docs/wire/registry-v1.md as types."""

from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import AwareDatetime, BaseModel, Field

from server.registry.forms import Geometry, Id, Name
from server.registry.rule_entries import (
    CheckInEntry,
    LeaveEntry,
    NoContactEntry,
    PeriodEntry,
    PermitEntry,
    ProtectedEntry,
    RuleSetEntry,
    RulesInForceEntry,
    ScheduleEntry,
    SilenceEntry,
    SiteEntry,
    SubjectVersionEntry,
)
from server.schema import Strict


class OrgEntry(Strict):
    """An organisation; `parent` null is a root."""

    org: Id
    parent: Id | None
    level: Literal["province", "city", "county", "office"]
    name_zh: Name
    name_en: Name
    boundary: Geometry | None = None


class OfficerEntry(Strict):
    """An account of a person who works here."""

    login: Id
    org: Id
    role: Literal["admin", "security", "auditor", "supervisor", "head", "officer", "procurator"]
    name: Name
    password: Annotated[str, Field(min_length=12, max_length=200)] | None = None


class SubjectEntry(Strict):
    """A person who serves a sentence in the community."""

    subject: Id
    org: Id
    name: Name
    category: Literal["control", "probation", "parole", "medical"]
    is_minor: bool
    term_from: date
    term_to: date
    public_credit: Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)]


class TerminalEntry(Strict):
    """What a device that speaks TCP calls itself (docs/wire/directory-v1.md)."""

    protocol: Literal["jt808", "gt06", "watch"]
    number: Annotated[str, Field(pattern=r"^[0-9A-Za-z]{1,20}$")]
    model: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{0,40}$")] = ""
    serial: Annotated[str, Field(pattern=r"^[\x20-\x7e]{1,30}$")] | None = None
    utc_offset_min: Annotated[int, Field(ge=-720, le=840)] | None = None


_TERMINAL: Final = tuple(TerminalEntry.model_fields)


class DeviceEntry(Strict):
    """A device of any kind; one without a terminal speaks MQTT."""

    device: Id
    org: Id
    kind: Literal["wristband", "kiosk", "recorder", "terminal", "phone"]
    expected_interval_s: Annotated[int, Field(ge=1, le=86400)]
    terminal: TerminalEntry | None = None
    device_class: Annotated[Id | None, Field(alias="class")] = None

    def row(self) -> dict[str, Any]:
        """Return the columns of the device's row."""
        said = self.terminal.model_dump() if self.terminal else dict.fromkeys(_TERMINAL)
        return self.model_dump(exclude={"terminal"}) | {f"t_{name}": said[name] for name in said}


class BindingEntry(Strict):
    """Who wears or carries a device, in [valid_from, valid_to)."""

    device: Id
    holder_kind: Literal["subject", "officer", "protected"]
    holder: Id
    valid_from: AwareDatetime
    valid_to: AwareDatetime | None = None


class OrderEntry(Strict):
    """A decision on electronic positioning (Art. 29)."""

    order: Id
    subject: Id
    ground: Annotated[int, Field(ge=1, le=5)]
    approved_by: Name
    approved_at: AwareDatetime
    valid_from: AwareDatetime
    valid_to: AwareDatetime


class FenceEntry(Strict):
    """A fence and whom it binds; kept in WGS-84, with the datum that it came in."""

    fence: Id
    org: Id
    name: Name
    use: Literal["inclusion", "exclusion", "curfew", "route", "leave"]
    datum: Literal["WGS84", "GCJ02", "BD09"]
    geometry: Geometry
    radius_m: Annotated[float, Field(gt=0, le=500_000, allow_inf_nan=False)] | None = None
    width_m: Annotated[float, Field(gt=0, le=100_000, allow_inf_nan=False)] | None = None
    schedule: Id | None = None
    subjects: Annotated[list[Id], Field(max_length=100_000)]
    valid_from: AwareDatetime


class RegistryFile(Strict):
    """A whole file. The most of each list is a province's."""

    format: Literal["guitu-registry/1"]
    orgs: Annotated[list[OrgEntry], Field(max_length=5_000)] = []
    officers: Annotated[list[OfficerEntry], Field(max_length=20_000)] = []
    subjects: Annotated[list[SubjectEntry], Field(max_length=100_000)] = []
    devices: Annotated[list[DeviceEntry], Field(max_length=100_000)] = []
    bindings: Annotated[list[BindingEntry], Field(max_length=200_000)] = []
    orders: Annotated[list[OrderEntry], Field(max_length=100_000)] = []
    fences: Annotated[list[FenceEntry], Field(max_length=100_000)] = []
    protected: Annotated[list[ProtectedEntry], Field(max_length=20_000)] = []
    schedules: Annotated[list[ScheduleEntry], Field(max_length=20_000)] = []
    subject_versions: Annotated[list[SubjectVersionEntry], Field(max_length=200_000)] = []
    leaves: Annotated[list[LeaveEntry], Field(max_length=100_000)] = []
    no_contact: Annotated[list[NoContactEntry], Field(max_length=100_000)] = []
    sites: Annotated[list[SiteEntry], Field(max_length=100_000)] = []
    checkins: Annotated[list[CheckInEntry], Field(max_length=100_000)] = []
    periods: Annotated[list[PeriodEntry], Field(max_length=1_000)] = []
    planned_silences: Annotated[list[SilenceEntry], Field(max_length=100_000)] = []
    permits: Annotated[list[PermitEntry], Field(max_length=100_000)] = []
    rule_sets: Annotated[list[RuleSetEntry], Field(max_length=100)] = []
    rules_in_force: Annotated[list[RulesInForceEntry], Field(max_length=5_000)] = []


class Applied(BaseModel):
    """What a file changed; all zero when it was repeated."""

    changed: dict[str, int]
    directory_version: int
