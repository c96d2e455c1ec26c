"""Beyond the reach of the index: every edge is tried. For the few pairs that need it.

The nearest place is found in the fix's own plane. The metres to it are taken at the mean of both
latitudes up to 50 km, and beyond by Lambert's formula for long lines, which is metres off over
thousands of kilometres (pyproj's geodesic is the judge in the tests).
"""

import math
from typing import Final, NamedTuple

import numpy as np
import shapely

from geofence.arrays import FloatArray, IntArray
from geofence.index import MM_PER_M, FenceIndex
from geofence.kernel import TINY_M2
from geofence.outline import Outline
from geofence.plane import FLATTENING, SEMI_MAJOR_M, metres_per_degree

_PAIRS_PER_BLOCK: Final = 1 << 16
_TINY_M: Final = 1e-9
_LONG_M: Final = 50_000.0


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
        out[rows] = np.rint((away - outline.radius_m) * MM_PER_M)
    return out


class Borders(NamedTuple):
    """The nearest place of each pair's border; shape (p,) each.

    Attributes:
        lon_deg: Its longitude, degrees, WGS-84.
        lat_deg: Its latitude.
        bearing_cdeg: From the fix to it, hundredths of a degree clockwise from north, 0 ... 35,999,
            int64. On the border itself it is square to it; which of the two ways is not told,
            and an error ellipse is the same both ways.
    """

    lon_deg: FloatArray
    lat_deg: FloatArray
    bearing_cdeg: IntArray


def nearest_borders(
    index: FenceIndex, lon_deg: FloatArray, lat_deg: FloatArray, zone: IntArray
) -> Borders:
    """Return where the border is nearest, for `geofence.probability.accuracy_towards_mm`.

    Of places equally near, the one on the edge with the lowest number is it; from the middle of a
    circle it lies north.

    Args:
        index: The fences.
        lon_deg: Longitude of each pair's fix, shape (p,), degrees, WGS-84.
        lat_deg: Its latitude.
        zone: Zone of each pair.
    """
    out = Borders(np.empty(len(zone)), np.empty(len(zone)), np.empty(len(zone), np.int64))
    for number in np.unique(zone).tolist():
        rows = np.flatnonzero(zone == number)
        found = _borders_of(index.outline(number), lon_deg[rows], lat_deg[rows])
        for column, values in zip(out, found, strict=True):
            column[rows] = values
    return out


def _borders_of(outline: Outline, lon_deg: FloatArray, lat_deg: FloatArray) -> Borders:
    ring, edge = _ring_places(outline, lon_deg, lat_deg)
    kx, ky = metres_per_degree(0.5 * (lat_deg + ring[:, 1]))
    # Outwards from the ring: to the fix, or away from it when the ring's inside holds it.
    out = np.column_stack([(lon_deg - ring[:, 0]) * kx, (lat_deg - ring[:, 1]) * ky])
    if outline.is_filled:
        out[shapely.contains_xy(outline.area(), lon_deg, lat_deg)] *= -1
    away = np.hypot(out[:, 0], out[:, 1])
    square = _squares(outline, edge, kx, ky)
    unit = out / np.maximum(away, _TINY_M)[:, None]
    out = np.where(away[:, None] > _TINY_M, unit, square)
    place = ring + out * outline.radius_m / np.column_stack([kx, ky])
    way = np.column_stack([(place[:, 0] - lon_deg) * kx, (place[:, 1] - lat_deg) * ky])
    here = np.hypot(way[:, 0], way[:, 1]) <= _TINY_M
    way[here] = out[here]
    # Sines and their like differ in the last bit between vector lengths: one by one, then.
    turns = [math.degrees(math.atan2(east, north)) for east, north in way.tolist()]
    bearing = np.rint(np.array(turns) * 100).astype(np.int64) % 36_000
    return Borders(place[:, 0], place[:, 1], bearing)


def _squares(outline: Outline, edge: IntArray, kx: FloatArray, ky: FloatArray) -> FloatArray:
    """Return a unit vector square to each edge, shape (b, 2), east and north; north for a point."""
    if outline.is_circle:
        return np.tile([0.0, 1.0], (len(edge), 1))
    start, end, is_edge = outline.edges()
    along = (end - start)[is_edge][edge]
    square = np.column_stack([along[:, 1] * ky, -along[:, 0] * kx])
    unit: FloatArray = square / np.maximum(np.hypot(square[:, 0], square[:, 1]), _TINY_M)[:, None]
    return unit


def _to_rings(outline: Outline, lon_deg: FloatArray, lat_deg: FloatArray) -> FloatArray:
    place, _ = _ring_places(outline, lon_deg, lat_deg)
    return _metres(lon_deg, lat_deg, place[:, 0], place[:, 1])


def _ring_places(
    outline: Outline, lon_deg: FloatArray, lat_deg: FloatArray
) -> tuple[FloatArray, IntArray]:
    """Return the nearest place of the rings, shape (b, 2), and the edge that it is on."""
    edge = np.zeros(len(lon_deg), np.int64)
    if outline.is_circle:
        return np.repeat(outline.ring_deg, len(edge), axis=0), edge
    start, end, is_edge = outline.edges()
    start, end = start[is_edge], end[is_edge]
    place = np.empty((len(edge), 2))
    step = max(1, _PAIRS_PER_BLOCK // len(start))
    for begin in range(0, len(edge), step):
        rows = slice(begin, begin + step)
        place[rows], edge[rows] = _on_edges(start, end, lon_deg[rows, None], lat_deg[rows, None])
    return place, edge


def _on_edges(
    start: FloatArray, end: FloatArray, lon_deg: FloatArray, lat_deg: FloatArray
) -> tuple[FloatArray, IntArray]:
    """Return the nearest place on any edge, shape (b, 2), and which; fixes have shape (b, 1)."""
    kx, ky = metres_per_degree(lat_deg)
    ax, ay = (start[:, 0] - lon_deg) * kx, (start[:, 1] - lat_deg) * ky
    ex, ey = (end[:, 0] - start[:, 0]) * kx, (end[:, 1] - start[:, 1]) * ky
    along = np.clip(-(ax * ex + ay * ey) / np.maximum(ex * ex + ey * ey, TINY_M2), 0.0, 1.0)
    nearest = np.argmin((ax + along * ex) ** 2 + (ay + along * ey) ** 2, axis=1)
    share = along[np.arange(len(nearest)), nearest]
    return start[nearest] + share[:, None] * (end[nearest] - start[nearest]), nearest


def _metres(lon1: FloatArray, lat1: FloatArray, lon2: FloatArray, lat2: FloatArray) -> FloatArray:
    kx, ky = metres_per_degree(0.5 * (lat1 + lat2))
    metres: FloatArray = np.sqrt(((lon1 - lon2) * kx) ** 2 + ((lat1 - lat2) * ky) ** 2)
    for row in np.flatnonzero(metres > _LONG_M).tolist():
        metres[row] = _long_m(*(float(column[row]) for column in (lon1, lat1, lon2, lat2)))
    return metres


def _long_m(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Return metres along the ellipsoid by Lambert's formula (Rapp, Geometric Geodesy I, 1991)."""
    reduced = [math.atan((1 - FLATTENING) * math.tan(math.radians(lat))) for lat in (lat1, lat2)]
    mean, half = 0.5 * (reduced[0] + reduced[1]), 0.5 * (reduced[1] - reduced[0])
    across = math.sin(math.radians(lon2 - lon1) / 2) ** 2
    chord2 = math.sin(half) ** 2 + math.cos(reduced[0]) * math.cos(reduced[1]) * across
    angle = 2 * math.asin(math.sqrt(min(chord2, 1.0)))
    sine2 = math.sin(angle / 2) ** 2
    cosine2 = max(math.cos(angle / 2) ** 2, 1e-12)  # of antipodes: any way is as long
    x = (angle - math.sin(angle)) * (math.sin(mean) * math.cos(half)) ** 2 / cosine2
    y = (angle + math.sin(angle)) * (math.cos(mean) * math.sin(half)) ** 2 / sine2
    return SEMI_MAJOR_M * (angle - 0.5 * FLATTENING * (x + y))
