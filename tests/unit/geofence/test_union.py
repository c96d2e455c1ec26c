"""One area of several that adjoin."""

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geofence.errors import FenceError
from geofence.geojson import fence_from_geojson
from geofence.union import MAX_AREAS, union_of_areas

GAP_M = 20.0


def box(west, south, east, north, *holes):
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring, *holes]}


def area(geometry):
    return fence_from_geojson(geometry).outline.area()


def test_districts_that_share_a_border_are_one_area():
    found = union_of_areas([box(120, 30, 120.1, 30.1), box(120.1, 30, 120.2, 30.1)], gap_m=GAP_M)
    assert found["type"] == "Polygon"
    assert area(found).area == pytest.approx(0.02)


def test_a_gap_of_ten_metres_between_districts_is_inside_and_one_of_fifty_is_not():
    west = box(120, 30, 120.1, 30.1)
    for east_of, inside in ((120.1001, True), (120.1005, False)):
        found = area(union_of_areas([west, box(east_of, 30, 120.2, 30.1)], gap_m=GAP_M))
        middle = shapely.Point((120.1 + east_of) / 2, 30.05)
        assert found.covers(middle) is inside


def test_a_bay_of_one_district_stays_outside():
    bay = [[120.04, 30.1], [120.04, 30.05], [120.04005, 30.05], [120.04005, 30.1]]
    ring = [[120, 30], [120.1, 30], [120.1, 30.1], *reversed(bay), [120, 30.1], [120, 30]]
    alone = {"type": "Polygon", "coordinates": [ring]}
    found = area(union_of_areas([alone, box(120.3, 30, 120.4, 30.1)], gap_m=GAP_M))
    assert not found.covers(shapely.Point(120.040025, 30.08))


def test_what_the_districts_enclose_stays_outside():
    hole = [[120.04, 30.04], [120.06, 30.04], [120.06, 30.06], [120.04, 30.06], [120.04, 30.04]]
    ringed = box(120, 30, 120.1, 30.1, hole)
    found = area(union_of_areas([ringed, box(120.1, 30, 120.2, 30.1)], gap_m=GAP_M))
    assert not found.covers(shapely.Point(120.05, 30.05))


def test_districts_apart_are_an_area_of_several_parts():
    found = union_of_areas([box(120, 30, 120.1, 30.1), box(121, 30, 121.1, 30.1)], gap_m=GAP_M)
    assert (found["type"], len(found["coordinates"])) == ("MultiPolygon", 2)


@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(1, 9), st.integers(1, 9)),
        min_size=1,
        max_size=6,
    ),
    st.tuples(st.floats(0, 0.4), st.floats(0, 0.4)),
)
def test_what_is_inside_of_one_is_inside_of_all_and_a_gap_away_from_all_is_outside(boxes, place):
    areas = [
        box(120 + x / 100, 30 + y / 100, 120 + (x + w) / 100, 30 + (y + h) / 100)
        for x, y, w, h in boxes
    ]
    found = area(union_of_areas(areas, gap_m=GAP_M))
    point = shapely.Point(120 + place[0], 30 + place[1])
    nearest = min(area(one).distance(point) for one in areas)
    if any(area(one).buffer(-1e-9).covers(point) for one in areas):
        assert found.covers(point)
    if nearest > 0.0005:
        assert not found.covers(point)


@pytest.mark.parametrize(
    ("geometries", "text"),
    [
        ([], "1 to 100"),
        ([box(120, 30, 120.1, 30.1)] * (MAX_AREAS + 1), "1 to 100"),
        ([box(120, 30, 120.1, 30.1), {"type": "Point", "coordinates": [1, 2]}], "area 1 is a"),
    ],
)
def test_what_is_no_area_is_refused_by_its_number(geometries, text):
    with pytest.raises(FenceError, match=text):
        union_of_areas(geometries, gap_m=GAP_M)
