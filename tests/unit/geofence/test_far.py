"""Distances of tens of kilometres, and where the border is nearest, against the geodesic."""

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyproj import Geod

from geofence.far import far_distances_mm, nearest_borders
from geofence.fence import circle_fence, corridor_fence, polygon_fence
from geofence.index import build_index
from geofence.plane import exact_metres_per_degree

GEODESIC = Geod(ellps="WGS84")
LON, LAT = 119.9, 28.4
KX, KY = exact_metres_per_degree(LAT)
TRIANGLE = shapely.Polygon([(LON, LAT), (LON + 0.2, LAT), (LON + 0.1, LAT + 0.15)])
EAST, SOUTH, WEST, NORTH = 9_000, 18_000, 27_000, 0
HALF_TURN = 18_000


def zeros(count):
    return np.zeros(count, np.int64)


def away_from(lon, lat, distance_m, count=72):
    bearing = np.linspace(0, 360, count, endpoint=False)
    ones = np.ones(count)
    there = GEODESIC.fwd(lon * ones, lat * ones, bearing, distance_m * ones)
    return there[0], there[1]


@pytest.mark.parametrize(
    ("distance_m", "most_m"), [(1_000, 0.001), (10_000, 0.003), (50_000, 0.3), (100_000, 2.4)]
)
@pytest.mark.parametrize("lat_deg", [18.0, 35.0, 53.0])
def test_a_circle_is_as_far_as_the_geodesic_says(lat_deg, distance_m, most_m):
    lon, lat = away_from(LON, lat_deg, distance_m)
    index = build_index([circle_fence(LON, lat_deg, 300.0).outline])
    found_m = far_distances_mm(index, lon, lat, zeros(len(lon))) / 1_000
    assert np.abs(found_m + 300.0 - distance_m).max() < most_m


@pytest.mark.parametrize(("distance_m", "most_m"), [(1_000, 0.1), (20_000, 0.1), (100_000, 1.0)])
def test_an_area_is_as_far_as_its_nearest_place_by_geodesic(distance_m, most_m):
    lon, lat = away_from(LON + 0.1, LAT + 0.05, distance_m + 15_000)
    index = build_index([polygon_fence(TRIANGLE).outline])
    found_m = far_distances_mm(index, lon, lat, zeros(len(lon))) / 1_000
    border = shapely.get_coordinates(shapely.segmentize(TRIANGLE.exterior, 0.0005))
    for k in range(len(lon)):
        ones = np.ones(len(border))
        _, _, away = GEODESIC.inv(lon[k] * ones, lat[k] * ones, border[:, 0], border[:, 1])
        assert abs(found_m[k] - away.min()) < most_m


def test_a_place_deep_inside_is_far_on_the_other_side():
    index = build_index([polygon_fence(shapely.box(LON - 1, LAT - 1, LON + 1, LAT + 1)).outline])
    found_m = far_distances_mm(index, np.array([LON]), np.array([LAT]), zeros(1))[0] / 1_000
    _, _, to_edge_m = GEODESIC.inv(LON, LAT, LON + 1, LAT)
    assert found_m == pytest.approx(-to_edge_m, abs=60)


@pytest.mark.parametrize("place", [(87.6, 43.8), (-70.7, -33.4), (121.5, -31.2), (20.0, 50.0)])
def test_a_place_on_another_continent_is_within_a_hundred_metres(place):
    index = build_index([circle_fence(121.5, 31.2, 100.0).outline])
    lon, lat = place
    found_m = far_distances_mm(index, np.array([lon]), np.array([lat]), zeros(1))[0] / 1_000
    _, _, expected_m = GEODESIC.inv(121.5, 31.2, lon, lat)
    assert found_m == pytest.approx(expected_m - 100.0, abs=100)


def borders_of(fence, east_m, north_m):
    lon, lat = np.array([LON + east_m / KX]), np.array([LAT + north_m / KY])
    found = nearest_borders(build_index([fence.outline]), lon, lat, zeros(1))
    place_m = ((found.lon_deg[0] - LON) * KX, (found.lat_deg[0] - LAT) * KY)
    return pytest.approx(place_m, abs=0.02), int(found.bearing_cdeg[0])


SQUARE = polygon_fence(shapely.box(LON - 500 / KX, LAT - 500 / KY, LON + 500 / KX, LAT + 500 / KY))
GROWN = polygon_fence(
    shapely.box(LON - 500 / KX, LAT - 500 / KY, LON + 500 / KX, LAT + 500 / KY), 100.0
)
ROAD = corridor_fence(shapely.LineString([(LON - 0.1, LAT), (LON + 0.1, LAT)]), 80.0)
CIRCLE = circle_fence(LON, LAT, 300.0)


@pytest.mark.parametrize(
    ("fence", "fix_m", "place_m", "bearing_cdeg"),
    [
        (SQUARE, (450, 10), (500, 10), EAST),
        (SQUARE, (560, 10), (500, 10), WEST),
        (SQUARE, (600, 600), (500, 500), 22_500),
        (GROWN, (450, 10), (600, 10), EAST),
        (GROWN, (560, 10), (600, 10), EAST),
        (GROWN, (650, 10), (600, 10), WEST),
        (ROAD, (7, 30), (7, 80), NORTH),
        (ROAD, (7, -30), (7, -80), SOUTH),
        (ROAD, (7, 200), (7, 80), SOUTH),
        (CIRCLE, (100, 0), (300, 0), EAST),
        (CIRCLE, (0, -400), (0, -300), NORTH),
        (CIRCLE, (0, 0), (0, 300), NORTH),
    ],
    ids=str,
)
def test_the_nearest_border_is_where_one_would_walk(fence, fix_m, place_m, bearing_cdeg):
    assert borders_of(fence, *fix_m) == (place_m, bearing_cdeg)


def test_on_the_border_the_bearing_is_square_to_it():
    place_m, bearing_cdeg = borders_of(SQUARE, 500, 10)
    assert place_m == (500, 10)
    assert bearing_cdeg % HALF_TURN == EAST


def test_of_places_equally_near_the_lowest_edge_has_it():
    inside = shapely.Polygon([(LON - 1, LAT), (LON, LAT - 1), (LON + 1, LAT), (LON, LAT + 1)])
    index = build_index([polygon_fence(inside).outline])
    lon, lat = np.full(3, LON), np.array([LAT, LAT, LAT])
    found = nearest_borders(index, lon, lat, zeros(3))
    first_edge = shapely.get_coordinates(inside)[:2].mean(axis=0) - (LON, LAT)
    assert (np.sign([found.lon_deg[0] - LON, found.lat_deg[0] - LAT]) == np.sign(first_edge)).all()
    assert len(set(found.bearing_cdeg.tolist())) == 1


@given(st.floats(-0.3, 0.5), st.floats(-0.3, 0.5))
@example(0.0, -2.2297753182614395e-15)  # on a corner but for the last bit of a float
@example(0.1, 1e-15)
@settings(max_examples=60, deadline=None)
def test_the_nearest_border_lies_at_the_distance_and_by_the_bearing_of_the_geodesic(east, north):
    index = build_index([polygon_fence(TRIANGLE, 150.0).outline])
    lon, lat = np.array([LON + east]), np.array([LAT + north])
    found = nearest_borders(index, lon, lat, zeros(1))
    away_m = abs(far_distances_mm(index, lon, lat, zeros(1))[0]) / 1_000
    azimuth, _, geodesic_m = GEODESIC.inv(lon[0], lat[0], found.lon_deg[0], found.lat_deg[0])
    assert geodesic_m == pytest.approx(away_m, rel=1e-3, abs=0.01)
    if away_m > 1:
        turn = (azimuth * 100 - found.bearing_cdeg[0] + HALF_TURN) % (2 * HALF_TURN) - HALF_TURN
        assert abs(turn) < 15  # meridians converge: a seventh of a degree over 50 km


@given(st.lists(st.tuples(st.floats(-0.3, 0.5), st.floats(-0.3, 0.5)), min_size=2, max_size=9))
@settings(max_examples=30, deadline=None)
def test_company_changes_no_border(places):
    index = build_index([SQUARE.outline, polygon_fence(TRIANGLE).outline])
    lon, lat = np.array(places).T + np.array([[LON], [LAT]])
    zone = np.arange(len(lon)) % 2
    together = nearest_borders(index, lon, lat, zone)
    for k in range(len(lon)):
        one = slice(k, k + 1)
        alone = nearest_borders(index, lon[one], lat[one], zone[one])
        assert [column[0] for column in alone] == [column[k] for column in together]
