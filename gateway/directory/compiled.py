"""The compiled directory: immutable rows in milliseconds, by subject or device."""

from dataclasses import dataclass

from gateway.directory.layers import Period, RuleLayers
from gateway.directory.moment import FOREVER_MS
from gateway.directory.terminal import Terminal, Terminals
from gateway.directory.wire import Colour, LapseKind, LeaveKind, PlacedUse, SupervisionClass
from gateway.parameters import Parameters
from geofence.fence import Fence
from geofence.schedule.rule import Schedule


@dataclass(frozen=True, slots=True)
class Device:
    """A registered device; `terminal` is what a device that speaks TCP is on the wire.

    From `credential_until_ms` on no credential of it holds: nothing that arrives then is its own.
    """

    org: str
    kind: str
    expected_interval_s: int
    terminal: Terminal | None = None
    device_class: str | None = None
    credential_until_ms: int = FOREVER_MS


@dataclass(frozen=True, slots=True)
class Binding:
    """Who wears or carries a device during [valid_from_ms, valid_to_ms)."""

    holder_kind: str
    holder: str
    valid_from_ms: int
    valid_to_ms: int


@dataclass(frozen=True, slots=True)
class PlacedFence:
    """One version of a fence, with what it is for and when it holds.

    `schedule` is a key of `Directory.schedules`; None: it holds at all hours.
    """

    fence: str
    version: int
    use: PlacedUse
    shape: Fence
    valid_from_ms: int
    valid_to_ms: int
    schedule: str | None = None


@dataclass(frozen=True, slots=True)
class SubjectVersion:
    """How a person is supervised (严管/普管/宽管, credit colour) during an interval."""

    org: str
    supervision_class: SupervisionClass | None
    colour: Colour | None
    valid_from_ms: int
    valid_to_ms: int


@dataclass(frozen=True, slots=True)
class Leave:
    """An approved leave, whose `fence` is its destination, or a trip, whose `fence` is its route.

    The fence is the id of one or more versions in `Directory.fences`, of use `leave` or `route`.
    """

    leave: str
    kind: LeaveKind
    fence: str | None
    valid_from_ms: int
    valid_to_ms: int


@dataclass(frozen=True, slots=True)
class NoContact:
    """Whom `subject` must keep away from; `other` is a subject or a protected person."""

    pair: str
    subject: str
    other: str
    distance_m: float
    valid_from_ms: int
    valid_to_ms: int


@dataclass(frozen=True, slots=True)
class Site:
    """A sensitive place, or an official one where people meet lawfully. WGS-84."""

    site: str
    kind: str
    name: str | None
    longitude_deg: float
    latitude_deg: float
    radius_m: float
    official: bool
    valid_from_ms: int
    valid_to_ms: int


@dataclass(frozen=True, slots=True)
class CheckInDuty:
    """One matched check-in is due in each window of `schedule`; `kiosk` None: at any kiosk."""

    checkin: str
    schedule: str
    kiosk: str | None
    grace_s: int
    valid_from_ms: int
    valid_to_ms: int


@dataclass(frozen=True, slots=True)
class Lapse:
    """What ends at `valid_to_ms`; `lapse` is the id of the order, permit, leave or device."""

    lapse: str
    kind: LapseKind
    subject: str
    valid_to_ms: int


@dataclass(frozen=True, slots=True)
class OnDuty:
    """A terminal of somebody on duty during [valid_from_ms, valid_to_ms)."""

    device: str
    valid_from_ms: int
    valid_to_ms: int


@dataclass(frozen=True, slots=True)
class Directory:
    """A compiled snapshot; immutable. The order of a snapshot's rows does not show in it.

    Attributes:
        version: The server's number of it.
        org: The organisation that it is for.
        rules_version: Version of the rule parameters.
        parameters: The rule parameters in force, below every layer.
        body: The snapshot as it travelled; what the journal keeps.
        devices: By device id.
        terminals: Which device a terminal is.
        bindings: By device id, in order of time.
        orders: By subject, [(valid_from_ms, valid_to_ms)], in order of time; orders that touch
            are one stretch.
        fences: All versions, by id and version.
        fences_of: Rows of `fences` by subject.
        subjects: By subject, in order of time, without overlap.
        schedules: By id.
        leaves: By subject, in order of time; two of one kind do not overlap.
        no_contact: By pair.
        sites: By id.
        checkins: By subject, in order of their ids.
        periods: In order of begin.
        rule_layers: What overrides the parameters for whom.
        planned_silences: By device, [(valid_from_ms, valid_to_ms)], in order of time; those that
            touch are one stretch.
        lapses: In order of their ends.
        recorder_tasks: By recorder, when it is to record: [(valid_from_ms, valid_to_ms)], in order
            of time; tasks that touch are one stretch.
        on_duty: By organisation.
        above: The next organisation above, by organisation.
    """

    version: int
    org: str
    rules_version: str
    parameters: Parameters
    body: bytes
    devices: dict[str, Device]
    terminals: Terminals
    bindings: dict[str, list[Binding]]
    orders: dict[str, list[tuple[int, int]]]
    fences: list[PlacedFence]
    fences_of: dict[str, list[int]]
    subjects: dict[str, list[SubjectVersion]]
    schedules: dict[str, Schedule]
    leaves: dict[str, list[Leave]]
    no_contact: list[NoContact]
    sites: list[Site]
    checkins: dict[str, list[CheckInDuty]]
    periods: list[Period]
    rule_layers: RuleLayers
    planned_silences: dict[str, list[tuple[int, int]]]
    lapses: list[Lapse]
    recorder_tasks: dict[str, list[tuple[int, int]]]
    on_duty: dict[str, list[OnDuty]]
    above: dict[str, str]

    def binding_at(self, device: str, time_ms: int) -> Binding | None:
        """Return who held `device` at `time_ms`."""
        for binding in reversed(self.bindings.get(device, ())):
            if binding.valid_from_ms <= time_ms < binding.valid_to_ms:
                return binding
        return None

    def subject_at(self, subject: str, time_ms: int) -> SubjectVersion | None:
        """Return how `subject` was supervised at `time_ms`, None when that is not known."""
        for version in reversed(self.subjects.get(subject, ())):
            if version.valid_from_ms <= time_ms < version.valid_to_ms:
                return version
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
