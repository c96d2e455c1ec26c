"""Where wearers live, work and run errands, and the circles about those places.

Places are drawn until the usual ways between them keep clear of every forbidden circle and of the
county's border: a person's routine violates nothing, so that every violation is a played one.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import permutations
from typing import Final, Literal

from device_sims.dice import Dice
from device_sims.errors import ScenarioError
from device_sims.ground import XY, Circle, Path, polar
from device_sims.roads import Roads
from device_sims.routine import Routine, days_about_home, working_days
from device_sims.territory import Territory

Trait = Literal["forbidden", "home", "border", "plain"]
"""What a wearer's order is about: forbidden places, staying about home, or just the county; and
"border" for those who live where leaving the county is near."""

_TRAITS: Final[tuple[Trait, ...]] = (
    "forbidden",
    "plain",
    "home",
    "forbidden",
    "border",
    "home",
    "forbidden",
    "forbidden",
    "home",
    "border",
)
HOME_RADIUS_M: Final = 500.0
FORBIDDEN_RADIUS_M: Final = (100.0, 300.0)

_ATTEMPTS: Final = 400
_TOWN_SPREAD_M: Final = 1_300.0
_COUNTY_MARGIN_M: Final = 500.0
_CIRCLE_MARGIN_M: Final = 130.0
"""More than three times the drift indoors, so that noise alone does not make a violation."""


def trait_of(index: int) -> Trait:
    """Return the trait of a wearer by number; both even and odd numbers have each."""
    return _TRAITS[index % len(_TRAITS)]


@dataclass(frozen=True)
class Dwelling:
    """A wearer's places, circles and days."""

    routine: Routine
    home_circles: tuple[Circle, ...]
    forbidden: tuple[Circle, ...]


def settle(
    seed: int,
    territory: Territory,
    roads: Roads,
    index: int,
    office: int,
    *,
    trait: Trait | None = None,
) -> Dwelling:
    """Return where a wearer lives; the trait is that of the number unless it is given.

    Raises:
        ScenarioError: No place was found; another seed will do.
    """
    trait = trait or trait_of(index)
    for attempt in range(_ATTEMPTS):
        dice = Dice(seed, "dwelling", index, attempt)
        home = _home(dice, territory, office, trait)
        if trait == "home":
            errands = tuple(
                polar(home, dice.uniform(8 + k, 80, 230), dice.uniform(4 + k, 0, 2 * math.pi))
                for k in range(4)
            )
            routine = Routine(dice, roads, home, days_about_home(errands, home, 5))
            places = [home, *errands]
        else:
            work, *rest = (_near(dice, 20 + 2 * k, territory.town(office), 1_000) for k in range(4))
            errands = tuple(rest)
            routine = Routine(dice, roads, home, working_days(work, errands, home))
            places = [home, work, *errands]
        ways = [roads.way(a, b) for a, b in permutations(places, 2)]
        if not all(territory.keeps(way, _COUNTY_MARGIN_M) for way in ways):
            continue
        circles = (Circle(home, HOME_RADIUS_M),) if trait == "home" else ()
        if trait != "forbidden":
            return Dwelling(routine, circles, ())
        forbidden = [_forbidden(dice, 40 + 200 * k, places[k], ways) for k in range(2)]
        if all(forbidden):
            return Dwelling(routine, (), tuple(circle for circle in forbidden if circle))
    raise ScenarioError(f"no place to live for wearer {index + 1} with seed {seed}: try another")


def _home(dice: Dice, territory: Territory, office: int, trait: Trait) -> XY:
    if trait == "border":
        depth_m = dice.uniform(1, 900.0, 1_500.0)
        return territory.near_border(office, dice.uniform(0, 0.3, 0.7), depth_m)
    return _near(dice, 2, territory.town(office), _TOWN_SPREAD_M)


def _near(dice: Dice, index: int, centre: XY, spread_m: float) -> XY:
    return (
        centre[0] + spread_m * dice.normal(index),
        centre[1] + spread_m * dice.normal(index + 1),
    )


def _forbidden(dice: Dice, base: int, near: XY, ways: Iterable[Path]) -> Circle | None:
    for attempt in range(40):
        index = base + 4 * attempt
        radius_m = round(dice.uniform(index, *FORBIDDEN_RADIUS_M))
        away_m = radius_m + dice.uniform(index + 1, 180.0, 320.0)
        centre = polar(near, away_m, dice.uniform(index + 2, 0.0, 2 * math.pi))
        clear_m = radius_m + _CIRCLE_MARGIN_M
        if all(way.distance_m(centre) >= clear_m for way in ways):
            return Circle(centre, float(radius_m))
    return None
