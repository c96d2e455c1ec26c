"""How probable it is that a fix is truly outside, given its error circle or ellipse.

Model: the error is a normal distribution, circular with the given 68 % radius or elliptical with
the given 68 % semi-axes, and the border is straight at the scale of the error. Then
P(outside) = Phi(d / sigma), with sigma = radius / 1.5096 (the 68 % quantile of the Rayleigh
distribution) towards the nearest place of the border. It is one half on the border and grows with
the signed distance. Where the error circle rivals the fence the border is not straight, and the
decision abstains (`geofence.decision`).

Phi comes from a table with linear interpolation: only operations that every processor rounds alike.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geofence.arrays import BoolArray, FloatArray, IntArray

RAYLEIGH_68: Final = 1.509_592_2
PPM: Final = 1_000_000

SATELLITE, WIFI, CELL = 0, 1, 2
"""Fix types: what a position was computed from."""

_LAST_SIGMA: Final = 6
"""Phi(6) is one within 10^-9."""

_SURE: Final = 4
"""Error radii, above _LAST_SIGMA standard deviations: the answer is one or nought."""

_NODES_PER_SIGMA: Final = 1_024
"""Linear interpolation is then within 0.03 parts per million."""

_CENTIDEGREES: Final = 36_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AccuracyFloors:
    """The least error radius to believe, by fix type; parameters, not facts of any standard.

    Attributes:
        default_m: Radius when the device claims none.
        satellite_m: Least radius of a satellite fix; the gateway's default too. Receivers report a
            formal error that leaves multipath out. A higher floor makes honest ones look worse
            than they are: at 10 m one in the open is up to 6 points off (docs/geofence.md).
        wifi_m: Least radius of a fix from Wi-Fi access points.
        cell_m: Least radius of a fix from base stations.
        overconfident_m: Least radius of a receiver that was caught claiming too little.
    """

    default_m: float = 50.0
    satellite_m: float = 5.0
    wifi_m: float = 40.0
    cell_m: float = 500.0
    overconfident_m: float = 100.0


def effective_accuracy_mm(
    claimed_mm: IntArray,
    fix_type: IntArray,
    overconfident: BoolArray,
    floors: AccuracyFloors,
) -> IntArray:
    """Return the error radius to reckon with, shape (n,), int64.

    Args:
        claimed_mm: Claimed radius of the 68 % circle; negative: none claimed.
        fix_type: SATELLITE, WIFI or CELL.
        overconfident: The receiver was caught claiming too little.
        floors: The floors.
    """
    by_type_m = np.array([floors.satellite_m, floors.wifi_m, floors.cell_m])
    floor_m = np.where(
        overconfident, np.maximum(by_type_m, floors.overconfident_m)[fix_type], by_type_m[fix_type]
    )
    return floored_accuracy_mm(claimed_mm, default_m=floors.default_m, floor_m=floor_m)


def floored_accuracy_mm(
    claimed_mm: IntArray, *, default_m: float | FloatArray, floor_m: FloatArray
) -> IntArray:
    """Return the claimed error radius, or the default, but the floor at least, shape (n,), int64.

    Args:
        claimed_mm: Claimed radius of the 68 % circle; negative: none claimed.
        default_m: Radius when none is claimed; for all or for each.
        floor_m: Least radius to believe, shape (n,).
    """
    claimed = np.where(claimed_mm < 0, np.multiply(default_m, 1_000), claimed_mm)
    return _whole(np.maximum(claimed, floor_m * 1_000))


def accuracy_towards_mm(
    semi_major_mm: IntArray,
    semi_minor_mm: IntArray,
    orientation_cdeg: IntArray,
    bearing_cdeg: IntArray,
) -> IntArray:
    """Return the radius of the circle that errs as much towards a bearing as an ellipse does.

    The variance of a normal distribution along a direction is a^2 cos^2 + b^2 sin^2 of the angle
    to its major axis.

    Args:
        semi_major_mm: 68 % semi-axis, shape (n,).
        semi_minor_mm: The other, not longer.
        orientation_cdeg: Of the major axis, hundredths of a degree clockwise from north.
        bearing_cdeg: Towards the nearest place of the border, likewise.
    """
    cosine2 = _COSINE2[(bearing_cdeg - orientation_cdeg) % _CENTIDEGREES]
    a2, b2 = semi_major_mm.astype(np.float64) ** 2, semi_minor_mm.astype(np.float64) ** 2
    return _whole(np.sqrt(a2 * cosine2 + b2 * (1.0 - cosine2)))


def outside_ppm(distance_mm: IntArray, accuracy_mm: IntArray) -> IntArray:
    """Return P(truly outside), parts per million, shape (n,), int64.

    Args:
        distance_mm: Signed distance to the border, negative inside.
        accuracy_mm: Radius of the 68 % error circle, above 0.
    """
    accuracy_mm = np.maximum(accuracy_mm, 1)
    doubtful = (np.abs(distance_mm) < _SURE * accuracy_mm).nonzero()[0]
    out: IntArray = (distance_mm > 0) * np.int64(PPM)
    out[doubtful] = _looked_up_ppm(distance_mm[doubtful], accuracy_mm[doubtful])
    return out


def _looked_up_ppm(distance_mm: IntArray, accuracy_mm: IntArray) -> IntArray:
    z = distance_mm * RAYLEIGH_68 / accuracy_mm
    within = np.minimum(np.maximum(z, -_LAST_SIGMA), _LAST_SIGMA)
    position = (within + _LAST_SIGMA) * _NODES_PER_SIGMA
    node = np.minimum(position.astype(np.int64), len(_PHI_PPM) - 2)
    low = _PHI_PPM[node]
    return _whole(low + (position - node) * (_PHI_PPM[node + 1] - low))


def _whole(values: FloatArray) -> IntArray:
    whole: IntArray = np.rint(values).astype(np.int64)
    return whole


def _phi_table() -> FloatArray:
    # Half of the table, mirrored: P(d) and P(-d) sum to one to the last bit.
    half = [
        round(0.5 * math.erfc(-node / _NODES_PER_SIGMA / math.sqrt(2)) * PPM, 6)
        for node in range(_LAST_SIGMA * _NODES_PER_SIGMA + 1)
    ]
    right = np.array(half)
    return np.concatenate([PPM - right[:0:-1], right])


def _cosine2_table() -> NDArray[np.float64]:
    turn = 2 * math.pi / _CENTIDEGREES
    return np.array([round(math.cos(step * turn) ** 2, 12) for step in range(_CENTIDEGREES)])


_PHI_PPM: Final = _phi_table()
_COSINE2: Final = _cosine2_table()
