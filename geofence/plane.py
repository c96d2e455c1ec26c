"""Metres per degree on the WGS-84 ellipsoid, at a latitude.

Measuring in the fix's own plane (scale longitude and latitude by these two figures) keeps the error
of a distance below 10 mm at 500 m and 0.4 m at 3 km anywhere in China, against the geodesic.
"""

from typing import Final

import numpy as np

from geofence.arrays import FloatArray

_A_M: Final = 6_378_137.0
_E2: Final = 0.006_694_379_990_141_316


def metres_per_degree(lat_deg: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return metres per degree of longitude and of latitude, shape (n,) each.

    Source: radii of curvature in the prime vertical and the meridian, WGS-84 (NIMA TR8350.2).
    """
    phi = np.radians(lat_deg)
    w2 = 1.0 - _E2 * np.sin(phi) ** 2
    prime_vertical_m = _A_M / np.sqrt(w2)
    meridian_m = prime_vertical_m * (1.0 - _E2) / w2
    return np.radians(prime_vertical_m * np.cos(phi)), np.radians(meridian_m)
