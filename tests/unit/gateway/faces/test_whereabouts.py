"""A wristband that cannot have been at the kiosk when the face was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_protocols.message import CheckIn
from gateway.columns import ABSENT
from gateway.engine.memory import LastFix
from gateway.faces.whereabouts import KioskPlace, is_out_of_reach

NOW_MS = 1_780_000_000_000
PLACE = KioskPlace(lon_deg=119.9, lat_deg=28.4, accuracy_m=30)
METRES_PER_E7 = 0.009_797
"""East, at 28.4 degrees."""


def said(at_ms=NOW_MS):
    return CheckIn(
        device="kk-1",
        attempt="a-1",
        identity_token="t",
        challenge_time_ms=at_ms - 3_000,
        response_time_ms=at_ms,
        image=None,
        liveness={},
    )


def fix(metres_east, *, ago_s=0, accuracy_m=10.0):
    lon_e7 = 1_199_000_000 + round(metres_east / METRES_PER_E7)
    return LastFix(NOW_MS - ago_s * 1_000, lon_e7, 284_000_000, round(accuracy_m * 1_000))


@pytest.mark.parametrize(
    ("metres_east", "ago_s", "is_away"),
    [
        (0, 0, False),
        (119, 0, False),
        (121, 0, True),
        (1_169, 30, False),
        (1_171, 30, True),
        (1_171, -30, True),
        (30_000, 600, True),
        (30_000, 900, False),
        (500_000, 3_600, True),
        (500_000, 3_601, False),
    ],
)
def test_who_could_have_come_between_both_times_was_there(metres_east, ago_s, is_away):
    assert is_out_of_reach(said(), [fix(metres_east, ago_s=ago_s)], PLACE) is is_away


def test_no_place_no_fix_and_no_accuracy_say_nothing():
    far = fix(50_000)
    assert not is_out_of_reach(said(), [far], None)
    assert not is_out_of_reach(said(), [], PLACE)
    assert not is_out_of_reach(said(), [far._replace(accuracy_mm=ABSENT)], PLACE)


def test_of_several_wristbands_one_in_reach_is_enough():
    assert is_out_of_reach(said(), [fix(50_000), fix(-60_000)], PLACE)
    assert not is_out_of_reach(said(), [fix(50_000), fix(20)], PLACE)


@given(
    st.integers(0, 2_000_000), st.integers(0, 3_600), st.floats(0, 5_000), st.integers(0, 500_000)
)
def test_who_was_nearer_is_away_only_if_who_was_farther_is(metres, ago_s, accuracy_m, more):
    near = is_out_of_reach(said(), [fix(metres, ago_s=ago_s, accuracy_m=accuracy_m)], PLACE)
    far = is_out_of_reach(said(), [fix(metres + more, ago_s=ago_s, accuracy_m=accuracy_m)], PLACE)
    assert far or not near
