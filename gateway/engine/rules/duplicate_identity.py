"""Duplicate identity: two devices report under one name.

Three signs, each with innocent causes of its own: the counters turn back (a restart with a wrong
clock), the place is another (a wrong fix), the charge is another (a gauge that errs). Two of them
in one report have none; two devices show them in nearly every report.
"""

from typing import Final

import numpy as np

from gateway.columns import ABSENT_16
from gateway.engine.account import Account, duration, metres
from gateway.engine.rule import EVERY_KIND, Carried, Judged, Memory, Rule, decided
from gateway.engine.rules.legs import LEG_PARAMETERS, MM_PER_M, MS_PER_S, legs_of
from gateway.engine.stretch import NEVER_MS, Stretch
from gateway.engine.words import Words
from geofence.arrays import BoolArray, IntArray

_MS_PER_MIN: Final = 60_000
_SIGNS_NEEDED: Final = 2


def _counters_turn_back(stretch: Stretch, memory: Memory) -> BoolArray:
    boot, seq = stretch.rows["boot"], stretch.rows["seq"]
    boot_before = stretch.previous(boot, memory["boot"])
    seq_before = stretch.previous(seq, memory["seq"])
    memory["boot"], memory["seq"] = stretch.at_end(boot), stretch.at_end(seq)
    back: BoolArray = (boot < boot_before) | ((boot == boot_before) & (seq < seq_before))
    back &= stretch.previous_ms != NEVER_MS
    return back


def _charge_change_pct(stretch: Stretch, memory: Memory) -> tuple[IntArray, BoolArray]:
    charge_pct, time_ms = stretch.rows["battery_pct"], stretch.time_ms
    known = charge_pct != ABSENT_16
    before_pct = stretch.newest_before(known, charge_pct, memory["charge_pct"])
    before_ms = stretch.newest_before(known, time_ms, memory["charge_ms"])
    compared = known & (before_ms != NEVER_MS)
    elapsed_ms = np.where(compared, time_ms - before_ms, 0)
    change_pct = np.where(compared, charge_pct.astype(np.int64) - before_pct, 0)
    limits = stretch.limits
    allowed = limits["duplicate_charge_pct"] * _MS_PER_MIN
    allowed = allowed + limits["duplicate_charge_pct_per_min"] * elapsed_ms
    memory["charge_pct"] = stretch.at_end(stretch.newest(known, charge_pct, memory["charge_pct"]))
    memory["charge_ms"] = stretch.at_end(stretch.newest(known, time_ms, memory["charge_ms"]))
    return change_pct, np.abs(change_pct) * _MS_PER_MIN > allowed


def _judge(stretch: Stretch, memory: Memory) -> Judged:
    limits, legs = stretch.limits, legs_of(stretch)
    turned = _counters_turn_back(stretch, memory)
    change_pct, leaps = _charge_change_pct(stretch, memory)
    elsewhere = legs.known & (legs.net_mm >= limits["duplicate_m"] * MM_PER_M)
    elsewhere &= legs.mmps >= limits["teleport_mps"] * MM_PER_M
    signs = turned.astype(np.int8) + leaps + elsewhere
    contradicts = signs >= _SIGNS_NEEDED
    last_ms = stretch.newest(contradicts, stretch.time_ms, memory["last_ms"])
    memory["last_ms"] = stretch.at_end(last_ms)
    calm = stretch.time_ms - last_ms > limits.ms("duplicate_clear_s")
    return Judged(
        decided(contradicts, calm),
        lambda: {
            "counters_turned_back": turned,
            "moved_m": np.where(legs.known, legs.moved_mm, 0) // MM_PER_M,
            "moved_s": np.where(legs.known, legs.lasted_ms, 0) // MS_PER_S,
            "charge_change_pct": change_pct,
        },
    )


def _explain(account: Account) -> Words:
    facts = account.facts
    zh, en = [], []
    if facts["counters_turned_back"]:
        zh.append("开机次数或流水号倒退")
        en.append("boot or sequence counters run backwards")
    if facts["moved_m"] >= account.parameter("duplicate_m"):
        way, lasted = metres(facts["moved_m"]), duration(facts["moved_s"])
        zh.append(f"{lasted.zh}内位置相差{way.zh}")
        en.append(f"places {way.en} apart within {lasted.en}")
    if abs(facts["charge_change_pct"]) >= account.parameter("duplicate_charge_pct"):
        zh.append(f"电量突变{facts['charge_change_pct']:+d}个百分点")
        en.append(f"charge leaps by {facts['charge_change_pct']:+d} points")
    count = account.parameter("duplicate_reports")
    return Words(
        f"至少{count}次相邻上报相互矛盾，最近一次：" + "，".join(zh),
        f"at least {count} reports contradict the one before; the latest: " + ", ".join(en),
    )


DUPLICATE_IDENTITY: Final = Rule(
    name="duplicate_identity",
    severity="major",
    category="integrity",
    title=Words("疑似两台设备共用一个标识", "two devices under one identity"),
    explain=_explain,
    judge=_judge,
    carry={
        "boot": Carried(np.int64, -1),
        "seq": Carried(np.int64, -1),
        "charge_pct": Carried(np.int16, ABSENT_16),
        "charge_ms": Carried(np.int64, NEVER_MS),
        "last_ms": Carried(np.int64, NEVER_MS),
    },
    parameters=(
        "duplicate_charge_pct",
        "duplicate_charge_pct_per_min",
        "duplicate_m",
        "duplicate_reports",
        "duplicate_clear_s",
        "teleport_mps",
        *LEG_PARAMETERS,
    ),
    raise_reports="duplicate_reports",
    kinds=EVERY_KIND,
)
