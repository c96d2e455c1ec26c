"""The index against shapely, one fix at a time."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geofence import compiled_kernel, kernel
from geofence.datum import from_wgs84
from geofence.errors import DatumError
from geofence.far import far_distances_mm
from geofence.fence import circle_fence, corridor_fence, polygon_fence
from geofence.index import build_index
from geofence.zone import REACH_M
from tests.oracles.fence_distance import signed_distance_m

LON, LAT = 119.9, 28.4
ON_THE_BORDER_M = 0.001
"""Nearer than this the side is not held against anybody: distance 0 is covered."""


def star(seed, points, *, west=LON, south=LAT, size=0.1):
    rng = np.random.default_rng(seed)
    angle = np.sort(rng.uniform(0, 2 * np.pi, points))
    radius = size * rng.uniform(0.4, 1.0, points)
    ring = np.column_stack([west + radius * np.cos(angle), south + radius * np.sin(angle)])
    return shapely.make_valid(shapely.Polygon(ring)).buffer(0)


def with_holes_and_islands(seed):
    shell = star(seed, 300)
    holes = [star(seed + k, 30, west=LON + 0.02 * k, size=0.008) for k in range(3)]
    island = holes[0].centroid.buffer(0.002)
    return shapely.union_all([shell.difference(shapely.union_all(holes)), island])


COMB = shapely.Polygon(
    [(LON + 0.001 * (i // 2), LAT + 0.03 * ((i + 1) // 2 % 2)) for i in range(60)]
    + [(LON + 0.03, LAT - 0.01), (LON, LAT - 0.01)]
)
SLIVER = shapely.Polygon(
    [(LON, LAT), (LON + 0.2, LAT + 1e-7), (LON + 0.2, LAT + 2e-7), (LON, LAT + 1e-7)]
)
SQUARE = shapely.box(LON, LAT, LON + 0.05, LAT + 0.05)
TOUCHING = shapely.Polygon(  # the hole touches the shell in one point
    [(LON, LAT), (LON + 0.1, LAT), (LON + 0.1, LAT + 0.1), (LON, LAT + 0.1)],
    [[(LON, LAT + 0.05), (LON + 0.05, LAT + 0.02), (LON + 0.05, LAT + 0.08)]],
)
DIAGONAL = shapely.MultiPolygon(  # two squares that touch at a corner
    [SQUARE, shapely.box(LON + 0.05, LAT + 0.05, LON + 0.1, LAT + 0.1)]
)
TALL = star(5, 800, west=85.0, south=33.0, size=2.0)
AREAS = {
    "star": star(1, 12),
    "county": star(2, 700),
    "holes and islands": with_holes_and_islands(3),
    "comb": COMB,
    "sliver": SLIVER,
    "square": SQUARE,
    "touching ring": TOUCHING,
    "corner to corner": DIAGONAL,
    "400 km": TALL,
}
STEPS = np.random.default_rng(4).normal(0, 0.004, (12, 2))
LINE = shapely.LineString(STEPS.cumsum(axis=0) + np.array([LON, LAT]))
CASES = {name: (area, 0.0, polygon_fence(area)) for name, area in AREAS.items()} | {
    "grown by 150 m": (AREAS["county"], 150.0, polygon_fence(AREAS["county"], 150.0)),
    "corridor": (LINE, 120.0, corridor_fence(LINE, 120.0)),
    "circle": (shapely.Point(LON, LAT), 300.0, circle_fence(LON, LAT, 300.0)),
}


def adversarial_fixes(geometry, seed, count=150):
    """Anywhere; near the border, down to 1e-10 degrees; on vertices and level with them."""
    rng = np.random.default_rng(seed)
    west, south, east, north = geometry.bounds
    vertices = shapely.get_coordinates(geometry)
    border = shapely.boundary(geometry) if geometry.area else geometry
    lines = shapely.get_parts(border)
    on_line = (
        shapely.line_interpolate_point(
            rng.choice(lines, count) if geometry.length else lines.repeat(count),
            rng.random(count),
            normalized=True,
        )
        if geometry.length
        else np.repeat(lines, count)
    )
    close = shapely.get_coordinates(on_line)
    close = close + rng.normal(0, 1, close.shape) * 10.0 ** rng.uniform(-10, -2, (count, 1))
    level = np.column_stack(
        [rng.uniform(west - 0.01, east + 0.01, count), rng.choice(vertices[:, 1], count)]
    )
    anywhere = rng.uniform((west - 0.02, south - 0.02), (east + 0.02, north + 0.02), (count, 2))
    return np.vstack([anywhere, close, level, vertices[:100]])


def evaluate(fences, xy, **options):
    index = build_index([fence.outline for fence in fences])
    return every_pair(index, xy, **options)


def every_pair(index, xy, **options):
    fix = np.repeat(np.arange(len(xy)), len(index))
    zone = np.tile(np.arange(len(index)), len(xy))
    lon, lat = np.ascontiguousarray(xy[:, 0]), np.ascontiguousarray(xy[:, 1])
    return index.distances_mm(lon, lat, fix, zone, **options).reshape(len(xy), len(index))


EVERYTHING = build_index([fence.outline for _, _, fence in CASES.values()])


@pytest.mark.parametrize("case", CASES)
@given(seed=st.integers(0, 1_000_000))
@settings(deadline=None, max_examples=4)
def test_side_and_distance_are_those_of_shapely(case, seed):
    geometry, radius_m, fence = CASES[case]
    xy = adversarial_fixes(geometry, seed)
    found_m = evaluate([fence], xy)[:, 0] / 1_000
    expected_m = np.array([signed_distance_m(geometry, radius_m, *place) for place in xy])
    decided = np.abs(expected_m) > ON_THE_BORDER_M
    assert (np.sign(found_m) == np.sign(expected_m))[decided].all()
    # Circles are measured in the mean plane of fix and centre, millimetres from the fix's own.
    most_m = 0.02 if fence.outline.is_circle else 0.001
    assert np.abs(found_m - np.clip(expected_m, -REACH_M, REACH_M)).max() <= most_m


def test_a_fix_on_the_border_is_covered_at_distance_zero():
    corners = shapely.get_coordinates(SQUARE)[:-1]
    middles = (corners + np.roll(corners, 1, axis=0)) / 2
    assert evaluate([CASES["square"][2]], np.vstack([corners, middles])).tolist() == [[0]] * 8


def test_neighbours_share_their_border():
    east = polygon_fence(shapely.box(LON + 0.05, LAT, LON + 0.1, LAT + 0.05))
    border = np.array([[LON + 0.05, LAT + 0.02]])
    assert evaluate([CASES["square"][2], east], border).tolist() == [[0, 0]]


def mixed(seed, count):
    rng = np.random.default_rng(seed)
    xy = np.vstack([adversarial_fixes(g, seed, 20) for g, _, _ in CASES.values()])
    return xy[rng.integers(len(xy), size=count)]


@given(st.integers(0, 1_000_000), st.integers(1, 50))
@settings(deadline=None, max_examples=10)
def test_batch_size_and_order_change_no_answer(seed, size):
    xy = mixed(seed, 200)
    whole = every_pair(EVERYTHING, xy)
    parts = [every_pair(EVERYTHING, xy[k : k + size]) for k in range(0, len(xy), size)]
    assert np.array_equal(np.vstack(parts), whole)
    order = np.random.default_rng(seed).permutation(len(xy))
    assert np.array_equal(every_pair(EVERYTHING, xy[order]), whole[order])


def test_the_compiled_kernel_gives_the_same_millimetres():
    xy = mixed(7, 20_000)  # more than one block
    compiled = every_pair(EVERYTHING, xy, kernel=compiled_kernel.signed_distances)
    assert np.array_equal(compiled, every_pair(EVERYTHING, xy, kernel=kernel.signed_distances))


def test_fixes_of_another_datum_are_refused():
    with pytest.raises(DatumError, match="GCJ02 positions against WGS84 fences"):
        evaluate([CASES["square"][2]], np.array([[LON, LAT]]), datum="GCJ02")


def test_a_fence_drawn_in_gcj02_and_a_gps_fix_meet_in_wgs84():
    shifted = shapely.transform(
        SQUARE, lambda xy: np.column_stack(from_wgs84(xy[:, 0], xy[:, 1], "GCJ02"))
    )
    inside = np.array([[LON + 0.001, LAT + 0.001]])
    assert evaluate([polygon_fence(SQUARE)], inside)[0, 0] < 0
    assert (
        evaluate([polygon_fence(shifted)], inside)[0, 0] > 0
    )  # half a kilometre off: a false alarm


def test_an_edit_answers_as_a_new_index_and_leaves_the_old_one_alone():
    outlines = [fence.outline for _, _, fence in CASES.values()]
    xy = adversarial_fixes(AREAS["county"], 1)
    fix, zone = np.arange(len(xy)), np.ones(len(xy), np.int64)
    lon, lat = np.ascontiguousarray(xy[:, 0]), np.ascontiguousarray(xy[:, 1])
    old = build_index(outlines)
    before = old.distances_mm(lon, lat, fix, zone)
    new = old.edited({1: outlines[2], len(old): outlines[1]})
    other = old.edited({1: outlines[0]})  # a second branch from the same index
    assert np.array_equal(old.distances_mm(lon, lat, fix, zone), before)
    assert np.array_equal(new.distances_mm(lon, lat, fix, zone + len(old) - 1), before)
    for index, row in ((new, 2), (other, 0), (new.compacted(), 2)):
        expected = old.distances_mm(lon, lat, fix, np.full(len(xy), row))
        assert np.array_equal(index.distances_mm(lon, lat, fix, zone), expected)
    assert new.live_share < 1 == new.compacted().live_share


@pytest.mark.parametrize("case", CASES)
def test_far_distances_go_on_where_the_index_cuts_off(case):
    geometry, radius_m, fence = CASES[case]
    xy = adversarial_fixes(geometry, 11, 40)
    index = build_index([fence.outline])
    zone = np.zeros(len(xy), np.int64)
    found_m = far_distances_mm(index, xy[:, 0], xy[:, 1], zone) / 1_000
    expected_m = np.array([signed_distance_m(geometry, radius_m, *place) for place in xy])
    near = np.abs(expected_m) < 3_000
    assert near.any()
    assert np.abs(found_m - expected_m)[near].max() < 0.5
    assert (np.sign(found_m) == np.sign(expected_m))[np.abs(expected_m) > ON_THE_BORDER_M].all()


@pytest.mark.parametrize("number", range(len(CASES)), ids=list(CASES))
def test_a_zone_answers_in_company_as_it_does_alone(number):
    geometry, _, fence = list(CASES.values())[number]
    index, alone = EVERYTHING, build_index([fence.outline])
    # The whole box and its margin: the cells with the lowest numbers lie at its edge.
    west, south, east, north = np.array(geometry.bounds) + np.array([-6, -6, 6, 6]) / 1_000
    x, y = np.meshgrid(np.linspace(west, east, 60), np.linspace(south, north, 60))
    zone = np.zeros(x.size, np.int64)
    fix = np.arange(x.size)
    expected = alone.distances_mm(x.ravel(), y.ravel(), fix, zone)
    found = index.distances_mm(x.ravel(), y.ravel(), fix, zone + number)
    assert np.array_equal(found, expected)
