"""From (report, fence) pairs to distances, probabilities and decisions."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gateway.columns import ABSENT, DEGREE_E7
from gateway.engine.stretch import Stretch
from geofence.arrays import BoolArray, FloatArray, Int8Array, IntArray
from geofence.decision import decide
from geofence.far import far_distances_mm
from geofence.index import FenceIndex
from geofence.kernel import Kernel
from geofence.probability import floored_accuracy_mm
from geofence.use import USES, VIOLATED_INSIDE

MOST_MM: Final = (1 << 31) - 1
"""A column of 32 bits holds no more: 2,147 km."""

_CERTAIN: Final = 4
"""Error radii from the border, six standard deviations: the probability is 1 to the last ppm."""

FORBIDS_INSIDE: Final = np.array([use in VIOLATED_INSIDE for use in USES], np.bool_)
"""By number of the use."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What p pairs say, shape (p,) each.

    Attributes:
        distance_mm: Signed, negative inside, at most MOST_MM; ABSENT where it was not asked.
        violation_ppm: Probability of violation, parts per million.
        decision: +1, -1 or 0.
    """

    distance_mm: IntArray
    violation_ppm: IntArray
    decision: Int8Array


class Fixes:
    """The positions of a stretch as fences are asked about them; shape (n,) each.

    Attributes:
        lon_deg: Longitude, degrees; nonsense where a row has no position, as is `lat_deg`.
        lat_deg: Latitude.
        accuracy_mm: Error radius to reckon with: the claim, floored, or the default.
    """

    def __init__(self, stretch: Stretch) -> None:
        """Take the positions and limits of `stretch`."""
        self._limits = stretch.limits
        self.lon_deg: FloatArray = stretch.rows["lon_e7"] / DEGREE_E7
        self.lat_deg: FloatArray = stretch.rows["lat_e7"] / DEGREE_E7
        self.accuracy_mm = floored_accuracy_mm(
            stretch.rows["accuracy_mm"].astype(np.int64),
            default_m=stretch.limits["accuracy_default_m"],
            floor_m=stretch.limits["accuracy_floor_m"],
        )

    def decided(
        self, row: IntArray, distance_mm: IntArray, size_mm: IntArray, forbids_inside: BoolArray
    ) -> Judgement:
        """Return the decisions of pairs.

        Args:
            row: Row of each pair, shape (p,).
            distance_mm: Its signed distance.
            size_mm: Size of its fence.
            forbids_inside: It is violated inside.
        """
        said = decide(
            distance_mm,
            self.accuracy_mm.take(row),
            size_mm,
            forbids_inside,
            violation_ppm=self._limits["violation_ppm"].take(row),
            compliant_ppm=self._limits["compliant_ppm"].take(row),
        )
        held_mm = np.minimum(np.maximum(distance_mm, -MOST_MM), MOST_MM)
        return Judgement(held_mm, said.violation_ppm, said.decision)


def fence_distances_mm(
    index: FenceIndex,
    fixes: Fixes,
    pairs: tuple[IntArray, IntArray],
    kernel: Kernel,
    *,
    forbids_inside: BoolArray | None = None,
) -> IntArray:
    """Return the signed distance of every pair, shape (p,), int64.

    It is cut off at the reach of the index where that changes neither probability nor decision.

    Args:
        index: The fences.
        fixes: The positions.
        pairs: Row, ascending, and zone of each.
        kernel: What evaluates fences.
        forbids_inside: Which fences are violated inside; when given, distances on the unlawful side
            are not cut off.
    """
    row, zone = pairs
    out = index.distances_mm(fixes.lon_deg, fixes.lat_deg, row, zone, kernel=kernel)
    asked = _CERTAIN * fixes.accuracy_mm > index.reach_mm
    if not asked.any() and forbids_inside is None:
        return out
    asked = asked.take(row)
    if forbids_inside is not None:
        asked |= (out > 0) != forbids_inside
    at = np.flatnonzero((np.abs(out) >= index.reach_mm) & asked)
    if len(at):
        where = row[at]
        out[at] = far_distances_mm(index, fixes.lon_deg[where], fixes.lat_deg[where], zone[at])
    return out


def unasked(count: int) -> Judgement:
    """Return the judgement of pairs that are not in force: compliant, and nothing measured."""
    return Judgement(
        np.full(count, ABSENT, np.int64),
        np.zeros(count, np.int64),
        np.full(count, -1, np.int8),
    )


def put(into: Judgement, at: NDArray[np.int64], values: Judgement) -> None:
    """Overwrite some pairs of a judgement."""
    into.distance_mm[at] = values.distance_mm
    into.violation_ppm[at] = values.violation_ppm
    into.decision[at] = values.decision
