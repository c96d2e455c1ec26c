"""Of the fixes that are outside with probability p, a share p is outside.

The receivers are the simulator's, with their drift, jumps and lies; benchmarks/ draws the same.
"""

import numpy as np
import pytest

from benchmarks.geofence_calibration import (
    CAUTIOUS,
    EVERYTHING,
    JUMPS,
    LIES,
    deciles,
    distances_mm,
    labelled_fixes,
    worst,
)
from geofence.decision import decide
from geofence.probability import SATELLITE, AccuracyFloors, effective_accuracy_mm

FIVE_POINTS = 0.05
FIXES = 50_000


@pytest.fixture(scope="module", params=["edge", "circle"])
def border(request):
    return request.param


@pytest.fixture(scope="module")
def fixes(border):
    return labelled_fixes(7, border, EVERYTHING, FIXES)


def test_every_decile_is_calibrated_within_five_points(fixes, border):
    found = deciles(fixes, border)
    assert len(found) == 10
    assert min(decile.fixes for decile in found) > 1_000  # a point and a half of chance
    assert worst(found) < FIVE_POINTS


def test_what_is_found_rises_from_decile_to_decile(fixes, border):
    assert (np.diff([decile.found for decile in deciles(fixes, border)]) > 0).all()


def test_a_higher_floor_errs_on_the_side_of_doubt(fixes, border):
    """Honest receivers look worse than they are: predictions lie nearer one half than the truth."""
    for decile in deciles(fixes, border, CAUTIOUS):
        if abs(decile.predicted - 0.5) > 0.2:
            assert abs(decile.found - 0.5) > abs(decile.predicted - 0.5) - 0.01


def test_a_receiver_that_claims_a_third_of_its_error_is_found_out(fixes, border):
    boastful = type(fixes)(fixes.lon_deg, fixes.lat_deg, fixes.claimed_mm // 3, fixes.is_outside)
    no_floor = AccuracyFloors(satellite_m=0.1)
    assert worst(deciles(boastful, border, no_floor)) > 2 * FIVE_POINTS


@pytest.fixture(scope="module")
def lies():
    return labelled_fixes(7, "edge", LIES, 6_000)


def test_a_jump_that_says_so_is_no_worse_than_a_coin_next_to_the_border():
    """A jump's length is no normal error: calibration is lost, but no false certainty comes."""
    found = deciles(labelled_fixes(7, "edge", JUMPS, 6_000), "edge")
    assert worst(found) < 0.2
    assert found[-1].found > 0.97


def test_a_lie_is_beyond_any_floor_and_the_mark_halves_its_false_certainty(lies):
    """One fix of a lying receiver proves nothing; persistence in fix time is what stands above."""
    plain, marked = wrongly_accused(lies, caught=False), wrongly_accused(lies, caught=True)
    assert plain > 0.1
    assert marked < 0.7 * plain


def wrongly_accused(fixes, *, caught):
    """The share of those inside whom a single fix would make violators."""
    many = len(fixes.lon_deg)
    radius_mm = effective_accuracy_mm(
        fixes.claimed_mm, np.full(many, SATELLITE), np.full(many, caught), AccuracyFloors()
    )
    said = decide(
        distances_mm(fixes, "edge"),
        radius_mm,
        np.full(many, 10**9),
        np.zeros(many, np.bool_),
        violation_ppm=950_000,
        compliant_ppm=500_000,
    )
    return float((said.decision > 0)[~fixes.is_outside].mean())
