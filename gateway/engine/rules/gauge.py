"""The battery as its gauge shows it: where it stood a while ago, and whether it rises.

Gauges waver by a per cent or two, so two neighbouring reports tell nothing. The first reading of
every piece of fix time (`battery_slope_s` long) is kept as a mark to compare with.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from gateway.columns import ABSENT_16
from gateway.engine.rule import Carried, Memory
from gateway.engine.stretch import NEVER_MS, Stretch
from geofence.arrays import BoolArray, IntArray

GAUGE_CARRY: Final = {
    "known_ms": Carried(np.int64, NEVER_MS, shared="gauge"),
    "mark_ms": Carried(np.int64, NEVER_MS, shared="gauge"),
    "mark_pct": Carried(np.int16, ABSENT_16, shared="gauge"),
    "earlier_ms": Carried(np.int64, NEVER_MS, shared="gauge"),
    "earlier_pct": Carried(np.int16, ABSENT_16, shared="gauge"),
    "charging_ms": Carried(np.int64, NEVER_MS, shared="gauge"),
}
GAUGE_PARAMETERS: Final = ("battery_slope_s", "charging_rise_pct")


@dataclass(frozen=True, slots=True)
class Gauge:
    """Shape (n,) each.

    Attributes:
        known: The report says its charge.
        mark_ms: When the newest mark was made, this row's own counting; NEVER_MS: there is none.
        mark_pct: Charge then.
        earlier_ms: When the mark before that was made.
        earlier_pct: Charge then.
        charges: The device says that it is charged, or its charge has risen above the mark.
        charging_ms: When that was last so.
        memory: GAUGE_CARRY after the stretch.
    """

    known: BoolArray
    mark_ms: IntArray
    mark_pct: IntArray
    earlier_ms: IntArray
    earlier_pct: IntArray
    charges: BoolArray
    charging_ms: IntArray
    memory: Memory


def read_gauge(stretch: Stretch, memory: Memory) -> Gauge:
    """Return the gauge by row, and carry GAUGE_CARRY on."""
    gauge = stretch.once(_read, memory)
    memory.update(gauge.memory)
    return gauge


def _read(stretch: Stretch, memory: Memory) -> Gauge:
    time_ms, charge_pct = stretch.time_ms, stretch.rows["battery_pct"]
    known = charge_pct != ABSENT_16
    piece_ms = stretch.limits.ms("battery_slope_s")
    before_ms = stretch.newest_before(known, time_ms, memory["known_ms"])
    marks = known & ((before_ms == NEVER_MS) | (time_ms // piece_ms != before_ms // piece_ms))
    last_ms = stretch.newest_before(marks, time_ms, memory["mark_ms"])
    last_pct = stretch.newest_before(marks, charge_pct, memory["mark_pct"])
    mark_ms = np.where(marks, time_ms, last_ms)
    mark_pct = np.where(marks, charge_pct, last_pct)
    earlier_ms = stretch.newest(marks, last_ms, memory["earlier_ms"])
    earlier_pct = stretch.newest(marks, last_pct, memory["earlier_pct"])
    rise_pct = stretch.limits["charging_rise_pct"]
    against_pct = np.where(marks, last_pct, mark_pct).astype(np.int64)
    rises = known & (against_pct != ABSENT_16) & (charge_pct >= against_pct + rise_pct)
    charges = rises | stretch.has_alarm("charging")
    charging_ms = stretch.newest(charges, time_ms, memory["charging_ms"])
    kept = {
        "known_ms": stretch.newest(known, time_ms, memory["known_ms"]),
        "mark_ms": mark_ms,
        "mark_pct": mark_pct,
        "earlier_ms": earlier_ms,
        "earlier_pct": earlier_pct,
        "charging_ms": charging_ms,
    }
    after = {name: stretch.at_end(values) for name, values in kept.items()}
    # Copied: they may be what the memory holds, which moves on before the next rule asks.
    earlier = earlier_ms.copy(), earlier_pct.copy()
    return Gauge(known, mark_ms, mark_pct, *earlier, charges, charging_ms, after)
