"""青溪县 (Qingxi), a county that exists only here: its border, its offices and their towns."""

import math
from functools import cached_property
from typing import Any, Final

from device_sims.dice import Dice
from device_sims.ground import XY, Ground, Path, Polygon, polar

CENTRE_DEG: Final = (119.9, 28.4)
COUNTY: Final = "qingxi"
OFFICES: Final = (
    ("城关", "Chengguan"),
    ("东溪", "Dongxi"),
    ("南岭", "Nanling"),
    ("西塘", "Xitang"),
    ("北山", "Beishan"),
    ("柳埠", "Liubu"),
)
"""Offices (司法所): the town in the middle, and five around it, clockwise from north."""

_VERTICES: Final = 250
_SECTORS: Final = len(OFFICES) - 1
_RADIUS_M: Final = 17_000.0
_TOWN_RADIUS_M: Final = 5_000.0
_DECIMALS: Final = 6


class Territory:
    """The county of one seed."""

    def __init__(self, seed: int) -> None:
        """Draw the border by seed."""
        self.ground = Ground(*CENTRE_DEG)
        dice = Dice(seed, "territory")
        self._waves = [
            (k, dice.uniform(2 * k, 0.2, 1.0) * 0.22 / k, dice.uniform(2 * k + 1, 0, 2 * math.pi))
            for k in range(2, 12)
        ]

    def radius_m(self, bearing_rad: float) -> float:
        """Return how far the border is from the centre."""
        swell = sum(size * math.cos(k * bearing_rad + phase) for k, size, phase in self._waves)
        return _RADIUS_M * (1.0 + swell)

    def depth_m(self, xy: XY) -> float:
        """Return how far inside the county a point is, along its radius; negative outside."""
        return self.radius_m(math.atan2(xy[0], xy[1])) - math.hypot(*xy)

    @cached_property
    def boundary(self) -> Polygon:
        """The county's border, 250 vertices, clockwise from north."""
        return Polygon(tuple(self._border(index) for index in range(_VERTICES)))

    def town(self, office: int) -> XY:
        """Return the middle of an office's town."""
        if office == 0:
            return (0.0, 0.0)
        bearing = 2 * math.pi * (office - 0.5) / _SECTORS
        return polar((0.0, 0.0), 0.62 * self.radius_m(bearing), bearing)

    def office_area(self, office: int) -> Polygon:
        """Return the area of an office; the areas share their borders and cover the county."""
        inner = [
            polar((0.0, 0.0), _TOWN_RADIUS_M, 2 * math.pi * index / _VERTICES)
            for index in range(_VERTICES)
        ]
        if office == 0:
            return Polygon(tuple(inner))
        span = _VERTICES // _SECTORS
        arc = [index % _VERTICES for index in range((office - 1) * span, office * span + 1)]
        outer = [self._border(index) for index in arc]
        return Polygon((*outer, *(inner[index] for index in reversed(arc))))

    def near_border(self, office: int, share: float, depth_m: float) -> XY:
        """Return a point inside the county, `depth_m` from the border along its radius.

        Args:
            office: One of the outer offices, 1 to 5.
            share: Where along the office's border, 0 to 1.
            depth_m: Distance from the border, metres.
        """
        bearing = 2 * math.pi * (office - 1 + share) / _SECTORS
        return polar((0.0, 0.0), self.radius_m(bearing) - depth_m, bearing)

    def keeps(self, path: Path, depth_m: float) -> bool:
        """Return whether a whole path stays at least `depth_m` inside the county."""
        return all(self.depth_m(xy) >= depth_m for xy in path.points)

    def geojson(self, area: Polygon) -> dict[str, Any]:
        """Return an area as a GeoJSON Polygon: closed, counterclockwise (RFC 7946)."""
        ring = [self.point(xy) for xy in reversed(area.ring)]
        return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}

    def point(self, xy: XY) -> list[float]:
        """Return longitude and latitude, rounded to about 0.1 m."""
        return [round(value, _DECIMALS) for value in self.ground.to_deg(xy)]

    def _border(self, index: int) -> XY:
        bearing = 2 * math.pi * index / _VERTICES
        return polar((0.0, 0.0), self.radius_m(bearing), bearing)


def office_id(office: int) -> str:
    """Return the organisation id of an office."""
    return f"{COUNTY}-office-{office + 1}"
