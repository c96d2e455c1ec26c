"""The nearest sensitive site against looking at all of them."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from geofence.plane import metres_per_degree
from geofence.sites import NONE, build_sites

REACH_M = 200.0


def by_looking_at_all(sites, lon, lat):
    kx, ky = (float(k[0]) for k in metres_per_degree(np.array([lat])))
    away_mm = np.rint(np.hypot((sites[:, 0] - lon) * kx, (sites[:, 1] - lat) * ky) * 1_000)
    nearest = int(np.argmin(away_mm))
    if away_mm[nearest] > REACH_M * 1_000:
        return NONE, round(REACH_M * 1_000)
    return nearest, int(away_mm[nearest])


@given(st.integers(0, 10_000), st.integers(0, 300))
@settings(deadline=None, max_examples=30)
def test_it_is_the_one_that_looking_at_all_finds(seed, count):
    rng = np.random.default_rng(seed)
    sites = rng.uniform((119.9, 28.3), (119.95, 28.35), (count + 1, 2))
    fixes = rng.uniform((119.89, 28.29), (119.96, 28.36), (200, 2))
    index = build_sites(sites[:, 0].copy(), sites[:, 1].copy(), REACH_M)
    found = index.nearest(fixes[:, 0].copy(), fixes[:, 1].copy())
    expected = [by_looking_at_all(sites, *fix) for fix in fixes]
    assert list(zip(*(column.tolist() for column in found), strict=True)) == expected


def test_without_sites_there_is_none():
    nothing = np.empty(0)
    found = build_sites(nothing, nothing).nearest(np.array([119.9]), np.array([28.4]))
    assert [column.tolist() for column in found] == [[NONE], [200_000]]


@given(st.integers(0, 10_000))
@settings(deadline=None, max_examples=20)
def test_within_reach_are_all_sites_in_reach_and_no_other(seed):
    rng = np.random.default_rng(seed)
    sites = rng.uniform((119.9, 28.3), (119.91, 28.31), (40, 2))
    fixes = rng.uniform((119.89, 28.29), (119.92, 28.32), (30, 2))
    index = build_sites(sites[:, 0].copy(), sites[:, 1].copy(), REACH_M)
    found = index.within_reach(fixes[:, 0].copy(), fixes[:, 1].copy())
    expected = set()
    for number, (lon, lat) in enumerate(fixes):
        kx, ky = (float(k[0]) for k in metres_per_degree(np.array([lat])))
        away_mm = np.rint(np.hypot((sites[:, 0] - lon) * kx, (sites[:, 1] - lat) * ky) * 1_000)
        expected |= {
            (number, site, int(away))
            for site, away in enumerate(away_mm.tolist())
            if away <= REACH_M * 1_000
        }
    listed = list(zip(*(column.tolist() for column in found), strict=True))
    assert set(listed) == expected
    assert len(listed) == len(expected)
    assert np.all(np.diff(found[0]) >= 0)
