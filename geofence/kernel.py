"""The exact step over arrays: signed distances of (fix, zone) pairs, with numpy alone.

Only additions, multiplications, divisions and square roots, which IEEE 754 rounds one way: batch
size, order and grouping change no bit, and a compiled kernel on the same arrays agrees.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geofence.arrays import FloatArray, IntArray
from geofence.zone import INSIDE, OUTSIDE, REFERENCE, ZoneInt


class PlacedFixes(NamedTuple):
    """Fixes with their planes; shape (n,) each, float64.

    Attributes:
        lon_deg: Longitude, degrees, WGS-84.
        lat_deg: Latitude.
        kx: Metres per degree of longitude there.
        ky: Metres per degree of latitude there.
    """

    lon_deg: FloatArray
    lat_deg: FloatArray
    kx: FloatArray
    ky: FloatArray


class ZoneParts(NamedTuple):
    """The common arrays of all zones; see geofence.zone.Zone.

    Attributes:
        header: Shape (zones, 8), float64.
        cell: Cells, int32.
        list_start: First runs of the lists, int32.
        run: Shape (r, 2), int32.
        ring_deg: Shape (k, 2), float64.
    """

    header: FloatArray
    cell: ZoneInt
    list_start: ZoneInt
    run: ZoneInt
    ring_deg: FloatArray


class Pairs(NamedTuple):
    """Which fix against which zone; shape (p,) each, int64."""

    fix: IntArray
    zone: IntArray


Kernel = Callable[[PlacedFixes, Pairs, ZoneParts, float], FloatArray]
"""(fixes, pairs, zones, reach) to signed metres; see `signed_distances`."""

TINY_M2: Final = 1e-18
"""Square metres; keeps a repeated vertex from dividing by nothing."""


def spread(first: IntArray, count: IntArray) -> tuple[IntArray, IntArray]:
    """Return first[i] ... first[i] + count[i] - 1 for every i, and where each i begins.

    Args:
        first: Shape (n,).
        count: Shape (n,), 0 or more.
    """
    start = np.cumsum(count) - count
    return np.arange(int(count.sum())) + np.repeat(first - start, count), start


def signed_distances(
    fixes: PlacedFixes, pairs: Pairs, zones: ZoneParts, reach_m: float
) -> FloatArray:
    """Return signed metres of every pair, negative inside, clipped to +-reach_m, shape (p,).

    Args:
        fixes: The fixes.
        pairs: Which of them against which zone.
        zones: The common arrays.
        reach_m: Where distances are cut off.
    """
    header = zones.header[pairs.zone]
    lon_deg, lat_deg, kx, ky = (column[pairs.fix] for column in fixes)
    dx, dy = lon_deg - header[:, 0], lat_deg - header[:, 1]
    out = np.full(len(dx), reach_m)
    is_circle = header[:, 4] == 0
    rows = np.flatnonzero(is_circle)
    # The mean of both ends' planes: half a metre off at 50 km, where the fix's own is 100 m off.
    east_m = dx[rows] * (0.5 * (kx[rows] + header[rows, 2]))
    north_m = dy[rows] * (0.5 * (ky[rows] + header[rows, 3]))
    out[rows] = np.sqrt(east_m * east_m + north_m * north_m) - header[rows, 7]
    column, row = dx * header[:, 2], dy * header[:, 3]
    within = (column >= 0) & (row >= 0) & (column < header[:, 4]) & (row < header[:, 5])
    rows = np.flatnonzero(within)
    place = header[rows]
    column, row = np.floor(column[rows]), np.floor(row[rows])
    content = zones.cell[(place[:, 6] + row * place[:, 4] + column).astype(np.int64)]
    out[rows[content == INSIDE]] = -reach_m
    near = np.flatnonzero(content > OUTSIDE)
    if len(near):
        rows, place, content = rows[near], place[near], content[near].astype(np.int64)
        way_x = dx[rows] - (column[near] + REFERENCE[0]) / place[:, 2]
        way_y = dy[rows] - (row[near] + REFERENCE[1]) / place[:, 3]
        edge, start = _listed_edges(content >> 1, zones)
        count = np.diff(np.r_[start, len(edge)])
        pair = np.repeat(np.arange(len(rows)), count)
        fix = rows[pair]
        away2_m2, turns = _edge_step(
            zones.ring_deg[edge] - np.column_stack([lon_deg[fix], lat_deg[fix]]),
            zones.ring_deg[edge + 1] - np.column_stack([lon_deg[fix], lat_deg[fix]]),
            (way_x[pair], way_y[pair]),
            (kx[fix], ky[fix]),
        )
        odd = np.logical_xor.reduceat(turns, start) ^ (content & 1).astype(np.bool_)
        away = np.sqrt(np.minimum.reduceat(away2_m2, start))
        out[rows] = np.where(odd, -away, away) - place[:, 7]
    clipped: FloatArray = np.clip(out, -reach_m, reach_m)
    return clipped


def _listed_edges(number: IntArray, zones: ZoneParts) -> tuple[IntArray, IntArray]:
    """Return the edges of each list, one list after another, and where each begins."""
    list_start, run = zones.list_start, zones.run
    first_run = list_start[number].astype(np.int64)
    runs = list_start[number + 1] - first_run
    listed, run_start = spread(first_run, runs)
    length = (run[listed, 1] - run[listed, 0]).astype(np.int64)
    edge, edge_start = spread(run[listed, 0].astype(np.int64), length)
    return edge, edge_start[run_start]


def _edge_step(
    start: FloatArray,
    end: FloatArray,
    way: tuple[FloatArray, FloatArray],
    scale: tuple[FloatArray, FloatArray],
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Return squared metres to each edge, and whether the way from the reference point crosses it.

    Args:
        start: Edge's start seen from the fix, shape (m, 2), degrees.
        end: Its end.
        way: From the reference point to the fix, degrees.
        scale: Metres per degree at the fix.
    """
    ax, ay, bx, by = start[:, 0], start[:, 1], end[:, 0], end[:, 1]
    way_x, way_y = way
    ex, ey = bx - ax, by - ay
    # An end exactly on the way's line belongs to one side for both of its edges.
    straddles = (way_x * ay - way_y * ax > 0) != (way_x * by - way_y * bx > 0)
    fix_side = ex * ay - ey * ax
    turns = straddles & ((fix_side > 0) != (fix_side + (ex * way_y - ey * way_x) > 0))
    ax, ay = ax * scale[0], ay * scale[1]
    ex, ey = ex * scale[0], ey * scale[1]
    along = np.clip(-(ax * ex + ay * ey) / np.maximum(ex * ex + ey * ey, TINY_M2), 0.0, 1.0)
    east, north = ax + along * ex, ay + along * ey
    return east * east + north * north, turns
