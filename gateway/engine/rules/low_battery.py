"""Low battery: time to tell the person to charge. Whom the critical alert tells, this one does not.

One battery has one standing alert: what was low and is critical is told as critical only, and is
not told as low again before the charge has been up.
"""

from typing import Final

import numpy as np

from gateway.columns import ABSENT_16
from gateway.engine.account import Account
from gateway.engine.rule import EVERY_KIND, Carried, Judged, Memory, Rule, decided
from gateway.engine.stretch import NEVER_MS, Stretch
from gateway.engine.words import Words
from geofence.arrays import BoolArray


def _judge(stretch: Stretch, memory: Memory) -> Judged:
    charge_pct, limits = stretch.rows["battery_pct"], stretch.limits
    known = charge_pct != ABSENT_16
    empty = known & (charge_pct <= limits["critical_battery_pct"])
    recovered = _recovered(stretch, memory)
    critical = stretch.newest(empty | recovered, empty, memory["critical"])
    memory["critical"] = stretch.at_end(critical)
    low = known & (charge_pct <= limits["low_battery_pct"])
    low |= stretch.has_alarm("low_battery")
    return Judged(decided(low & ~critical, recovered | critical))


def _recovered(stretch: Stretch, memory: Memory) -> BoolArray:
    """Return which rows show that the charge has been up again for long enough."""
    charge_pct, limits = stretch.rows["battery_pct"], stretch.limits
    known = charge_pct != ABSENT_16
    up = known & (charge_pct >= limits["recovered_battery_pct"])
    is_up = stretch.newest(known, up, memory["up_ms"] != NEVER_MS)
    up_ms = stretch.since(is_up, memory["up_ms"])
    memory["up_ms"] = stretch.at_end(up_ms)
    recovered: BoolArray = up & (stretch.time_ms - up_ms >= limits.ms("recovered_battery_s"))
    return recovered


def _explain(account: Account) -> Words:
    charge_pct = account.newest.get("battery_pct")
    limit_pct = account.parameter("low_battery_pct")
    if charge_pct is None:
        return Words("设备上报电量低", "the device reported a low battery")
    return Words(
        f"电量{charge_pct}%，不高于{limit_pct}%",
        f"charge {charge_pct} %, at or below {limit_pct} %",
    )


LOW_BATTERY: Final = Rule(
    name="low_battery",
    severity="minor",
    category="device",
    title=Words("电量低", "low battery"),
    explain=_explain,
    ended=Words(
        "电量已回升，或已降至另行告警的即将耗尽程度",
        "the charge has risen again, or is now critical, which has an alert of its own",
    ),
    judge=_judge,
    carry={"critical": Carried(np.bool_, 0), "up_ms": Carried(np.int64, NEVER_MS)},
    parameters=(
        "low_battery_pct",
        "recovered_battery_pct",
        "recovered_battery_s",
        "critical_battery_pct",
    ),
    clear_reports="clear_reports",
    kinds=EVERY_KIND,
)
