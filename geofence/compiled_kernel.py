"""The exact step compiled by numba, an optional extra: `pip install guitu[numba]`.

The same operations in the same order as `geofence.kernel`, without fast-math and without fused
multiply-adds, so that both give the same bits.
"""

import math

import numpy as np
from numba import njit

from geofence.arrays import FloatArray
from geofence.kernel import TINY_M2, Pairs, PlacedFixes, ZoneParts
from geofence.zone import INSIDE, REFERENCE

_FX, _FY = REFERENCE


def signed_distances(
    fixes: PlacedFixes, pairs: Pairs, zones: ZoneParts, reach_m: float
) -> FloatArray:
    """Return signed metres of every pair; see geofence.kernel.signed_distances."""
    out = np.empty(len(pairs.zone))
    _evaluate(*fixes, *pairs, *zones, reach_m, out)
    return out


@njit(cache=False, error_model="numpy")
def _evaluate(lon, lat, kx, ky, fix, zone, header, cell, list_start, run, ring, reach_m, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, PLR0917
    for i in range(len(out)):
        f, z = fix[i], zone[i]
        x, y, mx, my = lon[f], lat[f], kx[f], ky[f]
        dx, dy = x - header[z, 0], y - header[z, 1]
        signed = reach_m
        if header[z, 4] == 0.0:
            east = dx * (0.5 * (mx + header[z, 2]))
            north = dy * (0.5 * (my + header[z, 3]))
            signed = math.sqrt(east * east + north * north) - header[z, 7]
        else:
            column, row = dx * header[z, 2], dy * header[z, 3]
            if column >= 0 and row >= 0 and column < header[z, 4] and row < header[z, 5]:
                column, row = math.floor(column), math.floor(row)
                content = cell[int(header[z, 6] + row * header[z, 4] + column)]
                if content == INSIDE:
                    signed = -reach_m
                elif content >= 0:
                    way_x = dx - (column + _FX) / header[z, 2]
                    way_y = dy - (row + _FY) / header[z, 3]
                    number = content >> 1
                    best, odd = _nearest(
                        x,
                        y,
                        mx,
                        my,
                        way_x,
                        way_y,
                        run,
                        ring,
                        list_start[number],
                        list_start[number + 1],
                        (content & 1) == 1,
                    )
                    away = math.sqrt(best)
                    signed = (-away if odd else away) - header[z, 7]
        out[i] = min(max(signed, -reach_m), reach_m)


@njit(cache=False, error_model="numpy", inline="always")
def _nearest(x, y, mx, my, way_x, way_y, run, ring, first_run, end_run, odd):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, PLR0917
    best = np.inf
    for r in range(first_run, end_run):
        first = run[r, 0]
        bx, by = ring[first, 0] - x, ring[first, 1] - y
        b_left = way_x * by - way_y * bx > 0
        for edge in range(first + 1, run[r, 1] + 1):
            ax, ay, a_left = bx, by, b_left
            bx, by = ring[edge, 0] - x, ring[edge, 1] - y
            b_left = way_x * by - way_y * bx > 0
            ex, ey = bx - ax, by - ay
            fix_side = ex * ay - ey * ax
            odd ^= (a_left != b_left) & (
                (fix_side > 0) != (fix_side + (ex * way_y - ey * way_x) > 0)
            )
            px, py = ax * mx, ay * my
            ex, ey = ex * mx, ey * my
            along = -(px * ex + py * ey) / max(ex * ex + ey * ey, TINY_M2)
            along = min(max(along, 0.0), 1.0)
            east, north = px + along * ex, py + along * ey
            best = min(best, east * east + north * north)
    return best, odd
