"""Where fixes stand to a fence: signed distance in metres, negative inside.

The sign is the planar longitude-latitude test of RFC 7946; the distance is measured in the plane of
the fix (`geofence.plane`). A border point is covered and has distance 0.
"""

from typing import Final

import numpy as np

from geofence.arrays import FloatArray, IntArray
from geofence.fence import Fence
from geofence.plane import metres_per_degree

_EDGES_PER_BLOCK: Final = 1 << 20
"""Bounds the temporaries to some tens of megabytes whatever the fence."""


def signed_distance_mm(fence: Fence, lon_deg: FloatArray, lat_deg: FloatArray) -> IntArray:
    """Return the signed distance of every fix to the border, millimetres, shape (n,).

    Args:
        fence: The fence.
        lon_deg: WGS-84 longitudes, shape (n,), degrees.
        lat_deg: WGS-84 latitudes, shape (n,), degrees.

    Returns:
        int64; negative inside, 0 on the border, positive outside, quantised to millimetres.
    """
    if fence.centre_deg is not None:
        centre = np.array(fence.centre_deg)
        radius = np.array(fence.radius_m)
        return circle_distance_mm(centre[0], centre[1], radius, lon_deg, lat_deg)
    out = np.empty(len(lon_deg))
    step = max(1, _EDGES_PER_BLOCK // max(1, len(fence.edges_deg)))
    for start in range(0, len(lon_deg), step):
        part = slice(start, start + step)
        out[part] = _polygon_distance_m(fence.edges_deg, lon_deg[part], lat_deg[part])
    return _to_mm(out)


def circle_distance_mm(
    centre_lon_deg: FloatArray,
    centre_lat_deg: FloatArray,
    radius_m: FloatArray,
    lon_deg: FloatArray,
    lat_deg: FloatArray,
) -> IntArray:
    """Return the signed distance of every fix to its own circle, millimetres, shape (n,).

    All arguments broadcast; the scale is taken half-way between fix and centre.
    """
    kx, ky = metres_per_degree(0.5 * (lat_deg + centre_lat_deg))
    away_m = np.hypot((lon_deg - centre_lon_deg) * kx, (lat_deg - centre_lat_deg) * ky)
    return _to_mm(away_m - radius_m)


def _to_mm(distance_m: FloatArray) -> IntArray:
    return np.rint(distance_m * 1_000.0).astype(np.int64)


def _polygon_distance_m(edges: FloatArray, lon: FloatArray, lat: FloatArray) -> FloatArray:
    x1, y1, x2, y2 = (edges[:, k][None, :] for k in range(4))
    px, py = lon[:, None], lat[:, None]
    # Even-odd over all rings: holes and islands need no special case.
    straddles = (y1 > py) != (y2 > py)
    with np.errstate(divide="ignore", invalid="ignore"):
        crossing = px < (x2 - x1) * (py - y1) / (y2 - y1) + x1
    inside = (np.count_nonzero(straddles & crossing, axis=1) & 1).astype(bool)
    kx, ky = (scale[:, None] for scale in metres_per_degree(lat))
    ax, ay = (x1 - px) * kx, (y1 - py) * ky
    dx, dy = (x2 - x1) * kx, (y2 - y1) * ky
    length2 = dx * dx + dy * dy
    along = np.clip(-(ax * dx + ay * dy) / np.where(length2 > 0, length2, 1.0), 0.0, 1.0)
    away2 = (ax + along * dx) ** 2 + (ay + along * dy) ** 2
    away = np.sqrt(away2.min(axis=1))
    signed: FloatArray = np.where(inside, -away, away)
    return signed
