"""Fences from GeoJSON: what is taken, and what is refused with a reason."""

import numpy as np
import pytest

from geofence.datum import from_wgs84
from geofence.errors import FenceError
from geofence.fence import MAX_VERTICES, fence_from_geojson

SQUARE = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.0, 0.0]]
HOLE = [[0.4, 0.4], [0.4, 0.6], [0.6, 0.6], [0.6, 0.4], [0.4, 0.4]]


def polygon(*rings):
    return {"type": "Polygon", "coordinates": list(rings)}


def ring(count):
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    xy = np.column_stack([np.cos(angle), np.sin(angle)]).tolist()
    return [*xy, xy[0]]


REFUSED = {
    "a line": ({"type": "LineString", "coordinates": SQUARE}, None, "not Polygon, MultiPolygon"),
    "nothing": ({}, None, "geometry type None"),
    "an empty polygon": (polygon(), None, "empty"),
    "a bow tie": (
        polygon([SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3], SQUARE[0]]),
        None,
        "invalid",
    ),
    "a hole outside": (polygon(SQUARE, [[x + 5, y] for x, y in HOLE]), None, "invalid"),
    "a radius on a polygon": (polygon(SQUARE), 5.0, "radius_m goes with a Point"),
    "off the globe": (polygon([[x * 200, y] for x, y in SQUARE]), None, "±180"),
    "not numbers": (polygon([["a", "b"]] * 4), None, "not a GeoJSON Polygon"),
    "no coordinates": ({"type": "Polygon"}, None, "not a GeoJSON Polygon"),
    "too many vertices": (polygon(ring(MAX_VERTICES + 1)), None, "at most 200000"),
    "a circle without radius": ({"type": "Point", "coordinates": [0, 0]}, None, "needs radius_m"),
    "a negative radius": ({"type": "Point", "coordinates": [0, 0]}, -1.0, "needs radius_m"),
    "a radius of a country": ({"type": "Point", "coordinates": [0, 0]}, 2e6, "needs radius_m"),
    "half a place": ({"type": "Point", "coordinates": [0]}, 5.0, "not \\[longitude, latitude\\]"),
    "a place off the globe": ({"type": "Point", "coordinates": [0, 90.1]}, 5.0, "±180, ±90"),
    "endless digits": ({"type": "Point", "coordinates": [10**400, 0]}, 5.0, "."),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_fence_is_refused_with_a_reason(case):
    geometry, radius_m, reason = REFUSED[case]
    with pytest.raises(FenceError, match=reason):
        fence_from_geojson(geometry, radius_m=radius_m)


def test_holes_and_parts_keep_their_edges():
    parts = [[SQUARE, HOLE], [[[x + 5, y] for x, y in SQUARE]]]
    fence = fence_from_geojson({"type": "MultiPolygon", "coordinates": parts})
    assert fence.edges_deg.shape == (12, 4)


def test_a_height_in_the_file_is_ignored():
    fence = fence_from_geojson(polygon([[x, y, 100.0] for x, y in SQUARE]))
    assert fence.edges_deg.shape == (4, 4)


@pytest.mark.parametrize("datum", ["GCJ02", "BD09"])
def test_a_fence_of_another_datum_is_kept_in_wgs84(datum):
    centre = np.array([119.9]), np.array([28.4])
    lon, lat = (float(v[0]) for v in from_wgs84(*centre, datum))
    fence = fence_from_geojson(
        {"type": "Point", "coordinates": [lon, lat]}, radius_m=100.0, datum=datum
    )
    assert fence.centre_deg == pytest.approx((119.9, 28.4), abs=1e-8)
