"""Frozen: the same fix to the last digit while steps rise or speed is claimed.

A receiver at rest may hold its place too; its circle and its satellites change all the same. And it
is not carried about: the time in motion must outlast a limit while not one digit of place, accuracy
and satellites changes. Where a report claims no satellite fix (from Wi-Fi, a beacon at home, or it
does not say), repeating itself is no sign: the limit is higher and rest takes from the sum.
"""

from typing import Final

import numpy as np

from gateway.columns import ABSENT, ABSENT_16
from gateway.engine.account import Account, duration
from gateway.engine.rule import Carried, Judged, Memory, Rule, decided
from gateway.engine.rules.legs import MM_PER_M, MS_PER_S, legs_of
from gateway.engine.rules.segments import drained_since, sum_since
from gateway.engine.stretch import NEVER_MS, Stretch
from gateway.engine.words import Words
from geofence.arrays import BoolArray, IntArray

_MS_PER_MIN: Final = 60_000
_LEAST_SATELLITES: Final = 4
"""For a position in three dimensions and time."""


def _motion(stretch: Stretch, same: BoolArray, steps_before: IntArray) -> tuple[IntArray, IntArray]:
    """Return by row the time in motion (negative: without) since the fix before, and the steps."""
    limits, rows = stretch.limits, stretch.rows
    gap_ms = np.where(same, stretch.time_ms - stretch.prior_fix.time_ms, 0)
    told = same & (gap_ms <= limits.ms("slow_leg_s"))
    steps = rows["steps"].astype(np.int64) - steps_before
    counts = (rows["steps"] != ABSENT) & (steps_before != ABSENT) & (steps >= 0)
    taken = np.where(told & counts, steps, 0)
    walks = (taken > 0) & (taken * _MS_PER_MIN >= limits["frozen_cadence_per_min"] * gap_ms)
    claims_speed = rows["speed_mmps"] != ABSENT
    goes = claims_speed & (rows["speed_mmps"] >= limits["frozen_mps"] * MM_PER_M)
    knows = told & (counts | claims_speed)
    rest_ms = np.where(_is_full(stretch), 0, gap_ms // limits["frozen_rest_share"])
    return np.where(knows, np.where(walks | goes, gap_ms, -rest_ms), 0), taken


def _is_full(stretch: Stretch) -> BoolArray:
    """Return which reports claim a satellite fix with its accuracy."""
    rows = stretch.rows
    full: BoolArray = (rows["accuracy_mm"] != ABSENT) & (rows["satellites"] >= _LEAST_SATELLITES)
    return full


def _judge(stretch: Stretch, memory: Memory) -> Judged:
    legs, rows, prior = legs_of(stretch), stretch.rows, stretch.prior_fix
    same = legs.known & (rows["lon_e7"] == prior.lon_e7) & (rows["lat_e7"] == prior.lat_e7)
    seen = rows["satellites"]
    same &= rows["accuracy_mm"] == prior.accuracy_mm
    same &= seen == legs.earlier(seen, memory["satellites"])
    memory["satellites"] = legs.newest(seen, memory["satellites"])
    changes = stretch.has_fix & ~same
    steps_before = legs.earlier(rows["steps"], memory["steps"]).astype(np.int64)
    memory["steps"] = legs.newest(rows["steps"], memory["steps"])
    moving_ms, taken = _motion(stretch, same, steps_before)
    moving_ms = drained_since(stretch, changes, moving_ms, memory["moving_ms"])
    taken = sum_since(stretch, changes, taken, memory["taken"])
    held_ms = stretch.newest(changes, stretch.time_ms, memory["held_ms"])
    for name, values in (("moving_ms", moving_ms), ("taken", taken), ("held_ms", held_ms)):
        memory[name] = stretch.at_end(values)
    limits = stretch.limits
    limit_s = np.where(_is_full(stretch), limits["frozen_full_s"], limits["frozen_s"])
    frozen = same & (moving_ms >= limit_s * MS_PER_S)
    return Judged(
        decided(frozen, legs.known & changes),
        lambda: {
            "limit_s": limit_s,
            "held_s": np.where(same, stretch.time_ms - held_ms, 0) // MS_PER_S,
            "moving_s": moving_ms // MS_PER_S,
            "steps": taken,
            "speed_mmps": np.where(rows["speed_mmps"] == ABSENT, 0, rows["speed_mmps"]),
        },
    )


def _explain(account: Account) -> Words:
    facts = account.facts
    held, moving = duration(facts["held_s"]), duration(facts["moving_s"])
    limit, steps = duration(facts["limit_s"]), facts["steps"]
    speed_mps = facts["speed_mmps"] / MM_PER_M
    return Words(
        f"定位（坐标、精度、卫星数）{held.zh}内完全不变，其间设备处于运动状态净计{moving.zh}（判定标准{limit.zh}）："
        f"步数增加{steps}，最近上报速度{speed_mps:.1f}米/秒；定位数据不可信",
        f"position, accuracy and satellites unchanged to the last digit for {held.en} while the "
        f"device was in motion "
        f"for {moving.en} net (limit {limit.en}): {steps} steps, latest claimed speed "
        f"{speed_mps:.1f} m/s; the position data are not to be trusted",
    )


FROZEN: Final = Rule(
    name="frozen",
    severity="minor",
    category="integrity",
    title=Words("定位冻结", "position frozen"),
    explain=_explain,
    judge=_judge,
    carry={
        "satellites": Carried(np.int16, ABSENT_16),
        "steps": Carried(np.int32, ABSENT),
        "moving_ms": Carried(np.int64, 0),
        "taken": Carried(np.int64, 0),
        "held_ms": Carried(np.int64, NEVER_MS),
    },
    parameters=(
        "frozen_s",
        "frozen_full_s",
        "frozen_rest_share",
        "frozen_cadence_per_min",
        "frozen_mps",
        "slow_leg_s",
    ),
    clear_reports="clear_reports",
)
