"""Datums: the known offsets of six cities, and back within a millimetre."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geofence.arrays import FloatArray
from geofence.datum import check_datum, from_wgs84, to_wgs84
from geofence.errors import DatumError

# City centres to 0.001 degrees; distances published for the open formula, metres.
OFFSETS_M = {
    "Beijing": (116.397, 39.909, 555),
    "Hangzhou": (120.155, 30.274, 520),
    "Chongqing": (106.551, 29.563, 479),
    "Chengdu": (104.066, 30.573, 363),
    "Lishui": (119.922, 28.467, 573),
    "Urumqi": (87.617, 43.825, 265),
}

mainland = st.tuples(st.floats(75.0, 134.0), st.floats(18.5, 53.0))


def distance_m(lon, lat, other_lon, other_lat):
    """Metres on a sphere between near points, which is all that is asked here."""
    east = np.radians(other_lon - lon) * np.cos(np.radians(lat))
    return 6_371_000.0 * np.hypot(east, np.radians(other_lat - lat))


def both(lon, lat) -> tuple[FloatArray, FloatArray]:
    return np.array([lon]), np.array([lat])


@pytest.mark.parametrize("city", OFFSETS_M)
def test_gcj02_is_off_by_the_known_distance(city):
    lon, lat, offset_m = OFFSETS_M[city]
    found = distance_m(*both(lon, lat), *from_wgs84(*both(lon, lat), "GCJ02"))
    assert found[0] == pytest.approx(offset_m, abs=4)


@pytest.mark.parametrize("city", OFFSETS_M)
def test_bd09_is_about_a_kilometre_off(city):
    lon, lat, _ = OFFSETS_M[city]
    found = distance_m(*both(lon, lat), *from_wgs84(*both(lon, lat), "BD09"))
    assert 900 <= found[0] <= 1_450


@pytest.mark.parametrize("datum", ["GCJ02", "BD09", "WGS84"])
@given(place=mainland)
def test_there_and_back_is_within_a_millimetre(datum, place):
    lon, lat = both(*place)
    back = to_wgs84(*from_wgs84(lon, lat, datum), datum)
    assert distance_m(lon, lat, *back)[0] < 0.001


def test_outside_the_mainlands_box_gcj02_is_wgs84():
    lon, lat = both(2.35, 48.86)
    assert from_wgs84(lon, lat, "GCJ02") == (lon, lat)


def test_an_unknown_datum_is_refused_by_name():
    with pytest.raises(DatumError, match="'CGCS2000' is not one of WGS84, GCJ02, BD09"):
        check_datum("CGCS2000")
