"""The probability of being outside: one half on the border, growing outwards."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geofence.probability import PPM, RAYLEIGH_68, outside_ppm

distances_mm = st.integers(-(10**9), 10**9)
accuracies_mm = st.integers(1, 10**8)


def ppm(distance_mm, accuracy_mm):
    return int(outside_ppm(np.array([distance_mm]), np.array([accuracy_mm]))[0])


@given(accuracies_mm)
def test_it_is_one_half_on_the_border(accuracy_mm):
    assert ppm(0, accuracy_mm) == PPM // 2


@given(st.lists(distances_mm, min_size=2, max_size=20), accuracies_mm)
def test_it_never_falls_on_the_way_out(distances, accuracy_mm):
    along = np.sort(np.array(distances))
    assert (np.diff(outside_ppm(along, np.full(len(along), accuracy_mm))) >= 0).all()


@given(distances_mm, accuracies_mm)
def test_inside_and_outside_are_the_whole(distance_mm, accuracy_mm):
    assert abs(ppm(distance_mm, accuracy_mm) + ppm(-distance_mm, accuracy_mm) - PPM) <= 1


@given(distances_mm, accuracies_mm)
def test_it_is_the_normal_distribution(distance_mm, accuracy_mm):
    exact = 0.5 * math.erfc(-distance_mm * RAYLEIGH_68 / accuracy_mm / math.sqrt(2))
    assert abs(ppm(distance_mm, accuracy_mm) - exact * PPM) <= 1


def test_the_claimed_circle_holds_68_percent():
    assert abs(1 - math.exp(-(RAYLEIGH_68**2) / 2) - 0.68) < 1e-6
