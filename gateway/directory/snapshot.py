"""The directory as it travels (docs/wire/directory-v1.md), checked and compiled.

A snapshot is taken whole or refused whole, with the place of the fault.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from firmware_protocols.topics import DeviceKind
from gateway.directory.terminal import Terminal, Terminals
from gateway.errors import DirectoryError, ParameterError
from gateway.parameters import Parameters, parameters_from
from geofence.datum import Datum
from geofence.errors import FenceError
from geofence.fence import Fence
from geofence.geojson import fence_from_geojson

FOREVER_MS: Final = 1 << 62
"""`valid_to: null`."""

MAX_BODY_BYTES: Final = 64 << 20
"""A province's 40,000 subjects need about 20 MB."""

_MS_PER_S: Final = 1_000

Identifier = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
Instant = Annotated[datetime, Meta(tz=True)]


class _Device(msgspec.Struct):
    device: Identifier
    org: Identifier
    kind: DeviceKind
    expected_interval_s: Annotated[int, Meta(ge=1, le=86_400)]
    terminal: Terminal | None = None


class _Binding(msgspec.Struct):
    device: Identifier
    holder_kind: Literal["subject", "officer"]
    holder: Identifier
    valid_from: Instant
    valid_to: Instant | None


class _Order(msgspec.Struct):
    order: Identifier
    subject: Identifier
    valid_from: Instant
    valid_to: Instant


class _Fence(msgspec.Struct):
    fence: Identifier
    version: int
    use: Literal["inclusion", "exclusion"]
    datum: Datum
    geometry: dict[str, Any]
    subjects: list[Identifier]
    valid_from: Instant
    valid_to: Instant | None
    radius_m: float | None = None


class _Rules(msgspec.Struct):
    version: str
    parameters: dict[str, Any]


class _Snapshot(msgspec.Struct):
    format: Literal["guitu-directory/1"]
    version: int
    org: Identifier
    orgs: list[Identifier]
    devices: list[_Device]
    bindings: list[_Binding]
    orders: list[_Order]
    fences: list[_Fence]
    rules: _Rules


@dataclass(frozen=True, slots=True)
class Device:
    """A registered device; `terminal` is what a device that speaks TCP is on the wire."""

    org: str
    kind: str
    expected_interval_s: int
    terminal: Terminal | None = None


@dataclass(frozen=True, slots=True)
class Binding:
    """Who wears or carries a device during [valid_from_ms, valid_to_ms)."""

    holder_kind: str
    holder: str
    valid_from_ms: int
    valid_to_ms: int


@dataclass(frozen=True, slots=True)
class PlacedFence:
    """One version of a fence, with what it is for and when it holds."""

    fence: str
    version: int
    use: Literal["inclusion", "exclusion"]
    shape: Fence
    valid_from_ms: int
    valid_to_ms: int


@dataclass(frozen=True, slots=True)
class Directory:
    """A compiled snapshot; immutable.

    Attributes:
        version: The server's number of it.
        rules_version: Version of the rule parameters.
        parameters: The rule parameters in force.
        body: The snapshot as it travelled; what the journal keeps.
        devices: By device id.
        terminals: Which device a terminal is.
        bindings: By device id, in order of time.
        orders: By subject, [(valid_from_ms, valid_to_ms)], in order of time; orders that touch
            are one stretch.
        fences: All versions.
        fences_of: Rows of `fences` by subject.
    """

    version: int
    rules_version: str
    parameters: Parameters
    body: bytes
    devices: dict[str, Device]
    terminals: Terminals
    bindings: dict[str, list[Binding]]
    orders: dict[str, list[tuple[int, int]]]
    fences: list[PlacedFence]
    fences_of: dict[str, list[int]]

    def binding_at(self, device: str, time_ms: int) -> Binding | None:
        """Return who held `device` at `time_ms`."""
        for binding in reversed(self.bindings.get(device, ())):
            if binding.valid_from_ms <= time_ms < binding.valid_to_ms:
                return binding
        return None

    def fence_version(self, subject: str, fence: str, time_ms: int) -> int | None:
        """Return the version of a subject's fence that held at `time_ms`."""
        for row in self.fences_of.get(subject, ()):
            version = self.fences[row]
            if version.fence == fence and version.valid_from_ms <= time_ms < version.valid_to_ms:
                return version.version
        return None

    def watched_since(self, subject: str, device: str, time_ms: int) -> int | None:
        """Return since when `subject` has been wearing `device` under orders at `time_ms`."""
        binding = self.binding_at(device, time_ms)
        if binding is None or binding.holder != subject:
            return None
        for start, end in self.orders.get(subject, ()):
            if start <= time_ms < end:
                return max(start, binding.valid_from_ms)
        return None

    def is_ordered(self, subject: str, time_ms: int) -> bool:
        """Return whether a positioning order on `subject` was in force at `time_ms` (Art. 29)."""
        # Asked for every report: any() over a generator costs twice as much.
        for start, end in self.orders.get(subject, ()):  # noqa: SIM110
            if start <= time_ms < end:
                return True
        return False


def compile_directory(body: bytes) -> Directory:
    """Return the compiled form of a snapshot.

    Raises:
        DirectoryError: Any part of it is wrong; says which.
    """
    if len(body) > MAX_BODY_BYTES:
        raise DirectoryError("body", f"{len(body)} bytes, at most {MAX_BODY_BYTES}")
    try:
        snapshot = msgspec.json.decode(body, type=_Snapshot)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DirectoryError("body", str(error)) from error
    try:
        parameters = parameters_from(snapshot.rules.parameters)
    except ParameterError as error:
        raise DirectoryError("rules", str(error)) from error
    devices = {
        d.device: Device(d.org, d.kind, d.expected_interval_s, d.terminal) for d in snapshot.devices
    }
    fences = [_compile_fence(index, fence) for index, fence in enumerate(snapshot.fences)]
    fences_of: dict[str, list[int]] = {}
    for index, fence in enumerate(snapshot.fences):
        for subject in fence.subjects:
            fences_of.setdefault(subject, []).append(index)
    return Directory(
        version=snapshot.version,
        rules_version=snapshot.rules.version,
        parameters=parameters,
        body=body,
        devices=devices,
        terminals=Terminals((d.device, d.terminal) for d in snapshot.devices),
        bindings=_compile_bindings(snapshot.bindings, devices),
        orders=_compile_orders(snapshot.orders),
        fences=fences,
        fences_of=fences_of,
    )


def to_ms(instant: datetime) -> int:
    """Return milliseconds since 1970 UTC."""
    return round(instant.timestamp() * _MS_PER_S)


def to_text(time_ms: int) -> str:
    """Return RFC 3339 UTC with milliseconds."""
    instant = datetime.fromtimestamp(time_ms / _MS_PER_S, UTC)
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{time_ms % _MS_PER_S:03d}Z"


def _interval(place: str, start: datetime, end: datetime | None) -> tuple[int, int]:
    start_ms = to_ms(start)
    end_ms = FOREVER_MS if end is None else to_ms(end)
    if end_ms <= start_ms:
        raise DirectoryError(place, f"valid_to {end} is not after valid_from {start}")
    return start_ms, end_ms


def _compile_bindings(rows: list[_Binding], devices: dict[str, Device]) -> dict[str, list[Binding]]:
    bindings: dict[str, list[Binding]] = {}
    for index, row in enumerate(rows):
        place = f"bindings[{index}]"
        if row.device not in devices:
            raise DirectoryError(f"{place}.device", f"{row.device!r} is not in devices")
        start_ms, end_ms = _interval(place, row.valid_from, row.valid_to)
        binding = Binding(row.holder_kind, row.holder, start_ms, end_ms)
        bindings.setdefault(row.device, []).append(binding)
    for device, held in bindings.items():
        held.sort(key=lambda b: b.valid_from_ms)
        for first, second in pairwise(held):
            if second.valid_from_ms < first.valid_to_ms:
                raise DirectoryError("bindings", f"{device!r} has two holders at one time")
    return bindings


def _compile_orders(rows: list[_Order]) -> dict[str, list[tuple[int, int]]]:
    orders: dict[str, list[tuple[int, int]]] = {}
    for index, row in enumerate(rows):
        interval = _interval(f"orders[{index}]", row.valid_from, row.valid_to)
        orders.setdefault(row.subject, []).append(interval)
    return {subject: _joined(intervals) for subject, intervals in orders.items()}


def _joined(intervals: list[tuple[int, int]]) -> list[tuple[int, int]]:
    # An extension is an order of its own that begins where the last one ends: one stretch.
    out: list[tuple[int, int]] = []
    for start, end in sorted(intervals):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out


def _compile_fence(index: int, row: _Fence) -> PlacedFence:
    start_ms, end_ms = _interval(f"fences[{index}]", row.valid_from, row.valid_to)
    try:
        shape = fence_from_geojson(row.geometry, radius_m=row.radius_m, datum=row.datum)
    except FenceError as error:
        raise DirectoryError(f"fences[{index}].geometry ({row.fence})", str(error)) from error
    return PlacedFence(row.fence, row.version, row.use, shape, start_ms, end_ms)
