"""How probable it is that a fix is truly outside, given its error circle.

Model: the error is a circular normal distribution whose 68 % circle has the claimed radius, and the
border is straight at the scale of the error. Then P(outside) = Phi(d / sigma), with
sigma = radius / 1.5096 (the 68 % quantile of the Rayleigh distribution). Where the error circle
rivals the fence the border is not straight, and the caller abstains.
"""

from typing import Final

import numpy as np

from geofence.arrays import FloatArray, IntArray

RAYLEIGH_68: Final = 1.509_592_2
PPM: Final = 1_000_000


def outside_ppm(distance_mm: IntArray, accuracy_mm: IntArray) -> IntArray:
    """Return P(truly outside), parts per million, shape (n,), int64.

    Args:
        distance_mm: Signed distance to the border, negative inside.
        accuracy_mm: Radius of the 68 % error circle, above 0.
    """
    z = distance_mm * RAYLEIGH_68 / np.maximum(accuracy_mm, 1)
    return np.rint(_phi(z) * PPM).astype(np.int64)


def _phi(z: FloatArray) -> FloatArray:
    # Abramowitz and Stegun 7.1.26: absolute error below 1.5e-7, under a tenth of a ppm step's need.
    x = np.abs(z) / np.sqrt(2.0)
    t = 1.0 / (1.0 + 0.327_591_1 * x)
    poly = t * (
        0.254_829_592
        + t * (-0.284_496_736 + t * (1.421_413_741 + t * (-1.453_152_027 + t * 1.061_405_429)))
    )
    erf = 1.0 - poly * np.exp(-x * x)
    phi: FloatArray = np.where(z >= 0, 0.5 * (1.0 + erf), 0.5 * (1.0 - erf))
    return phi
