import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geofence.fence import fence_from_geojson
from geofence.plane import metres_per_degree
from geofence.relation import signed_distance_mm

LON, LAT = 119.9, 28.4


def star(points, seed, *, hole=False):
    """A jagged ring around (LON, LAT), about 0.2 degrees wide, maybe with a hole."""
    rng = np.random.default_rng(seed)
    angle = np.sort(rng.uniform(0, 2 * np.pi, points))
    radius = 0.1 * rng.uniform(0.5, 1.0, points)
    ring = np.column_stack([LON + radius * np.cos(angle), LAT + radius * np.sin(angle)])
    polygon = shapely.make_valid(shapely.Polygon(ring))
    if hole:
        polygon = polygon.difference(shapely.Point(LON, LAT).buffer(0.02, quad_segs=3))
    return polygon


def geojson(polygon):
    return shapely.geometry.mapping(polygon)


def oracle_mm(polygon, lon, lat):
    """Shapely's sign and, in the fix's own metres, shapely's distance; one fix at a time."""
    out = []
    for x, y in zip(lon, lat, strict=True):
        kx, ky = (float(k[0]) for k in metres_per_degree(np.array([y])))
        border = shapely.transform(
            polygon.boundary, lambda xy, k=(kx, ky): xy * np.array(k), include_z=False
        )
        away = shapely.distance(border, shapely.Point(x * kx, y * ky))
        out.append(-away if shapely.covers(polygon, shapely.Point(x, y)) else away)
    return np.rint(np.array(out) * 1_000).astype(np.int64)


def points_near(polygon, seed, count=60):
    """Anywhere in the box and around it, close to the border, on vertices."""
    rng = np.random.default_rng(seed)
    west, south, east, north = polygon.bounds
    anywhere = rng.uniform((west - 0.05, south - 0.05), (east + 0.05, north + 0.05), (count, 2))
    vertices = shapely.get_coordinates(polygon)
    close = vertices[rng.integers(len(vertices), size=count)] + rng.normal(0, 1e-4, (count, 2))
    level = np.column_stack([rng.uniform(west, east, count), rng.choice(vertices[:, 1], count)])
    xy = np.vstack([anywhere, close, level, vertices[:20]])
    return xy[:, 0], xy[:, 1]


@given(st.integers(0, 10_000), st.sampled_from([3, 8, 40, 250]), st.booleans())
@settings(deadline=None, max_examples=40)
def test_distance_and_side_are_those_of_shapely(seed, points, hole):
    polygon = star(points, seed, hole=hole)
    lon, lat = points_near(polygon, seed)
    found = signed_distance_mm(fence_from_geojson(geojson(polygon)), lon, lat)
    expected = oracle_mm(polygon, lon, lat)
    assert np.abs(np.abs(found) - np.abs(expected)).max() <= 1
    decided = np.abs(expected) > 1
    assert (np.sign(found) == np.sign(expected))[decided].all()


@pytest.mark.parametrize("steps", [1, 30])
def test_a_fix_on_a_straight_border_is_covered_at_distance_zero(steps):
    along = np.linspace(0, 1, steps + 1)[:-1]
    corners = [(0, 0), (1, 0), (1, 1), (0, 1)]
    ring = [
        (LON + (x1 + (x2 - x1) * t) * 0.25, LAT + (y1 + (y2 - y1) * t) * 0.25)
        for (x1, y1), (x2, y2) in zip(corners, corners[1:] + corners[:1], strict=True)
        for t in along
    ]
    fence = fence_from_geojson({"type": "Polygon", "coordinates": [[*ring, ring[0]]]})
    lon, lat = np.array([LON + 0.1, LON, LON + 0.25]), np.array([LAT, LAT + 0.1, LAT + 0.1])
    assert np.abs(signed_distance_mm(fence, lon, lat)).tolist() == [0, 0, 0]


def test_a_circle_is_signed_by_its_radius():
    fence = fence_from_geojson({"type": "Point", "coordinates": [LON, LAT]}, radius_m=100.0)
    kx, _ = metres_per_degree(np.array([LAT]))
    found = signed_distance_mm(fence, np.array([LON, LON + 150 / kx[0]]), np.array([LAT, LAT]))
    assert found.tolist() == [-100_000, 50_000]
