"""The fix's own plane against the geodesic on the WGS-84 ellipsoid (pyproj)."""

import numpy as np
import pytest
from pyproj import Geod

from geofence.plane import exact_metres_per_degree, metres_per_degree

GEODESIC = Geod(ellps="WGS84")
CHINA_LAT = (18.0, 53.0)


def worst_error_m(distance_m):
    """The worst error of a planar distance over latitudes and bearings, metres."""
    grid = np.meshgrid(np.linspace(*CHINA_LAT, 36), np.linspace(0, 350, 36))
    lat, bearing = (axis.ravel() for axis in grid)
    lon = np.full(len(lat), 110.0)
    there_lon, there_lat, _ = GEODESIC.fwd(lon, lat, bearing, np.full(len(lat), distance_m))
    kx, ky = metres_per_degree(lat)
    planar = np.hypot((there_lon - lon) * kx, (there_lat - lat) * ky)
    return np.abs(planar - distance_m).max()


# The bounds that docs/geofence.md states; each is reached to a fifth somewhere, so none is idle.
@pytest.mark.parametrize(
    ("distance_m", "most_m"), [(200, 0.0018), (500, 0.010), (1_000, 0.040), (3_000, 0.36)]
)
def test_a_distance_errs_by_less_than_stated_anywhere_in_china(distance_m, most_m):
    worst = worst_error_m(distance_m)
    assert 0.8 * most_m < worst < most_m


@pytest.mark.parametrize("lat_deg", [-89.0, -45.0, 0.0, 18.0, 30.1234567, 53.0, 89.0])
def test_metres_per_degree_are_those_of_the_ellipsoid(lat_deg):
    step_deg = 1e-4
    kx, ky = exact_metres_per_degree(lat_deg)
    _, _, east = GEODESIC.inv(0.0, lat_deg, step_deg, lat_deg)
    _, _, north = GEODESIC.inv(0.0, lat_deg - step_deg / 2, 0.0, lat_deg + step_deg / 2)
    assert kx == pytest.approx(east / step_deg, rel=1e-6)
    assert ky == pytest.approx(north / step_deg, rel=1e-6)


def test_the_table_is_the_formula_within_four_parts_in_a_billion():
    lat_deg = np.random.default_rng(1).uniform(-80, 80, 5_000)
    exact = np.array([exact_metres_per_degree(lat) for lat in lat_deg.tolist()])
    table = np.column_stack(metres_per_degree(lat_deg))
    assert (np.abs(table - exact) < 5e-4).all()
    assert np.abs(table - exact).max() > 1e-5  # it is a table


def test_the_poles_are_within_the_table():
    kx, ky = metres_per_degree(np.array([-90.0, 90.0]))
    assert np.abs(kx).max() < 1e-3
    assert ky == pytest.approx([111_693.98] * 2, abs=0.01)


def test_a_latitude_gets_the_same_bits_alone_and_in_company():
    lat_deg = np.random.default_rng(2).uniform(18, 53, 257)
    together = np.column_stack(metres_per_degree(lat_deg))
    alone = [np.column_stack(metres_per_degree(lat_deg[k : k + 1]))[0] for k in range(257)]
    assert np.array_equal(together, np.array(alone))
