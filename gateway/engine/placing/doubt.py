"""Fixes that are no further evidence of where somebody is: they are doubted for a while.

A position that comes from no satellites (Wi-Fi, a base station) and repeats itself to the last
digit is one observation, however often it is told. And a device that says at both ends of a leg
that it stands, and took no steps between, has not gone 200 m: receivers that stray do so in bursts
of minutes, at claims of metres. What lasts beyond the doubt counts like anything else.
"""

from typing import Final

import numpy as np

from gateway.columns import ABSENT
from gateway.engine.rule import Carried, Memory
from gateway.engine.rules.legs import MM_PER_M, Legs, legs_of
from gateway.engine.stretch import NEVER_MS, Stretch
from geofence.arrays import BoolArray

CARRY: Final = {
    "held_ms": Carried(np.int64, NEVER_MS),
    "strayed_ms": Carried(np.int64, NEVER_MS),
    "speed_mmps": Carried(np.int32, ABSENT),
    "steps": Carried(np.int32, ABSENT),
}

_LEAST_SATELLITES: Final = 4
"""Fewer give no position in three dimensions and time: it came from elsewhere."""


def doubted(stretch: Stretch, memory: Memory) -> BoolArray:
    """Return whose positions are no evidence of a violation, shape (n,); the memory moves on."""
    legs, limits = legs_of(stretch), stretch.limits
    repeats = legs.known & _repeats(stretch)
    held_ms = stretch.newest(stretch.has_fix & ~repeats, stretch.time_ms, memory["held_ms"])
    strayed_ms = stretch.newest(
        _strays(stretch, legs, memory), stretch.time_ms, memory["strayed_ms"]
    )
    memory["held_ms"], memory["strayed_ms"] = stretch.at_end(held_ms), stretch.at_end(strayed_ms)
    for name in ("speed_mmps", "steps"):
        memory[name] = legs.newest(stretch.rows[name], memory[name])
    is_old = stretch.time_ms - held_ms >= limits.ms("network_fix_s")
    out: BoolArray = repeats & ~is_old
    out |= stretch.time_ms - strayed_ms < limits.ms("stray_s")
    return out


def _repeats(stretch: Stretch) -> BoolArray:
    """Return which fixes are no satellites' and the very same as the one before."""
    rows, prior = stretch.rows, stretch.prior_fix
    seen = rows["satellites"]
    same: BoolArray = (seen >= 0) & (seen < _LEAST_SATELLITES)
    same &= (rows["lon_e7"] == prior.lon_e7) & (rows["lat_e7"] == prior.lat_e7)
    same &= rows["accuracy_mm"] == prior.accuracy_mm
    return same


def _strays(stretch: Stretch, legs: Legs, memory: Memory) -> BoolArray:
    """Return which fixes lie farther from the last than a device that stood can have gone."""
    rows, limits = stretch.rows, stretch.limits
    far = legs.known & (legs.lasted_ms <= limits.ms("slow_leg_s"))
    far &= legs.net_mm >= limits["stray_m"] * MM_PER_M
    # Where reports without a position lie between, a metro may have gone the way.
    far &= stretch.previous_ms == stretch.prior_fix.time_ms
    speed_mmps, still_mmps = rows["speed_mmps"], limits["still_mps"] * MM_PER_M
    before_mmps = legs.earlier(speed_mmps, memory["speed_mmps"])
    for told_mmps in (speed_mmps, before_mmps):
        far &= (told_mmps != ABSENT) & (told_mmps < still_mmps)
    steps_before = legs.earlier(rows["steps"], memory["steps"])
    steps = rows["steps"].astype(np.int64) - steps_before
    counted = (rows["steps"] != ABSENT) & (steps_before != ABSENT) & (steps >= 0)
    walked = counted & (steps * limits["stride_most_mm"] >= legs.moved_mm)
    strays: BoolArray = far & ~walked
    return strays
