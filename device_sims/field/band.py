"""The worn device of a resident: records on schedule and at every alarm, while it lives."""

import math
from collections.abc import Iterator
from typing import Final

from device_sims.battery import LOW_PCT
from device_sims.cast import org_of
from device_sims.coverage import Spell
from device_sims.dice import Dice
from device_sims.feed import Emission, Identity, fix_report
from device_sims.field.charge import Charge
from device_sims.field.darkness import Darkness
from device_sims.field.misdeeds import Conduct, Misdeed
from device_sims.field.population import FORGETS, Population, Resident
from device_sims.field.receiver import FieldReceiver
from device_sims.gnss import Observation
from device_sims.routine import Truth
from device_sims.schedule import Schedule
from device_sims.wristband import DUPLICATE_PROBABILITY
from firmware_protocols.alarm import URGENT_ALARMS, alarms_to_mask

INTERVAL_MS: Final = 60_000
GAUGE_PCT: Final = 0.7
"""Spread of the fuel gauge; assumed."""

_LATELY_S: Final = 120.0


class FieldBand:
    """The feed of one resident's device; a function of (seed, device, time)."""

    def __init__(
        self,
        population: Population,
        resident: Resident,
        *,
        start_ms: int,
        boot: int,
        conduct: Conduct | None = None,
        charge: Charge | None = None,
    ) -> None:
        """Take who wears it, and when it begins; without conduct and charge the resident's own."""
        wearer, seed = resident.wearer, population.seed
        self.identity = Identity(wearer.device, org_of(wearer.subject), "wristband")
        self.conduct = conduct or Conduct(population, resident)
        self.charge = charge or Charge(seed, wearer.device, forgets=FORGETS[resident.character])
        self.darkness = Darkness(seed, wearer.device, wearer.subject.office, self.conduct)
        self._wearer = wearer
        self._ground = population.territory.ground
        self._receiver = FieldReceiver(seed, wearer.device, population.sky)
        self._dice = Dice(seed, wearer.device, "reports")
        self._boot, self._seq = boot, 0
        phase_ms = self._dice.integer(0, 0, INTERVAL_MS - 1)
        self._seen_ms = start_ms
        self.schedule = Schedule(start_ms, INTERVAL_MS, phase_ms)

    def spell(self, time_s: float) -> Spell | None:
        """Return the spell without link that a time is in, if any."""
        return self.darkness.spell(time_s)

    def emissions(self) -> Iterator[Emission]:
        """Yield the reports, in order of fix time, without end."""
        for time_ms in self._times_ms():
            time_s = time_ms / 1_000
            misdeeds = [
                each
                for each in self.conduct.near(time_s)
                if each.act.begin_s <= time_s < each.act.end_s
            ]
            level_pct, is_charging = self.charge.level(time_s)
            if level_pct <= 0.0 or any(each.act.kind == "silence" for each in misdeeds):
                continue
            yield self._emission(time_ms, misdeeds, level_pct, is_charging=is_charging)
            self._seq += 1

    def truth(self, time_s: float) -> Truth:
        """Return where the wearer really is."""
        for misdeed in self.conduct.near(time_s):
            act = misdeed.act
            if act.excursion is not None and act.begin_s <= time_s < act.end_s:
                return act.excursion.at(time_s)
        return self._wearer.routine.at(time_s)

    def place(self, time_s: float) -> Truth:
        """Return where the device really is: on its wearer."""
        return self.truth(time_s)

    def _times_ms(self) -> Iterator[int]:
        for due_ms in self.schedule.times_ms():
            begins = (
                math.ceil(begin_s * 1_000)
                for misdeed in self.conduct.near(due_ms / 1_000)
                for begin_s, _ in misdeed.alarm
            )
            for at_ms in sorted(at_ms for at_ms in begins if self._seen_ms <= at_ms < due_ms):
                yield at_ms
                self._seen_ms = at_ms + 1
            yield due_ms
            self._seen_ms = due_ms + 1

    def _emission(
        self, time_ms: int, misdeeds: list[Misdeed], level_pct: float, *, is_charging: bool
    ) -> Emission:
        time_s = time_ms / 1_000
        truth = self.place(time_s)
        alarms = [
            each.act.kind
            for each in misdeeds
            if any(begin_s <= time_s < end_s for begin_s, end_s in each.alarm)
        ]
        shown_pct = round(level_pct + GAUGE_PCT * self._dice.normal(time_ms // 60_000))
        states = (("low_battery", shown_pct <= LOW_PCT), ("charging", is_charging))
        report = fix_report(
            self.identity,
            self._ground,
            time_ms=time_ms,
            boot=self._boot,
            seq=self._seq,
            truth=truth,
            seen=self._seen(time_ms, truth),
            battery_pct=min(max(shown_pct, 1), 100),
            alarms=(*alarms, *(name for name, holds in states if holds)),
        )
        return Emission(
            report,
            is_urgent=bool(alarms_to_mask(report.alarms) & URGENT_ALARMS),
            copies=2 if self._dice.chance(-time_ms, DUPLICATE_PROBABILITY) else 1,
        )

    def _seen(self, time_ms: int, truth: Truth) -> Observation | None:
        lit_s: float | None = None
        time_s = time_ms / 1_000
        for dark in self.darkness.dark_near(time_s):
            if dark.begin_s <= time_s < dark.end_s:
                return None
            if 0.0 <= time_s - dark.end_s < _LATELY_S:
                lit_s = time_s - dark.end_s
        return self._receiver.observe(time_ms, truth, lit_s=lit_s)
