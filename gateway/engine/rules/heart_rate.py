"""Pulse that calls for care: high at rest, or low, for a while. Never a breach of anything."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gateway.columns import ABSENT, ABSENT_16
from gateway.engine.account import Account, duration
from gateway.engine.rule import WORN, Carried, Judged, Memory, Rule, decided
from gateway.engine.stretch import NEVER_MS, Stretch
from gateway.engine.words import Words
from geofence.arrays import BoolArray

_PLAUSIBLE_BPM: Final = (25, 230)
_UNTOLD: Final = -1


def _judge(stretch: Stretch, memory: Memory) -> Judged:
    rows, limits = stretch.rows, stretch.limits
    walked_ms = _walked_ms(stretch, memory)
    bpm = rows["heart_rate_bpm"]
    least, most = _PLAUSIBLE_BPM
    usable = (bpm >= least) & (bpm <= most) & (rows["skin_contact"] != 0)
    alarms = stretch.has_alarm("heart_rate")
    if not (usable.any() or alarms.any()):
        return Judged(np.zeros(len(stretch), np.int8))
    above, below = bpm >= limits["heart_high_bpm"], bpm <= limits["heart_low_bpm"]
    calls = usable & (below | (above & _is_at_rest(stretch, walked_ms)))
    calls |= alarms
    facts = {
        "heart_rate_bpm": np.where(bpm != ABSENT_16, bpm, _UNTOLD).astype(np.int64),
        "since_steps_s": np.where(
            walked_ms != NEVER_MS, (stretch.time_ms - walked_ms) // 1_000, _UNTOLD
        ),
    }
    return Judged(decided(calls, usable & ~above & ~below), facts)


def _walked_ms(stretch: Stretch, memory: Memory) -> NDArray[Any]:
    """Return when steps were last counted; the first count of all is taken as steps."""
    steps = stretch.rows["steps"]
    known = steps != ABSENT
    newest = stretch.newest(known, steps, memory["steps"])
    before = stretch.previous(newest, memory["steps"])
    walked_ms = stretch.newest(known & (steps != before), stretch.time_ms, memory["walked_ms"])
    memory["steps"], memory["walked_ms"] = stretch.at_end(newest), stretch.at_end(walked_ms)
    return walked_ms


def _is_at_rest(stretch: Stretch, walked_ms: NDArray[Any]) -> BoolArray:
    rows, limits = stretch.rows, stretch.limits
    stands = stretch.time_ms - walked_ms > limits.ms("rest_s")
    speed_mmps = rows["speed_mmps"]
    is_slow = (speed_mmps != ABSENT) & (speed_mmps < limits["rest_speed_mmps"])
    rests: BoolArray = np.where(walked_ms != NEVER_MS, stands, is_slow)
    return rests


def _explain(account: Account) -> Words:
    bpm, since_s = account.facts["heart_rate_bpm"], account.facts["since_steps_s"]
    if bpm == _UNTOLD:
        return Words("设备上报心率异常", "the device reported an abnormal pulse")
    high, low = account.parameter("heart_high_bpm"), account.parameter("heart_low_bpm")
    rest = Words("", "")
    if since_s != _UNTOLD:
        length = duration(since_s)
        rest = Words(f"，已{length.zh}未见步数", f", {length.en} after the last steps")
    if bpm >= high:
        limit = Words(f"不低于{high}次", f"at or above {high}")
    elif bpm <= low:
        limit = Words(f"不高于{low}次", f"at or below {low}")
    else:
        limit = Words("设备上报异常", "abnormal by the device's own report")
    return Words(
        f"脉搏每分钟{bpm}次，{limit.zh}{rest.zh}；仅作关怀提示，不计分",
        f"pulse {bpm} per minute, {limit.en}{rest.en}; a care notice only, it never reaches the "
        "score",
    )


HEART_RATE: Final = Rule(
    name="heart_rate",
    severity="minor",
    category="care",
    title=Words("心率需要关怀", "pulse that calls for care"),
    explain=_explain,
    judge=_judge,
    carry={"steps": Carried(np.int32, ABSENT), "walked_ms": Carried(np.int64, NEVER_MS)},
    parameters=(
        "heart_high_bpm",
        "heart_low_bpm",
        "heart_s",
        "body_reports",
        "rest_s",
        "rest_speed_mmps",
        "clear_reports",
    ),
    raise_reports="body_reports",
    raise_s="heart_s",
    clear_reports="clear_reports",
    kinds=WORN,
)
