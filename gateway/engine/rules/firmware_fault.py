"""Firmware fault: the device reports a fault of itself, or that it was switched off."""

from functools import reduce
from operator import or_
from typing import Final

from firmware_protocols.alarm import ALARM_BITS
from gateway.engine.account import Account
from gateway.engine.rule import EVERY_KIND, Judged, Memory, Rule, decided
from gateway.engine.stretch import Stretch
from gateway.engine.words import Words

_FAULTS: Final = {
    "gnss_fault": Words("定位模块故障", "positioning module fault"),
    "antenna_cut": Words("天线断开", "antenna cut"),
    "antenna_short": Words("天线短路", "antenna short-circuited"),
    "display_fault": Words("显示屏故障", "display fault"),
    "tts_fault": Words("语音模块故障", "voice module fault"),
    "camera_fault": Words("摄像头故障", "camera fault"),
    "card_fault": Words("读卡模块故障", "card reader fault"),
    "power_off": Words("设备被关机", "device switched off"),
    "sim_changed": Words("通信卡被更换", "SIM card changed"),
    "fault": Words("其他故障", "another fault"),
}
"""A supply that is cut is no fault of a worn device: taking it off its charger does it."""

_MASK: Final = reduce(or_, (ALARM_BITS[name] for name in _FAULTS))


def _judge(stretch: Stretch, _: Memory) -> Judged:
    fault_bits = stretch.rows["alarms"] & _MASK
    has_fault = fault_bits != 0
    return Judged(decided(has_fault, ~has_fault), {"fault_bits": fault_bits})


def _explain(account: Account) -> Words:
    bits = account.facts["fault_bits"]
    told = [words for name, words in _FAULTS.items() if bits & ALARM_BITS[name]]
    return Words(
        "设备自报：" + "、".join(words.zh for words in told),
        "the device reports: " + ", ".join(words.en for words in told),
    )


FIRMWARE_FAULT: Final = Rule(
    name="firmware_fault",
    severity="minor",
    category="device",
    title=Words("设备自报故障", "device reports a fault"),
    explain=_explain,
    judge=_judge,
    parameters=("fault_clear_s",),
    clear_reports="clear_reports",
    clear_s="fault_clear_s",
    kinds=EVERY_KIND,
)
