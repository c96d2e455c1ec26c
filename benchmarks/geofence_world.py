"""A seeded world for `guitu bench geofence`: counties, homes, places to stay away from, fixes.

Counties are rough polygons by fractal displacement: 16 corners on a wobbly circle, then every edge
is broken at a point off its middle until the county has the vertices asked for. Real borders are
not in the repository; size (1,560 km2) and edges (about a kilometre at 176 vertices) are theirs.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely

from geofence.arrays import FloatArray, IntArray
from geofence.assignment import Assignment, assign
from geofence.fence import Fence, circle_fence, corridor_fence, polygon_fence

COUNTIES: Final = {550: 1, 6_000: 9, 40_000: 122, 700_000: 2_824}
_CORNERS: Final = 16
_COUNTY_M: Final = 22_300.0
_M_PER_DEG: Final = 111_000.0
_SPACING_DEG: Final = 0.6
_WEST_DEG, _SOUTH_DEG, _COLUMNS = 85.0, 20.0, 60
_EXCLUSIONS_PER_COUNTY: Final = 60
_EXCLUSIONS_MOST: Final = 10_000


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """What is fenced and whose fences they are.

    Attributes:
        fences: All fences; counties first, then exclusions, homes, corridors.
        geometry: The same as shapely sees them: degrees; a point and a line for circle and
            corridor, whose radius is in the fence.
        assignment: Subject to zones; zone 0 of a subject is its county, zone 1 its home.
        home_deg: Centre of each subject's home, shape (subjects, 2).
        counties: How many there are.
        exclusions: How many places to stay away from.
    """

    fences: list[Fence]
    geometry: list[Any]
    assignment: Assignment
    home_deg: FloatArray
    counties: int
    exclusions: int

    @property
    def subjects(self) -> int:
        """How many people."""
        return len(self.home_deg)

    @property
    def shared(self) -> int:
        """How many fences are not one person's own; they come first."""
        return self.counties + self.exclusions


@dataclass(frozen=True, slots=True, eq=False)
class Fixes:
    """A batch; shape (n,) each."""

    subject: IntArray
    lon_deg: FloatArray
    lat_deg: FloatArray


def make_world(seed: int, subjects: int, vertices: int) -> World:
    """Return the world of so many subjects (a key of COUNTIES) and vertices per county."""
    rng = np.random.default_rng([seed, subjects, vertices])
    counties = [_county(rng, number, vertices) for number in range(COUNTIES[subjects])]
    most = min(_EXCLUSIONS_PER_COUNTY * len(counties), _EXCLUSIONS_MOST)
    exclusions = [_exclusion(rng, counties[number % len(counties)]) for number in range(most)]
    fences = [polygon_fence(area) for area in (*counties, *exclusions)]
    geometry: list[Any] = [*counties, *exclusions]

    county = np.sort(rng.integers(len(counties), size=subjects))
    centres = np.array([area.centroid.coords[0] for area in counties])
    home_deg = centres[county] + rng.normal(0, 0.05, (subjects, 2))
    homes = np.arange(subjects) + len(fences)
    radius_m = rng.uniform(100, 500, subjects)
    fences += [
        circle_fence(lon, lat, radius)
        for (lon, lat), radius in zip(home_deg.tolist(), radius_m.tolist(), strict=True)
    ]
    geometry += list(shapely.points(home_deg))

    lists = [[int(c), int(h)] for c, h in zip(county, homes, strict=True)]
    own = [np.arange(number, most, len(counties)) for number in range(len(counties))]
    for subject in range(subjects):
        places = own[county[subject]]
        many = min(int(rng.integers(1, 5)), len(places))
        chosen = places[(rng.integers(len(places)) + np.arange(many)) % len(places)]
        lists[subject] += (len(counties) + chosen).tolist()
    for subject in np.flatnonzero(rng.random(subjects) < 0.1).tolist():
        steps = rng.normal(0, 0.004, (int(rng.integers(6, 12)), 2))
        line = shapely.LineString(home_deg[subject] + steps.cumsum(axis=0))
        lists[subject].append(len(fences))
        fences.append(corridor_fence(line, float(rng.uniform(50, 200))))
        geometry.append(line)
    return World(fences, geometry, assign(lists), home_deg, len(counties), most)


def make_fixes(seed: int, world: World, count: int) -> Fixes:
    """Return a batch.

    80 % about home, 10 % anywhere in the county's box, 5 % about 400 m from its border, 5 % about
    60 m from the border of a place to stay away from.
    """
    rng = np.random.default_rng([seed, count])
    subject = rng.integers(world.subjects, size=count)
    kind = rng.choice(4, count, p=[0.8, 0.1, 0.05, 0.05])
    place = world.home_deg[subject] + rng.normal(0, 300 / _M_PER_DEG, (count, 2))
    lists = world.assignment
    for row in np.flatnonzero(kind).tolist():
        zones = lists.zones_of(int(subject[row]))
        if kind[row] == 1:
            west, south, east, north = world.geometry[zones[0]].bounds
            place[row] = rng.uniform((west, south), (east, north))
            continue
        # The first zone is the county, the third an exclusion.
        near_m, area = (400, zones[0]) if kind[row] == 2 else (60, zones[2])
        ring = world.geometry[area].exterior
        spot = ring.interpolate(rng.random(), normalized=True)
        place[row] = np.array([spot.x, spot.y]) + rng.normal(0, near_m / _M_PER_DEG, 2)
    return Fixes(subject, place[:, 0].copy(), place[:, 1].copy())


def _county(rng: np.random.Generator, number: int, vertices: int) -> Any:
    row, column = divmod(number, _COLUMNS)
    centre = np.array([_WEST_DEG + column * _SPACING_DEG, _SOUTH_DEG + row * _SPACING_DEG])
    narrow = np.cos(np.radians(centre[1]))
    while True:
        angle = np.arange(_CORNERS) * 2 * np.pi / _CORNERS + rng.uniform(-0.12, 0.12, _CORNERS)
        radius_m = _COUNTY_M * rng.uniform(0.7, 1.3, _CORNERS)
        away = np.column_stack([np.cos(angle), np.sin(angle)]) * radius_m[:, None]
        ring_m = _broken(rng, away, vertices)
        area = shapely.Polygon(ring_m / _M_PER_DEG / (narrow, 1.0) + centre)
        if area.is_valid:
            return area


def _broken(rng: np.random.Generator, ring_m: FloatArray, vertices: int) -> FloatArray:
    while len(ring_m) < vertices - 1:
        after = np.roll(ring_m, -1, axis=0)
        edge = after - ring_m
        longest = np.argsort(-np.hypot(edge[:, 0], edge[:, 1]), kind="stable")
        chosen = np.sort(longest[: vertices - 1 - len(ring_m)])
        off = rng.uniform(-0.2, 0.2, len(chosen))[:, None]
        sideways = np.column_stack([-edge[chosen, 1], edge[chosen, 0]])
        middle = ring_m[chosen] + edge[chosen] * 0.5 + sideways * off
        ring_m = np.insert(ring_m, chosen + 1, middle, axis=0)
    return ring_m


def _exclusion(rng: np.random.Generator, county: Any) -> Any:
    centre = np.array(county.centroid.coords[0]) + rng.normal(0, 0.05, 2)
    corners = int(rng.integers(5, 21))
    angle = np.sort(rng.uniform(0, 2 * np.pi / corners, corners)) + (
        np.arange(corners) * 2 * np.pi / corners
    )
    radius_deg = rng.uniform(40, 300) * rng.uniform(0.6, 1.0, corners) / _M_PER_DEG
    ring = centre + np.column_stack([np.cos(angle), np.sin(angle)]) * radius_deg[:, None]
    return shapely.Polygon(ring)
