"""Where a person spends the nights: what later nights can be compared with.

A night's sample is its first fix that explains itself by no mistake. The place of the nights is
that of the first sample, and moves on when two nights in a row were spent somewhere else together:
who sleeps one night next door has not moved.
"""

from typing import Final

import numpy as np

from gateway.columns import ABSENT
from gateway.engine.rule import Carried, Memory
from gateway.engine.stretch import between_mm
from geofence.arrays import BoolArray, IntArray

CARRY: Final = {
    "own_lon_e7": Carried(np.int32, ABSENT),
    "own_lat_e7": Carried(np.int32, ABSENT),
    "next_lon_e7": Carried(np.int32, ABSENT),
    "next_lat_e7": Carried(np.int32, ABSENT),
    "tonight_lon_e7": Carried(np.int32, ABSENT),
    "tonight_lat_e7": Carried(np.int32, ABSENT),
    "night": Carried(np.int32, ABSENT),
}
"""The place of the nights; where the last night was spent if that was elsewhere; the sample of
`night`, which is a day since 1970, local. ABSENT where there is none."""

_AXES: Final = ("lon_e7", "lat_e7")


def begin_night(memory: Memory, wearer: IntArray, night: IntArray, reach_mm: IntArray) -> None:
    """Let the night before be over for those for whom a later one begins.

    Args:
        memory: CARRY of g wearers; it is moved on.
        wearer: Different ones of them, shape (k,).
        night: The night that each is in, shape (k,).
        reach_mm: How near two samples of one place are, shape (k,).
    """
    later = night > memory["night"][wearer]
    wearer, night, reach_mm = wearer[later], night[later], reach_mm[later]
    if not len(wearer):
        return
    for name in CARRY:
        memory[name] = memory[name].copy()
    slept = memory["tonight_lon_e7"][wearer] != ABSENT
    _join(memory, wearer[slept], reach_mm[slept])
    memory["night"][wearer] = night
    for axis in _AXES:
        memory[f"tonight_{axis}"][wearer] = ABSENT


def sample(memory: Memory, wearer: IntArray, fix: tuple[IntArray, IntArray]) -> None:
    """Take fixes as samples of the night where there is none yet.

    Args:
        memory: CARRY of g wearers; it is moved on.
        wearer: Whose each fix is, ascending, shape (k,).
        fix: Longitudes and latitudes, 1e-7 degrees, in order of time.
    """
    first = np.r_[True, wearer[1:] != wearer[:-1]][: len(wearer)]
    first &= memory["tonight_lon_e7"][wearer] == ABSENT
    if not first.any():
        return
    for axis, values in zip(_AXES, fix, strict=True):
        memory[f"tonight_{axis}"] = memory[f"tonight_{axis}"].copy()
        memory[f"tonight_{axis}"][wearer[first]] = values[first]


def _join(memory: Memory, wearer: IntArray, reach_mm: IntArray) -> None:
    """Let the samples of some wearers join what is known of their nights."""
    tonight = [memory[f"tonight_{axis}"][wearer] for axis in _AXES]

    def near(place: str) -> BoolArray:
        known = [memory[f"{place}_{axis}"][wearer] for axis in _AXES]
        there: BoolArray = known[0] != ABSENT
        return there & (between_mm(*tonight, *known) <= reach_mm)

    at_own = near("own")
    is_new = (memory["own_lon_e7"][wearer] == ABSENT) | (near("next") & ~at_own)
    for axis, values in zip(_AXES, tonight, strict=True):
        memory[f"own_{axis}"][wearer[is_new]] = values[is_new]
        memory[f"next_{axis}"][wearer] = np.where(at_own | is_new, ABSENT, values)
