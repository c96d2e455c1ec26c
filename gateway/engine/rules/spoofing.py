"""Spoofing: signs that the position was made and not received; two of four must meet.

Uniform: accuracy and satellites unchanged, and too good, over a long way. Disagreement: the speed
that is claimed is not the way that was gone. Jump: from slowness to a jump without a gap in the
counters. Unwalked: at walking pace over a long way with far too few steps for it. Each has innocent
causes; an hour that has two of them has few.
"""

from typing import Final

import numpy as np

from gateway.columns import ABSENT, ABSENT_16
from gateway.engine.account import Account
from gateway.engine.rule import Carried, Judged, Memory, Rule, decided
from gateway.engine.rules.legs import (
    LEG_PARAMETERS,
    LINE_CARRY,
    LINE_PARAMETERS,
    MM_PER_M,
    MS_PER_S,
    Legs,
    legs_of,
    line_of,
)
from gateway.engine.rules.segments import sum_since
from gateway.engine.stretch import NEVER_MS, Stretch
from gateway.engine.words import Words
from geofence.arrays import BoolArray, IntArray

_SIGNS_NEEDED: Final = 2
_QUARTER: Final = 4

_CARRY: Final = {
    **LINE_CARRY,
    "satellites": Carried(np.int16, ABSENT_16),
    "speed_mmps": Carried(np.int32, ABSENT),
    "steps": Carried(np.int32, ABSENT),
    "slow": Carried(np.bool_, 0),
    "uniform_fixes": Carried(np.int64, 0),
    "uniform_mm": Carried(np.int64, 0),
    "unwalked_mm": Carried(np.int64, 0),
    "disagreed_1_ms": Carried(np.int64, NEVER_MS),
    "disagreed_2_ms": Carried(np.int64, NEVER_MS),
    "disagreed_3_ms": Carried(np.int64, NEVER_MS),
    "uniform_ms": Carried(np.int64, NEVER_MS),
    "disagreement_ms": Carried(np.int64, NEVER_MS),
    "jump_ms": Carried(np.int64, NEVER_MS),
    "unwalked_ms": Carried(np.int64, NEVER_MS),
}


def _uniform(stretch: Stretch, legs: Legs, memory: Memory) -> BoolArray:
    rows, limits = stretch.rows, stretch.limits
    seen, claim_mm = rows["satellites"], rows["accuracy_mm"]
    best_mm = limits["spoofing_accuracy_m"] * MM_PER_M
    same = legs.known & (claim_mm == stretch.prior_fix.accuracy_mm) & (claim_mm <= best_mm)
    same &= (claim_mm != ABSENT) & (seen != ABSENT_16)
    same &= seen == legs.earlier(seen, memory["satellites"])
    breaks = stretch.has_fix & ~same
    fixes = sum_since(stretch, breaks, same.astype(np.int64), memory["uniform_fixes"])
    way_mm = np.where(same, legs.moved_mm, 0)
    way_mm = sum_since(stretch, breaks, way_mm, memory["uniform_mm"])
    memory["uniform_fixes"], memory["uniform_mm"] = stretch.at_end(fixes), stretch.at_end(way_mm)
    enough = fixes >= limits["spoofing_uniform_reports"]
    sign: BoolArray = same & enough & (way_mm >= limits["spoofing_uniform_m"] * MM_PER_M)
    return sign


def _disagreement(stretch: Stretch, legs: Legs, memory: Memory) -> BoolArray:
    limits, speed_mmps = stretch.limits, stretch.rows["speed_mmps"]
    before_mmps = legs.earlier(speed_mmps, memory["speed_mmps"])
    told = legs.known & (legs.lasted_ms <= limits.ms("spoofing_leg_s"))
    told &= (speed_mmps != ABSENT) & (before_mmps != ABSENT)
    stood = np.maximum(speed_mmps, before_mmps) < limits["still_mps"] * MM_PER_M
    went = legs.mmps > limits["spoofing_still_mps"] * MM_PER_M
    least_mmps = np.minimum(speed_mmps, before_mmps).astype(np.int64)
    goes = least_mmps >= limits["spoofing_moving_mps"] * MM_PER_M
    most_mm = legs.moved_mm + legs.doubt_mm
    stayed = most_mm * MM_PER_M * _QUARTER < least_mmps * legs.lasted_ms
    disagrees = told & ((stood & went) | (goes & stayed))
    return _repeated(stretch, disagrees, memory)


def _repeated(stretch: Stretch, happens: BoolArray, memory: Memory) -> BoolArray:
    """Return the rows where it happens often enough within the window."""
    if not np.count_nonzero(happens):
        return happens
    names = ("disagreed_1_ms", "disagreed_2_ms", "disagreed_3_ms")
    newest: list[IntArray] = []
    of_event = stretch.time_ms
    for name in names:
        newest.append(stretch.newest(happens, of_event, memory[name]))
        of_event = stretch.newest_before(happens, of_event, memory[name])
    wanted = stretch.limits["spoofing_disagreements"]
    first_ms = np.choose(wanted - 1, newest)
    for name, values in zip(names, newest, strict=True):
        memory[name] = stretch.at_end(values)
    recent = stretch.time_ms - first_ms <= stretch.limits.ms("spoofing_window_s")
    return happens & recent


def _jump(stretch: Stretch, legs: Legs, memory: Memory) -> BoolArray:
    limits = stretch.limits
    slow_mm = limits["slow_mps"] * legs.lasted_ms
    is_short = legs.known & (legs.lasted_ms <= limits.ms("spoofing_leg_s"))
    slow = is_short & (legs.moved_mm <= slow_mm)
    follows = line_of(stretch, memory).follows
    far = legs.net_mm >= limits["spoofing_uniform_m"] * MM_PER_M
    fast = legs.mmps >= limits["teleport_mps"] * MM_PER_M
    sign: BoolArray = is_short & follows & far & fast & legs.earlier(slow, memory["slow"])
    memory["slow"] = legs.newest(slow, memory["slow"])
    return sign


def _unwalked(stretch: Stretch, legs: Legs, memory: Memory) -> BoolArray:
    limits, steps = stretch.limits, stretch.rows["steps"]
    is_short = legs.known & (legs.lasted_ms <= limits.ms("spoofing_leg_s"))
    before = legs.earlier(steps, memory["steps"])
    taken = steps.astype(np.int64) - before
    # About the house somebody takes steps while the position walks on: far too few for the way.
    few = (steps != ABSENT) & (before != ABSENT) & (taken >= 0)
    few &= taken * limits["stride_most_mm"] < legs.moved_mm
    mmps = legs.moved_mm * MS_PER_S // legs.lasted_ms
    strolls = is_short & few & (mmps <= limits["spoofing_pace_most_mmps"])
    breaks = stretch.has_fix & ~strolls
    strolls &= mmps >= limits["spoofing_pace_least_mmps"]
    way_mm = np.where(strolls, legs.moved_mm, 0)
    way_mm = sum_since(stretch, breaks, way_mm, memory["unwalked_mm"])
    memory["unwalked_mm"] = stretch.at_end(way_mm)
    sign: BoolArray = strolls & (way_mm >= limits["spoofing_unwalked_m"] * MM_PER_M)
    return sign


def _judge(stretch: Stretch, memory: Memory) -> Judged:
    legs, time_ms = legs_of(stretch), stretch.time_ms
    signs = {
        "uniform": _uniform(stretch, legs, memory),
        "disagreement": _disagreement(stretch, legs, memory),
        "jump": _jump(stretch, legs, memory),
        "unwalked": _unwalked(stretch, legs, memory),
    }
    window_ms = stretch.limits.ms("spoofing_window_s")
    recent = {}
    for name, sign in signs.items():
        last_ms = stretch.newest(sign, time_ms, memory[f"{name}_ms"])
        recent[name] = time_ms - last_ms <= window_ms
        memory[f"{name}_ms"] = stretch.at_end(last_ms)
    for name in ("satellites", "speed_mmps", "steps"):
        memory[name] = legs.newest(stretch.rows[name], memory[name])
    count = np.zeros(len(stretch), np.int8)
    shows = np.zeros(len(stretch), np.bool_)
    for name, sign in signs.items():
        count += recent[name]
        shows |= sign
    shows &= line_of(stretch, memory).is_one
    return Judged(decided(shows & (count >= _SIGNS_NEEDED), legs.known & (count == 0)), recent)


def _explain(account: Account) -> Words:
    signs = {
        "uniform": Words(
            "移动中精度与卫星数长时间不变且过于理想",
            "accuracy and satellites stay the same, and too good, on the move",
        ),
        "disagreement": Words(
            "上报速度与实际位移多次不符", "claimed speed and distance gone disagree repeatedly"
        ),
        "jump": Words(
            "流水号连续而位置由缓行突变", "a jump out of slow motion without a gap in the counters"
        ),
        "unwalked": Words(
            "以步行速度长距离移动而步数远不足以走完",
            "a long way at walking pace with far too few steps for it",
        ),
    }
    shown = [words for name, words in signs.items() if account.facts[name]]
    window_min = int(account.parameter("spoofing_window_s")) // 60
    return Words(
        f"{window_min}分钟内同时出现："
        + "；".join(words.zh for words in shown)
        + "。定位数据不可信",
        f"within {window_min} min: "
        + "; ".join(words.en for words in shown)
        + ". The position data are not to be trusted",
    )


SPOOFING: Final = Rule(
    name="spoofing",
    severity="major",
    category="integrity",
    title=Words("疑似伪造定位信号", "signs of spoofed positions"),
    explain=_explain,
    judge=_judge,
    carry=_CARRY,
    parameters=(
        "spoofing_window_s",
        "spoofing_accuracy_m",
        "spoofing_uniform_reports",
        "spoofing_uniform_m",
        "spoofing_disagreements",
        "spoofing_still_mps",
        "spoofing_moving_mps",
        "spoofing_leg_s",
        "spoofing_pace_least_mmps",
        "spoofing_pace_most_mmps",
        "spoofing_unwalked_m",
        "stride_most_mm",
        "still_mps",
        "slow_mps",
        "teleport_mps",
        *LEG_PARAMETERS,
        *LINE_PARAMETERS,
    ),
)
