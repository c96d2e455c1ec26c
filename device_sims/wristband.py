"""The demonstration county's worn devices: reports on schedule, at once when something happens."""

import itertools
from collections.abc import Iterator
from typing import Final

from device_sims.acts import Act
from device_sims.battery import LOW_PCT, Battery
from device_sims.cast import Cast, Wearer, org_of
from device_sims.coverage import Coverage, Spell
from device_sims.dice import Dice
from device_sims.feed import Emission, Identity, fix_report
from device_sims.gnss import Gnss
from device_sims.routine import Truth
from device_sims.schedule import Schedule
from device_sims.script import Script
from firmware_protocols.alarm import URGENT_ALARMS, alarms_to_mask

DUPLICATE_PROBABILITY: Final = 0.01
"""Share of reports that are sent twice; assumed."""


class Wristband:
    """The feed of one wristband, or of a terminal that is worn like one."""

    def __init__(
        self, cast: Cast, wearer: Wearer, script: Script, *, interval_ms: int, boot: int
    ) -> None:
        """Take who wears it, what is played, and how often it reports."""
        self.identity = Identity(
            wearer.device, org_of(wearer.subject), "wristband", wearer.terminal
        )
        self._wearer = wearer
        self._script = script
        self._ground = cast.territory.ground
        self._boot = boot
        self._seq = 0
        self._gnss = Gnss(cast.seed, wearer.device)
        self._battery = Battery(cast.seed, wearer.device)
        self._coverage = Coverage(cast.seed, wearer, script)
        self._dice = Dice(cast.seed, wearer.device, "reports")
        self._seen_ms = round(script.start_s * 1_000)
        phase_ms = self._dice.integer(0, 0, interval_ms - 1)
        self.schedule = Schedule(self._seen_ms, interval_ms, phase_ms)

    def spell(self, time_s: float) -> Spell | None:
        """Return the spell without link that a time is in, if any."""
        return self._coverage.spell(time_s)

    def emissions(self) -> Iterator[Emission]:
        """Yield the reports, in order of fix time, without end."""
        for time_ms in self._times_ms():
            acts = [
                act
                for act in self._script.acts_near(self._wearer, time_ms / 1_000)
                if act.begin_s <= time_ms / 1_000 < act.end_s or act.kind == "low_battery"
            ]
            if any(act.kind == "silence" for act in acts):
                continue
            yield self._emission(time_ms, self._seq, acts)
            self._seq += 1

    def truth(self, time_s: float) -> Truth:
        """Return where the wearer really is."""
        for act in self._script.acts_near(self._wearer, time_s):
            if act.excursion is not None and act.begin_s <= time_s < act.end_s:
                return act.excursion.at(time_s)
        return self._wearer.routine.at(time_s)

    def _times_ms(self) -> Iterator[int]:
        """Yield the scheduled times, and between them the moments at which an alarm begins."""
        for due_ms in self.schedule.times_ms():
            acts = self._script.acts_near(self._wearer, due_ms / 1_000)
            begins = (round(act.begin_s * 1_000) for act in acts if act.kind in ("sos", "strap"))
            for at_ms in sorted(at_ms for at_ms in begins if self._seen_ms <= at_ms < due_ms):
                yield at_ms
                self._seen_ms = at_ms + 1
            yield due_ms
            self._seen_ms = due_ms + 1

    def _emission(self, time_ms: int, seq: int, acts: list[Act]) -> Emission:
        time_s = time_ms / 1_000
        truth = self.truth(time_s)
        neglects = (act.neglect for act in acts)
        battery_pct, is_charging = self._battery.level(time_s, next(filter(None, neglects), None))
        alarms = [act.kind for act in acts if act.kind in ("sos", "strap")]
        states = (("low_battery", battery_pct <= LOW_PCT), ("charging", is_charging))
        report = fix_report(
            self.identity,
            self._ground,
            time_ms=time_ms,
            boot=self._boot,
            seq=seq,
            truth=truth,
            seen=self._gnss.observe(time_ms, truth),
            battery_pct=round(battery_pct),
            alarms=tuple(itertools.chain(alarms, (name for name, holds in states if holds))),
        )
        return Emission(
            report,
            is_urgent=bool(alarms_to_mask(report.alarms) & URGENT_ALARMS),
            copies=2 if self._dice.chance(time_ms, DUPLICATE_PROBABILITY) else 1,
        )
