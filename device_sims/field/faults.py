"""What a mishap makes of a fix: lost, jammed, jumped, drawn away, frozen, too sure, wrong datum."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from device_sims.field.deed import Deed
from device_sims.gnss import Observation
from device_sims.ground import XY, polar
from device_sims.routine import Truth

GCJ02_SHIFT_M: Final = (432.0, -381.0)
"""East and north: how far GCJ-02 lies from WGS-84 in the middle of the county; elsewhere in it
the shift differs by less than 60 m. Both are measured by a test against another implementation."""

_TELEPORT_M: Final = (5_000.0, 20_000.0)
_FLIGHT_MPS: Final = (130.0, 220.0)
"""Above the fastest trains in service (120 m/s): what is slower somebody can have gone."""

_DRAG_MPS: Final = (0.8, 2.0)
_DRAG_M: Final = (1_200.0, 3_500.0)
_DRAG_CLAIM_M: Final = (1.0, 2.0)
_DRAG_SATELLITES: Final = 12
_BOLD_M: Final = (150.0, 350.0)
_BOLD_CLAIM_M: Final = (1.5, 2.5)
"""200 m off at a claimed 1.9 m are on record (Ikolvi/Tracelet issue 294); for how long: assumed."""

_JAM_BLIND: Final = 0.7
_JAM_SIGMA_M: Final = 90.0
_JAM_CLAIM_M: Final = (100.0, 300.0)
JAM_SATELLITES: Final = 3
"""At most; a position needs four."""

Fault = Callable[[Deed, int, Truth, Observation], Observation | None]


def faulty(deed: Deed, time_ms: int, truth: Truth, seen: Observation) -> Observation | None:
    """Return what becomes of a fix while a deed is played; None: there is none.

    Args:
        deed: What is played.
        time_ms: True time.
        truth: Where the device is.
        seen: The fix that it would have.
    """
    fault = _FAULTS.get(deed.kind)
    return seen if fault is None else fault(deed, time_ms, truth, seen)


def false_speed_mps(deed: Deed, time_ms: int) -> float | None:
    """Return the speed that a false position shows, or None where it is that of the device."""
    if deed.kind == "flight":
        return deed.dice.uniform(300, *_FLIGHT_MPS)
    if deed.kind == "drag":
        return _drag_mps(deed) if _dragged_m(deed, time_ms) < _drag_end_m(deed) else 0.0
    return 0.0 if deed.kind == "frozen" else None


def _none(_deed: Deed, _time_ms: int, _truth: Truth, _seen: Observation) -> None:
    return None


def _jammed(deed: Deed, time_ms: int, _truth: Truth, seen: Observation) -> Observation | None:
    dice = deed.dice
    if dice.chance(3 * time_ms, _JAM_BLIND):
        return None
    x, y = (seen.xy[k] + _JAM_SIGMA_M * dice.normal(2 * time_ms + k) for k in (0, 1))
    return Observation((x, y), dice.uniform(3 * time_ms + 1, *_JAM_CLAIM_M), JAM_SATELLITES)


def _teleported(deed: Deed, _time_ms: int, _truth: Truth, seen: Observation) -> Observation:
    return replace(seen, xy=polar(seen.xy, deed.dice.uniform(300, *_TELEPORT_M), _bearing(deed)))


def _flying(deed: Deed, time_ms: int, _truth: Truth, seen: Observation) -> Observation:
    into_s = time_ms / 1_000 - deed.begin_s
    half_s = (deed.end_s - deed.begin_s) / 2
    away_s = into_s if into_s < half_s else 2 * half_s - into_s
    away_m = deed.dice.uniform(300, *_FLIGHT_MPS) * away_s
    return replace(seen, xy=polar(seen.xy, away_m, _bearing(deed)))


def _dragged(deed: Deed, time_ms: int, truth: Truth, _seen: Observation) -> Observation:
    away_m = min(_dragged_m(deed, time_ms), _drag_end_m(deed))
    noise = (0.4 * deed.dice.normal(2 * time_ms + k) for k in (0, 1))
    x, y = polar(truth.xy, away_m, _bearing(deed))
    claim_m = deed.dice.uniform(302, *_DRAG_CLAIM_M)
    return Observation((x + next(noise), y + next(noise)), claim_m, _DRAG_SATELLITES)


def _too_sure(deed: Deed, _time_ms: int, _truth: Truth, seen: Observation) -> Observation:
    off_m = deed.dice.uniform(300, *_BOLD_M)
    claim_m = deed.dice.uniform(301, *_BOLD_CLAIM_M)
    return replace(seen, xy=polar(seen.xy, off_m, _bearing(deed)), accuracy_m=claim_m)


def _shifted(_deed: Deed, _time_ms: int, _truth: Truth, seen: Observation) -> Observation:
    shifted: XY = (seen.xy[0] + GCJ02_SHIFT_M[0], seen.xy[1] + GCJ02_SHIFT_M[1])
    return replace(seen, xy=shifted)


def _bearing(deed: Deed) -> float:
    return deed.dice.uniform(310, 0.0, 2 * math.pi)


def _drag_mps(deed: Deed) -> float:
    return deed.dice.uniform(300, *_DRAG_MPS)


def _drag_end_m(deed: Deed) -> float:
    return deed.dice.uniform(301, *_DRAG_M)


def _dragged_m(deed: Deed, time_ms: int) -> float:
    return _drag_mps(deed) * (time_ms / 1_000 - deed.begin_s)


_FAULTS: Final[dict[str, Fault]] = {
    "lost": _none,
    "metro": _none,
    "jam": _jammed,
    "jam_told": _jammed,
    "teleport": _teleported,
    "flight": _flying,
    "drag": _dragged,
    "bold": _too_sure,
    "datum": _shifted,
}
