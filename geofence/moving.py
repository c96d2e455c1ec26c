"""Distances between moving people: no-contact orders (禁止接触) and fences that follow someone.

The other person's place is the newest fix that is not later than the one being judged; nothing is
interpolated, for a live judgement could not. A place older than the stale limit is no place.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from geofence.arrays import BoolArray, FloatArray, IntArray
from geofence.plane import metres_per_degree

_MM_PER_M: Final = 1_000


@dataclass(frozen=True, slots=True)
class Track:
    """Fixes; those of anchors are sorted by anchor and then by time; shape (m,) each.

    Attributes:
        anchor: Number of the anchor, int64.
        time_ms: Fix time, int64.
        lon_deg: Longitude, degrees, WGS-84.
        lat_deg: Latitude.
        accuracy_mm: Radius of the 68 % error circle, int64.
    """

    anchor: IntArray
    time_ms: IntArray
    lon_deg: FloatArray
    lat_deg: FloatArray
    accuracy_mm: IntArray


@dataclass(frozen=True, slots=True)
class Separation:
    """Of n fixes from their anchors, shape (n,) each.

    Attributes:
        known: The anchor had a place that is not stale; the other columns are 0 elsewhere.
        distance_mm: Distance between the two fixes, int64.
        accuracy_mm: Radius of the 68 % circle of their difference, int64.
        age_ms: How much older the anchor's fix is, int64.
    """

    known: BoolArray
    distance_mm: IntArray
    accuracy_mm: IntArray
    age_ms: IntArray


def separation(anchors: Track, fixes: Track, *, stale_ms: int) -> Separation:
    """Return how far fixes are from the anchors that they are held against.

    A moving fence of radius r has signed distance `distance_mm - r`, and the combined error circle
    goes into `geofence.decision.decide` as any other does.

    Args:
        anchors: Where the anchors were.
        fixes: The fixes, in any order; `anchor` is the one that each is held against.
        stale_ms: An anchor's fix older than this says nothing.
    """
    row = _newest_before(anchors, fixes.anchor, fixes.time_ms)
    known = row >= 0
    row = np.maximum(row, 0)
    if not len(anchors.anchor):
        zero = np.zeros(len(row), np.int64)
        return Separation(known, zero, zero, zero)
    age_ms = fixes.time_ms - anchors.time_ms[row]
    known &= age_ms <= stale_ms
    kx, ky = metres_per_degree(0.5 * (fixes.lat_deg + anchors.lat_deg[row]))
    east_m = (fixes.lon_deg - anchors.lon_deg[row]) * kx
    north_m = (fixes.lat_deg - anchors.lat_deg[row]) * ky
    away_m = np.sqrt(east_m * east_m + north_m * north_m)
    both = np.sqrt(fixes.accuracy_mm**2.0 + anchors.accuracy_mm[row] ** 2.0)
    return Separation(
        known,
        np.where(known, np.rint(away_m * _MM_PER_M), 0).astype(np.int64),
        np.where(known, np.rint(both), 0).astype(np.int64),
        np.where(known, age_ms, 0),
    )


def _newest_before(anchors: Track, anchor: IntArray, time_ms: IntArray) -> IntArray:
    """Return the row of each anchor's newest fix not later than the time, -1 for none."""
    count = len(anchors.anchor)
    # Both sides in one order: of equal anchor and time, the anchors' own fixes come first.
    order = np.lexsort(
        (
            np.r_[np.zeros(count, np.int8), np.ones(len(anchor), np.int8)],
            np.r_[anchors.time_ms, time_ms],
            np.r_[anchors.anchor, anchor],
        )
    )
    seen = np.maximum.accumulate(np.where(order < count, order, -1))
    row = np.full(len(anchor), -1)
    asked = order >= count
    row[order[asked] - count] = seen[asked]
    same = (row >= 0) & (anchors.anchor[np.maximum(row, 0)] == anchor) if count else row >= 0
    return np.where(same, row, -1)
