"""Three answers from distance and doubt: violation, compliance, cannot tell."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geofence.decision import RIVALRY, decide, decide_by_margin, rivals
from geofence.probability import PPM, outside_ppm

SURE, UNSURE = 950_000, 500_000
LARGE = 10**9


def said(distance_mm, accuracy_mm=8_000, *, size_mm=LARGE, violated_inside=False):
    found = decide(
        np.array([distance_mm]),
        np.array([accuracy_mm]),
        np.array([size_mm]),
        np.array([violated_inside]),
        violation_ppm=SURE,
        compliant_ppm=UNSURE,
    )
    assert found.decision.dtype == np.int8
    return int(found.decision[0]), int(found.violation_ppm[0])


@pytest.mark.parametrize(
    ("distance_mm", "decision"),
    [(100_000, 1), (9_000, 1), (8_500, 0), (1, 0), (0, -1), (-1, -1), (-100_000, -1)],
)
def test_outside_what_one_must_stay_in_is_a_violation_once_it_is_sure(distance_mm, decision):
    # 95 % is 1.645 sigma, and 8 m are 1.51 of them: 8.72 m.
    assert said(distance_mm)[0] == decision


@pytest.mark.parametrize(
    ("distance_mm", "decision"),
    [(-100_000, 1), (-9_000, 1), (-8_500, 0), (-1, 0), (0, -1), (1, -1), (100_000, -1)],
)
def test_inside_what_one_must_stay_out_of_is_the_mirror_image(distance_mm, decision):
    assert said(distance_mm, violated_inside=True)[0] == decision


def test_the_probability_is_that_of_the_wrong_side():
    outside = int(outside_ppm(np.array([3_000]), np.array([8_000]))[0])
    assert said(3_000)[1] == outside > PPM // 2
    assert said(3_000, violated_inside=True)[1] == PPM - outside


@pytest.mark.parametrize(
    ("limits", "decision"), [((500_000, 0), 1), ((500_001, 0), 0), ((PPM, 500_000), -1)]
)
def test_a_probability_at_the_limit_is_beyond_it(limits, decision):
    on_the_border = map(np.array, ([0], [8_000], [LARGE], [False]))
    found = decide(*on_the_border, violation_ppm=limits[0], compliant_ppm=limits[1])
    assert found.decision.tolist() == [decision]


@pytest.mark.parametrize(
    ("distance_mm", "accuracy_mm", "size_mm", "expected"),
    [
        (1_000, 300_001, 300_000, True),  # the circle is larger than the fence
        (1_000, 300_000, 300_000, False),  # it is not
        (RIVALRY * 400_000 - 1, 400_000, 300_000, True),
        (RIVALRY * 400_000, 400_000, 300_000, False),  # far enough to tell
        (-(RIVALRY * 400_000 - 1), 400_000, 300_000, True),
        (-(RIVALRY * 400_000), 400_000, 300_000, False),
    ],
)
def test_a_circle_larger_than_the_fence_near_it_says_nothing(
    distance_mm, accuracy_mm, size_mm, expected
):
    found = rivals(np.array([distance_mm]), np.array([accuracy_mm]), np.array([size_mm]))
    assert found.tolist() == [expected]


def test_where_the_circle_rivals_the_fence_neither_side_is_decided():
    for distance_mm in (-900_000, 0, 900_000):
        assert said(distance_mm, 400_000, size_mm=300_000)[0] == 0
        assert said(distance_mm, 400_000, size_mm=300_000, violated_inside=True)[0] == 0
    assert said(1_300_000, 400_000, size_mm=300_000)[0] == 1


@given(st.integers(-(10**7), 10**7), st.integers(1, 10**6), st.integers(1, 10**7), st.booleans())
def test_nobody_is_accused_on_the_right_side(distance_mm, accuracy_mm, size_mm, violated_inside):
    decision, _ = said(distance_mm, accuracy_mm, size_mm=size_mm, violated_inside=violated_inside)
    wrong_side = distance_mm < 0 if violated_inside else distance_mm > 0
    assert decision < 1 or wrong_side


MARGINS = {"raise_mm": np.array([20_000]), "clear_mm": np.array([5_000])}


@pytest.mark.parametrize(
    ("distance_mm", "decision"),
    [(20_000, 1), (19_999, 0), (0, 0), (-4_999, 0), (-5_000, -1)],
)
def test_between_the_margins_nothing_changes(distance_mm, decision):
    for violated_inside, sign in ((False, 1), (True, -1)):
        found = decide_by_margin(
            np.array([sign * distance_mm]), np.array([violated_inside]), **MARGINS
        )
        assert found.tolist() == [decision]
        assert found.dtype == np.int8


def test_a_walk_along_the_border_is_one_episode_with_margins_and_many_without():
    walk_mm = np.array([0, 21, 3, 22, -2, 23, 1, 21, -9, -8]) * 1_000
    out = np.zeros(len(walk_mm), np.bool_)
    with_band = decide_by_margin(walk_mm, out, **MARGINS)
    without = decide_by_margin(walk_mm, out, raise_mm=np.array([1]), clear_mm=np.array([0]))
    assert changes(with_band) == 2  # out once, back once
    assert changes(without) == 4


def changes(decision):
    decided = decision[decision != 0]
    return int((np.diff(np.r_[-1, decided]) != 0).sum())
