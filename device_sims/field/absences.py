"""Approved absences: some days in another town, a trip to a hospital by an approved route."""

import math
from dataclasses import dataclass
from typing import Final

from device_sims.dice import Dice
from device_sims.field.calendar_week import clock_s, monday_of
from device_sims.field.charge import Span
from device_sims.field.deed import Deed
from device_sims.field.duties import takes_leave, takes_trips
from device_sims.field.journey import Stay, journey
from device_sims.field.population import Resident
from device_sims.field.society import Society
from device_sims.ground import XY, Circle, Path, polar
from device_sims.territory import OFFICES

CORRIDOR_M: Final = 200.0
"""To either side of the approved way; assumed."""

DESTINATION_M: Final = 3_000.0

_AWAY_M: Final = (45_000.0, 70_000.0)
_TRAIN_MPS: Final = (60.0, 75.0)
_TRIP_DAYS: Final = (1, 3)
_PARALLEL_M: Final = (70.0, 120.0)

_OVERSTAYS: Final = 0.4
_WRONG_TOWN: Final = 0.65
_BESIDE: Final = 0.25
_LEAVES_ROUTE: Final = 0.75
"""Cumulated shares of leaves, and of trips, that go otherwise; assumed."""


@dataclass(frozen=True)
class Absence:
    """An approved absence, and what really happens in it.

    Attributes:
        absence: Its id.
        kind: "leave" or "trip".
        subject: Whose.
        valid: From when to when it is approved.
        area: The destination, or the approved way.
        area_valid: When the person must be there.
        deed: What the person does.
    """

    absence: str
    kind: str
    subject: str
    valid: Span
    area: Circle | Path
    area_valid: Span
    deed: Deed

    def beyond_m(self, xy: XY) -> float:
        """Return how far a point is outside the area; negative inside."""
        if isinstance(self.area, Circle):
            return math.dist(self.area.centre, xy) - self.area.radius_m
        return self.area.distance_m(xy) - CORRIDOR_M


def absences_of(society: Society, resident: Resident, week: int) -> list[Absence]:
    """Return the absences of a resident in a week."""
    dice = Dice(society.population.seed, resident.wearer.device, "absences", week)
    monday = monday_of(week)
    if takes_leave(resident):
        return [_leave(society, resident, dice, monday + dice.integer(0, 1, 2))]
    if takes_trips(resident):
        return [
            _trip(society, resident, Dice(dice.bits(10 + nth), "trip"), monday + nth)
            for nth in _TRIP_DAYS
        ]
    return []


def _leave(society: Society, resident: Resident, dice: Dice, day: int) -> Absence:
    wearer = resident.wearer
    last = day + dice.integer(1, 1, 2)
    bearing = dice.uniform(2, 0.0, 2 * math.pi)
    goal = polar((0.0, 0.0), dice.uniform(3, *_AWAY_M), bearing)
    share = dice.uniform(4)
    valid = (clock_s(day, 6.0), clock_s(last, 18.0))
    bed, note = goal, "an approved leave, back in time: a near miss"
    leave_s = valid[1] - dice.uniform(5, 2.4, 3.2) * 3_600.0
    if share < _OVERSTAYS:
        leave_s = valid[1] + dice.uniform(5, 1.0, 12.0) * 3_600.0
        note = "overstays an approved leave"
    elif share < _WRONG_TOWN:
        bed = polar((0.0, 0.0), dice.uniform(6, *_AWAY_M), bearing + dice.uniform(7, 1.0, 2.0))
        note = "goes to another town than approved"
    by_train = dice.chance(8, 0.5)
    pace_mps = dice.uniform(9, *_TRAIN_MPS) if by_train else None
    walks = [Stay(bed, clock_s(nth, 10.0)) for nth in range(day + 1, last + 1)]
    stays = [Stay(bed, pace_mps=pace_mps, is_straight=by_train)]
    for nth, stay in enumerate(walks):
        spot = polar(bed, dice.uniform(20 + nth, 300.0, 1_500.0), dice.uniform(30 + nth, 0.0, 6.28))
        stays += [stay, Stay(spot, stay.until_s + 7_200.0, is_indoors=False)]
    tour = journey(wearer.routine, society.roads, clock_s(day, 6.3), [*stays, Stay(bed, leave_s)])
    target = f"lv-{wearer.subject.index + 1}-{day}"
    deed = Deed("leave", None, tour.begin_s, tour.end_s, note, dice, tour, target=target)
    return Absence(
        target,
        "leave",
        wearer.subject.subject,
        valid,
        Circle(goal, DESTINATION_M),
        (clock_s(day, 11.0), clock_s(last, 14.0)),
        deed,
    )


def _trip(society: Society, resident: Resident, dice: Dice, day: int) -> Absence:
    wearer, roads = resident.wearer, society.roads
    home = wearer.routine.home
    office = (wearer.subject.office + dice.integer(1, 1, 2)) % len(OFFICES)
    town = society.population.territory.town(office)
    hospital = polar(town, dice.uniform(2, 200.0, 600.0), dice.uniform(3, 0.0, 6.28))
    way = roads.way(home, hospital)
    back = Path(way.points[::-1])
    share = dice.uniform(4)
    until_s = clock_s(day, 9.5 + dice.uniform(5, 0.0, 1.5))
    stays, note = [Stay(hospital, until_s, by=way), Stay(home, by=back)], "an approved trip"
    if share < _BESIDE:
        beside = _beside(way, dice.uniform(6, *_PARALLEL_M))
        stays = [Stay(hospital, until_s, by=beside), Stay(home, by=back)]
        note = "an approved trip by a parallel road: a near miss"
    elif share < _LEAVES_ROUTE:
        stays = [Stay(hospital, until_s, by=way), *_detour(dice, back, home)]
        note = "leaves the approved route"
    begin_s = clock_s(day, 6.35)
    draft = journey(wearer.routine, roads, begin_s, stays)
    valid = (begin_s - 300.0, draft.end_s + 1_800.0)
    tour = journey(wearer.routine, roads, begin_s, [*stays, Stay(home, valid[1])])
    target = f"tr-{wearer.subject.index + 1}-{day}"
    deed = Deed("trip", None, tour.begin_s, tour.end_s, note, dice, tour, target=target)
    return Absence(target, "trip", wearer.subject.subject, valid, way, valid, deed)


def _detour(dice: Dice, back: Path, home: XY) -> list[Stay]:
    """Return the way home with a visit far off it, and back to where it was left."""
    half = len(back.points) // 2
    turn = back.points[half]
    ahead = back.points[min(half + 1, len(back.points) - 1)]
    heading = math.atan2(ahead[0] - turn[0], ahead[1] - turn[1])
    side = heading + math.copysign(math.pi / 2, dice.uniform(10) - 0.5)
    off = polar(turn, dice.uniform(11, 800.0, 1_500.0), side)
    visit = Stay(off, lasts_s=dice.uniform(12, 600.0, 2_400.0), is_straight=True)
    return [
        Stay(turn, by=Path(back.points[: half + 1])),
        visit,
        Stay(turn, is_straight=True),
        Stay(home, by=Path(back.points[half:])),
    ]


def _beside(way: Path, off_m: float) -> Path:
    """Return a way at the given distance to the right of another, with the same ends."""
    points = [way.points[0]]
    for a, b in zip(way.points[1:-2], way.points[2:-1], strict=True):
        right = math.atan2(b[0] - a[0], b[1] - a[1]) + math.pi / 2
        points.append(polar(a, off_m, right))
    return Path((*points, way.points[-1]))
