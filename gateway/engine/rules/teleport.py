"""Teleport: a jump of kilometres out and back, or out and staying, that no vehicle makes.

A train is as fast as most jumps. What it cannot do is to turn on the spot, or to be slow just
before and just after.
"""

from typing import Final

import numpy as np

from gateway.engine.account import Account, duration, metres
from gateway.engine.rule import Carried, Judged, Memory, Rule, decided
from gateway.engine.rules.legs import (
    JUMP_CARRY,
    LEG_PARAMETERS,
    LINE_CARRY,
    LINE_PARAMETERS,
    MM_PER_M,
    MS_PER_S,
    Legs,
    came_back,
    jump_of,
    legs_of,
    line_of,
)
from gateway.engine.stretch import NEVER_MS, Stretch
from gateway.engine.words import Words
from geofence.arrays import BoolArray

_ACCELERATE_AND_BRAKE: Final = 4
"""From rest to rest at acceleration a in T seconds the mean speed is at most a T / 4."""

_CARRY: Final = {
    **LINE_CARRY,
    **JUMP_CARRY,
    "lasted_ms": Carried(np.int64, 0),
    "fast": Carried(np.bool_, 0),
    "lone": Carried(np.bool_, 0),
    "slow": Carried(np.bool_, 0),
    "slow_before": Carried(np.bool_, 0),
    "last_ms": Carried(np.int64, NEVER_MS),
}


def _fast(stretch: Stretch, legs: Legs) -> tuple[BoolArray, BoolArray]:
    """Return which legs are a jump if it turns back, and which if both neighbours are slow."""
    limits = stretch.limits
    far = legs.known & (legs.net_mm >= limits["teleport_m"] * MM_PER_M)
    fast = far & (legs.mmps >= limits["teleport_mps"] * MM_PER_M)
    possible_mmps = limits["teleport_acceleration_mps2"] * legs.lasted_ms // _ACCELERATE_AND_BRAKE
    fastest_mmps = limits["aircraft_mps"] * MM_PER_M
    return fast, fast & (legs.mmps > np.minimum(possible_mmps, fastest_mmps))


def _slow(stretch: Stretch, legs: Legs) -> BoolArray:
    limits = stretch.limits
    slow_mm = limits["slow_mps"] * legs.lasted_ms  # m/s times ms is mm
    is_short = legs.lasted_ms <= limits.ms("slow_leg_s")
    slow: BoolArray = legs.known & is_short & (legs.moved_mm <= slow_mm)
    return slow


def _judge(stretch: Stretch, memory: Memory) -> Judged:
    legs = legs_of(stretch)
    fast, lone = _fast(stretch, legs)
    slow = _slow(stretch, legs)
    before: Memory = {
        **jump_of(stretch, legs),
        "lasted_ms": legs.lasted_ms,
        "fast": fast,
        "lone": lone,
        "slow": slow,
    }
    last = {name: legs.earlier(values, memory[name]) for name, values in before.items()}
    slow_before = legs.earlier(last["slow"], memory["slow_before"])
    returned = came_back(stretch, legs, last, fast & last["fast"])
    asked = line_of(stretch, memory).is_one
    jumped = asked & (returned | (slow & last["lone"] & slow_before))
    last_ms = stretch.newest(jumped, stretch.time_ms, memory["last_ms"])
    calm = stretch.time_ms - last_ms > stretch.limits.ms("teleport_clear_s")
    for name, values in before.items():
        memory[name] = legs.newest(values, memory[name])
    memory["slow_before"] = legs.newest(last["slow"], memory["slow_before"])
    memory["last_ms"] = stretch.at_end(last_ms)
    return Judged(
        decided(jumped, legs.known & calm),
        lambda: {
            "moved_m": last["moved_mm"] // MM_PER_M,
            "moved_s": last["lasted_ms"] // MS_PER_S,
            "returned": returned,
        },
    )


def _explain(account: Account) -> Words:
    way, lasted = metres(account.facts["moved_m"]), duration(account.facts["moved_s"])
    limit = metres(account.parameter("teleport_m"))
    speed_mps = account.parameter("teleport_mps")
    if account.facts["returned"]:
        zh, en = "随即返回原处", "and was back at once"
    else:
        zh, en = "而跳变前后移动缓慢", "and was slow just before and after"
    return Words(
        f"定位在{lasted.zh}内跳变{way.zh}，{zh}"
        f"（扣除误差后判定标准{limit.zh}、{speed_mps}米/秒）；定位数据不可信",
        f"the position jumped {way.en} within {lasted.en} {en} (limits, errors taken off: "
        f"{limit.en}, {speed_mps} m/s); the position data are not to be trusted",
    )


TELEPORT: Final = Rule(
    name="teleport",
    severity="minor",
    category="integrity",
    title=Words("定位跳变", "position jumped"),
    explain=_explain,
    judge=_judge,
    carry=_CARRY,
    parameters=(
        "teleport_m",
        "teleport_mps",
        "teleport_acceleration_mps2",
        "aircraft_mps",
        "slow_mps",
        "slow_leg_s",
        "teleport_clear_s",
        *LEG_PARAMETERS,
        *LINE_PARAMETERS,
    ),
)
