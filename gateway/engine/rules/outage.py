"""Outage: many devices of one organisation are quiet at once; one fact instead of many silences.

Decided by the passing of time and by when reports come (engine/outage.py).
"""

from typing import Final

from gateway.engine.account import Account, clock, duration
from gateway.engine.rule import WORN, Rule
from gateway.engine.words import Words


def _explain(account: Account) -> Words:
    quiet, watched = account.facts["devices_quiet"], account.facts["devices_watched"]
    since, limit = clock(account.begin_ms), duration(int(account.parameter("outage_s")))
    least, share = account.parameter("outage_devices"), account.parameter("outage_share_pct")
    return Words(
        f"所监管的{watched}台设备中有{quiet}台自{since}起均无数据到达（每台超过{limit.zh}；"
        f"标准为至少{least}台且不低于{share}%），应为网络或平台故障，期间不逐台告警",
        f"nothing has come from {quiet} of {watched} watched devices since {since} (from each for "
        f"more than {limit.en}; the limit is {least} devices and {share} %). It is taken as a "
        "fault of the network and not told device by device",
    )


OUTAGE: Final = Rule(
    name="outage",
    severity="major",
    category="device",
    title=Words("大面积失联", "outage"),
    explain=_explain,
    parameters=("outage_s", "outage_devices", "outage_share_pct"),
    kinds=WORN,
    by_arrival=True,
    clocked=True,
)
