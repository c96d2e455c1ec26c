"""Fences from GeoJSON: what is taken, and what is refused with a reason."""

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from geofence.datum import from_wgs84, to_wgs84
from geofence.errors import FenceError
from geofence.geojson import MAX_VERTICES, fence_from_geojson, geojson_from_fence

SQUARE = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.0, 0.0]]
HOLE = [[0.4, 0.4], [0.4, 0.6], [0.6, 0.6], [0.6, 0.4], [0.4, 0.4]]


def polygon(*rings):
    return {"type": "Polygon", "coordinates": list(rings)}


def ring(count):
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    xy = np.column_stack([np.cos(angle), np.sin(angle)]).tolist()
    return [*xy, xy[0]]


def point(*position):
    return {"type": "Point", "coordinates": list(position)}


BOW_TIE = [SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3], SQUARE[0]]
FAR_HOLE = [[x + 5, y] for x, y in HOLE]
REFUSED = {
    # geometry, radius_m, ring, vertex, reason
    "a curve": ({"type": "MultiPoint", "coordinates": SQUARE}, None, None, None, "not one of Poly"),
    "nothing": ({}, None, None, None, "geometry type None"),
    "no coordinates": ({"type": "Polygon"}, None, None, None, "not an array of rings"),
    "an empty polygon": (polygon(), None, None, None, "empty"),
    "no polygon": ({"type": "MultiPolygon", "coordinates": []}, None, None, None, "no polygon"),
    "an open ring": (polygon(SQUARE[:-1]), None, 0, 3, "not closed"),
    "two places": (polygon([SQUARE[0], SQUARE[1], SQUARE[0], SQUARE[0]]), None, 0, None, "nothing"),
    "three positions": (polygon(SQUARE[:3]), None, 0, None, "at least four"),
    "a bow tie": (polygon(BOW_TIE), None, 0, 0, "Self-intersection"),
    "a hole that crosses itself": (
        polygon(SQUARE, [HOLE[0], HOLE[2], HOLE[1], HOLE[3], HOLE[0]]),
        *(None, 1, 0, "Self-intersection"),
    ),
    "a hole outside": (polygon(SQUARE, FAR_HOLE), None, 1, 0, "Hole lies outside shell"),
    "a part within a part": (
        {"type": "MultiPolygon", "coordinates": [[SQUARE], [HOLE]]},
        *(None, 1, 0, "Nested shells"),
    ),
    "off the globe": (polygon([[x * 200, y] for x, y in SQUARE]), None, 0, 1, "±180"),
    "latitude first": (polygon([[28, 120], [28, 121], [29, 121], [28, 120]]), None, 0, 0, "first"),
    "not numbers": (polygon([["a", "b"]] * 4), None, 0, 0, "not \\[longitude, latitude\\]"),
    "true and false": (polygon([[True, False]] * 4), None, 0, 0, "not \\[longitude"),
    "not a number": (polygon([[float("nan"), 0.0]] * 4), None, 0, 0, "±180"),
    "over the antimeridian": (
        polygon([[179, 0], [-179, 0], [-179, 1], [179, 1], [179, 0]]),
        *(None, 0, 0, "antimeridian"),
    ),
    "cut at the antimeridian": (
        polygon([[179, 0], [180, 0], [180, 1], [179, 1], [179, 0]]),
        *(None, 0, 1, "antimeridian"),
    ),
    "a circle over the antimeridian": (point(179.99, 10), 5_000.0, None, 0, "antimeridian"),
    "a circle at a pole": (point(0, 89.5), 100.0, None, 0, "within a degree of a pole"),
    "a corridor over the antimeridian": (
        {"type": "LineString", "coordinates": [[179, 0], [179.99, 0]]},
        *(5_000.0, 0, 1, "antimeridian"),
    ),
    "an area grown over the antimeridian": (
        polygon([[179, 0], [179.99, 0], [179.99, 1], [179, 1], [179, 0]]),
        *(5_000.0, 0, 1, "antimeridian"),
    ),
    "too many vertices": (polygon(ring(MAX_VERTICES + 1)), None, 0, None, "at most 200000"),
    "a circle without radius": (point(0, 0), None, None, None, "needs radius_m"),
    "a negative radius": (point(0, 0), -1.0, None, None, "needs radius_m"),
    "a radius of a country": (point(0, 0), 2e6, None, None, "needs radius_m"),
    "a true radius": (point(0, 0), True, None, None, "needs radius_m"),
    "half a place": (point(0), 5.0, None, 0, "not \\[longitude, latitude\\]"),
    "a place off the globe": (point(0, 90.1), 5.0, None, 0, "±180, ±90"),
    "endless digits": (point(10**400, 0), 5.0, None, 0, "±180"),
    "a line without width": ({"type": "LineString", "coordinates": SQUARE}, *[None] * 3, "needs"),
    "a line of one place": (
        {"type": "LineString", "coordinates": [SQUARE[0], SQUARE[0]]},
        *(5.0, 0, None, "two different"),
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_fence_is_refused_with_ring_vertex_and_reason(case):
    geometry, radius_m, ring_number, vertex, reason = REFUSED[case]
    with pytest.raises(FenceError, match=reason) as caught:
        fence_from_geojson(geometry, radius_m=radius_m)
    assert (caught.value.ring, caught.value.vertex) == (ring_number, vertex)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=5),
    max_leaves=20,
)


@given(
    kind=st.sampled_from(["Point", "LineString", "Polygon", "MultiPolygon"]) | json_values,
    coordinates=json_values,
    radius_m=json_values,
)
@example(kind="Polygon", coordinates=[[[1e308, 0], [0, 1e-320], [0, 0], [1e308, 0]]], radius_m=None)
def test_any_json_is_a_fence_or_refused(kind, coordinates, radius_m):
    with suppress(FenceError):  # nothing else may come out
        fence_from_geojson({"type": kind, "coordinates": coordinates}, radius_m=radius_m)


def test_a_vertex_that_repeats_its_predecessor_is_left_out_and_told():
    twice = fence_from_geojson(polygon([SQUARE[0], *SQUARE]))
    assert twice.repaired
    assert twice.outline.ring_deg.tolist() == SQUARE


def test_a_ring_may_run_either_way():
    assert not fence_from_geojson(polygon(SQUARE[::-1])).repaired


def test_a_height_in_the_file_is_ignored():
    fence = fence_from_geojson(polygon([[x, y, 100.0] for x, y in SQUARE]))
    assert fence.outline.ring_deg.tolist() == SQUARE


@pytest.mark.parametrize(
    ("geometry", "radius_m"),
    [
        (polygon(SQUARE, HOLE), None),
        (polygon(SQUARE), 150.0),
        ({"type": "MultiPolygon", "coordinates": [[SQUARE, HOLE], [FAR_HOLE]]}, None),
        ({"type": "LineString", "coordinates": SQUARE[:3]}, 30.0),
        (point(119.9, 28.4), 300.0),
    ],
)
def test_a_fence_goes_out_as_it_came_in(geometry, radius_m):
    first = fence_from_geojson(geometry, radius_m=radius_m)
    out = geojson_from_fence(first)
    assert out["type"] == geometry["type"]
    again = fence_from_geojson(out, radius_m=radius_m)
    # Rings may start elsewhere and run the other way.
    places = [np.unique(f.outline.ring_deg, axis=0) for f in (first, again)]
    assert np.array_equal(*places, equal_nan=True)
    assert again.size_m == pytest.approx(first.size_m)


def test_the_size_is_that_of_a_circle_of_the_same_area():
    side_deg = 0.01
    box = [[120, 0], [120 + side_deg, 0], [120 + side_deg, side_deg], [120, side_deg], [120, 0]]
    side_m = 1_110  # metres of a hundredth of a degree at the equator, within a half percent
    assert fence_from_geojson(polygon(box)).size_m == pytest.approx(
        side_m / np.sqrt(np.pi), rel=5e-3
    )


@pytest.mark.parametrize("datum", ["GCJ02", "BD09"])
def test_a_fence_of_another_datum_is_kept_in_wgs84(datum):
    centre = np.array([119.9]), np.array([28.4])
    lon, lat = (float(v[0]) for v in from_wgs84(*centre, datum))
    fence = fence_from_geojson(point(lon, lat), radius_m=100.0, datum=datum)
    assert fence.outline.ring_deg[0].tolist() == pytest.approx([119.9, 28.4], abs=1e-8)


def test_a_long_edge_of_another_datum_bends_with_it():
    long_box = [[119.0, 28.0], [119.4, 28.0], [119.4, 28.4], [119.0, 28.4], [119.0, 28.0]]
    fence = fence_from_geojson(polygon(long_box), datum="GCJ02")
    middle = to_wgs84(np.array([119.2025]), np.array([28.0]), "GCJ02")
    nearest_deg = np.abs(fence.outline.ring_deg - np.column_stack(middle)).max(axis=1).min()
    assert nearest_deg < 0.003  # there is a vertex every 0.005 degrees
