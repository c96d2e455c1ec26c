"""The worn device of a resident with a storyline: what it says of places, bodies and itself."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import msgspec

from device_sims.coverage import Spell
from device_sims.dice import Dice
from device_sims.feed import Emission
from device_sims.field.band import FieldBand
from device_sims.field.body import Body
from device_sims.field.calendar_week import day_of
from device_sims.field.charge import Charge
from device_sims.field.deed import Deed
from device_sims.field.duties import neglects_battery
from device_sims.field.faults import false_speed_mps, faulty
from device_sims.field.fuel import Fuel
from device_sims.field.population import FORGETS, Resident
from device_sims.field.society import Society
from device_sims.field.storyline import Storyline, WeekConduct
from device_sims.gnss import Observation
from device_sims.ground import XY
from device_sims.routine import Truth

STATIC_HOLD_SHARE: Final = 0.2
"""Share of receivers that hold their place while they stand still (u-blox M8: static hold mode,
UBX-CFG-NAV5); assumed."""

SHADED_SATELLITES: Final = 3
"""At most so many does a receiver tell that has no position: jammed, underground or indoors."""

_HOLD_SIGMA_M: Final = 6.0
_BEHIND_S: Final = (360.0, 720.0)
_AHEAD_S: Final = (75.0, 110.0)
"""A gateway keeps nothing of what comes from further ahead (120 s by default)."""

_BEHIND_SHARE: Final = 0.7
_LONGEST_STEP_S: Final = 600.0


class WeekBand(FieldBand):
    """The feed of one resident's device; a function of (seed, size, device, time)."""

    def __init__(self, society: Society, resident: Resident, *, start_ms: int, boot: int) -> None:
        """Take who wears it, and when it begins."""
        population, device = society.population, resident.wearer.device
        seed = population.seed
        self.storyline = Storyline(society, resident)
        charge: Charge = Charge(seed, device, forgets=FORGETS[resident.character])
        if neglects_battery(resident):
            charge = Fuel(seed, device)
        super().__init__(
            population,
            resident,
            start_ms=start_ms,
            boot=boot,
            conduct=WeekConduct(society, resident, self.storyline),
            charge=charge,
        )
        self._society = society
        self._body = Body(seed, device)
        self._habit = Dice(seed, device, "static-hold")
        self._shade = Dice(seed, device, "shade")
        self._holds = self._habit.chance(0, STATIC_HOLD_SHARE)
        self._steps = float(self._habit.integer(1, 0, 4_000))
        self._told_ms = start_ms
        self._placed = 0.0, resident.wearer.routine.at(0.0)

    def spell(self, time_s: float) -> Spell | None:
        """Return the spell without link that a time is in, if any."""
        spell = super().spell(time_s)
        for outage in self._society.outages(day_of(time_s)):
            begin_s, end_s = outage.span
            if begin_s <= time_s < end_s and outage.area.covers(self.place(time_s).xy):
                is_longer = spell is not None and spell.end_s >= end_s
                return spell if is_longer else Spell(begin_s, end_s, is_newest_first=False)
        return spell

    def truth(self, time_s: float) -> Truth:
        """Return where the wearer really is."""
        deed = self.storyline.at(time_s)
        if deed is not None and deed.journey is not None:
            tour = deed.journey
            if tour.begin_s <= time_s < tour.end_s:
                return tour.at(time_s)
        return super().truth(time_s)

    def place(self, time_s: float) -> Truth:
        """Return where the device really is."""
        if time_s == self._placed[0]:
            return self._placed[1]
        truth = self._place(time_s)
        self._placed = time_s, truth
        return truth

    def _place(self, time_s: float) -> Truth:
        deed = self.storyline.at(time_s)
        if deed is not None and deed.left_at is not None:
            return Truth(deed.left_at, 0.0, 0.0, is_indoors=True)
        return self.truth(time_s)

    def emissions(self) -> Iterator[Emission]:
        """Yield the reports, in order of fix time unless its clock is wrong, without end."""
        for emission in super().emissions():
            time_ms = emission.report.fix_time_ms
            deed = self.storyline.at(time_ms / 1_000)
            yield self._told(emission, time_ms, deed)

    def _told(self, emission: Emission, time_ms: int, deed: Deed | None) -> Emission:
        report = emission.report
        alarms = report.alarms
        truth = self.place(time_ms / 1_000)
        vitals = self._body.vitals(
            time_ms, truth, deed, is_charging="charging" in alarms, is_off="removed" in alarms
        )
        since_s = min((time_ms - self._told_ms) / 1_000, _LONGEST_STEP_S)
        self._told_ms = time_ms
        self._steps += vitals.steps_hz * since_s
        changed: dict[str, object] = {}
        if report.kind == "status":
            changed["satellites"] = self._shade.integer(time_ms // 60_000, 0, SHADED_SATELLITES)
        if deed is not None:
            changed |= self._changed(deed, time_ms, emission)
        told = msgspec.structs.replace(
            report,
            skin_contact=vitals.skin_contact,
            heart_rate_bpm=vitals.heart_rate_bpm,
            skin_temperature_c=vitals.skin_temperature_c,
            steps=int(self._steps),
            **changed,
        )
        return replace(emission, report=told, true_ms=time_ms)

    def _changed(self, deed: Deed, time_ms: int, emission: Emission) -> dict[str, object]:
        report, changed = emission.report, dict[str, object]()
        if deed.kind == "clock":
            skew_s = deed.dice.uniform(301, *_AHEAD_S)
            if deed.dice.chance(300, _BEHIND_SHARE):
                skew_s = -deed.dice.uniform(301, *_BEHIND_S)
            changed["fix_time_ms"] = time_ms + round(1_000 * skew_s)
        elif deed.kind in ("jam_told", "desk"):
            name = "jamming" if deed.kind == "jam_told" else "charging"
            if name not in report.alarms:
                changed["alarms"] = (*report.alarms, name)
        if report.kind == "fix":
            speed_mps = false_speed_mps(deed, time_ms)
            if speed_mps is not None:
                changed["speed_mps"] = round(speed_mps, 2)
        return changed

    def _seen(self, time_ms: int, truth: Truth) -> Observation | None:
        deed = self.storyline.at(time_ms / 1_000)
        if deed is not None and deed.kind == "frozen":
            return self._frozen(deed)
        seen = super()._seen(time_ms, truth)
        if seen is None:
            return None
        if self._holds and truth.is_indoors and truth.speed_mps == 0.0:
            seen = replace(seen, xy=self._held(truth.xy))
        return seen if deed is None else faulty(deed, time_ms, truth, seen)

    def _frozen(self, deed: Deed) -> Observation:
        """Return what the receiver saw when it froze."""
        began = super().place(deed.begin_s)
        return Observation(self._held(began.xy), deed.dice.uniform(300, 4.0, 12.0), 8)

    def _held(self, xy: XY) -> XY:
        """Return the place that a receiver settles at while it stands somewhere."""
        base = 4 * (round(xy[0]) * 65_537 + round(xy[1]))
        x, y = (_HOLD_SIGMA_M * self._habit.normal(base + k) for k in (0, 1))
        return xy[0] + x, xy[1] + y
