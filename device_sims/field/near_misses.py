"""Homes and ways that keep the rules by a few metres: the border of everything is near.

The distances are assumed: more than a good receiver errs, less than a poor one does.
"""

import math
from itertools import permutations
from typing import Final

from device_sims.dice import Dice
from device_sims.errors import ScenarioError
from device_sims.ground import XY, Circle, Path, polar
from device_sims.homes import Dwelling
from device_sims.roads import Roads
from device_sims.routine import Routine, days_about_home
from device_sims.territory import Territory

CLEAR_M: Final = (20.0, 60.0)
"""Between the nearest way and the border."""

_ATTEMPTS: Final = 400
_ERRANDS_M: Final = (80.0, 260.0)
_OUTINGS: Final = 5
_HOME_CIRCLE_M: Final = (350.0, 500.0)
_FORBIDDEN_M: Final = (100.0, 300.0)
_BORDER_M: Final = (60.0, 150.0)
_TOWN_SPREAD_M: Final = 900.0


def at_the_edge(seed: int, territory: Territory, roads: Roads, index: int, office: int) -> Dwelling:
    """Return a home just inside the circle that must not be left: it is drawn about the village."""
    dice = Dice(seed, "edge", index)
    home = _in_town(dice, territory, office)
    towards = dice.uniform(0, 0.0, 2 * math.pi)
    errands = _errands(dice, home, towards)
    centre = polar(home, dice.uniform(1, *_HOME_CIRCLE_M), towards)
    farthest_m = max(
        math.dist(xy, centre) for way in _ways(roads, home, errands) for xy in way.points
    )
    circle = Circle(centre, float(math.ceil(farthest_m + dice.uniform(2, *CLEAR_M))))
    return Dwelling(_routine(dice, roads, home, errands), (circle,), ())


def beside_forbidden(
    seed: int, territory: Territory, roads: Roads, index: int, office: int
) -> Dwelling:
    """Return a home whose daily ways pass a forbidden circle a few metres off.

    Raises:
        ScenarioError: No place was found; another seed will do.
    """
    dice = Dice(seed, "beside", index)
    home = _in_town(dice, territory, office)
    errands = _errands(dice, home, dice.uniform(0, 0.0, 2 * math.pi))
    ways = _ways(roads, home, errands)
    for attempt in range(_ATTEMPTS):
        base = 1_000 + 4 * attempt
        away_m = dice.uniform(base, 120.0, 500.0)
        centre = polar(home, away_m, dice.uniform(base + 1, 0.0, 2 * math.pi))
        nearest_m = min(way.distance_m(centre) for way in ways)
        radius_m = math.floor(nearest_m - dice.uniform(base + 2, *CLEAR_M))
        if _FORBIDDEN_M[0] <= radius_m <= _FORBIDDEN_M[1]:
            circle = Circle(centre, float(radius_m))
            return Dwelling(_routine(dice, roads, home, errands), (), (circle,))
    raise ScenarioError(f"no forbidden circle beside wearer {index + 1} with seed {seed}")


def beside_border(
    seed: int, territory: Territory, roads: Roads, index: int, office: int
) -> Dwelling:
    """Return a home from which the county's border can be seen; `office` is an outer one.

    Raises:
        ScenarioError: No place was found; another seed will do.
    """
    for attempt in range(_ATTEMPTS):
        dice = Dice(seed, "beside-border", index, attempt)
        depth_m = dice.uniform(0, *_BORDER_M)
        home = territory.near_border(office, dice.uniform(1, 0.3, 0.7), depth_m)
        errands = _errands(dice, home, math.atan2(-home[0], -home[1]))
        boundary = territory.boundary
        if all(
            territory.depth_m(xy) > 0.0 and boundary.distance_m(xy) >= CLEAR_M[0]
            for way in _ways(roads, home, errands)
            for xy in way.points
        ):
            return Dwelling(_routine(dice, roads, home, errands), (), ())
    raise ScenarioError(f"no home beside the border for wearer {index + 1} with seed {seed}")


def _in_town(dice: Dice, territory: Territory, office: int) -> XY:
    x, y = territory.town(office)
    return x + _TOWN_SPREAD_M * dice.normal(101), y + _TOWN_SPREAD_M * dice.normal(102)


def _errands(dice: Dice, home: XY, towards: float) -> tuple[XY, ...]:
    return tuple(
        polar(home, dice.uniform(10 + k, *_ERRANDS_M), towards + dice.uniform(20 + k, -1.0, 1.0))
        for k in range(4)
    )


def _ways(roads: Roads, home: XY, errands: tuple[XY, ...]) -> list[Path]:
    return [roads.way(a, b) for a, b in permutations((home, *errands), 2)]


def _routine(dice: Dice, roads: Roads, home: XY, errands: tuple[XY, ...]) -> Routine:
    return Routine(dice, roads, home, days_about_home(errands, home, _OUTINGS))
