"""Critical battery: the device is about to die, and with it the supervision."""

from typing import Final

import numpy as np

from gateway.engine.account import Account, duration
from gateway.engine.rule import EVERY_KIND, Judged, Memory, Rule, decided
from gateway.engine.rules.gauge import GAUGE_CARRY, GAUGE_PARAMETERS, Gauge, read_gauge
from gateway.engine.stretch import NEVER_MS, Stretch
from gateway.engine.words import Words
from geofence.arrays import IntArray

_MS_PER_MIN: Final = 60_000
_S_PER_MIN: Final = 60
_UNKNOWN: Final = -1


def _left_min(stretch: Stretch, gauge: Gauge) -> IntArray:
    """Return the minutes to an empty battery at the recent slope, -1 where it cannot be told."""
    charge_pct = stretch.rows["battery_pct"].astype(np.int64)
    least_pct = stretch.limits["battery_slope_pct"]
    out = np.full(len(stretch), _UNKNOWN)
    # The longer piece last, so that it decides where both can tell.
    for from_ms, from_pct in (
        (gauge.mark_ms, gauge.mark_pct),
        (gauge.earlier_ms, gauge.earlier_pct),
    ):
        fallen_pct = from_pct.astype(np.int64) - charge_pct
        tells = gauge.known & (from_ms != NEVER_MS) & (gauge.charging_ms < from_ms)
        tells &= fallen_pct >= least_pct
        rows = tells.nonzero()[0]
        if len(rows):
            lasted_ms = stretch.time_ms[rows] - from_ms[rows]
            left_ms = charge_pct[rows] * lasted_ms // np.maximum(fallen_pct[rows], 1)
            out[rows] = left_ms // _MS_PER_MIN
    return out


def _judge(stretch: Stretch, memory: Memory) -> Judged:
    gauge = read_gauge(stretch, memory)
    charge_pct, limits = stretch.rows["battery_pct"], stretch.limits
    left_min = _left_min(stretch, gauge)
    is_brief = (left_min != _UNKNOWN) & (left_min <= limits["critical_battery_left_min"])
    is_critical = charge_pct <= limits["critical_battery_pct"]
    is_critical |= is_brief & (charge_pct <= limits["low_battery_pct"])
    # The charging cable is in: whether it stays in, the next reports tell.
    violated = gauge.known & is_critical & ~gauge.charges
    over = gauge.known & (charge_pct >= limits["critical_battery_over_pct"]) & ~is_critical
    facts = {"charge_pct": charge_pct, "left_min": left_min}
    return Judged(decided(violated, over), facts)


def _explain(account: Account) -> Words:
    charge_pct, left_min = account.facts["charge_pct"], account.facts["left_min"]
    limit_pct = account.parameter("critical_battery_pct")
    zh, en = f"电量{charge_pct}%", f"charge {charge_pct} %"
    if charge_pct <= limit_pct:
        zh += f"，不高于{limit_pct}%"
        en += f", at or below {limit_pct} %"
    if left_min == _UNKNOWN:
        return Words(f"{zh}；剩余时间无法估计", f"{en}; time left cannot be estimated")
    left = duration(left_min * _S_PER_MIN)
    limit = duration(int(account.parameter("critical_battery_left_min")) * _S_PER_MIN)
    return Words(
        f"{zh}；按近期放电速度估计{left.zh}后耗尽（预警时限{limit.zh}）",
        f"{en}; empty in about {left.en} at the recent rate of discharge (limit {limit.en})",
    )


CRITICAL_BATTERY: Final = Rule(
    name="critical_battery",
    severity="major",
    category="device",
    title=Words("电量即将耗尽", "battery critical"),
    explain=_explain,
    judge=_judge,
    carry=GAUGE_CARRY,
    parameters=(
        "critical_battery_pct",
        "critical_battery_left_min",
        "critical_battery_over_pct",
        "critical_battery_reports",
        "low_battery_pct",
        "battery_slope_pct",
        *GAUGE_PARAMETERS,
    ),
    raise_reports="critical_battery_reports",
    clear_reports="clear_reports",
    kinds=EVERY_KIND,
)
