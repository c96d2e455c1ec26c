"""The people of the field: who lives where, under which fences, and how well each keeps to them."""

import dataclasses
from collections.abc import Mapping
from functools import cached_property
from typing import Final, Literal

from device_sims.cast import Cast, SimFence, Subject, Wearer
from device_sims.dice import Dice
from device_sims.field.near_misses import at_the_edge, beside_border, beside_forbidden
from device_sims.field.sky import Sky
from device_sims.homes import Dwelling, Trait, settle
from device_sims.territory import OFFICES

Situation = Literal["usual", "edge", "beside", "verge"]
"""How near the border is by day: far, the edge of the home circle, beside a forbidden circle,
or on the verge of the county."""

Character = Literal["steady", "careless", "defiant"]

_MIX: Final[tuple[tuple[Trait, Situation], ...]] = (
    ("forbidden", "usual"),
    ("home", "usual"),
    ("border", "usual"),
    ("forbidden", "beside"),
    ("home", "edge"),
    ("forbidden", "usual"),
    ("plain", "usual"),
    ("forbidden", "beside"),
    ("border", "verge"),
    ("home", "edge"),
)
"""Half live where noise alone could cross a border; assumed, and far above any county."""

_CHARACTERS: Final[tuple[tuple[float, Character], ...]] = (
    (0.5, "steady"),
    (0.8, "careless"),
    (1.0, "defiant"),
)
"""Cumulated shares; assumed."""

FORGETS: Final[Mapping[Character, float]] = {"steady": 0.01, "careless": 0.08, "defiant": 0.12}
"""Chance that an evening's charge is forgotten; assumed."""


@dataclasses.dataclass(frozen=True)
class Resident:
    """A wearer of the field.

    Attributes:
        wearer: Person, device, dwelling and fences.
        situation: How near the border is.
        character: How well the rules are kept.
    """

    wearer: Wearer
    situation: Situation
    character: Character


class Population:
    """Everybody of one field; person by person a function of (seed, number)."""

    def __init__(self, seed: int, size: int) -> None:
        """Take how many wear a device."""
        self.seed = seed
        self._cast = Cast(seed, subjects=size, wearing=0)
        self.territory, self.roads = self._cast.territory, self._cast.roads
        self.sky = Sky(seed, self.territory)

    @property
    def county_fence(self) -> SimFence:
        """The county itself, which everybody must stay in."""
        return self._cast.county_fence

    @cached_property
    def residents(self) -> tuple[Resident, ...]:
        """Everybody."""
        return tuple(self._resident(subject) for subject in self._cast.subjects)

    def _resident(self, subject: Subject) -> Resident:
        number = subject.index + 1
        trait, situation = _MIX[subject.index % len(_MIX)]
        if trait == "border":
            subject = dataclasses.replace(subject, office=1 + subject.index % (len(OFFICES) - 1))
        dwelling = self._dwelling(subject, trait, situation)
        own = [
            SimFence(f"f-home-{number}", "居住地活动范围", "inclusion", circle)
            for circle in dwelling.home_circles
        ]
        own += [
            SimFence(f"f-no-{number}-{nth}", "禁止进入", "exclusion", circle)
            for nth, circle in enumerate(dwelling.forbidden)
        ]
        wearer = Wearer(subject, f"fd-{number:06d}", trait, dwelling, (self.county_fence, *own))
        share = Dice(self.seed, "character", subject.index).uniform(0)
        character = next(name for limit, name in _CHARACTERS if share < limit)
        return Resident(wearer, situation, character)

    def _dwelling(self, subject: Subject, trait: Trait, situation: Situation) -> Dwelling:
        where = (self.seed, self.territory, self.roads, subject.index, subject.office)
        match situation:
            case "usual":
                return settle(*where, trait=trait)
            case "edge":
                return at_the_edge(*where)
            case "beside":
                return beside_forbidden(*where)
            case "verge":
                return beside_border(*where)
