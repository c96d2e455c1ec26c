"""Where houses stand so close that a receiver sees little of the sky."""

import math
from functools import cached_property
from typing import Final

from device_sims.dice import Dice
from device_sims.ground import XY
from device_sims.territory import OFFICES, Territory

CELL_M: Final = 150.0
TOWN_M: Final = 1_200.0
CANYON_SHARE: Final = 0.3
"""Of the cells in a town; assumed, as are the two lengths."""


class Sky:
    """The streets of one county; a function of (seed, place)."""

    def __init__(self, seed: int, territory: Territory) -> None:
        """Take the towns, and the seed of their streets."""
        self._territory = territory
        self._dice = Dice(seed, "sky")

    @cached_property
    def _towns(self) -> list[XY]:
        return [self._territory.town(office) for office in range(len(OFFICES))]

    def is_canyon(self, xy: XY) -> bool:
        """Return whether a place lies between high houses."""
        if all(math.dist(xy, town) > TOWN_M for town in self._towns):
            return False
        i, j = (math.floor(value / CELL_M) for value in xy)
        return self._dice.chance(((i & 0xFFFF) << 16) | (j & 0xFFFF), CANYON_SHARE)
