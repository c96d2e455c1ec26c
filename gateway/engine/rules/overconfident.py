"""Overconfident: a receiver claims circles that its own fixes refute, again and again.

Judged only where a device claims an accuracy. Two fixes that lie beyond both their circles refute
one of the claims when the device says that it stood at both; where it does not say its speed, when
it jumped out and back faster than anybody runs. A constant offset has one jump only: farther than
the speeds claimed at its ends can have gone, to a claim far below the one before. As long as the
claims stay as good, each is refuted by that jump.
"""

from typing import Final

import numpy as np

from gateway.columns import ABSENT
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

_CARRY: Final = {
    **LINE_CARRY,
    **JUMP_CARRY,
    "mmps": Carried(np.int64, 0),
    "apart": Carried(np.bool_, 0),
    "moves": Carried(np.bool_, 0),
    "stands": Carried(np.bool_, 0),
    "steps": Carried(np.int32, ABSENT),
    "speed_mmps": Carried(np.int32, ABSENT),
    "leapt": Carried(np.bool_, 0),
    "last_ms": Carried(np.int64, NEVER_MS),
}

_FASTER: Final = 2
"""A way this much longer than the faster of two claimed speeds makes is not explained by them."""


def _motion(stretch: Stretch, legs: Legs, memory: Memory) -> tuple[BoolArray, BoolArray]:
    """Return which fixes say that the device moves, and which that it stands."""
    rows = stretch.rows
    still_mmps = stretch.limits["still_mps"] * MM_PER_M
    says_speed = rows["speed_mmps"] != ABSENT
    steps_before = legs.earlier(rows["steps"], memory["steps"])
    counts = (rows["steps"] != ABSENT) & (steps_before != ABSENT)
    walked = counts & (rows["steps"] != steps_before)
    moves = stretch.has_fix & (walked | (says_speed & (rows["speed_mmps"] >= still_mmps)))
    stands = stretch.has_fix & says_speed & ~moves
    return moves, stands


def _offset(stretch: Stretch, legs: Legs, apart: BoolArray, memory: Memory) -> BoolArray:
    """Return which fixes claim as much as one did that leapt to where they lie."""
    rows, limits, prior_mm = stretch.rows, stretch.limits, stretch.prior_fix.accuracy_mm
    claim_mm, speed_mmps = rows["accuracy_mm"], rows["speed_mmps"]
    before_mmps = legs.earlier(speed_mmps, memory["speed_mmps"])
    told = (speed_mmps != ABSENT) & (before_mmps != ABSENT)
    most_mmps = np.maximum(speed_mmps, before_mmps).astype(np.int64)
    good = (claim_mm != ABSENT) & (claim_mm <= limits["overconfident_claim_m"] * MM_PER_M)
    falls = good & (claim_mm * limits["overconfident_fall"] <= prior_mm)
    # Where reports without a position lie between, a metro may have gone the way.
    leaps = apart & told & falls & (stretch.previous_ms == stretch.prior_fix.time_ms)
    leaps &= legs.mmps > _FASTER * most_mmps
    leapt = stretch.newest(leaps | (stretch.has_fix & ~good), leaps, memory["leapt"])
    memory["leapt"] = stretch.at_end(leapt)
    memory["speed_mmps"] = legs.newest(speed_mmps, memory["speed_mmps"])
    offset: BoolArray = leapt & stretch.has_fix
    return offset


def _judge(stretch: Stretch, memory: Memory) -> Judged:
    legs, prior, limits = legs_of(stretch), stretch.prior_fix, stretch.limits
    claims = (stretch.rows["accuracy_mm"] != ABSENT) & (prior.accuracy_mm != ABSENT)
    is_short = legs.known & (legs.lasted_ms <= limits.ms("slow_leg_s"))
    apart = is_short & claims & (legs.net_mm >= limits["overconfident_m"] * MM_PER_M)
    moves, stands = _motion(stretch, legs, memory)
    kept = {
        **jump_of(stretch, legs),
        "mmps": legs.mmps,
        "apart": apart,
        "moves": moves,
        "stands": stands,
    }
    last = {name: legs.earlier(values, memory[name]) for name, values in kept.items()}
    refuted = apart & stands & last["stands"]
    faster = np.maximum(legs.mmps, last["mmps"]) >= limits["overconfident_mps"] * MM_PER_M
    back = apart & last["apart"] & faster & ~moves & ~last["moves"] & ~refuted
    refuted |= came_back(stretch, legs, last, back)
    offset = _offset(stretch, legs, apart, memory)
    refuted |= offset
    refuted &= line_of(stretch, memory).is_one
    last_ms = stretch.newest(refuted, stretch.time_ms, memory["last_ms"])
    calm = stretch.time_ms - last_ms > limits.ms("overconfident_clear_s")
    for name, values in (*kept.items(), ("steps", stretch.rows["steps"])):
        memory[name] = legs.newest(values, memory[name])
    memory["last_ms"] = stretch.at_end(last_ms)
    return Judged(
        decided(refuted, stretch.has_fix & (moves | calm)),
        lambda: {
            "moved_m": legs.moved_mm // MM_PER_M,
            "doubt_m": legs.doubt_mm // MM_PER_M,
            "claim_mm": stretch.rows["accuracy_mm"],
            "claim_before_mm": prior.accuracy_mm,
            "moved_s": legs.lasted_ms // MS_PER_S,
            "is_offset": offset,
        },
    )


def _offset_words(account: Account) -> Words:
    claim_m, count = (
        account.facts["claim_mm"] / MM_PER_M,
        account.parameter("overconfident_reports"),
    )
    far = metres(float(account.parameter("overconfident_m")))
    fall = account.parameter("overconfident_fall")
    return Words(
        f"自一次上报速度不能解释的位移（超出双方误差圆{far.zh}以上）起，自报精度突降至原来的{fall}分之一以下，"
        f"此后连续{count}次定位自报精度均如此，最近为{claim_m:.1f}米；定位可能整体偏移",
        f"since a leap (over {far.en} beyond both error circles) that the claimed speeds do not "
        f"explain, and at which the claim fell to less than 1/{fall}, {count} fixes in a "
        f"row claim as much, the latest {claim_m:.1f} m: all of them may be displaced",
    )


def _explain(account: Account) -> Words:
    if account.facts["is_offset"]:
        return _offset_words(account)
    facts, count = account.facts, account.parameter("overconfident_reports")
    way, lasted = metres(facts["moved_m"]), duration(facts["moved_s"])
    doubt = metres(facts["doubt_m"])
    first_m, second_m = facts["claim_before_mm"] / MM_PER_M, facts["claim_mm"] / MM_PER_M
    return Words(
        f"静止时自报精度被自身定位否定至少{count}次；最近一次{lasted.zh}内相距{way.zh}，"
        f"而自报精度为{first_m:.1f}米和{second_m:.1f}米（可解释的误差至多{doubt.zh}）",
        f"at rest, the accuracy that the device claims is refuted by its own fixes at least "
        f"{count} times; the latest two lie {way.en} apart within {lasted.en} at claims of "
        f"{first_m:.1f} m and {second_m:.1f} m (which explain at most {doubt.en})",
    )


OVERCONFIDENT: Final = Rule(
    name="overconfident",
    severity="minor",
    category="integrity",
    title=Words("自报精度过高", "overconfident receiver"),
    explain=_explain,
    judge=_judge,
    carry=_CARRY,
    parameters=(
        "overconfident_m",
        "overconfident_mps",
        "overconfident_reports",
        "overconfident_claim_m",
        "overconfident_fall",
        "overconfident_clear_s",
        "still_mps",
        "slow_leg_s",
        *LEG_PARAMETERS,
        *LINE_PARAMETERS,
    ),
    raise_reports="overconfident_reports",
    clear_s="overconfident_clear_s",
)
