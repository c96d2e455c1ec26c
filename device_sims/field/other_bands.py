"""Devices beside those of the residents: a second one of the same name, and protected people's."""

import math
from collections.abc import Iterator
from typing import Final

from device_sims.coverage import Spell
from device_sims.dice import Dice
from device_sims.feed import Emission, Identity, fix_report
from device_sims.field.band import INTERVAL_MS
from device_sims.field.population import Resident
from device_sims.field.receiver import FieldReceiver
from device_sims.field.society import Protected, Society
from device_sims.field.week_band import WeekBand
from device_sims.routine import Truth
from device_sims.schedule import Schedule

TWIN_BOOTS: Final = 1_000
"""How far the boots of a second device of the same name are from the first's."""

_TWIN_AWAY_M: Final = 3_000.0


class Twin:
    """A second device that says it is a resident's, somewhere else."""

    def __init__(
        self,
        band: WeekBand,
        society: Society,
        resident: Resident,
        *,
        span_ms: tuple[int, int],
        boot: int,
    ) -> None:
        """Take whose name it bears, and from when to when it may live."""
        self.identity: Identity = band.identity
        self.schedule = None
        self._band, self._society, self._resident = band, society, resident
        self._span_ms, self._boot = span_ms, boot + TWIN_BOOTS
        population = society.population
        name = f"{self.identity.device}/twin"
        self._receiver = FieldReceiver(population.seed, name, population.sky)

    def spell(self, time_s: float) -> Spell | None:
        """Return None: it is always connected."""
        del time_s
        return None

    def emissions(self) -> Iterator[Emission]:
        """Yield its reports, in order of fix time."""
        own = self._society.population.residents
        index = self._resident.wearer.subject.index
        others = [*own[index + 1 :], *own[:index]]
        first_ms = self._span_ms[0] + 31_000 * index % INTERVAL_MS
        for seq, time_ms in enumerate(range(first_ms, self._span_ms[1], INTERVAL_MS)):
            time_s = time_ms / 1_000
            deed = self._band.storyline.at(time_s)
            if deed is None or deed.kind != "twin":
                continue
            here = self._band.place(time_s).xy
            truths = (other.wearer.routine.at(time_s) for other in others)
            far = (truth for truth in truths if math.dist(truth.xy, here) > _TWIN_AWAY_M)
            truth = next(far, Truth((here[0], here[1] + 9_000.0), 0.0, 0.0, is_indoors=True))
            report = fix_report(
                self.identity,
                self._society.population.territory.ground,
                time_ms=time_ms,
                boot=self._boot,
                seq=seq,
                truth=truth,
                seen=self._receiver.observe(time_ms, truth),
                battery_pct=64,
            )
            yield Emission(report)


class ProtectedBand:
    """The device of somebody who is to be left alone: it reports where they are."""

    def __init__(self, society: Society, protected: Protected, *, start_ms: int, boot: int) -> None:
        """Take who carries it."""
        population = society.population
        self.identity = Identity(protected.device, protected.org, "wristband")
        self.routine = protected.routine
        self._ground = population.territory.ground
        self._receiver = FieldReceiver(population.seed, protected.device, population.sky)
        self._boot = boot
        phase_ms = Dice(population.seed, protected.device).integer(0, 0, INTERVAL_MS - 1)
        self.schedule = Schedule(start_ms, INTERVAL_MS, phase_ms)

    def spell(self, time_s: float) -> Spell | None:
        """Return None: it is always connected."""
        del time_s
        return None

    def emissions(self) -> Iterator[Emission]:
        """Yield its reports, in order of fix time, without end."""
        for seq, time_ms in enumerate(self.schedule.times_ms()):
            truth = self.routine.at(time_ms / 1_000)
            report = fix_report(
                self.identity,
                self._ground,
                time_ms=time_ms,
                boot=self._boot,
                seq=seq,
                truth=truth,
                seen=self._receiver.observe(time_ms, truth),
                battery_pct=72,
            )
            yield Emission(report)
