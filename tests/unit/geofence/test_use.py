"""When a fence's use is in force: leaves lift where to stay, never what is forbidden."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geofence.use import USES, Absences, in_force


@pytest.mark.parametrize(
    ("on_leave", "on_trip", "judged"),
    [
        (False, False, {"inclusion", "curfew", "exclusion", "no_contact"}),
        (True, False, {"leave", "exclusion", "no_contact"}),
        (False, True, {"route", "exclusion", "no_contact"}),
        (True, True, {"leave", "route", "exclusion", "no_contact"}),
    ],
)
def test_a_leave_lifts_where_to_stay_and_never_a_prohibition(on_leave, on_trip, judged):
    use = np.arange(len(USES), dtype=np.int8)
    flags = {"on_leave": np.full(len(use), on_leave), "on_trip": np.full(len(use), on_trip)}
    found = in_force(use, scheduled=np.ones(len(use), bool), **flags)
    assert {USES[k] for k in np.flatnonzero(found)} == judged
    # Outside its schedule nothing is judged.
    assert not in_force(use, scheduled=np.zeros(len(use), bool), **flags).any()


moments = st.integers(0, 60)


@st.composite
def absences(draw):
    """Up to three intervals of each of three people, apart from each other."""
    rows = []
    for subject in range(3):
        edges = sorted(draw(st.sets(moments, max_size=6)))
        rows += [(subject, *pair) for pair in zip(edges[::2], edges[1::2], strict=False)]
    return rows


@given(rows=absences(), asked=st.lists(st.tuples(st.integers(0, 3), moments), max_size=20))
def test_an_absence_covers_from_its_begin_until_before_its_end(rows, asked):
    table = np.array(rows, np.int64).reshape(-1, 3)
    subject, time_ms = np.array(asked, np.int64).reshape(-1, 2).T
    found = Absences(*(table[:, k].copy() for k in range(3))).cover(subject, time_ms)
    expected = [any(s == who and a <= at < b for s, a, b in rows) for who, at in asked]
    assert found.tolist() == expected


@given(rows=absences(), asked=st.lists(st.tuples(st.integers(0, 3), moments), max_size=20))
def test_the_newest_absence_that_is_over_is_the_last_to_have_ended(rows, asked):
    table = np.array(rows, np.int64).reshape(-1, 3)
    subject, time_ms = np.array(asked, np.int64).reshape(-1, 2).T
    found = Absences(*(table[:, k].copy() for k in range(3))).newest_over(subject, time_ms)
    expected = [
        max((row for row, (s, _, b) in enumerate(rows) if s == who and b <= at), default=-1)
        for who, at in asked
    ]
    assert found.tolist() == expected
