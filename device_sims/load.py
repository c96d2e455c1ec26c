"""The load profile: every wristband under order, fixed interval, simple movement, little drama.

Each wearer circles within an own inclusion fence. With `excursions_per_hour` each leaves it for a
few minutes at a time of their own, so that there is something to find.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any, Final

from device_sims.acts import Label
from device_sims.cast import COUNTY_FENCE, SimFence
from device_sims.coverage import Spell
from device_sims.dice import Dice
from device_sims.errors import ScenarioError
from device_sims.feed import Emission, Identity, fix_report
from device_sims.gnss import Observation
from device_sims.ground import XY, Circle, polar
from device_sims.names import person_name
from device_sims.registry_file import (
    FORMAT,
    Row,
    binding_row,
    device_row,
    fence_row,
    order_row,
    org_rows,
)
from device_sims.routine import HOUR_S, Truth
from device_sims.schedule import Schedule
from device_sims.script import timestamp
from device_sims.territory import COUNTY, OFFICES, Territory, office_id

MAX_DEVICES: Final = 10_000
FENCE_RADIUS_M: Final = 300.0
EXCURSION_S: Final = 300.0
EXPECTED_INTERVAL_S: Final = 60

_SIGMA_M: Final = 5.0
_ACCURACY_M: Final = 8.0
_ORBIT_M: Final = (40.0, 150.0)
_AWAY_M: Final = 600.0
_ORBIT_S: Final = 900.0
_DEPTH_SHARE: Final = 0.85


@dataclass(frozen=True)
class LoadWearer:
    """One wearer of the load profile."""

    number: int
    subject: str
    device: str
    org: str
    home: XY
    orbit_m: float
    phase: float

    @property
    def fence(self) -> SimFence:
        """The wearer's own fence."""
        circle = Circle(self.home, FENCE_RADIUS_M)
        return SimFence(f"f-load-{self.number:06d}", "居住地活动范围", "inclusion", circle)


class Profile:
    """The load profile of one seed."""

    def __init__(self, seed: int, *, devices: int, excursions_per_hour: float = 0.0) -> None:
        """Take how many wristbands there are, and how often each wearer leaves the own fence.

        Raises:
            ScenarioError: A number is out of bounds.
        """
        if not 1 <= devices <= MAX_DEVICES:
            raise ScenarioError(f"{devices} devices, 1 to {MAX_DEVICES} are allowed")
        if not 0.0 <= excursions_per_hour * EXCURSION_S <= HOUR_S / 2:
            raise ScenarioError(
                f"{excursions_per_hour} excursions per hour, "
                f"0 to {HOUR_S / 2 / EXCURSION_S:g} are allowed"
            )
        self.seed = seed
        self.territory = Territory(seed)
        self._devices = devices
        self._period_s = HOUR_S / excursions_per_hour if excursions_per_hour else math.inf

    @property
    def has_excursions(self) -> bool:
        """Whether wearers ever leave their own fence."""
        return not math.isinf(self._period_s)

    @cached_property
    def wearers(self) -> tuple[LoadWearer, ...]:
        """Everybody, by number."""
        return tuple(self._wearer(number) for number in range(1, self._devices + 1))

    def truth(self, wearer: LoadWearer, time_s: float) -> Truth:
        """Return where a wearer is, seconds since 1970 UTC."""
        angle = 2 * math.pi * (time_s / _ORBIT_S + wearer.phase)
        radius_m = wearer.orbit_m
        if self.excursion(wearer, time_s) is not None:
            radius_m = _AWAY_M
        speed_mps = 2 * math.pi * wearer.orbit_m / _ORBIT_S
        heading_deg = math.degrees(angle + math.pi / 2) % 360.0
        return Truth(polar(wearer.home, radius_m, angle), speed_mps, heading_deg, is_indoors=False)

    def excursion(self, wearer: LoadWearer, time_s: float) -> float | None:
        """Return when the excursion began that a time is in, or None."""
        if not self.has_excursions:
            return None
        offset_s = (wearer.phase + 0.5) % 1.0 * self._period_s
        into_s = (time_s - offset_s) % self._period_s
        return time_s - into_s if into_s < EXCURSION_S else None

    def labels(self, begin_s: float, end_s: float) -> list[tuple[float, Label]]:
        """Return (begin_s, label) of every excursion that begins in [begin_s, end_s)."""
        found = []
        for wearer in self.wearers if self.has_excursions else ():
            offset_s = (wearer.phase + 0.5) % 1.0 * self._period_s
            at_s = offset_s + math.ceil((begin_s - offset_s) / self._period_s) * self._period_s
            while at_s < end_s:
                found.append((at_s, _label(wearer, at_s)))
                at_s += self._period_s
        return sorted(found, key=lambda pair: (pair[0], pair[1].device))

    def _wearer(self, number: int) -> LoadWearer:
        dice = Dice(self.seed, "load", number)
        bearing = dice.uniform(0, 0.0, 2 * math.pi)
        depth_m = _DEPTH_SHARE * self.territory.radius_m(bearing) * math.sqrt(dice.uniform(1))
        return LoadWearer(
            number=number,
            subject=f"s-load-{number:06d}",
            device=f"wb-{number:06d}",
            org=office_id(number % len(OFFICES)),
            home=polar((0.0, 0.0), depth_m, bearing),
            orbit_m=dice.uniform(2, *_ORBIT_M),
            phase=dice.uniform(3),
        )


class LoadBand:
    """The feed of one wristband of the load profile."""

    def __init__(
        self, profile: Profile, wearer: LoadWearer, *, start_ms: int, interval_ms: int, boot: int
    ) -> None:
        """Take whose it is and how often it reports."""
        self.identity = Identity(wearer.device, wearer.org, "wristband")
        self._profile = profile
        self._wearer = wearer
        self.schedule = Schedule(start_ms, interval_ms, int(wearer.phase * interval_ms))
        self._boot = boot
        self._seq = 0
        self._dice = Dice(profile.seed, wearer.device, "load-noise")

    def spell(self, time_s: float) -> Spell | None:
        """Return None: the load profile stays connected."""
        del time_s
        return None

    def emissions(self) -> Iterator[Emission]:
        """Yield the reports, in order of fix time, without end."""
        for time_ms in self.schedule.times_ms():
            truth = self._profile.truth(self._wearer, time_ms / 1_000)
            dx, dy = (_SIGMA_M * self._dice.normal(2 * time_ms + axis) for axis in (0, 1))
            seen = Observation((truth.xy[0] + dx, truth.xy[1] + dy), _ACCURACY_M, 9)
            yield Emission(
                fix_report(
                    self.identity,
                    self._profile.territory.ground,
                    time_ms=time_ms,
                    boot=self._boot,
                    seq=self._seq,
                    truth=truth,
                    seen=seen,
                    battery_pct=80,
                )
            )
            self._seq += 1


def registry(seed: int, *, devices: int = 550, now: datetime | None = None) -> dict[str, Any]:
    """Return the load profile's people in the format of docs/wire/registry-v1.md.

    Args:
        seed: Seed of the profile; `guitu sim run load` wants the same.
        devices: Wristbands, each with a subject, an order and a fence of its own.
        now: Orders and bindings are in force at this time; None: at the time of the call.

    Raises:
        ScenarioError: The number is out of bounds.
    """
    now = now or datetime.now(UTC)
    since = now - timedelta(days=30)
    profile = Profile(seed, devices=devices)
    territory, wearers = profile.territory, profile.wearers
    county = SimFence(COUNTY_FENCE, "青溪县县域", "inclusion", territory.boundary)
    return {
        "format": FORMAT,
        "orgs": org_rows(territory),
        "officers": [],
        "subjects": [_subject_row(seed, wearer, now.date()) for wearer in wearers],
        "devices": [device_row(w.device, w.org, "wristband", EXPECTED_INTERVAL_S) for w in wearers],
        "bindings": [binding_row(w.device, "subject", w.subject, since) for w in wearers],
        "orders": [
            order_row(w.number, w.subject, Dice(seed, "load", w.number), since) for w in wearers
        ],
        "fences": [
            fence_row(territory, county, COUNTY, [w.subject for w in wearers], since),
            *(fence_row(territory, w.fence, w.org, [w.subject], since) for w in wearers),
        ],
    }


def _subject_row(seed: int, wearer: LoadWearer, today: date) -> Row:
    return {
        "subject": wearer.subject,
        "org": wearer.org,
        "name": person_name(Dice(seed, "load-name"), wearer.number),
        "category": "probation",
        "is_minor": False,
        "term_from": (today - timedelta(days=90)).isoformat(),
        "term_to": (today + timedelta(days=365)).isoformat(),
        "public_credit": 820,
    }


def _label(wearer: LoadWearer, begin_s: float) -> Label:
    return Label(
        rule="inclusion",
        subject=wearer.subject,
        device=wearer.device,
        fence=wearer.fence.fence,
        begin_time=timestamp(begin_s),
        end_time=timestamp(begin_s + EXCURSION_S),
        note="leaves the own fence and returns",
    )
