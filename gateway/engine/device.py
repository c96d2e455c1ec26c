"""The device rules: SOS, strap, case, removed, low battery, and silence."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from firmware_protocols.alarm import ALARM_BITS
from gateway.columns import ABSENT_16
from gateway.parameters import Parameters
from geofence.arrays import BoolArray, Int8Array, IntArray

ALARM_RULES: Final = ("sos", "strap", "case", "removed")
"""Rules that are one alarm bit each; never suppressed, raised by the first report that has it."""

TAMPER_RULES: Final = ("strap", "case", "removed")
"""Those of them that flicker: a loose strap opens again and again."""

DEVICE_RULES: Final = (*ALARM_RULES, "low_battery")
"""Rules that are decided report by report, in the order of `device_decisions`."""

_MS_PER_S: Final = 1_000


def device_decisions(
    alarms: NDArray[Any], battery_pct: NDArray[Any], parameters: Parameters
) -> Int8Array:
    """Return the decisions of DEVICE_RULES, shape (len(DEVICE_RULES), n), int8."""
    out = np.full((len(DEVICE_RULES), len(alarms)), -1, np.int8)
    for row, rule in enumerate(ALARM_RULES):
        out[row, (alarms & ALARM_BITS[rule]) != 0] = 1
    battery = out[len(ALARM_RULES)]
    unknown = battery_pct == ABSENT_16
    battery[unknown | (battery_pct < parameters.recovered_battery_pct)] = 0
    low = ~unknown & (battery_pct <= parameters.low_battery_pct)
    battery[low | ((alarms & ALARM_BITS["low_battery"]) != 0)] = 1
    return out


def silence_limit_ms(expected_interval_s: int, parameters: Parameters) -> int:
    """Return the gap in fix time beyond which a device is silent."""
    by_interval_s = parameters.silence_intervals * expected_interval_s
    return max(parameters.silence_s, by_interval_s) * _MS_PER_S


def gaps(
    wearer: IntArray, time_ms: IntArray, previous_ms: IntArray, limit_ms: IntArray
) -> tuple[BoolArray, IntArray]:
    """Return which reports end a gap longer than the limit, and where that gap began.

    Args:
        wearer: Wearer of each report, ascending, shape (n,).
        time_ms: Fix times, ascending within a wearer.
        previous_ms: Newest fix time before the first report of its wearer, shape (n,); only the
            first row of each wearer is read. Negative: none.
        limit_ms: Limit of each report's wearer, shape (n,).
    """
    first = np.r_[True, wearer[1:] != wearer[:-1]]
    before = np.where(first, previous_ms, np.r_[0, time_ms[:-1]])
    return (before >= 0) & (time_ms - before > limit_ms), before
