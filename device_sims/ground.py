"""A flat map of a county: metres east and north of its centre, and degrees.

Equirectangular with the WGS-84 radii of curvature at the centre's latitude; within 25 km a length
is right to 0.3 %.
"""

import bisect
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

_A_M: Final = 6_378_137.0
_E2: Final = 0.006_694_379_990_14

XY = tuple[float, float]
"""Metres east and north of the map's centre."""


class Ground:
    """The map around one centre."""

    def __init__(self, longitude_deg: float, latitude_deg: float) -> None:
        """Take the centre, WGS-84."""
        self.longitude_deg = longitude_deg
        self.latitude_deg = latitude_deg
        phi = math.radians(latitude_deg)
        w2 = 1.0 - _E2 * math.sin(phi) ** 2
        self._east_m_per_deg = math.radians(_A_M / math.sqrt(w2) * math.cos(phi))
        self._north_m_per_deg = math.radians(_A_M * (1.0 - _E2) / w2**1.5)

    def to_deg(self, xy: XY) -> tuple[float, float]:
        """Return longitude and latitude, degrees."""
        return (
            self.longitude_deg + xy[0] / self._east_m_per_deg,
            self.latitude_deg + xy[1] / self._north_m_per_deg,
        )

    def to_xy(self, longitude_deg: float, latitude_deg: float) -> XY:
        """Return metres east and north of the centre."""
        return (
            (longitude_deg - self.longitude_deg) * self._east_m_per_deg,
            (latitude_deg - self.latitude_deg) * self._north_m_per_deg,
        )


def polar(centre: XY, radius_m: float, bearing_rad: float) -> XY:
    """Return the point at a distance and a bearing clockwise from north."""
    return (
        centre[0] + radius_m * math.sin(bearing_rad),
        centre[1] + radius_m * math.cos(bearing_rad),
    )


@dataclass(frozen=True)
class Circle:
    """A round area."""

    centre: XY
    radius_m: float

    def covers(self, xy: XY) -> bool:
        """Return whether the point is inside or on the border."""
        return math.dist(self.centre, xy) <= self.radius_m


@dataclass(frozen=True)
class Polygon:
    """An area with one ring; `ring` is open, its last point joins its first."""

    ring: tuple[XY, ...]

    def covers(self, xy: XY) -> bool:
        """Return whether the point is inside (even-odd rule)."""
        x, y = xy
        inside = False
        x1, y1 = self.ring[-1]
        for x2, y2 in self.ring:
            if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
                inside = not inside
            x1, y1 = x2, y2
        return inside

    def distance_m(self, xy: XY) -> float:
        """Return the distance to the border, whichever side the point is on."""
        pairs = zip(self.ring, (*self.ring[1:], self.ring[0]), strict=True)
        return min(_to_segment_m(xy, a, b) for a, b in pairs)


Area = Circle | Polygon


@dataclass(frozen=True)
class Path:
    """A line on the ground, at least two points, walked from its first to its last."""

    points: tuple[XY, ...]
    _cumulated_m: tuple[float, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Measure the line once."""
        marks = [0.0]
        for a, b in pairwise(self.points):
            marks.append(marks[-1] + math.dist(a, b))
        object.__setattr__(self, "_cumulated_m", tuple(marks))

    @property
    def length_m(self) -> float:
        """Return the length of the line."""
        return self._cumulated_m[-1]

    def at(self, distance_m: float) -> tuple[XY, float]:
        """Return the point at a distance from the start, and the heading there in degrees."""
        marks = self._cumulated_m
        index = min(max(bisect.bisect_right(marks, distance_m), 1), len(marks) - 1)
        (x1, y1), (x2, y2) = self.points[index - 1], self.points[index]
        span = marks[index] - marks[index - 1]
        share = min(max((distance_m - marks[index - 1]) / span, 0.0), 1.0) if span else 1.0
        heading = math.degrees(math.atan2(x2 - x1, y2 - y1)) % 360.0
        return (x1 + (x2 - x1) * share, y1 + (y2 - y1) * share), heading

    def distance_m(self, xy: XY) -> float:
        """Return the distance of a point from the line."""
        pairs = pairwise(self.points)
        return min(_to_segment_m(xy, a, b) for a, b in pairs)


def smoothed(points: Sequence[XY], rounds: int = 2) -> tuple[XY, ...]:
    """Return the line with its corners cut (Chaikin); the ends stay."""
    line = list(points)
    for _ in range(rounds):
        cut = [line[0]]
        for (x1, y1), (x2, y2) in pairwise(line):
            cut.append((0.75 * x1 + 0.25 * x2, 0.75 * y1 + 0.25 * y2))
            cut.append((0.25 * x1 + 0.75 * x2, 0.25 * y1 + 0.75 * y2))
        line = [*cut, line[-1]]
    return tuple(line)


def _to_segment_m(p: XY, a: XY, b: XY) -> float:
    dx, dy = b[0] - a[0], b[1] - a[1]
    square = dx * dx + dy * dy
    share = ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / square if square else 0.0
    share = min(max(share, 0.0), 1.0)
    return math.hypot(p[0] - a[0] - share * dx, p[1] - a[1] - share * dy)
