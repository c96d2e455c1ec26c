"""Roads: a lattice of crossings that is the same for everybody, and ways along it."""

import math
from functools import lru_cache
from typing import Final

from device_sims.dice import Dice
from device_sims.ground import XY, Path, smoothed

SPACING_M: Final = 700.0
"""Distance of neighbouring crossings; assumed, it only has to look like a county's roads."""

FOOTPATH_M: Final = 1_200.0
"""Up to here people go straight, with a bend; beyond they use the roads."""

_JITTER: Final = 0.28
_KEEP_PATHS: Final = 4_096


class Roads:
    """The roads of one county."""

    def __init__(self, seed: int) -> None:
        """Lay them out by seed."""
        self._dice = Dice(seed, "roads")
        self.way = lru_cache(_KEEP_PATHS)(self._way)

    def _way(self, start: XY, end: XY) -> Path:
        """Return the way from start to end; both ends are exact."""
        if math.dist(start, end) <= FOOTPATH_M:
            return Path(smoothed((start, self._bend(start, end), end)))
        i, j = _cell(start)
        goal_i, goal_j = _cell(end)
        corners = [start, self._crossing(i, j)]
        while (i, j) != (goal_i, goal_j):
            if abs(goal_i - i) >= abs(goal_j - j):
                i += 1 if goal_i > i else -1
            else:
                j += 1 if goal_j > j else -1
            corners.append(self._crossing(i, j))
        return Path(smoothed((*corners, end)))

    def _crossing(self, i: int, j: int) -> XY:
        index = ((i & 0xFFFF) << 16) | (j & 0xFFFF)
        return (
            SPACING_M * (i + self._dice.uniform(2 * index, -_JITTER, _JITTER)),
            SPACING_M * (j + self._dice.uniform(2 * index + 1, -_JITTER, _JITTER)),
        )

    def _bend(self, start: XY, end: XY) -> XY:
        index = round(start[0]) * 7 + round(start[1]) * 13 + round(end[0]) * 17 + round(end[1])
        share = self._dice.uniform(index & 0xFFFFFFFF, -0.15, 0.15)
        dx, dy = end[0] - start[0], end[1] - start[1]
        return ((start[0] + end[0]) / 2 - dy * share, (start[1] + end[1]) / 2 + dx * share)


def _cell(xy: XY) -> tuple[int, int]:
    return round(xy[0] / SPACING_M), round(xy[1] / SPACING_M)
