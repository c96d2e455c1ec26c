"""Who is near whom: groups that hang together by steps of at most a radius."""

import math
from typing import Final

import numpy as np

from gateway.columns import DEGREE_E7
from gateway.engine.stretch import between_mm
from geofence.arrays import IntArray
from geofence.kernel import spread
from geofence.plane import metres_per_degree

MOST_OF_CELL: Final = 64
"""People of a cell that are held against those of other cells. All of a cell are together anyhow;
two crowds that only others would join stay two."""

_MM_PER_M: Final = 1_000
_ROW: Final = 1 << 32


def groups(lon_e7: IntArray, lat_e7: IntArray, radius_m: int) -> IntArray:
    """Return the group of each place, shape (n,): the lowest row of those that hang together.

    Two places hang together when they are within the radius, or through others that are.

    Args:
        lon_e7: Longitudes, shape (n,), 1e-7 degrees, WGS-84.
        lat_e7: Latitudes, below 89 degrees.
        radius_m: The radius.
    """
    label = np.arange(len(lon_e7))
    if len(label) < 2:  # noqa: PLR2004
        return label
    lon_deg, lat_deg = lon_e7 / DEGREE_E7, lat_e7 / DEGREE_E7
    kx, ky = metres_per_degree(lat_deg)
    # Cells whose diagonal is the radius at most: all of a cell are together.
    side_m = radius_m / math.sqrt(2)
    width, height = side_m / float(kx.max()), side_m / float(ky.max())
    columns = math.ceil(radius_m / (width * float(kx.min())))
    rows = math.ceil(radius_m / (height * float(ky.min())))
    cell = np.floor(lat_deg / height).astype(np.int64) * _ROW + np.floor(lon_deg / width).astype(
        np.int64
    )
    order = np.argsort(cell, kind="stable")
    keys, first, count = np.unique(cell[order], return_index=True, return_counts=True)
    same = np.repeat(order[first], count)
    one, other = [order], [same]
    for row in range(rows + 1):
        for column in range(-columns if row else 1, columns + 1):
            a, b = _between(keys, first, count, row * _ROW + column)
            one.append(order[a])
            other.append(order[b])
    a, b = np.concatenate(one), np.concatenate(other)
    cross = np.arange(len(a)) >= len(order)
    near = between_mm(lon_e7[a], lat_e7[a], lon_e7[b], lat_e7[b]) <= radius_m * _MM_PER_M
    linked = near | ~cross
    return _joined(label, a[linked], b[linked])


def _between(
    keys: IntArray, first: IntArray, count: IntArray, step: int
) -> tuple[IntArray, IntArray]:
    """Return every pair of places in cells that are `step` from each other, as sorted rows."""
    at = np.searchsorted(keys, keys + step)
    here = np.flatnonzero(keys[np.minimum(at, len(keys) - 1)] == keys + step)
    there = at[here]
    left = np.minimum(count[here], MOST_OF_CELL)
    right = np.minimum(count[there], MOST_OF_CELL)
    pair, _ = spread(np.zeros(len(here), np.int64), left * right)
    which = np.repeat(np.arange(len(here)), left * right)
    width = right[which]
    return first[here][which] + pair // width, first[there][which] + pair % width


def _joined(label: IntArray, a: IntArray, b: IntArray) -> IntArray:
    """Return the lowest row that each row is linked to, directly or not."""
    while True:
        low, high = np.minimum(label[a], label[b]), np.maximum(label[a], label[b])
        differ = low != high
        if not differ.any():
            return label
        a, b = a[differ], b[differ]
        label = label.copy()
        np.minimum.at(label, high[differ], low[differ])
        while not np.array_equal(label, label[label]):
            label = label[label]
