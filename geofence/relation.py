"""Where fixes stand to a fence: signed distance in metres, negative inside.

The sign is the planar longitude-latitude test of RFC 7946; the distance is measured in the plane of
the fix (`geofence.plane`). A border point is covered and has distance 0.
"""

from typing import Final

import numpy as np

from geofence.arrays import FloatArray, IntArray
from geofence.fence import Fence
from geofence.grid import (
    EdgeGrid,
    crosses_eastward,
    crosses_northward,
    edge_distances,
    even_odd,
)
from geofence.plane import metres_per_degree

_PAIRS_PER_BLOCK: Final = 1 << 15
"""Keeps the temporaries of a block in the second-level cache, and bounds them."""


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
    if fence.grid is None:
        _try_every_edge(out, np.arange(len(out)), fence, lon_deg, lat_deg)
        return _to_mm(out)
    cell = fence.grid.cell_of(lon_deg, lat_deg)
    _try_every_edge(out, np.flatnonzero(cell < 0), fence, lon_deg, lat_deg)
    listed = np.flatnonzero(cell >= 0)
    if len(listed):
        out[listed] = _by_listed_edges(
            fence.edges_deg, fence.grid, cell[listed], lon_deg[listed], lat_deg[listed]
        )
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


def _try_every_edge(
    out: FloatArray, rows: IntArray, fence: Fence, lon_deg: FloatArray, lat_deg: FloatArray
) -> None:
    edges = fence.edges_deg[None]
    step = max(1, _PAIRS_PER_BLOCK // edges.shape[1])
    for begin in range(0, len(rows), step):
        part = rows[begin : begin + step]
        lon, lat = lon_deg[part, None], lat_deg[part, None]
        kx, ky = metres_per_degree(lat)
        away = edge_distances(edges, lon, lat, kx, ky).min(axis=1)
        out[part] = np.where(even_odd(edges, lon, lat), -away, away)


def _by_listed_edges(
    edges_deg: FloatArray, grid: EdgeGrid, cell: IntArray, lon_deg: FloatArray, lat_deg: FloatArray
) -> FloatArray:
    counts = grid.start[cell + 1] - grid.start[cell]
    first = np.cumsum(counts) - counts
    point = np.repeat(np.arange(len(cell)), counts)
    listed = np.arange(len(point)) - np.repeat(first - grid.start[cell], counts)
    edges = edges_deg[grid.edge[listed]]
    lon, lat = lon_deg[point], lat_deg[point]
    kx, ky = metres_per_degree(lat_deg)
    away = np.minimum.reduceat(edge_distances(edges, lon, lat, kx[point], ky[point]), first)
    ref_lon, ref_lat = grid.reference(cell)
    # From the reference point north or south to the fix's latitude, then east or west to it.
    turned = crosses_northward(edges, ref_lon[point], ref_lat[point]) ^ crosses_northward(
        edges, ref_lon[point], lat
    )
    turned ^= crosses_eastward(edges, ref_lon[point], lat) ^ crosses_eastward(edges, lon, lat)
    inside = grid.inside[cell] ^ np.logical_xor.reduceat(turned, first)
    signed: FloatArray = np.where(inside, -away, away)
    return signed
