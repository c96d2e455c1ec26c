"""Log-odds of signs in whole thousandths of a nat, and the probability that they make."""

import math
from typing import Final

import numpy as np

from gateway.engine.limits import Limits
from geofence.arrays import IntArray

_MS_PER_H: Final = 3_600_000
_MS_PER_DAY: Final = 24 * _MS_PER_H
_BEIJING_MS: Final = 8 * _MS_PER_H
_PPM: Final = 1_000_000
_STEP_MNAT: Final = 10
_MOST_MNAT: Final = 12_000

# Rounded to whole ppm once, so that the last bit of one library's exponential is not in it.
_PPM_BY_STEP: Final = np.array(
    [
        round(_PPM / (1.0 + math.exp(-mnat / 1_000)))
        for mnat in range(-_MOST_MNAT, _MOST_MNAT + 1, _STEP_MNAT)
    ]
)


def probability_ppm(log_odds_mnat: IntArray) -> IntArray:
    """Return the probability of log-odds, parts per million, to a hundredth of a nat."""
    within = np.minimum(np.maximum(log_odds_mnat, -_MOST_MNAT), _MOST_MNAT)
    found: IntArray = _PPM_BY_STEP[(within + _MOST_MNAT) // _STEP_MNAT]
    return found


def growing_mnat(lasted_ms: IntArray, limits: Limits, grace: str, sign: str) -> IntArray:
    """Return what a lasting sign adds.

    Args:
        lasted_ms: How long it has lasted.
        limits: Parameters by row.
        grace: Name of the parameter that says from when it counts.
        sign: Its rate and maximum are the parameters `{sign}_mnat_per_h` and `{sign}_most_mnat`.
    """
    counted_ms = np.maximum(lasted_ms - limits.ms(grace), 0)
    grown = counted_ms * limits[f"{sign}_mnat_per_h"] // _MS_PER_H
    least: IntArray = np.minimum(grown, limits[f"{sign}_most_mnat"])
    return least


def waking_clock_ms(time_ms: IntArray, from_h: IntArray, to_h: IntArray) -> IntArray:
    """Return a clock that runs at full speed in waking hours and at a quarter by night.

    Differences of it are waking time. Days are Beijing's.

    Args:
        time_ms: Milliseconds since 1970 UTC.
        from_h: Local hour from which it runs at full speed.
        to_h: Until which.
    """
    local_ms = time_ms + _BEIJING_MS
    day = local_ms // _MS_PER_DAY
    from_ms, to_ms = from_h * _MS_PER_H, to_h * _MS_PER_H
    awake_ms = np.minimum(np.maximum(local_ms - day * _MS_PER_DAY, from_ms), to_ms) - from_ms
    awake_ms += day * (to_ms - from_ms)
    clock_ms: IntArray = (3 * awake_ms + local_ms) >> 2
    return clock_ms
