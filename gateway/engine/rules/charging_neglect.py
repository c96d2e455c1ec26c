"""Charging neglect: a charge is due for a day, and none is made that lasts.

Topping up for minutes serves nothing: what counts is a charge above the limit.
"""

from typing import Final

import numpy as np

from gateway.engine.account import Account, duration
from gateway.engine.rule import Carried, Judged, Memory, Rule, decided
from gateway.engine.rules.gauge import GAUGE_CARRY, GAUGE_PARAMETERS, read_gauge
from gateway.engine.stretch import NEVER_MS, Stretch
from gateway.engine.words import Words

_MS_PER_S: Final = 1_000


def _judge(stretch: Stretch, memory: Memory) -> Judged:
    gauge = read_gauge(stretch, memory)
    charge_pct, limits = stretch.rows["battery_pct"], stretch.limits
    limit_pct = limits["charging_neglect_pct"]
    is_served = gauge.known & (charge_pct >= limit_pct + limits["charging_rise_pct"])
    is_due = gauge.known & (charge_pct <= limit_pct)
    # Between the two limits it stays what it was: a wavering gauge starts nothing anew.
    was_due = memory["due_ms"] != NEVER_MS
    due = stretch.newest(is_served | is_due, is_due, was_due)
    due_ms = stretch.since(due, memory["due_ms"])
    memory["due_ms"] = stretch.at_end(due_ms)
    waited_ms = np.where(due, stretch.time_ms - due_ms, 0)
    # Whoever charges now is not told to.
    neglected = gauge.known & due & ~gauge.charges
    neglected &= waited_ms >= limits.ms("charging_neglect_s")
    facts = {"charge_pct": charge_pct, "waited_s": waited_ms // _MS_PER_S}
    return Judged(decided(neglected, is_served), facts)


def _explain(account: Account) -> Words:
    charge_pct, waited = account.facts["charge_pct"], duration(account.facts["waited_s"])
    limit_pct = account.parameter("charging_neglect_pct")
    limit = duration(int(account.parameter("charging_neglect_s")))
    return Words(
        f"电量降至{limit_pct}%及以下已{waited.zh}，其间未充至该值以上，现为{charge_pct}%（时限{limit.zh}）",
        f"at or below {limit_pct} % for {waited.en} without a charge above it, now {charge_pct} % "
        f"(limit {limit.en})",
    )


CHARGING_NEGLECT: Final = Rule(
    name="charging_neglect",
    severity="minor",
    category="device",
    title=Words("未按时充电", "not charged in time"),
    explain=_explain,
    judge=_judge,
    carry={**GAUGE_CARRY, "due_ms": Carried(np.int64, NEVER_MS)},
    parameters=("charging_neglect_pct", "charging_neglect_s", *GAUGE_PARAMETERS),
)
