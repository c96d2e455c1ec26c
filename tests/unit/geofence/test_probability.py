"""The probability of being outside: one half on the border, growing outwards."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geofence.far import nearest_borders
from geofence.fence import polygon_fence
from geofence.index import build_index
from geofence.probability import (
    CELL,
    PPM,
    RAYLEIGH_68,
    SATELLITE,
    WIFI,
    AccuracyFloors,
    accuracy_towards_mm,
    effective_accuracy_mm,
    outside_ppm,
)

distances_mm = st.integers(-(10**9), 10**9)
accuracies_mm = st.integers(1, 10**8)


def ppm(distance_mm, accuracy_mm):
    return int(outside_ppm(np.array([distance_mm]), np.array([accuracy_mm]))[0])


@given(accuracies_mm)
def test_it_is_one_half_on_the_border(accuracy_mm):
    assert ppm(0, accuracy_mm) == PPM // 2


@given(st.lists(distances_mm, min_size=2, max_size=20), accuracies_mm)
def test_it_never_falls_on_the_way_out(distances, accuracy_mm):
    along = np.sort(np.array(distances))
    assert (np.diff(outside_ppm(along, np.full(len(along), accuracy_mm))) >= 0).all()


@given(distances_mm, accuracies_mm)
def test_inside_and_outside_are_the_whole(distance_mm, accuracy_mm):
    assert abs(ppm(distance_mm, accuracy_mm) + ppm(-distance_mm, accuracy_mm) - PPM) <= 1


@given(distances_mm, accuracies_mm)
def test_it_is_the_normal_distribution(distance_mm, accuracy_mm):
    exact = 0.5 * math.erfc(-distance_mm * RAYLEIGH_68 / accuracy_mm / math.sqrt(2))
    assert abs(ppm(distance_mm, accuracy_mm) - exact * PPM) <= 1


def test_the_claimed_circle_holds_68_percent():
    assert abs(1 - math.exp(-(RAYLEIGH_68**2) / 2) - 0.68) < 1e-6


FLOORS = AccuracyFloors(
    default_m=50.0, satellite_m=5.0, wifi_m=40.0, cell_m=500.0, overconfident_m=100.0
)


@pytest.mark.parametrize(
    ("claimed_mm", "fix_type", "overconfident", "expected_mm"),
    [
        (8_000, SATELLITE, False, 8_000),  # believed
        (1_900, SATELLITE, False, 5_000),  # not better than the floor
        (0, SATELLITE, False, 5_000),
        (-1, SATELLITE, False, 50_000),  # none claimed
        (12_000, WIFI, False, 40_000),
        (55_000, WIFI, False, 55_000),
        (120_000, CELL, False, 500_000),
        (-1, CELL, False, 500_000),  # the default is not better than the floor either
        (1_900, SATELLITE, True, 100_000),
        (150_000, SATELLITE, True, 150_000),
        (1_900, WIFI, True, 100_000),
        (1_900, CELL, True, 500_000),  # being caught makes nobody more credible
    ],
)
def test_the_radius_to_reckon_with(claimed_mm, fix_type, overconfident, expected_mm):
    found = effective_accuracy_mm(
        np.array([claimed_mm]), np.array([fix_type]), np.array([overconfident]), FLOORS
    )
    assert found.tolist() == [expected_mm]
    assert found.dtype == np.int64


@pytest.mark.parametrize(
    ("orientation_cdeg", "bearing_cdeg", "expected_mm"),
    [
        (0, 0, 30_000),  # along the major axis
        (0, 18_000, 30_000),  # either way
        (0, 9_000, 10_000),  # across it
        (4_500, 4_500, 30_000),
        (4_500, 31_500, 10_000),
        (35_000, 1_000, None),  # 20 degrees off, through north
        (1_000, 35_000, None),
    ],
)
def test_an_ellipse_errs_by_what_it_measures_towards_the_border(
    orientation_cdeg, bearing_cdeg, expected_mm
):
    found = accuracy_towards_mm(
        *map(np.array, ([30_000], [10_000], [orientation_cdeg], [bearing_cdeg]))
    )
    assert found.tolist() == [expected_mm or along_mm(20.0)]


def along_mm(turn_deg):
    """Standard deviation of the same normal distribution along a direction, by its covariance."""
    turn = math.radians(turn_deg)
    rotation = np.array([math.sin(turn), math.cos(turn)])  # the major axis is north
    covariance = np.diag([10_000.0**2, 30_000.0**2])
    return round(math.sqrt(rotation @ covariance @ rotation))


def test_a_round_ellipse_is_a_circle():
    bearing = np.arange(0, 36_000, 777)
    same = np.full(len(bearing), 12_345)
    assert set(accuracy_towards_mm(same, same, bearing[::-1], bearing).tolist()) == {12_345}


def test_an_ellipse_across_the_border_is_sure_where_one_along_it_is_not():
    """Ten metres outside, 30 m of doubt along the border and 5 m towards it."""
    south = shapely.box(119.9, 28.3, 120.0, 28.4)
    index = build_index([polygon_fence(south).outline])
    lon, lat, zone = np.array([119.95]), np.array([28.4 + 10 / 110_836]), np.array([0])
    border = nearest_borders(index, lon, lat, zone)
    distance_mm = index.distances_mm(lon, lat, zone, zone)
    across, along = (
        accuracy_towards_mm(
            np.array([30_000]), np.array([5_000]), np.array([turn]), border.bearing_cdeg
        )
        for turn in (9_000, 0)
    )
    assert (across.tolist(), along.tolist()) == ([5_000], [30_000])
    assert outside_ppm(distance_mm, across)[0] > 990_000
    assert outside_ppm(distance_mm, along)[0] < 700_000
