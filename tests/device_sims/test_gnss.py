"""The receiver's errors are those that its figures state."""

import dataclasses
import math

import numpy as np
import pytest

from device_sims.gnss import SIGMA_TO_RADIUS_68, Gnss, GnssFigures
from device_sims.routine import Truth

STEADY = GnssFigures(jump_probability=0.0, no_fix_indoors=0.0)
OUTDOORS = Truth((0.0, 0.0), 0.0, 0.0, is_indoors=False)
INDOORS = dataclasses.replace(OUTDOORS, is_indoors=True)
BEGIN_MS = 1_795_309_320_000


def fixes(figures, truth, *, count=10_000, step_ms=10_000):
    gnss = Gnss(5, "wb-000001", figures)
    return [gnss.observe(BEGIN_MS + k * step_ms, truth) for k in range(count)]


@pytest.mark.parametrize(
    ("truth", "sigma_m"),
    [(OUTDOORS, STEADY.outdoor_sigma_m), (INDOORS, STEADY.indoor_sigma_m)],
    ids=["outdoors", "indoors"],
)
def test_errors_have_the_stated_spread_and_no_bias(truth, sigma_m):
    errors = np.array([seen.xy for seen in fixes(STEADY, truth)])
    assert errors.std(axis=0) == pytest.approx([sigma_m, sigma_m], rel=0.05)
    assert np.abs(errors.mean(axis=0)).max() < 0.1 * sigma_m


def test_the_claimed_circle_holds_68_percent_of_the_fixes():
    seen = fixes(STEADY, OUTDOORS, step_ms=90_000)
    inside = [math.hypot(*fix.xy) <= fix.accuracy_m for fix in seen]
    assert np.mean(inside) == pytest.approx(0.68, abs=0.02)


def test_errors_drift_slowly():
    errors = np.array([seen.xy for seen in fixes(STEADY, OUTDOORS)])

    def correlation(lag):
        return np.corrcoef(errors[:-lag, 0], errors[lag:, 0])[0, 1]

    assert correlation(1) > 0.6
    assert abs(correlation(60)) < 0.1


def test_jumps_are_as_rare_and_as_long_as_stated_and_some_lie():
    figures = GnssFigures(no_fix_indoors=0.0, jump_probability=0.5)
    far = [
        seen
        for seen in fixes(figures, OUTDOORS, step_ms=1_000, count=20_000)
        if math.hypot(*seen.xy) > 60.0
    ]
    share = np.mean(figures.jump_s) * figures.jump_probability / figures.jump_slot_s
    assert len(far) / 20_000 == pytest.approx(share, rel=0.25)
    assert max(math.hypot(*seen.xy) for seen in far) < figures.jump_m[1] + 30.0
    honest_m = SIGMA_TO_RADIUS_68 * figures.outdoor_sigma_m
    lies = [seen.accuracy_m < 3 * honest_m for seen in far]
    assert np.mean(lies) == pytest.approx(figures.lie_probability, abs=0.15)


def test_some_minutes_indoors_have_no_fix():
    figures = GnssFigures(jump_probability=0.0)
    missing = [seen is None for seen in fixes(figures, INDOORS, step_ms=60_000)]
    assert np.mean(missing) == pytest.approx(figures.no_fix_indoors, abs=0.005)
    assert all(fixes(figures, OUTDOORS, count=1_000))
