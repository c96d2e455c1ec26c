"""From distance and doubt to one of three answers, fix by fix.

+1 is a violation, -1 compliance, 0 "cannot tell"; persistence over several fixes is
`geofence.transition` and `geofence.n_of_m`.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from geofence.arrays import BoolArray, Int8Array, IntArray
from geofence.probability import PPM, outside_ppm

RIVALRY: Final = 3
"""Beyond three error radii from the border even a coarse fix is decided."""


@dataclass(frozen=True, slots=True)
class Decisions:
    """What n (fix, fence) pairs say, shape (n,) each.

    Attributes:
        violation_ppm: P(violation), parts per million, int64.
        decision: +1, -1 or 0, int8.
    """

    violation_ppm: IntArray
    decision: Int8Array


def decide(
    distance_mm: IntArray,
    accuracy_mm: IntArray,
    size_mm: IntArray,
    violated_inside: BoolArray,
    *,
    violation_ppm: int | IntArray,
    compliant_ppm: int | IntArray,
) -> Decisions:
    """Return the decisions of pairs by probability, abstaining where the circle rivals the fence.

    Args:
        distance_mm: Signed distance, negative inside, shape (n,).
        accuracy_mm: Radius of the 68 % error circle.
        size_mm: Fence.size_m in millimetres.
        violated_inside: The fence forbids its inside.
        violation_ppm: At this probability and above it is a violation; for all pairs or for each.
        compliant_ppm: At this probability and below it is compliance; likewise.
    """
    outside = outside_ppm(distance_mm, accuracy_mm)
    violation = np.where(violated_inside, PPM - outside, outside)
    tells = ~rivals(distance_mm, accuracy_mm, size_mm)
    complies = tells & (violation <= compliant_ppm)
    violates = tells & (violation >= violation_ppm) & ~complies
    decision: Int8Array = violates.view(np.int8) - complies.view(np.int8)
    return Decisions(violation, decision)


def rivals(distance_mm: IntArray, accuracy_mm: IntArray, size_mm: IntArray) -> BoolArray:
    """Return where the error circle is larger than the fence and near it: nothing can be told."""
    near = np.abs(distance_mm) < RIVALRY * accuracy_mm
    found: BoolArray = (accuracy_mm > size_mm) & near
    return found


def decide_by_margin(
    distance_mm: IntArray, violated_inside: BoolArray, *, raise_mm: IntArray, clear_mm: IntArray
) -> Int8Array:
    """Return decisions with a dead band around the border (hysteresis), shape (n,), int8.

    Args:
        distance_mm: Signed distance, negative inside.
        violated_inside: The fence forbids its inside.
        raise_mm: Metres on the wrong side, in millimetres, that make a violation.
        clear_mm: Metres on the right side that make compliance; between the two nothing changes.
    """
    wrong_mm = np.where(violated_inside, -distance_mm, distance_mm)
    decision = np.zeros(len(distance_mm), np.int8)
    decision[wrong_mm >= raise_mm] = 1
    decision[-wrong_mm >= clear_mm] = -1
    return decision
