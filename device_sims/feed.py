"""What a device says when: the form in which pure parts hand reports to a connected device."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import msgspec

from device_sims.coverage import Spell
from device_sims.gnss import Observation
from device_sims.ground import Ground
from device_sims.routine import Truth
from device_sims.schedule import Schedule
from device_sims.terminal import Terminal
from firmware_protocols.message import Report


@dataclass(frozen=True)
class Identity:
    """A device of an organisation.

    Attributes:
        device: Its id.
        org: Whose it is.
        kind: As in topics.
        terminal: What it is on the wire when it speaks TCP; None: it is on the broker.
    """

    device: str
    org: str
    kind: str
    terminal: Terminal | None = None


@dataclass(frozen=True, slots=True)
class Emission:
    """A report at its fix time.

    Attributes:
        report: The report, as it goes out when nothing is in its way.
        is_urgent: It goes to the urgent topic, ahead of others.
        copies: How often the device sends it (a retry that was not needed is a duplicate).
        true_ms: When that really is, for a device whose clock is wrong; None: at the fix time.
    """

    report: Report
    is_urgent: bool = False
    copies: int = 1
    true_ms: int | None = None

    @property
    def moment_ms(self) -> int:
        """Return when it is really recorded, milliseconds since 1970 UTC."""
        return self.report.fix_time_ms if self.true_ms is None else self.true_ms


class Feed(Protocol):
    """The life of one device; everything in it follows from seed, start and boot."""

    @property
    def identity(self) -> Identity:
        """Who it is."""
        ...

    @property
    def schedule(self) -> Schedule | None:
        """What a command can change; None: nothing."""
        ...

    def emissions(self) -> Iterator[Emission]:
        """Yield the reports, in order of fix time.

        A report counts as made when the next one is asked for: an iterator that is dropped before
        leaves it to the next iterator.
        """
        ...

    def spell(self, time_s: float) -> Spell | None:
        """Return the spell without link that a time is in, if any."""
        ...


def fix_report(
    identity: Identity,
    ground: Ground,
    *,
    time_ms: int,
    boot: int,
    seq: int,
    truth: Truth,
    seen: Observation | None,
    battery_pct: int,
    alarms: tuple[str, ...] = (),
) -> Report:
    """Return the report of an observation, to the resolution of the wire.

    Without an observation it is a status.
    """
    status = Report(
        device=identity.device,
        kind="status",
        fix_time_ms=time_ms,
        boot=boot,
        seq=seq,
        battery_pct=battery_pct,
        alarms=alarms,
    )
    if seen is None:
        return status
    longitude_deg, latitude_deg = ground.to_deg(seen.xy)
    return msgspec.structs.replace(
        status,
        kind="fix",
        longitude_deg=round(longitude_deg, 7),
        latitude_deg=round(latitude_deg, 7),
        datum="WGS84",
        accuracy_m=round(seen.accuracy_m, 1),
        speed_mps=round(truth.speed_mps, 2),
        heading_deg=round(truth.heading_deg, 1) % 360.0,
        satellites=seen.satellites,
    )


def due_times_ms(start_ms: int, interval_ms: int, phase_ms: int) -> Iterator[int]:
    """Yield the reporting times from the start on: every interval, from the device's phase."""
    time_ms = start_ms + phase_ms % interval_ms
    while True:
        yield time_ms
        time_ms += interval_ms
