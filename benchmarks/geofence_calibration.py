"""Predicted probability of being outside against how often it is so, on the simulator's receivers.

People stand anywhere near a border, every place as likely as any other; the receiver of
device_sims.gnss says where it takes them to be and how sure it is; the fence says how probable it
is that they are outside. Of all fixes with a probability of about 70 %, 70 % should be outside.
"""

import math
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import shapely

from device_sims.dice import Dice
from device_sims.gnss import Gnss, GnssFigures
from device_sims.routine import Truth
from geofence.arrays import BoolArray, FloatArray, IntArray
from geofence.fence import circle_fence, polygon_fence
from geofence.index import build_index
from geofence.plane import exact_metres_per_degree
from geofence.probability import PPM, SATELLITE, AccuracyFloors, effective_accuracy_mm, outside_ppm

FIXES: Final = 40_000
CIRCLE_M: Final = 300.0
EVERYTHING: Final = GnssFigures()
JUMPS: Final = replace(EVERYTHING, jump_probability=1.0, jump_s=(119.8, 119.9), lie_probability=0.0)
"""Every fix has jumped and says so."""

LIES: Final = replace(JUMPS, lie_probability=1.0)
"""Every fix has jumped 80 to 400 m and claims to be as good as in the open."""

FLOORS: Final = AccuracyFloors()
CAUTIOUS: Final = AccuracyFloors(satellite_m=10.0)

_LON_DEG, _LAT_DEG = 119.9, 28.4
_EDGE_DEG: Final = 0.5
_INTERVAL_MS: Final = 97_000
"""Longer than a drift lasts: fixes of one receiver then have little to do with one another."""

_PER_DEVICE: Final = 500
_REACH_SIGMAS: Final = 3.5
_JUMP_REACH_M: Final = 600.0


@dataclass(frozen=True, slots=True)
class Decile:
    """Fixes of one tenth of the probabilities.

    Attributes:
        predicted: Mean of their probabilities of being outside.
        found: Share of them that are.
        fixes: How many.
    """

    predicted: float
    found: float
    fixes: int


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """Fixes and the truth; shape (n,) each."""

    lon_deg: FloatArray
    lat_deg: FloatArray
    claimed_mm: IntArray
    is_outside: BoolArray


def labelled_fixes(
    seed: int, border: str, figures: GnssFigures = EVERYTHING, count: int = FIXES
) -> Labelled:
    """Return fixes about a border, half of them indoors.

    Args:
        seed: Of receivers and places.
        border: "edge": straight, inside is west; or "circle", of CIRCLE_M.
        figures: How good the receivers are.
        count: How many; a receiver has no fix now and then, so a few less come.
    """
    kx, ky = exact_metres_per_degree(_LAT_DEG)
    dice = Dice(seed, border, "place")
    rows = []
    for number in range(count):
        is_indoors = bool(number % 2)
        sigma_m = figures.indoor_sigma_m if is_indoors else figures.outdoor_sigma_m
        reach_m = _REACH_SIGMAS * sigma_m if figures.jump_probability < 1 else _JUMP_REACH_M
        xy, is_outside = _place(dice, number, border, reach_m)
        device, ordinal = divmod(number, _PER_DEVICE)
        if ordinal == 0:
            gnss = Gnss(seed, f"receiver-{device}", figures)
        seen = gnss.observe(ordinal * _INTERVAL_MS, Truth(xy, 0.0, 0.0, is_indoors))
        if seen is not None:
            lon, lat = _LON_DEG + seen.xy[0] / kx, _LAT_DEG + seen.xy[1] / ky
            rows.append((lon, lat, round(seen.accuracy_m * 1_000), is_outside))
    lon_deg, lat_deg, claimed_mm, outside = (np.array(column) for column in zip(*rows, strict=True))
    return Labelled(lon_deg, lat_deg, claimed_mm, outside)


def deciles(
    fixes: Labelled, border: str, floors: AccuracyFloors = FLOORS, *, overconfident: bool = False
) -> list[Decile]:
    """Return what was predicted and what is so, by tenths of the probability; empty ones left out.

    Args:
        fixes: As labelled_fixes returns them.
        border: The same.
        floors: The least radius to believe.
        overconfident: All receivers were caught claiming too little.
    """
    predicted = _outside_ppm(fixes, border, floors, overconfident=overconfident) / PPM
    tenth = np.minimum((predicted * 10).astype(np.int64), 9)
    return [
        Decile(float(predicted[rows].mean()), float(fixes.is_outside[rows].mean()), int(rows.sum()))
        for rows in (tenth == k for k in range(10))
        if rows.any()
    ]


def distances_mm(fixes: Labelled, border: str) -> IntArray:
    """Return signed distances to the border that the fixes were made for, shape (n,)."""
    west = shapely.box(_LON_DEG - _EDGE_DEG, _LAT_DEG - _EDGE_DEG, _LON_DEG, _LAT_DEG + _EDGE_DEG)
    circle = circle_fence(_LON_DEG, _LAT_DEG, CIRCLE_M)
    fence = polygon_fence(west) if border == "edge" else circle
    many = len(fixes.lon_deg)
    return build_index([fence.outline]).distances_mm(
        fixes.lon_deg, fixes.lat_deg, np.arange(many), np.zeros(many, np.int64)
    )


def worst(of: list[Decile]) -> float:
    """Return the greatest difference between predicted and found, 0 ... 1."""
    return max(abs(decile.predicted - decile.found) for decile in of)


def calibration_rows(seed: int) -> list[dict[str, Any]]:
    """Return a row per border and kind of noise."""
    rows = []
    for border, name in (("edge", "straight edge"), ("circle", "circle of 300 m")):
        fixes = labelled_fixes(seed, border)
        rows.append(_row(f"{name}, all noise, floor 5 m", deciles(fixes, border)))
        cautious = deciles(fixes, border, CAUTIOUS)
        rows.append(_row(f"{name}, all noise, floor 10 m", cautious))
    few = FIXES // 4
    jumped = labelled_fixes(seed, "edge", JUMPS, few)
    rows.append(_row("straight edge, jumps alone, which say so", deciles(jumped, "edge")))
    lied = labelled_fixes(seed, "edge", LIES, few)
    rows.append(_row("straight edge, lies alone", deciles(lied, "edge")))
    caught = deciles(lied, "edge", overconfident=True)
    rows.append(_row("straight edge, lies alone, receiver marked overconfident", caught))
    return rows


def _row(name: str, found: list[Decile]) -> dict[str, Any]:
    return {"row": f"calibration: {name}", "worst_decile_points": round(worst(found) * 100, 1)} | {
        f"predicted {decile.predicted:.1%}": f"found {decile.found:.1%} of {decile.fixes:,}"
        for decile in found
    }


def _place(
    dice: Dice, number: int, border: str, reach_m: float
) -> tuple[tuple[float, float], bool]:
    if border == "edge":
        x = dice.uniform(2 * number, -reach_m, reach_m)
        return (x, dice.uniform(2 * number + 1, -reach_m, reach_m)), x > 0
    least, most = max(CIRCLE_M - reach_m, 0.0) ** 2, (CIRCLE_M + reach_m) ** 2
    away = math.sqrt(dice.uniform(2 * number, least, most))  # every place as likely as any other
    turn = dice.uniform(2 * number + 1, 0.0, 2 * math.pi)
    return (away * math.cos(turn), away * math.sin(turn)), away > CIRCLE_M


def _outside_ppm(
    fixes: Labelled, border: str, floors: AccuracyFloors, *, overconfident: bool
) -> IntArray:
    many = len(fixes.lon_deg)
    radius_mm = effective_accuracy_mm(
        fixes.claimed_mm, np.full(many, SATELLITE), np.full(many, overconfident), floors
    )
    return outside_ppm(distances_mm(fixes, border), radius_mm)
