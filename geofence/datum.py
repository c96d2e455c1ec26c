"""WGS-84, GCJ-02 and BD-09, both ways, over arrays.

GCJ-02 (国测局坐标) shifts mainland positions by 19 to 700 m; BD-09 (百度坐标) shifts them
again. The forward formula and its constants are the published ones of the `coordtransform` and
`eviltransform` projects; the ellipsoid here is Krasovsky's (a = 6,378,245 m), the other choice in
circulation moves results by at most 12 mm. The inverse is a fixed-point iteration; there is no
closed form.
"""

from collections.abc import Callable
from typing import Final, Literal, cast, get_args

import numpy as np

from geofence.arrays import BoolArray, FloatArray
from geofence.errors import DatumError

Datum = Literal["WGS84", "GCJ02", "BD09"]
DATUMS: Final[tuple[str, ...]] = get_args(Datum)

_A_M: Final = 6_378_245.0
_EE: Final = 0.006_693_421_622_965_943_23
# Some ports use plain pi here, which is up to 92 m off.
_X_PI: Final = np.pi * 3000.0 / 180.0
_BOX: Final = (72.004, 137.8347, 0.8293, 55.8271)
"""West, east, south, north of where the public formula is applied, degrees. It is not the border:
Hong Kong and Taiwan lie within, and services differ there."""

_ITERATIONS: Final = 6
"""Each iteration gains about three decimals: three leave 0.2 mm, six are at rounding."""

Positions = tuple[FloatArray, FloatArray]


def check_datum(name: str) -> Datum:
    """Return `name` as a datum.

    Raises:
        DatumError: It is none of WGS84, GCJ02, BD09.
    """
    if name not in DATUMS:
        raise DatumError(f"datum {name!r} is not one of {', '.join(DATUMS)}")
    return cast("Datum", name)


def require_wgs84(datum: Datum) -> None:
    """Return if positions of this datum may meet fences, which are WGS-84.

    Raises:
        DatumError: They may not; the silent shift is about 500 m.
    """
    if datum != "WGS84":
        raise DatumError(f"{datum} positions against WGS84 fences: convert them first (to_wgs84)")


def to_wgs84(lon_deg: FloatArray, lat_deg: FloatArray, datum: Datum) -> Positions:
    """Return positions of `datum` in WGS-84, shape (n,) each, degrees."""
    if datum == "BD09":
        lon_deg, lat_deg = _bd09_to_gcj02(lon_deg, lat_deg)
    if datum in ("BD09", "GCJ02"):
        lon_deg, lat_deg = _invert(_wgs84_to_gcj02, lon_deg, lat_deg)
    return lon_deg, lat_deg


def from_wgs84(lon_deg: FloatArray, lat_deg: FloatArray, datum: Datum) -> Positions:
    """Return WGS-84 positions in `datum`, shape (n,) each, degrees."""
    if datum in ("BD09", "GCJ02"):
        lon_deg, lat_deg = _wgs84_to_gcj02(lon_deg, lat_deg)
    if datum == "BD09":
        lon_deg, lat_deg = _gcj02_to_bd09(lon_deg, lat_deg)
    return lon_deg, lat_deg


def _outside_mainland_box(lon_deg: FloatArray, lat_deg: FloatArray) -> BoolArray:
    outside: BoolArray = (
        (lon_deg < _BOX[0]) | (lon_deg > _BOX[1]) | (lat_deg < _BOX[2]) | (lat_deg > _BOX[3])
    )
    return outside


def _wgs84_to_gcj02(lon_deg: FloatArray, lat_deg: FloatArray) -> Positions:
    x, y = lon_deg - 105.0, lat_deg - 35.0
    root = np.sqrt(np.abs(x))
    wave = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    dlat = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + wave
    dlat += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    dlat += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    dlon = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + wave
    dlon += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    dlon += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    phi = np.radians(lat_deg)
    magic = 1.0 - _EE * np.sin(phi) ** 2
    dlat = np.degrees(dlat * magic * np.sqrt(magic) / (_A_M * (1.0 - _EE)))
    dlon = np.degrees(dlon * np.sqrt(magic) / (_A_M * np.cos(phi)))
    outside = _outside_mainland_box(lon_deg, lat_deg)
    return (
        np.where(outside, lon_deg, lon_deg + dlon),
        np.where(outside, lat_deg, lat_deg + dlat),
    )


def _gcj02_to_bd09(lon_deg: FloatArray, lat_deg: FloatArray) -> Positions:
    z = np.hypot(lon_deg, lat_deg) + 0.00002 * np.sin(lat_deg * _X_PI)
    theta = np.arctan2(lat_deg, lon_deg) + 0.000003 * np.cos(lon_deg * _X_PI)
    return z * np.cos(theta) + 0.0065, z * np.sin(theta) + 0.006


def _bd09_to_gcj02(lon_deg: FloatArray, lat_deg: FloatArray) -> Positions:
    return _invert(_gcj02_to_bd09, lon_deg, lat_deg)


def _invert(
    forward: Callable[[FloatArray, FloatArray], Positions], lon_deg: FloatArray, lat_deg: FloatArray
) -> Positions:
    lon, lat = lon_deg, lat_deg
    for _ in range(_ITERATIONS):
        there_lon, there_lat = forward(lon, lat)
        lon, lat = lon + (lon_deg - there_lon), lat + (lat_deg - there_lat)
    return lon, lat
