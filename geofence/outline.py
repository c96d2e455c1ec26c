"""An outline: rings and a radius, the one form that every fence is evaluated in.

A polygon is its rings with radius 0; a circle one point with a radius; a corridor its centre line
walked there and back, so that crossings are always even and only the radius makes an inside; a
polygon with a protective distance (保护距离) its rings and that distance. The signed distance to
all of them is the distance to the rings, negative where the crossings are odd, less the radius.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from geofence.arrays import BoolArray, FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """Rings and a radius, in WGS-84.

    Attributes:
        ring_deg: Shape (k, 2), float64: vertices as longitude and latitude, degrees. Rings are
            closed and separated by a row of NaN; a circle has one row.
        is_filled: The inside is where a ray crosses the rings an odd number of times.
        radius_m: Metres around the rings that belong to it too.
    """

    ring_deg: FloatArray
    is_filled: bool
    radius_m: float

    @property
    def is_circle(self) -> bool:
        """Whether it is one point with a radius."""
        return len(self.ring_deg) == 1

    def edges(self) -> tuple[FloatArray, FloatArray, BoolArray]:
        """Return starts and ends, shape (k - 1, 2) each, and which of them are edges of a ring."""
        start, end = self.ring_deg[:-1], self.ring_deg[1:]
        return start, end, ~np.isnan(start[:, 0] + end[:, 0])

    def area(self) -> Any:
        """Return the filled area as a polygon or multipolygon; the radius is not in it."""
        gaps = np.flatnonzero(np.isnan(self.ring_deg[:, 0]))
        rings = [ring[~np.isnan(ring[:, 0])] for ring in np.split(self.ring_deg, gaps)]
        if len(rings) == 1:
            return shapely.Polygon(rings[0])
        lines = [shapely.LinearRing(ring) for ring in rings]
        return shapely.build_area(shapely.GeometryCollection(lines))


def polygon_outline(geometry: shapely.Geometry, radius_m: float = 0.0) -> Outline:
    """Return the outline of a polygon or multipolygon in WGS-84, holes included."""
    rings = shapely.get_rings(shapely.get_parts(geometry))
    gap = np.full((1, 2), np.nan)
    pieces = [piece for ring in rings for piece in (shapely.get_coordinates(ring), gap)]
    return Outline(np.concatenate(pieces[:-1]), is_filled=True, radius_m=radius_m)


def circle_outline(longitude_deg: float, latitude_deg: float, radius_m: float) -> Outline:
    """Return the outline of a circle."""
    centre = np.array([[longitude_deg, latitude_deg]], np.float64)
    return Outline(centre, is_filled=False, radius_m=radius_m)


def corridor_outline(line_deg: FloatArray, half_width_m: float) -> Outline:
    """Return the outline of a corridor.

    Args:
        line_deg: Centre line, shape (k, 2), k >= 2, degrees.
        half_width_m: Metres to either side that belong to it.
    """
    there_and_back = np.concatenate([line_deg, line_deg[-2::-1]])
    return Outline(there_and_back, is_filled=False, radius_m=half_width_m)
