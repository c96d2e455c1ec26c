"""A fence: an outline in WGS-84 and its size."""

from dataclasses import dataclass

import numpy as np
import shapely

from geofence.outline import Outline, circle_outline, corridor_outline, polygon_outline
from geofence.plane import exact_metres_per_degree


@dataclass(frozen=True, slots=True, eq=False)
class Fence:
    """A fence in WGS-84.

    Attributes:
        outline: Rings and radius.
        size_m: Radius of a circle of the same area; what an error circle is compared with.
        repaired: Vertices that repeated their predecessor were left out.
    """

    outline: Outline
    size_m: float
    repaired: bool = False


def circle_fence(longitude_deg: float, latitude_deg: float, radius_m: float) -> Fence:
    """Return a circular fence."""
    return Fence(circle_outline(longitude_deg, latitude_deg, radius_m), radius_m)


def polygon_fence(
    geometry: shapely.Geometry, radius_m: float = 0.0, *, repaired: bool = False
) -> Fence:
    """Return the fence of a valid polygon or multipolygon.

    Args:
        geometry: WGS-84, degrees.
        radius_m: Metres around it that belong to it too.
        repaired: See Fence.
    """
    kx, ky = exact_metres_per_degree(float(geometry.centroid.y))
    # Steiner: a convex body grown by r has its area, its circumference times r, and a circle more.
    circumference_m = shapely.length(shapely.transform(geometry, lambda xy: xy * (kx, ky)))
    area_m2 = geometry.area * kx * ky + circumference_m * radius_m + np.pi * radius_m**2
    size_m = float(np.sqrt(area_m2 / np.pi))
    return Fence(polygon_outline(geometry, radius_m), size_m, repaired)


def corridor_fence(
    line: shapely.LineString, half_width_m: float, *, repaired: bool = False
) -> Fence:
    """Return the fence of everything within `half_width_m` of a line in WGS-84.

    Its size is its half-width: an error circle that rivals the width says nothing about the side.
    """
    outline = corridor_outline(shapely.get_coordinates(line), half_width_m)
    return Fence(outline, half_width_m, repaired)
