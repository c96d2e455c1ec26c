"""Jamming: the device says so for a while, or satellites and signal fall together and stay low.

A collapse of the satellites alone is no sign: every house and every metro does it, and it is told
in the facts of position_lost. A jammed receiver still tries: now and then it gives a position from
two or three satellites, with a circle as wide as a street block. Counted is a collapse that comes
from one report to the next, while the link is up, and that has several such positions in it.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from gateway.columns import ABSENT_16
from gateway.engine.account import Account, duration
from gateway.engine.rule import Carried, Judged, Memory, Rule, decided
from gateway.engine.rules.segments import sum_since
from gateway.engine.stretch import NEVER_MS, Stretch
from gateway.engine.words import Words
from geofence.arrays import BoolArray, IntArray

_UNKNOWN: Final = -1
_MM_PER_M: Final = 1_000
_MS_PER_S: Final = 1_000


@dataclass(frozen=True, slots=True)
class _Collapse:
    """Shape (n,) each.

    Attributes:
        runs: Reception has been down without a break since it fell.
        lasted_ms: For how long; 0 where it does not run.
        poor: How many positions from few satellites it has had.
    """

    runs: BoolArray
    lasted_ms: IntArray
    poor: IntArray


def _collapse(stretch: Stretch, memory: Memory) -> _Collapse:
    rows, limits, time_ms = stretch.rows, stretch.limits, stretch.time_ms
    seen = rows["satellites"]
    few = (seen >= 0) & (seen <= limits["jamming_satellites"])
    # What was held back says that the link was down too: a cellar, a tunnel.
    low, high = few & ~rows["backlog"], (seen > limits["jamming_satellites"]) | rows["backlog"]
    high_ms = stretch.newest_before(high & ~rows["backlog"], time_ms, memory["high_ms"])
    falls = low & (time_ms - high_ms <= limits.ms("jamming_fall_s"))
    runs = stretch.newest(falls | high, falls, memory["fell_ms"] != NEVER_MS)
    fell_ms = stretch.since(runs, memory["fell_ms"])
    wide_mm = limits["jamming_accuracy_m"] * _MM_PER_M
    tries = low & stretch.has_fix & (seen > 0) & (rows["accuracy_mm"] >= wide_mm)
    poor = sum_since(stretch, ~runs, tries.astype(np.int64), memory["poor"])
    memory["high_ms"] = stretch.at_end(
        stretch.newest(high & ~rows["backlog"], time_ms, memory["high_ms"])
    )
    memory["fell_ms"], memory["poor"] = stretch.at_end(fell_ms), stretch.at_end(poor)
    return _Collapse(runs, np.where(runs, time_ms - fell_ms, 0), np.where(runs, poor, 0))


def _judge(stretch: Stretch, memory: Memory) -> Judged:
    told, limits = stretch.has_alarm("jamming"), stretch.limits
    collapse = _collapse(stretch, memory)
    lasts = collapse.lasted_ms >= limits.ms("jamming_collapse_s")
    shows = collapse.runs & lasts & (collapse.poor >= limits["jamming_poor_fixes"])
    seen = stretch.rows["satellites"]
    facts = {
        "is_told": told,
        "satellites": np.where(seen == ABSENT_16, _UNKNOWN, seen),
        "has_position": stretch.has_fix,
        "collapsed_s": collapse.lasted_ms // _MS_PER_S,
        "poor_fixes": collapse.poor,
    }
    return Judged(decided(told | shows, ~told & ~collapse.runs), facts)


def _explain(account: Account) -> Words:
    if not account.facts["is_told"]:
        return _inferred(account)
    satellites, span = account.facts["satellites"], account.span()
    zh, en = f"设备连续{span.zh}自报受到干扰", f"the device says for {span.en} that it is jammed"
    if satellites != _UNKNOWN:
        zh, en = f"{zh}，可用卫星{satellites}颗", f"{en}, {satellites} satellites in use"
    if not account.facts["has_position"]:
        zh, en = f"{zh}，无定位", f"{en}, without a position"
    return Words(zh, en)


def _inferred(account: Account) -> Words:
    lasted, poor = duration(account.facts["collapsed_s"]), account.facts["poor_fixes"]
    most, wide_m = account.parameter("jamming_satellites"), account.parameter("jamming_accuracy_m")
    return Words(
        f"设备未自报干扰；可用卫星骤降至{most}颗及以下已{lasted.zh}，其间仍有{poor}次误差达{wide_m}米及以上的"
        "定位，而通信正常；也可能由严重遮挡造成，须核实",
        f"the device does not say so itself; its satellites fell to {most} or fewer {lasted.en} "
        f"ago, with {poor} positions of {wide_m} m accuracy or worse since, while the link is up; "
        "heavy shading may look the same: verify",
    )


JAMMING: Final = Rule(
    name="jamming",
    severity="major",
    category="integrity",
    title=Words("定位信号受干扰", "reception jammed"),
    explain=_explain,
    judge=_judge,
    carry={
        "high_ms": Carried(np.int64, NEVER_MS),
        "fell_ms": Carried(np.int64, NEVER_MS),
        "poor": Carried(np.int64, 0),
    },
    parameters=(
        "jamming_reports",
        "jamming_s",
        "jamming_satellites",
        "jamming_fall_s",
        "jamming_collapse_s",
        "jamming_accuracy_m",
        "jamming_poor_fixes",
    ),
    raise_reports="jamming_reports",
    raise_s="jamming_s",
    clear_reports="clear_reports",
)
