"""What a device has shown of its wearer, and when: steps, changes of place, skin, pulse, warmth.

Every time is the newest at which a sensor spoke, or contradicted that nobody wears the device.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gateway.columns import ABSENT, ABSENT_8, ABSENT_16
from gateway.engine.rule import Carried, Memory
from gateway.engine.stretch import NEVER_MS, Stretch, between_mm
from geofence.arrays import BoolArray, IntArray

_MM_PER_M: Final = 1_000
_LEAST_BPM: Final = 25
_NEVER: Final = Carried(np.int64, NEVER_MS)
Columns = dict[str, NDArray[Any]]

CARRY: Final = {
    "from_ms": _NEVER,  # since when the device has been observed without a long gap
    "steps_ms": _NEVER,  # when its step counter last spoke
    "walked_ms": _NEVER,
    "moved_ms": _NEVER,
    "skin_ms": _NEVER,  # when its skin sensor last spoke
    "skin_on_ms": _NEVER,
    "living_ms": _NEVER,  # when the pulse last changed
    "living_every_ms": Carried(np.int64, 0),
    "thermometer_ms": _NEVER,
    "warm_ms": _NEVER,
    "charging_ms": _NEVER,  # since when
    "steps": Carried(np.int32, ABSENT),
    "older_lon_e7": Carried(np.int32, ABSENT),  # the fix before the prior fix
    "older_lat_e7": Carried(np.int32, ABSENT),
    "older_accuracy_mm": Carried(np.int32, ABSENT),
    "pulse_bpm": Carried(np.int16, ABSENT_16),
    "hopped": Carried(np.bool_, 0),  # the prior fix was far from the one before
}


class _Memory:
    """What has been seen up to each row; the wearers' memory moves on with it."""

    def __init__(self, stretch: Stretch, memory: Memory) -> None:
        self.stretch, self._memory = stretch, memory

    def newest(self, name: str, where: BoolArray, values: NDArray[Any]) -> NDArray[Any]:
        """Return the newest value up to and with each row."""
        return self.newest_and_before(name, where, values)[0]

    def newest_and_before(
        self, name: str, where: BoolArray, values: NDArray[Any]
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return the newest value with each row, and before it."""
        carried = self._memory[name]
        found = self.stretch.newest(where, values, carried)
        self._memory[name] = self.stretch.at_end(found).astype(carried.dtype, copy=False)
        return found, self.stretch.previous(found, carried)

    def since(self, name: str, holds: BoolArray) -> IntArray:
        """Return since when a condition has held."""
        found = self.stretch.since(holds, self._memory[name])
        self._memory[name] = self.stretch.at_end(found)
        return found


def seen(stretch: Stretch, memory: Memory) -> Columns:
    """Return by row when each sign was last contradicted, and when its sensor last spoke.

    NEVER_MS: not yet. `from` is since when there has been no long gap between reports, `charging`
    since when it is being charged, `every` the usual interval between changes of the pulse.
    """
    rows, limits, time_ms = stretch.rows, stretch.limits, stretch.time_ms
    kept = _Memory(stretch, memory)
    skin, cc = rows["skin_contact"], rows["skin_temperature_cc"]
    has_skin, has_cc = skin != ABSENT_8, cc != ABSENT
    long_ago = time_ms - stretch.previous_ms > limits.ms("apart_gap_s")
    living_ms, every_ms = _pulse(kept)
    return {
        "from": kept.newest("from_ms", long_ago, time_ms),
        "steps": kept.newest("steps_ms", rows["steps"] != ABSENT, time_ms),
        "walked": kept.newest("walked_ms", _walked(kept), time_ms),
        "fix": np.where(stretch.has_fix, time_ms, stretch.prior_fix.time_ms),
        "moved": kept.newest("moved_ms", _moved(kept), time_ms),
        "skin": kept.newest("skin_ms", has_skin, time_ms),
        "on": kept.newest("skin_on_ms", skin == 1, time_ms),
        "living": living_ms,
        "every": every_ms,
        "thermometer": kept.newest("thermometer_ms", has_cc, time_ms),
        "warm": kept.newest("warm_ms", has_cc & (cc >= limits["apart_worn_skin_cc"]), time_ms),
        "charging": kept.since("charging_ms", stretch.has_alarm("charging")),
    }


def _walked(kept: _Memory) -> BoolArray:
    steps = kept.stretch.rows["steps"]
    known = steps != ABSENT
    before = kept.newest_and_before("steps", known, steps)[1]
    rise = np.where(steps < before, steps, steps - before)  # less: a new day's counter
    walked: BoolArray = known & (before != ABSENT) & (rise >= kept.stretch.limits["apart_steps"])
    return walked


def _moved(kept: _Memory) -> BoolArray:
    """Return which fixes end a change of place: three in a row, each far from the others."""
    stretch, rows, prior = kept.stretch, kept.stretch.rows, kept.stretch.prior_fix
    travel_mm = stretch.limits["apart_travel_m"] * _MM_PER_M
    hops = stretch.moved_mm > travel_mm
    far = np.flatnonzero(hops)
    reach_mm = travel_mm[far] + _radius_mm(stretch, rows["accuracy_mm"], far)
    moved_mm = stretch.moved_mm[far] - _radius_mm(stretch, prior.accuracy_mm, far)
    hops[far] = moved_mm > reach_mm
    hopped = kept.newest_and_before("hopped", stretch.has_fix, hops)[1]
    lon_e7, lat_e7, accuracy_mm = (
        kept.newest_and_before(f"older_{name}", stretch.has_fix, getattr(prior, name))[1]
        for name in ("lon_e7", "lat_e7", "accuracy_mm")
    )
    out: BoolArray = hops & hopped
    two = np.flatnonzero(out)
    apart_mm = between_mm(rows["lon_e7"][two], rows["lat_e7"][two], lon_e7[two], lat_e7[two])
    reach_mm = travel_mm[two] + _radius_mm(stretch, rows["accuracy_mm"], two)
    out[two] = apart_mm > reach_mm + _radius_mm(stretch, accuracy_mm, two)
    return out


def _radius_mm(stretch: Stretch, accuracy_mm: NDArray[Any], rows: IntArray) -> IntArray:
    default_mm = np.rint(stretch.limits["accuracy_default_m"][rows] * _MM_PER_M)
    claimed_mm = accuracy_mm[rows].astype(np.int64)
    return np.where(claimed_mm != ABSENT, claimed_mm, default_mm.astype(np.int64))


def _pulse(kept: _Memory) -> tuple[IntArray, IntArray]:
    """Return when the pulse last changed from one plausible value to another, and how often."""
    bpm = kept.stretch.rows["heart_rate_bpm"]
    before = kept.newest_and_before("pulse_bpm", bpm != ABSENT_16, bpm)[1]
    living = (bpm >= _LEAST_BPM) & (before >= _LEAST_BPM) & (bpm != before)
    time_ms = kept.stretch.time_ms
    newest_ms, earlier_ms = kept.newest_and_before("living_ms", living, time_ms)
    every_ms = np.where(earlier_ms != NEVER_MS, time_ms - earlier_ms, 0)
    return newest_ms, kept.newest("living_every_ms", living, every_ms)
