"""One area of several that adjoin, such as the districts of a city."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geofence.arrays import FloatArray
from geofence.errors import FenceError
from geofence.geojson import fence_from_geojson
from geofence.plane import exact_metres_per_degree

MAX_AREAS: Final = 100
"""A city has a dozen districts; without a bound one file could hold up a server."""

_LEAST_GAP_M2: Final = 1.0
"""What arithmetic leaves along a border that was moved out and back again is smaller."""


def union_of_areas(geometries: Sequence[dict[str, Any]], *, gap_m: float) -> dict[str, Any]:
    """Return the area that several cover, with the gaps between them.

    Areas that were drawn one by one do not meet exactly: who crosses such a gap leaves nothing.
    What is enclosed and wider than a gap stays outside.

    Args:
        geometries: GeoJSON Polygon or MultiPolygon, WGS-84; 1 to 100 of them.
        gap_m: Gaps are closed up to this width, metres; 0 closes none.

    Returns:
        A Polygon or MultiPolygon.

    Raises:
        FenceError: There are none or too many, or one is no sound area; the text says which.
    """
    if not 1 <= len(geometries) <= MAX_AREAS:
        raise FenceError(f"{len(geometries)} areas: a union is of 1 to {MAX_AREAS}")
    areas = [_area(number, geometry) for number, geometry in enumerate(geometries)]
    joined = shapely.union_all(areas)
    per_degree = exact_metres_per_degree(float(shapely.get_coordinates(joined)[:, 1].mean()))
    scale = np.array(per_degree)
    plane = shapely.transform(joined, lambda points: points * scale)
    closed = plane.buffer(gap_m / 2, join_style="mitre").buffer(-gap_m / 2, join_style="mitre")
    gaps = [
        part
        for part in shapely.get_parts(closed.difference(plane))
        if part.area >= _LEAST_GAP_M2 and _touches_two(part, areas, scale)
    ]
    if gaps:
        # A centimetre wider: what only touches is not joined.
        plane = shapely.union_all([plane, *(part.buffer(0.01) for part in gaps)])
    return _geojson(shapely.transform(plane, lambda points: points / scale))


def _area(number: int, geometry: dict[str, Any]) -> BaseGeometry:
    if geometry.get("type") not in ("Polygon", "MultiPolygon"):
        raise FenceError(f"area {number} is a {geometry.get('type')!r}, not a Polygon")
    return fence_from_geojson(geometry).outline.area()


def _touches_two(gap: BaseGeometry, areas: Sequence[BaseGeometry], scale: FloatArray) -> bool:
    """Whether a gap lies between areas: a bay of one alone is outside."""
    near = shapely.transform(gap.buffer(0.01), lambda points: points / scale)
    return bool(np.count_nonzero(shapely.intersects(near, np.array(areas))) > 1)


def _geojson(area: BaseGeometry) -> dict[str, Any]:
    polygons = [
        [shapely.get_coordinates(ring).tolist() for ring in shapely.get_rings(part)]
        for part in shapely.get_parts(area)
    ]
    if len(polygons) == 1:
        return {"type": "Polygon", "coordinates": polygons[0]}
    return {"type": "MultiPolygon", "coordinates": polygons}
