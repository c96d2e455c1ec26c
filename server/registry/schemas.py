"""docs/wire/registry-v1.md as types."""

from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Geometry = dict[str, Any]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OrgEntry(_Strict):
    """An organisation; `parent` null is a root."""

    org: Id
    parent: Id | None
    level: Literal["province", "city", "county", "office"]
    name_zh: Name
    name_en: Name
    boundary: Geometry | None = None


class OfficerEntry(_Strict):
    """An account of a person who works here."""

    login: Id
    org: Id
    role: Literal["admin", "supervisor", "officer", "auditor"]
    name: Name
    password: Annotated[str, Field(min_length=12, max_length=200)] | None = None


class SubjectEntry(_Strict):
    """A person who serves a sentence in the community."""

    subject: Id
    org: Id
    name: Name
    category: Literal["control", "probation", "parole", "medical"]
    is_minor: bool
    term_from: date
    term_to: date
    public_credit: Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)]


class TerminalEntry(_Strict):
    """What a device that speaks TCP calls itself (docs/wire/directory-v1.md)."""

    protocol: Literal["jt808", "gt06", "watch"]
    number: Annotated[str, Field(pattern=r"^[0-9A-Za-z]{1,20}$")]
    model: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{0,40}$")] = ""
    serial: Annotated[str, Field(pattern=r"^[\x20-\x7e]{1,30}$")] | None = None
    utc_offset_min: Annotated[int, Field(ge=-720, le=840)] | None = None


_TERMINAL: Final = tuple(TerminalEntry.model_fields)


class DeviceEntry(_Strict):
    """A device of any kind; one without a terminal speaks MQTT."""

    device: Id
    org: Id
    kind: Literal["wristband", "kiosk", "recorder", "terminal", "phone"]
    expected_interval_s: Annotated[int, Field(ge=1, le=86400)]
    terminal: TerminalEntry | None = None

    def row(self) -> dict[str, Any]:
        """Return the columns of the device's row."""
        said = self.terminal.model_dump() if self.terminal else dict.fromkeys(_TERMINAL)
        return self.model_dump(exclude={"terminal"}) | {f"t_{name}": said[name] for name in said}


class BindingEntry(_Strict):
    """Who wears or carries a device, in [valid_from, valid_to)."""

    device: Id
    holder_kind: Literal["subject", "officer"]
    holder: Id
    valid_from: AwareDatetime
    valid_to: AwareDatetime | None = None


class OrderEntry(_Strict):
    """A decision on electronic positioning (Art. 29)."""

    order: Id
    subject: Id
    ground: Annotated[int, Field(ge=1, le=5)]
    approved_by: Name
    approved_at: AwareDatetime
    valid_from: AwareDatetime
    valid_to: AwareDatetime


class FenceEntry(_Strict):
    """A fence and whom it binds; kept in WGS-84, with the datum that it came in."""

    fence: Id
    org: Id
    name: Name
    use: Literal["inclusion", "exclusion"]
    datum: Literal["WGS84", "GCJ02", "BD09"]
    geometry: Geometry
    radius_m: Annotated[float, Field(gt=0, le=500_000, allow_inf_nan=False)] | None = None
    subjects: Annotated[list[Id], Field(max_length=100_000)]
    valid_from: AwareDatetime


class RegistryFile(_Strict):
    """A whole file. The most of each list is a province's."""

    format: Literal["guitu-registry/1"]
    orgs: Annotated[list[OrgEntry], Field(max_length=5_000)] = []
    officers: Annotated[list[OfficerEntry], Field(max_length=20_000)] = []
    subjects: Annotated[list[SubjectEntry], Field(max_length=100_000)] = []
    devices: Annotated[list[DeviceEntry], Field(max_length=100_000)] = []
    bindings: Annotated[list[BindingEntry], Field(max_length=200_000)] = []
    orders: Annotated[list[OrderEntry], Field(max_length=100_000)] = []
    fences: Annotated[list[FenceEntry], Field(max_length=100_000)] = []


class Applied(BaseModel):
    """What a file changed; all zero when it was repeated."""

    changed: dict[str, int]
    directory_version: int
