"""Ways out of the routine over several stays and back into it, without a jump."""

import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from device_sims.ground import XY, Path
from device_sims.roads import Roads
from device_sims.routine import Routine, Trip, Truth, travel_speed_mps


@dataclass(frozen=True)
class Stay:
    """A place on the way, and until when one stays.

    Attributes:
        xy: The place.
        until_s: When one leaves, seconds since 1970 UTC; whoever comes later goes on at once ...
        lasts_s: ... but stays so long in any case.
        is_indoors: Whether the stay is.
        pace_mps: How fast one comes; None: as people do for the length.
        is_straight: One comes by the straight line, not by the roads.
        by: One comes this way, which ends at the place; None: by the roads.
    """

    xy: XY
    until_s: float = 0.0
    is_indoors: bool = True
    lasts_s: float = 0.0
    pace_mps: float | None = None
    is_straight: bool = False
    by: Path | None = None


@dataclass(frozen=True)
class Journey:
    """Legs in order of time; between two of them one stays where the first ended.

    Attributes:
        legs: The ways; the last one ends in the routine.
        indoors: Whether the stay after each leg but the last is indoors.
    """

    legs: tuple[Trip, ...]
    indoors: tuple[bool, ...]

    @property
    def begin_s(self) -> float:
        """When the routine is left."""
        return self.legs[0].begin_s

    @property
    def end_s(self) -> float:
        """When the routine goes on."""
        return self.legs[-1].end_s

    @cached_property
    def _begins(self) -> list[float]:
        return [leg.begin_s for leg in self.legs]

    def at(self, time_s: float) -> Truth:
        """Return the truth at a time of the journey."""
        index = max(bisect.bisect_right(self._begins, time_s) - 1, 0)
        leg = self.legs[index]
        if time_s < leg.end_s or index == len(self.indoors):
            return leg.at(time_s)
        return Truth(leg.path.points[-1], 0.0, 0.0, is_indoors=self.indoors[index])


def journey(routine: Routine, roads: Roads, begin_s: float, stays: Sequence[Stay]) -> Journey:
    """Return the way from the routine over the stays and back."""
    legs: list[Trip] = []
    where, free_s = routine.at(begin_s).xy, begin_s
    for stay in stays:
        straight = Path((where, stay.xy)) if stay.is_straight else None
        path = stay.by or straight or roads.way(where, stay.xy)
        legs.append(_leg(path, free_s, stay.pace_mps))
        where, free_s = stay.xy, max(legs[-1].end_s + stay.lasts_s, stay.until_s)
    guess = roads.way(where, routine.at(free_s).xy)
    end_s = _leg(guess, free_s, None).end_s + 1.0
    back = Trip(free_s, end_s, roads.way(where, routine.at(end_s).xy))
    return Journey((*legs, back), tuple(stay.is_indoors for stay in stays))


def _leg(path: Path, begin_s: float, pace_mps: float | None) -> Trip:
    pace_mps = pace_mps or travel_speed_mps(path.length_m)
    return Trip(begin_s, begin_s + path.length_m / pace_mps, path)
