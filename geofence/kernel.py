"""The exact step over arrays: signed distances of (fix, zone) pairs, with numpy alone.

Only additions, multiplications, divisions and square roots, which IEEE 754 rounds one way: batch
size, order and grouping change no bit, and a compiled kernel on the same arrays agrees.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

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


def spread(first: NDArray[Any], count: NDArray[Any]) -> tuple[IntArray, IntArray]:
    """Return first[i] ... first[i] + count[i] - 1 for every i, and where each i begins; int64.

    Args:
        first: Shape (n,), any integers.
        count: Shape (n,), 0 or more.
    """
    start = np.cumsum(count, dtype=np.int64) - count
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
    header = zones.header.take(pairs.zone, axis=0)
    dx = fixes.lon_deg.take(pairs.fix) - header[:, 0]
    dy = fixes.lat_deg.take(pairs.fix) - header[:, 1]
    out = np.full(len(dx), reach_m)
    rows = np.flatnonzero(header[:, 4] == 0)
    if len(rows):
        place = header.take(rows, axis=0)
        out[rows] = _to_circles(fixes, pairs.fix[rows], place, dx[rows], dy[rows])
    column, row = dx * header[:, 2], dy * header[:, 3]
    within = (column >= 0) & (row >= 0) & (column < header[:, 4]) & (row < header[:, 5])
    rows = np.flatnonzero(within)
    place = header.take(rows, axis=0)
    column, row = np.floor(column[rows]), np.floor(row[rows])
    content = zones.cell.take((place[:, 6] + row * place[:, 4] + column).astype(np.int64))
    out[rows[content == INSIDE]] = -reach_m
    near = np.flatnonzero(content > OUTSIDE)
    if len(near):
        rows, place, content = rows[near], place.take(near, axis=0), content[near]
        way_x = dx[rows] - (column[near] + REFERENCE[0]) / place[:, 2]
        way_y = dy[rows] - (row[near] + REFERENCE[1]) / place[:, 3]
        away, odd = _to_listed(fixes, pairs.fix[rows], (way_x, way_y), content, zones)
        out[rows] = np.where(odd, -away, away) - place[:, 7]
    clipped: FloatArray = np.minimum(np.maximum(out, -reach_m), reach_m)
    return clipped


def _to_circles(
    fixes: PlacedFixes, fix: IntArray, header: FloatArray, dx: FloatArray, dy: FloatArray
) -> FloatArray:
    # The mean of both ends' planes: half a metre off at 50 km, where the fix's own is 100 m off.
    east_m = dx * (0.5 * (fixes.kx[fix] + header[:, 2]))
    north_m = dy * (0.5 * (fixes.ky[fix] + header[:, 3]))
    metres: FloatArray = np.sqrt(east_m * east_m + north_m * north_m) - header[:, 7]
    return metres


def _to_listed(
    fixes: PlacedFixes,
    fix: IntArray,
    way: tuple[FloatArray, FloatArray],
    content: ZoneInt,
    zones: ZoneParts,
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Return metres to the nearest edge that each pair's cell lists, and whether it is inside.

    Args:
        fixes: The fixes.
        fix: Fix of each pair.
        way: From its cell's reference point to it, degrees.
        content: Its cell.
        zones: The common arrays.
    """
    edge, start = _listed_edges(content >> 1, zones)
    pair = np.repeat(np.arange(len(fix)), np.diff(start, append=len(edge)))
    # One gather of what few pairs have, then one of what many edges need: half the time of both
    # at once. `take` on rows and columns one by one is faster than indexing them together.
    lon_deg, lat_deg = fixes.lon_deg[fix].take(pair), fixes.lat_deg[fix].take(pair)
    begin, end = zones.ring_deg.take(edge, axis=0), zones.ring_deg.take(edge + 1, axis=0)
    away2_m2, turns = _edge_step(
        (begin[:, 0] - lon_deg, begin[:, 1] - lat_deg),
        (end[:, 0] - lon_deg, end[:, 1] - lat_deg),
        (way[0].take(pair), way[1].take(pair)),
        (fixes.kx[fix].take(pair), fixes.ky[fix].take(pair)),
    )
    odd = np.logical_xor.reduceat(turns, start) ^ (content & 1).astype(np.bool_)
    return np.sqrt(np.minimum.reduceat(away2_m2, start)), odd


def _listed_edges(number: ZoneInt, zones: ZoneParts) -> tuple[IntArray, IntArray]:
    """Return the edges of each list, one list after another, and where each begins."""
    first_run = zones.list_start.take(number)
    runs = zones.list_start.take(number + 1) - first_run
    listed, run_start = spread(first_run, runs)
    run = zones.run.take(listed, axis=0)
    edge, edge_start = spread(run[:, 0], run[:, 1] - run[:, 0])
    return edge, edge_start[run_start]


def _edge_step(
    start: tuple[FloatArray, FloatArray],
    end: tuple[FloatArray, FloatArray],
    way: tuple[FloatArray, FloatArray],
    scale: tuple[FloatArray, FloatArray],
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Return squared metres to each edge, and whether the way from the reference point crosses it.

    Args:
        start: Edge's start seen from the fix, shape (m,) each, degrees; overwritten.
        end: Its end.
        way: From the reference point to the fix, degrees.
        scale: Metres per degree at the fix.
    """
    (ax, ay), (bx, by), (way_x, way_y) = start, end, way
    ex, ey = bx - ax, by - ay
    # An end exactly on the way's line belongs to one side for both of its edges.
    straddles = (way_x * ay - way_y * ax > 0) != (way_x * by - way_y * bx > 0)
    fix_side = ex * ay - ey * ax
    turns = straddles & ((fix_side > 0) != (fix_side + (ex * way_y - ey * way_x) > 0))
    # In place: fresh memory for each step costs more than the step.
    ax *= scale[0]
    ay *= scale[1]
    ex *= scale[0]
    ey *= scale[1]
    along = -(ax * ex + ay * ey)
    along /= np.maximum(ex * ex + ey * ey, TINY_M2)
    np.minimum(np.maximum(along, 0.0, out=along), 1.0, out=along)
    ex *= along
    ey *= along
    ex += ax
    ey += ay
    return ex * ex + ey * ey, turns
