"""The place rules: is this report a violation of the fences that hold for its subject?"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gateway.columns import DEGREE_E7
from gateway.directory.snapshot import Directory
from gateway.parameters import Parameters
from geofence.arrays import Int8Array, IntArray
from geofence.assignment import AssignedPairs
from geofence.decision import RIVALRY, decide
from geofence.far import far_distances_mm
from geofence.index import build_index
from geofence.kernel import Kernel
from geofence.probability import SATELLITE, AccuracyFloors, effective_accuracy_mm
from geofence.use import VIOLATED_INSIDE

_MM_PER_M: Final = 1_000
_MOST_MM: Final = (1 << 31) - 1
"""The history's column holds no more: 2,147 km."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A decision per (report, fence) pair, shape (n,) each."""

    distance_mm: IntArray
    violation_ppm: IntArray
    decision: Int8Array


class FenceTable:
    """The fences of a directory as columns; row numbers are those of `Directory.fences`."""

    def __init__(self, directory: Directory, kernel: Kernel) -> None:
        """Compile the fences of `directory`, to be evaluated by `kernel`."""
        fences = directory.fences
        self._kernel = kernel
        self._violated_inside = np.array([f.use in VIOLATED_INSIDE for f in fences], np.bool_)
        self._size_mm = np.array([round(f.shape.size_m * _MM_PER_M) for f in fences], np.int64)
        self._index = build_index([f.shape.outline for f in fences])

    def judge(
        self, pairs: AssignedPairs, fixes: dict[str, NDArray[Any]], parameters: Parameters
    ) -> Judgement:
        """Return the decision of every pair.

        Args:
            pairs: Which fix against which fence; its zones are rows of `Directory.fences`.
            fixes: Columns `lon_e7`, `lat_e7`, `accuracy_mm` of the fixes.
            parameters: The rule parameters.
        """
        accuracy_mm = reckoned_accuracy_mm(fixes["accuracy_mm"], parameters)[pairs.fix]
        distance_mm = self._distances_mm(pairs, fixes, accuracy_mm)
        said = decide(
            distance_mm,
            accuracy_mm,
            self._size_mm[pairs.zone],
            self._violated_inside[pairs.zone],
            violation_ppm=parameters.violation_ppm,
            compliant_ppm=parameters.compliant_ppm,
        )
        held_mm = np.clip(distance_mm, -_MOST_MM, _MOST_MM)
        return Judgement(held_mm, said.violation_ppm, said.decision)

    def _distances_mm(
        self, pairs: AssignedPairs, fixes: dict[str, NDArray[Any]], accuracy_mm: IntArray
    ) -> IntArray:
        index, (fix, fence, _) = self._index, pairs
        lon_deg, lat_deg = fixes["lon_e7"] / DEGREE_E7, fixes["lat_e7"] / DEGREE_E7
        out = index.distances_mm(lon_deg, lat_deg, fix, fence, kernel=self._kernel)
        # The cut decides nothing about a good fix on the lawful side; the rest is measured.
        wide = RIVALRY * accuracy_mm >= index.reach_mm
        against = (out > 0) != self._violated_inside[fence]
        far = np.flatnonzero((np.abs(out) >= index.reach_mm) & (wide | against))
        out[far] = far_distances_mm(index, lon_deg[fix[far]], lat_deg[fix[far]], fence[far])
        return out


def reckoned_accuracy_mm(accuracy_mm: NDArray[Any], parameters: Parameters) -> IntArray:
    """Return the error radius to reckon with: the claim, floored, or the default."""
    floors = AccuracyFloors(
        default_m=parameters.accuracy_default_m, satellite_m=parameters.accuracy_floor_m
    )
    satellite = np.full(len(accuracy_mm), SATELLITE)
    trusted = np.zeros(len(accuracy_mm), np.bool_)
    return effective_accuracy_mm(accuracy_mm, satellite, trusted, floors)
