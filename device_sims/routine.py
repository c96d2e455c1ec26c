"""Where a person is when nothing is wrong: a function of seed and time, nothing is stepped.

A day is a list of stays and trips that begins and ends at home, so days join without a jump. The
shape of the days (hours, distances, speeds) is assumed: it has to look like a county's daily life.
"""

import bisect
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from device_sims.dice import Dice
from device_sims.ground import XY, Path
from device_sims.roads import FOOTPATH_M, Roads

DAY_S: Final = 86_400
LOCAL_OFFSET_S: Final = 8 * 3_600
"""Asia/Shanghai, which has had no summer time since 1991."""

HOUR_S: Final = 3_600
_LAST_S: Final = 23.5 * HOUR_S
_EBIKE_M: Final = 8_000.0
_EASE: Final = 0.4
_WEEKEND: Final = (2, 3)
"""Days since 1970 modulo seven that are Saturday and Sunday (1970-01-01 was a Thursday)."""


@dataclass(frozen=True)
class Truth:
    """Where a person really is, and how they move."""

    xy: XY
    speed_mps: float
    heading_deg: float
    is_indoors: bool


@dataclass(frozen=True)
class Stop:
    """A wish to be somewhere: from when, in seconds of the local day."""

    from_s: float
    xy: XY


@dataclass(frozen=True)
class Trip:
    """A way and when it is walked; time in any seconds."""

    begin_s: float
    end_s: float
    path: Path

    def at(self, time_s: float) -> Truth:
        """Return the truth at a time between begin and end; starts and stops are softened."""
        span = self.end_s - self.begin_s
        share = min(max((time_s - self.begin_s) / span, 0.0), 1.0) if span else 1.0
        turn = 2 * math.pi * share
        xy, heading = self.path.at(
            self.path.length_m * (share - _EASE * math.sin(turn) / (2 * math.pi))
        )
        mean_mps = self.path.length_m / span if span else 0.0
        return Truth(xy, mean_mps * (1 - _EASE * math.cos(turn)), heading, is_indoors=False)


DayPlan = Callable[[Dice, int], list[Stop]]
"""(dice of the person, days since 1970) to the stops of that day, in order."""


class Routine:
    """The daily life of one person."""

    def __init__(self, dice: Dice, roads: Roads, home: XY, plan: DayPlan) -> None:
        """Take the home, and what the person wants each day."""
        self.home = home
        self._dice = dice
        self._roads = roads
        self._plan = plan
        self._trips = lru_cache(4)(self._day_trips)

    def at(self, time_s: float) -> Truth:
        """Return the truth at a time, seconds since 1970 UTC."""
        day, second = divmod(time_s + LOCAL_OFFSET_S, DAY_S)
        trips, begins = self._trips(int(day))
        index = bisect.bisect_right(begins, second) - 1
        if index < 0:
            return Truth(self.home, 0.0, 0.0, is_indoors=True)
        if second < trips[index].end_s:
            return trips[index].at(second)
        return Truth(trips[index].path.points[-1], 0.0, 0.0, is_indoors=True)

    def _day_trips(self, day: int) -> tuple[list[Trip], list[float]]:
        trips: list[Trip] = []
        where, free_s = self.home, 0.0
        for stop in self._plan(self._dice, day):
            trip = self._trip(where, stop.xy, max(stop.from_s, free_s))
            if trip.end_s + self._trip(stop.xy, self.home, 0.0).end_s > _LAST_S:
                break
            if stop.xy != where:
                trips.append(trip)
                where, free_s = stop.xy, trip.end_s
        if where != self.home:
            trips.append(self._trip(where, self.home, free_s))
        return trips, [trip.begin_s for trip in trips]

    def _trip(self, start: XY, end: XY, begin_s: float) -> Trip:
        path = self._roads.way(start, end)
        return Trip(begin_s, begin_s + path.length_m / travel_speed_mps(path.length_m), path)


def travel_speed_mps(length_m: float) -> float:
    """Return how fast people go a way of this length: on foot, by e-bike, by car."""
    if length_m <= FOOTPATH_M:
        return 1.3
    return 6.0 if length_m <= _EBIKE_M else 12.5


def working_days(work: XY, errands: tuple[XY, ...], home: XY) -> DayPlan:
    """Return the days of somebody with a job: work, sometimes an errand, free weekends."""

    def plan(dice: Dice, day: int) -> list[Stop]:
        base = day * 16
        if day % 7 in _WEEKEND:
            return _outings(dice, base, errands, home, 2)
        stops = [Stop(dice.uniform(base, 6.7, 8.2) * HOUR_S, work)]
        leave_s = dice.uniform(base + 1, 16.7, 18.0) * HOUR_S
        if dice.chance(base + 2, 0.5):
            stops.append(Stop(leave_s, dice.choice(base + 3, errands)))
            leave_s += dice.uniform(base + 4, 0.5, 1.5) * HOUR_S
        return [*stops, Stop(leave_s, home)]

    return plan


def days_about_home(errands: tuple[XY, ...], home: XY, outings: int) -> DayPlan:
    """Return the days of somebody without a job: some outings, each back home."""

    def plan(dice: Dice, day: int) -> list[Stop]:
        return _outings(dice, day * 16, errands, home, outings)

    return plan


def patrol_days(office: XY, visits: tuple[XY, ...], home: XY) -> DayPlan:
    """Return the days of an officer: visits from the office, every day of the week."""

    def plan(dice: Dice, day: int) -> list[Stop]:
        base = day * 16
        stops = [Stop(dice.uniform(base, 7.8, 8.5) * HOUR_S, office)]
        for visit in range(5):
            begin_s = (9.0 + 1.6 * visit + dice.uniform(base + 1 + visit, 0.0, 0.6)) * HOUR_S
            stops.append(Stop(begin_s, dice.choice(base + 8 + visit, visits)))
        return [*stops, Stop(17.2 * HOUR_S, office), Stop(18.2 * HOUR_S, home)]

    return plan


def _outings(dice: Dice, base: int, errands: tuple[XY, ...], home: XY, outings: int) -> list[Stop]:
    stops: list[Stop] = []
    pace_h = 12.0 / outings
    for outing in range(outings):
        begin_h = 7.5 + pace_h * (outing + dice.uniform(base + outing, 0.0, 0.5))
        away_h = dice.uniform(base + 5 + outing, 0.25, 0.4) * pace_h
        stops.append(Stop(begin_h * HOUR_S, dice.choice(base + 10 + outing, errands)))
        stops.append(Stop((begin_h + away_h) * HOUR_S, home))
    return stops
