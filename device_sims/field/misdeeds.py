"""What residents do against the rules, slot by slot of their days, in many variants.

Shares, lengths and depths are assumed unless they say where they come from. The mix is not that of
any county: every rule shall be met often enough for its recall to be measured.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from device_sims.acts import Act, Kind, excursion
from device_sims.dice import Dice
from device_sims.field.charge import Span
from device_sims.field.population import Character, Population, Resident
from device_sims.ground import XY, polar
from device_sims.routine import DAY_S, HOUR_S, LOCAL_OFFSET_S

SLOTS_H: Final = ((7.0, 9.5), (9.5, 12.0), (12.0, 14.5), (14.5, 17.0), (17.0, 19.5), (22.0, 29.5))
"""Hours of the local day; each has one misdeed at most, which ends within it."""

PER_SLOT: Final[Mapping[Character, float]] = {"steady": 0.01, "careless": 0.08, "defiant": 0.25}

_MIX: Final[tuple[tuple[float, Kind | None], ...]] = (
    (0.52, None),  # a place: whichever border the resident has
    (0.66, "strap"),
    (0.75, "removed"),
    (0.81, "case"),
    (0.94, "silence"),
    (1.0, "sos"),
)

SOS_S: Final = 60.0
_CASE_S: Final = (30.0, 900.0)
_REMOVED_S: Final = (300.0, 5_400.0)
_SILENCE_S: Final = (1_250.0, 7_200.0)
_WRAPPED_S: Final = (300.0, 780.0)
"""Too short for a silence: a near miss."""

_CUT_S: Final = (900.0, 7_200.0)
_SELF_CLEARING_S: Final = (5.0, 290.0)
"""Within five minutes: what New York's officers had learnt to ignore."""

_CUT_SHARE: Final = 0.4
_CLOSED_SHARE: Final = 0.8
"""Cumulated shares of straps that are cut and that are closed again; the rest are loose."""

_FLAP_S: Final = (4.0, 40.0)
_FLAPS: Final = (3, 6)
_FLAP_EVERY_S: Final = (60.0, 150.0)


@dataclass(frozen=True)
class Misdeed:
    """An act, and the spans in which the device's alarm holds."""

    act: Act
    alarm: tuple[Span, ...] = ()


class Conduct:
    """The misdeeds of one resident; a function of (seed, device, day)."""

    def __init__(self, population: Population, resident: Resident) -> None:
        """Take whose conduct it is."""
        self._roads = population.roads
        self._territory = population.territory
        self._resident = resident
        self._wearer = resident.wearer
        self._dice = Dice(population.seed, self._wearer.device, "conduct")
        self.of_day = lru_cache(8)(self._of_day)
        self._near: tuple[int, list[Misdeed]] | None = None

    def near(self, time_s: float) -> list[Misdeed]:
        """Return the misdeeds of a time's local day and of the day before."""
        day = int((time_s + LOCAL_OFFSET_S) // DAY_S)
        if self._near is None or self._near[0] != day:
            self._near = day, [*self.of_day(day - 1), *self.of_day(day)]
        return self._near[1]

    def busy(self, time_s: float) -> list[Span]:
        """Return when something is played, about a time."""
        return [(misdeed.act.begin_s, misdeed.act.end_s) for misdeed in self.near(time_s)]

    def _of_day(self, day: int) -> tuple[Misdeed, ...]:
        found = []
        for number, (from_h, until_h) in enumerate(SLOTS_H):
            slot = day * len(SLOTS_H) + number
            dice = Dice(self._dice.bits(slot), "slot")
            if not dice.chance(0, PER_SLOT[self._resident.character]):
                continue
            day_s = day * DAY_S - LOCAL_OFFSET_S
            begin_s = day_s + from_h * HOUR_S + dice.uniform(1, 60.0, 1_500.0)
            misdeed = self._misdeed(dice, begin_s)
            if misdeed.act.end_s <= day_s + until_h * HOUR_S:
                found.append(misdeed)
        return tuple(found)

    def _misdeed(self, dice: Dice, begin_s: float) -> Misdeed:
        share = dice.uniform(2)
        kind = next(kind for limit, kind in _MIX if share < limit)
        if kind == "strap":
            return self._strap(dice, begin_s)
        if kind is None:
            return self._place(dice, begin_s)
        if kind == "silence":
            is_long = dice.chance(3, 0.6)
            lasts_s = dice.uniform(4, *(_SILENCE_S if is_long else _WRAPPED_S))
            note = "shielded: nothing recorded" if is_long else "shielded for minutes: a near miss"
            return Misdeed(self._act(kind, begin_s, lasts_s, note))
        lasts_s, note = {
            "sos": (SOS_S, "holds the SOS button"),
            "case": (dice.uniform(4, *_CASE_S), "opens the housing"),
            "removed": (dice.uniform(4, *_REMOVED_S), "slips the wristband off and carries it"),
        }[kind]
        return self._alarm(kind, begin_s, lasts_s, note)

    def _act(self, kind: Kind, begin_s: float, lasts_s: float, note: str) -> Act:
        return Act(kind, self._wearer, begin_s, begin_s + lasts_s, note)

    def _alarm(self, kind: Kind, begin_s: float, lasts_s: float, note: str) -> Misdeed:
        return Misdeed(self._act(kind, begin_s, lasts_s, note), ((begin_s, begin_s + lasts_s),))

    def _strap(self, dice: Dice, begin_s: float) -> Misdeed:
        variant = dice.uniform(3)
        if variant < _CUT_SHARE:
            lasts_s = dice.uniform(4, *_CUT_S)
            return self._alarm("strap", begin_s, lasts_s, "cuts the strap; refitted later")
        if variant < _CLOSED_SHARE:
            lasts_s = dice.uniform(4, *_SELF_CLEARING_S)
            return self._alarm("strap", begin_s, lasts_s, "opens the strap and closes it again")
        flaps, at_s = [], begin_s
        for nth in range(dice.integer(5, *_FLAPS)):
            flaps.append((at_s, at_s + dice.uniform(10 + nth, *_FLAP_S)))
            at_s += dice.uniform(20 + nth, *_FLAP_EVERY_S)
        end_s = flaps[-1][1]
        act = self._act("strap", begin_s, end_s - begin_s, "a loose strap opens again and again")
        return Misdeed(act, tuple(flaps))

    def _place(self, dice: Dice, begin_s: float) -> Misdeed:
        forbidden = self._wearer.dwelling.forbidden
        variant = dice.uniform(3)
        if forbidden:
            circle = dice.choice(6, forbidden)
            share, lasts, note = _INSIDE[min(int(variant * len(_INSIDE)), len(_INSIDE) - 1)]
            away_m = circle.radius_m * dice.uniform(4, *share)
            target = polar(circle.centre, away_m, dice.uniform(5, 0.0, 2 * math.pi))
        else:
            beyond, lasts, note = _BEYOND[min(int(variant * len(_BEYOND)), len(_BEYOND) - 1)]
            target = self._beyond(dice, dice.uniform(4, *beyond))
        tour = excursion(
            self._wearer,
            self._roads,
            begin_s,
            target,
            dice.uniform(7, *lasts),
            is_indoors=dice.chance(8, 0.5),
        )
        kind: Kind = "exclusion" if forbidden else "inclusion"
        return Misdeed(Act(kind, self._wearer, begin_s, tour.back.end_s, note, tour))

    def _beyond(self, dice: Dice, away_m: float) -> XY:
        for circle in self._wearer.dwelling.home_circles:
            return polar(circle.centre, circle.radius_m + away_m, dice.uniform(5, 0.0, 2 * math.pi))
        home = self._wearer.routine.home
        bearing = math.atan2(home[0], home[1])
        return polar((0.0, 0.0), self._territory.radius_m(bearing) + away_m, bearing)


_INSIDE: Final = (
    ((0.0, 0.3), (600.0, 2_700.0), "stays in a forbidden circle"),
    ((0.0, 0.5), (240.0, 900.0), "visits a forbidden circle"),
    ((0.8, 0.97), (300.0, 1_200.0), "lingers just inside a forbidden circle"),
    ((0.0, 0.6), (0.0, 20.0), "crosses a forbidden circle"),
)
_BEYOND: Final = (
    ((300.0, 2_500.0), (600.0, 3_600.0), "goes away and returns"),
    ((100.0, 300.0), (300.0, 1_800.0), "leaves for the neighbourhood"),
    ((40.0, 100.0), (300.0, 1_200.0), "steps out a little way"),
    ((60.0, 150.0), (0.0, 30.0), "is out for a moment"),
)
"""Depth, metres, and stay, seconds, of equally frequent variants; of a circle, share of its radius
from the middle."""
