"""Before anything is timed: do the kernels say what shapely says, and both the same?"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import shapely

from benchmarks.geofence_world import Fixes, World
from geofence.arrays import FloatArray, IntArray
from geofence.assignment import AssignedPairs
from geofence.index import FenceIndex
from geofence.kernel import Kernel
from geofence.plane import exact_metres_per_degree
from geofence.zone import REACH_M

_MEASURED: Final = 100
"""Pairs of a batch near a border whose metres are compared too, one by one in the fix's plane."""

_BORDER_MM: Final = 1


def agreement(
    world: World, index: FenceIndex, batches: list[Fixes], kernels: Mapping[str, Kernel]
) -> dict[str, Any]:
    """Return how many polygon pairs were compared, and what differed.

    Args:
        world: The world.
        index: Its fences.
        batches: Fixes to compare on.
        kernels: All must give the numpy kernel's millimetres.
    """
    pairs_seen, wrong_side, unequal, worst_mm = 0, 0, 0, 0.0
    geometry = np.array(world.geometry)
    shapely.prepare(geometry[: world.shared])
    for fixes in batches:
        pairs = world.assignment.pairs(fixes.subject)
        found = {
            name: index.distances_mm(
                fixes.lon_deg, fixes.lat_deg, pairs.fix, pairs.zone, kernel=kernel
            )
            for name, kernel in kernels.items()
        }
        mm = found["numpy"]
        unequal += sum(int((other != mm).sum()) for other in found.values())
        rows = np.flatnonzero(pairs.zone < world.shared)
        lon_deg, lat_deg = fixes.lon_deg[pairs.fix[rows]], fixes.lat_deg[pairs.fix[rows]]
        inside = shapely.contains_xy(geometry[pairs.zone[rows]], lon_deg, lat_deg)
        decided = np.abs(mm[rows]) > _BORDER_MM
        wrong_side += int((inside != (mm[rows] < 0))[decided].sum())
        pairs_seen += len(rows)
        worst_mm = max(worst_mm, _worst_mm(geometry, fixes, pairs, rows, mm))
    return {
        "polygon_pairs": pairs_seen,
        "on_the_other_side_than_shapely": wrong_side,
        "worst_distance_error_mm": round(worst_mm, 3),
        "pairs_on_which_kernels_differ": unequal,
    }


def _worst_mm(
    geometry: Any, fixes: Fixes, pairs: AssignedPairs, rows: IntArray, mm: IntArray
) -> float:
    near = rows[np.abs(mm[rows]) < REACH_M * 1_000][:_MEASURED]
    worst = 0.0
    for row in near.tolist():
        fix = int(pairs.fix[row])
        here = np.array([fixes.lon_deg[fix], fixes.lat_deg[fix]])
        scale = np.array(exact_metres_per_degree(float(here[1])))
        ring = (shapely.get_coordinates(geometry[pairs.zone[row]]) - here) * scale
        worst = max(worst, abs(abs(int(mm[row])) - _to_origin_mm(ring)))
    return worst


def _to_origin_mm(ring_m: FloatArray) -> float:
    return float(shapely.LinearRing(ring_m).distance(shapely.Point(0, 0))) * 1_000
