"""Where residents go that they should not, or nearly: nights, schools, people, strange beds."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from device_sims.dice import Dice
from device_sims.field.calendar_week import clock_s
from device_sims.field.deed import Deed
from device_sims.field.duties import CURFEW_H, under_curfew
from device_sims.field.journey import Journey, Stay, journey
from device_sims.field.population import Resident
from device_sims.field.society import CONTACT_M, Pair, Protected, Society
from device_sims.ground import XY, polar
from device_sims.routine import HOUR_S

_CLEAR_M: Final = 60.0
_COUNTY_CLEAR_M: Final = 300.0
_ATTEMPTS: Final = 8
_STRANGE_M: Final = (2_500.0, 5_000.0)
_STRANGE_FROM: Final = 4
"""Nights of the week; before them there is only routine."""

_BUS_MPS: Final = 9.0

Make = Callable[[Dice, int], Deed | None]
"""(dice of the outing, local day) to the deed; None: it cannot be done there."""


@dataclass(frozen=True)
class Outings:
    """The outings of one resident."""

    society: Society
    resident: Resident

    def by_day(self) -> list[Make]:
        """Return what may be done by day."""
        found: list[Make] = []
        if self.society.school(self.resident.wearer.subject.office) is not None:
            found += [self._loiters, self._loiters, self._passes_school]
        for pair in self.society.pairs_of(self.resident.wearer.subject.index):
            found += [partial(self._approaches, pair)] * 3 + [partial(self._rides_by, pair)]
        return found

    def by_night(self, nth: int) -> list[Make]:
        """Return what may be done in the `nth` night of a week."""
        if under_curfew(self.resident):
            return [self._absent, self._leaves, self._late, self._just_in_time, self._balcony]
        return [self._strange_bed] if nth >= _STRANGE_FROM else []

    def _go(self, begin_s: float, stays: Callable[[int], list[Stay]]) -> Journey | None:
        """Return a journey that keeps clear of every border, or None after some attempts."""
        routine = self.resident.wearer.routine
        for attempt in range(_ATTEMPTS):
            tour = journey(routine, self.society.roads, begin_s, stays(attempt))
            if self._keeps_clear(tour):
                return tour
        return None

    def _keeps_clear(self, tour: Journey) -> bool:
        """Return whether no fence is violated on the way."""
        territory = self.society.population.territory
        dwelling = self.resident.wearer.dwelling
        for leg in tour.legs:
            if not territory.keeps(leg.path, _COUNTY_CLEAR_M):
                return False
            for circle in dwelling.forbidden:
                if leg.path.distance_m(circle.centre) < circle.radius_m + _CLEAR_M:
                    return False
            for circle in dwelling.home_circles:
                reach_m = max(math.dist(xy, circle.centre) for xy in leg.path.points)
                if reach_m > circle.radius_m - _CLEAR_M:
                    return False
        return True

    def _deed(self, kind: str, note: str, dice: Dice, tour: Journey | None) -> Deed | None:
        if tour is None:
            return None
        return Deed(kind, None, tour.begin_s, tour.end_s, note, dice, tour)

    def _away(self, dice: Dice, attempt: int, least_m: float, most_m: float) -> XY:
        home = self.resident.wearer.routine.home
        base = 50 + 2 * attempt
        away_m = dice.uniform(base, least_m, most_m)
        return polar(home, away_m, dice.uniform(base + 1, 0.0, 2 * math.pi))

    def _absent(self, dice: Dice, day: int) -> Deed | None:
        until_s = clock_s(day, CURFEW_H[0] + dice.uniform(2, 0.4, 3.0))
        tour = self._out(dice, clock_s(day, 20.6 + dice.uniform(1, 0.0, 0.8)), until_s)
        return self._deed("curfew_absent", "is not at home when the curfew begins", dice, tour)

    def _late(self, dice: Dice, day: int) -> Deed | None:
        until_s = clock_s(day, CURFEW_H[0] + dice.uniform(2, 0.1, 0.3))
        tour = self._out(dice, clock_s(day, 20.6 + dice.uniform(1, 0.0, 0.8)), until_s)
        return self._deed("curfew_late", "comes home late", dice, tour)

    def _leaves(self, dice: Dice, day: int) -> Deed | None:
        begin_s = clock_s(day, 22.7 + dice.uniform(1, 0.0, 5.0))
        tour = self._out(dice, begin_s, begin_s + dice.uniform(2, 900.0, 5_400.0))
        return self._deed("curfew_leaves", "leaves at night", dice, tour)

    def _just_in_time(self, dice: Dice, day: int) -> Deed | None:
        """Come home three minutes before the curfew begins."""
        home_s = clock_s(day, CURFEW_H[0]) - 180.0
        begin_s = clock_s(day, 20.6 + dice.uniform(1, 0.0, 0.4))
        early = self._out(dice, begin_s, begin_s + 600.0)
        if early is None:
            return None
        back = early.legs[-1]
        tour = self._out(dice, begin_s, back.begin_s + home_s - back.end_s)
        return self._deed("just_in_time", "comes home three minutes early: a near miss", dice, tour)

    def _balcony(self, dice: Dice, day: int) -> Deed | None:
        home = self.resident.wearer.routine.home
        begin_s = clock_s(day, 22.1 + dice.uniform(1, 0.0, 2.0))
        spot = polar(home, dice.uniform(2, 4.0, 12.0), dice.uniform(3, 0.0, 2 * math.pi))
        until_s = begin_s + dice.uniform(4, 1_200.0, 5_400.0)
        tour = self._go(begin_s, lambda _: [Stay(spot, until_s, is_indoors=False)])
        return self._deed("balcony", "sits on the balcony: a near miss", dice, tour)

    def _out(self, dice: Dice, begin_s: float, until_s: float) -> Journey | None:
        inside = dice.chance(6, 0.6)
        return self._go(
            begin_s,
            lambda attempt: [Stay(self._away(dice, attempt, 300.0, 2_500.0), until_s, inside)],
        )

    def _loiters(self, dice: Dice, day: int) -> Deed | None:
        school = self.society.school(self.resident.wearer.subject.office)
        if school is None:
            return None
        begin_s = clock_s(day, 9.0 + dice.uniform(1, 0.0, 6.5))
        spot = polar(school.circle.centre, dice.uniform(2, 40.0, 70.0), dice.uniform(3, 0.0, 6.28))
        lasts_s = dice.uniform(4, 2_300.0, 3_900.0)
        tour = self._go(begin_s, lambda _: [Stay(spot, is_indoors=False, lasts_s=lasts_s)])
        return self._deed("loiters", "stays near a school", dice, tour)

    def _passes_school(self, dice: Dice, day: int) -> Deed | None:
        school = self.society.school(self.resident.wearer.subject.office)
        if school is None:
            return None
        begin_s = clock_s(day, 9.0 + dice.uniform(1, 0.0, 6.5))
        spot = polar(school.circle.centre, dice.uniform(2, 30.0, 70.0), dice.uniform(3, 0.0, 6.28))
        beyond = polar(spot, 500.0, dice.uniform(4, 0.0, 6.28))
        tour = self._go(begin_s, lambda _: [Stay(spot), Stay(beyond, begin_s + 2_400.0)])
        return self._deed("passes_school", "walks past a school: a near miss", dice, tour)

    def _other_at(self, pair: Pair, time_s: float) -> XY:
        if isinstance(pair.other, Protected):
            return pair.other.routine.at(time_s).xy
        return self.society.population.residents[pair.other].wearer.routine.at(time_s).xy

    def _approaches(self, pair: Pair, dice: Dice, day: int) -> Deed | None:
        begin_s = clock_s(day, 9.0 + dice.uniform(1, 0.0, 6.0))
        lasts_s = dice.uniform(2, 700.0, 2_700.0)
        away_m = CONTACT_M * dice.uniform(3, 0.1, 0.6)
        there = polar(self._other_at(pair, begin_s), away_m, dice.uniform(4, 0.0, 6.28))
        coming = journey(self.resident.wearer.routine, self.society.roads, begin_s, [Stay(there)])
        at_s = coming.legs[0].end_s
        there = polar(self._other_at(pair, at_s), away_m, dice.uniform(4, 0.0, 6.28))
        inside = dice.chance(5, 0.4)
        tour = self._go(begin_s, lambda _: [Stay(there, is_indoors=inside, lasts_s=lasts_s)])
        return self._deed("approaches", "approaches whom to avoid, and stays", dice, tour)

    def _rides_by(self, pair: Pair, dice: Dice, day: int) -> Deed | None:
        begin_s = clock_s(day, 9.0 + dice.uniform(1, 0.0, 6.0))
        towards = dice.uniform(2, 0.0, 6.28)

        def stays(_attempt: int) -> list[Stay]:
            middle = polar(self._other_at(pair, begin_s), 60.0, towards + math.pi / 2)
            ends = (polar(middle, 900.0, towards + math.pi), polar(middle, 900.0, towards))
            return [Stay(ends[0]), Stay(ends[1], pace_mps=_BUS_MPS, is_straight=True)]

        tour = self._go(begin_s, stays)
        return self._deed("rides_by", "passes by in a bus: a near miss", dice, tour)

    def _strange_bed(self, dice: Dice, day: int) -> Deed | None:
        until_s = clock_s(day, 24.0 + 5.5)
        tour = self._go(
            clock_s(day, 20.5 + dice.uniform(1)),
            lambda attempt: [Stay(self._away(dice, attempt, *_STRANGE_M), until_s)],
        )
        if tour is None or until_s - tour.begin_s < 6 * HOUR_S:
            return None
        note = "spends the night where they never were"
        leg = tour.legs
        return Deed("strange_bed", "unusual", leg[0].end_s, leg[-1].begin_s, note, dice, tour)
