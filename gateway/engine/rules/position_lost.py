"""Position lost: the device reports, and has no fix. The facts say what is known of the cause."""

from typing import Final

import numpy as np

from gateway.columns import ABSENT_16
from gateway.engine.account import Account, duration
from gateway.engine.rule import Carried, Judged, Memory, Rule, decided
from gateway.engine.stretch import NEVER_MS, Stretch
from gateway.engine.words import Words

_MS_PER_S: Final = 1_000
_RECEIVER_FAULTS: Final = ("gnss_fault", "antenna_cut", "antenna_short")
_UNKNOWN: Final = -1


def _judge(stretch: Stretch, memory: Memory) -> Judged:
    limits, time_ms = stretch.limits, stretch.time_ms
    # What was recorded without a link says nothing about a device that is online.
    lost = ~stretch.has_fix & ~stretch.rows["backlog"]
    if not lost.any() and not (memory["lost_ms"] != NEVER_MS).any():
        return Judged(np.where(stretch.has_fix, -1, 0).astype(np.int8))
    interval_ms = stretch.by_row(stretch.expected_interval_ms)
    patience_ms = np.maximum(
        limits.ms("position_lost_s"), limits["position_lost_intervals"] * interval_ms
    )
    # Who was silent in between is not known to have been without a fix.
    was_silent = time_ms - stretch.previous_ms > patience_ms
    was_lost = stretch.previous(lost, memory["lost_ms"] != NEVER_MS)
    begins = lost & (was_silent | ~was_lost)
    lost_ms = np.where(lost, stretch.newest(begins, time_ms, memory["lost_ms"]), NEVER_MS)
    memory["lost_ms"] = stretch.at_end(lost_ms)
    lasted_ms = np.where(lost, time_ms - lost_ms, 0)
    seen = stretch.rows["satellites"]
    facts = {
        "lost_s": lasted_ms // _MS_PER_S,
        "satellites": np.where(seen == ABSENT_16, _UNKNOWN, seen),
        "jamming": stretch.has_alarm("jamming"),
        "receiver_fault": np.any([stretch.has_alarm(name) for name in _RECEIVER_FAULTS], axis=0),
    }
    return Judged(decided(lost & (lasted_ms >= patience_ms), stretch.has_fix), facts)


def _cause(account: Account) -> Words:
    if account.facts["jamming"]:
        return Words("设备自报受到干扰", "the device says that it is jammed")
    if account.facts["receiver_fault"]:
        return Words("设备自报定位模块或天线故障", "it reports a fault of its receiver or antenna")
    satellites = account.facts["satellites"]
    if satellites == _UNKNOWN:
        return Words("设备未报告卫星数，原因不明", "it does not tell satellites; cause unknown")
    if satellites == 0:
        return Words(
            "可见卫星数为0，可能在室内、地下或信号被遮挡",
            "it sees no satellite: indoors, underground or shielded",
        )
    return Words(
        f"可见卫星{satellites}颗，不足以定位", f"it sees {satellites} satellites, too few for a fix"
    )


def _explain(account: Account) -> Words:
    lost, cause = duration(account.facts["lost_s"]), _cause(account)
    return Words(
        f"设备在线上报，但已{lost.zh}没有定位；{cause.zh}",
        f"the device reports but has had no position for {lost.en}; {cause.en}",
    )


POSITION_LOST: Final = Rule(
    name="position_lost",
    severity="minor",
    category="device",
    title=Words("在线但无定位", "online without a position"),
    explain=_explain,
    judge=_judge,
    carry={"lost_ms": Carried(np.int64, NEVER_MS)},
    parameters=("position_lost_s", "position_lost_intervals"),
    clear_reports="clear_reports",
)
