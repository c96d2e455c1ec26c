"""Moving anchors: the newest place that is not later, unless it is stale."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geofence.moving import Track, separation

STALE_MS = 600_000


def track(rows):
    columns = zip(*rows, strict=True) if rows else [()] * 5
    kinds = (np.int64, np.int64, np.float64, np.float64, np.int64)
    return Track(*(np.array(c, k) for c, k in zip(columns, kinds, strict=True)))


moments = st.integers(0, 2_000_000)
fixes = st.tuples(
    st.integers(0, 3), moments, st.floats(119, 121), st.floats(27, 29), st.integers(1, 10**6)
)


@given(anchors=st.lists(fixes, max_size=20), judged=st.lists(fixes, max_size=20))
def test_the_place_is_the_newest_one_that_is_not_later(anchors, judged):
    anchors = sorted(anchors, key=lambda row: row[:2])
    found = separation(track(anchors), track(judged), stale_ms=STALE_MS)
    for index, (anchor, time_ms, *_) in enumerate(judged):
        earlier = [row[1] for row in anchors if row[0] == anchor and row[1] <= time_ms]
        known = bool(earlier) and time_ms - max(earlier) <= STALE_MS
        assert found.known[index] == known
        assert found.age_ms[index] == (time_ms - max(earlier) if known else 0)


def test_distance_and_doubt_are_those_of_both():
    victim = track([(0, 1_000, 119.9, 28.4, 30_000)])
    subject = track([(0, 61_000, 119.9, 28.401, 40_000)])
    found = separation(victim, subject, stale_ms=STALE_MS)
    assert found.distance_mm[0] == pytest.approx(110_830, abs=30)  # a thousandth of a degree north
    assert found.accuracy_mm.tolist() == [50_000]
    assert found.age_ms.tolist() == [60_000]
