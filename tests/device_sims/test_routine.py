"""People without a script: where they are, and that nothing about it is a violation."""

import itertools
import math

import pytest

from device_sims.cast import Cast
from device_sims.routine import DAY_S
from tests.device_sims.setting import SEED, START_S

STEP_S = 5
FASTEST_MPS = 12.5 * 1.4 + 0.5


def test_a_place_at_a_time_does_not_depend_on_what_was_asked_before(cast):
    other = Cast(SEED, subjects=550, wearing=30)
    for mine, theirs in zip(cast.wearers, other.wearers, strict=True):
        times = [START_S + 3_600 * hour for hour in range(48)]
        forward = [mine.routine.at(time_s) for time_s in times]
        backward = [theirs.routine.at(time_s) for time_s in reversed(times)]
        assert forward == backward[::-1]


@pytest.mark.parametrize("number", range(0, 30, 4))
def test_nobody_jumps(cast, number):
    routine = cast.wearers[number].routine
    places = [routine.at(START_S + step * STEP_S).xy for step in range(2 * DAY_S // STEP_S)]
    longest = max(math.dist(a, b) for a, b in itertools.pairwise(places))
    assert 0 < longest <= FASTEST_MPS * STEP_S


def test_nobody_violates_anything_by_routine(cast):
    for wearer in cast.wearers:
        for step in range(2 * DAY_S // 180):
            xy = wearer.routine.at(START_S + step * 180).xy
            assert not [f.fence for f in wearer.fences if f.is_violated(xy)], wearer.device


def test_everybody_sleeps_at_home(cast):
    three_at_night_s = START_S - 9 * 3_600 + 3 * 3_600
    for person in (*cast.wearers, *cast.officers):
        truth = person.routine.at(three_at_night_s)
        assert truth.xy == person.routine.home
        assert truth.is_indoors
        assert truth.speed_mps == 0


def test_officers_patrol_by_day(cast):
    for officer in cast.officers:
        places = {officer.routine.at(START_S + minute * 60).xy for minute in range(360)}
        assert len(places) > 10
