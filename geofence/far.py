"""Distances beyond the reach of the index: every edge is tried. For the few pairs that need it.

The nearest place is found in the fix's own plane; the metres to it are then taken at the mean of
both latitudes, which keeps the error below one part in a thousand over 100 km (pyproj's geodesic is
the judge in the tests).
"""

from typing import Final

import numpy as np
import shapely

from geofence.arrays import FloatArray, IntArray
from geofence.index import MM_PER_M, FenceIndex
from geofence.kernel import TINY_M2
from geofence.outline import Outline
from geofence.plane import metres_per_degree

_PAIRS_PER_BLOCK: Final = 1 << 16
MOST_MM: Final = (1 << 31) - 1
"""An int32 column holds no more: 2,147 km."""


def far_distances_mm(
    index: FenceIndex, lon_deg: FloatArray, lat_deg: FloatArray, zone: IntArray
) -> IntArray:
    """Return signed distances of pairs that the index cuts off at its reach, shape (p,), int64.

    Args:
        index: The fences.
        lon_deg: Longitude of each pair's fix, shape (p,), degrees, WGS-84.
        lat_deg: Its latitude.
        zone: Zone of each pair.
    """
    out = np.empty(len(zone), np.int64)
    for number in np.unique(zone).tolist():
        rows = np.flatnonzero(zone == number)
        outline = index.outline(number)
        lon, lat = lon_deg[rows], lat_deg[rows]
        away = _to_rings(outline, lon, lat)
        if outline.is_filled:
            away[shapely.contains_xy(outline.area(), lon, lat)] *= -1
        out[rows] = np.clip(np.rint((away - outline.radius_m) * MM_PER_M), -MOST_MM, MOST_MM)
    return out


def _to_rings(outline: Outline, lon_deg: FloatArray, lat_deg: FloatArray) -> FloatArray:
    if outline.is_circle:
        x, y = (np.full(len(lon_deg), value) for value in outline.ring_deg[0])
        return _metres(lon_deg, lat_deg, x, y)
    start, end, is_edge = outline.edges()
    start, end = start[is_edge], end[is_edge]
    out = np.empty(len(lon_deg))
    step = max(1, _PAIRS_PER_BLOCK // len(start))
    for begin in range(0, len(out), step):
        block = slice(begin, begin + step)
        out[block] = _to_edges(start, end, lon_deg[block, None], lat_deg[block, None])
    return out


def _to_edges(
    start: FloatArray, end: FloatArray, lon_deg: FloatArray, lat_deg: FloatArray
) -> FloatArray:
    """Return metres to the nearest of the edges, shape (b,); fixes have shape (b, 1)."""
    kx, ky = metres_per_degree(lat_deg)
    ax, ay = (start[:, 0] - lon_deg) * kx, (start[:, 1] - lat_deg) * ky
    ex, ey = (end[:, 0] - start[:, 0]) * kx, (end[:, 1] - start[:, 1]) * ky
    along = np.clip(-(ax * ex + ay * ey) / np.maximum(ex * ex + ey * ey, TINY_M2), 0.0, 1.0)
    nearest = np.argmin((ax + along * ex) ** 2 + (ay + along * ey) ** 2, axis=1)
    share = along[np.arange(len(nearest)), nearest]
    place = start[nearest] + share[:, None] * (end[nearest] - start[nearest])
    return _metres(lon_deg[:, 0], lat_deg[:, 0], place[:, 0], place[:, 1])


def _metres(lon1: FloatArray, lat1: FloatArray, lon2: FloatArray, lat2: FloatArray) -> FloatArray:
    kx, ky = metres_per_degree(0.5 * (lat1 + lat2))
    metres: FloatArray = np.sqrt(((lon1 - lon2) * kx) ** 2 + ((lat1 - lat2) * ky) ** 2)
    return metres
