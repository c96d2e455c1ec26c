"""What a receiver makes of the truth: drift, jumps, and a claim of accuracy that may lie."""

import math
from dataclasses import dataclass
from typing import Final

from device_sims.dice import Dice
from device_sims.ground import XY, polar
from device_sims.routine import Truth

SIGMA_TO_RADIUS_68: Final = math.sqrt(-2.0 * math.log(1.0 - 0.68))
"""Radius of the 68 % circle of a round normal error, in units of its sigma per axis (1.51)."""


@dataclass(frozen=True)
class GnssFigures:
    """How good a receiver is.

    Attributes:
        outdoor_sigma_m: Error per axis in the open. NIJ 1004.00 wants 10 m there; read as the 90 %
            radius (2.15 sigma), which is an assumption.
        indoor_sigma_m: The same indoors, where NIJ 1004.00 wants 30 m.
        drift_share: Share of the variance that drifts slowly; the rest is new each fix (assumed).
        drift_s: Time after which the drift is another one (assumed: satellites and reflections
            change within minutes).
        no_fix_indoors: Share of minutes indoors without any fix (assumed).
        jump_slot_s: At most one jump begins in each slot of this length.
        jump_probability: Chance that a slot has one (assumed).
        jump_m: Shortest and longest jump (assumed; 200 m are on record).
        jump_s: Shortest and longest time it lasts (assumed).
        lie_probability: Chance that a jump comes with a claim as good as in the open (assumed).
        claim_spread: Log-normal spread of the claimed accuracy about the honest one (assumed).
    """

    outdoor_sigma_m: float = 4.66
    indoor_sigma_m: float = 13.98
    drift_share: float = 0.8
    drift_s: float = 90.0
    no_fix_indoors: float = 0.03
    jump_slot_s: int = 120
    jump_probability: float = 0.004
    jump_m: tuple[float, float] = (80.0, 400.0)
    jump_s: tuple[float, float] = (3.0, 15.0)
    lie_probability: float = 0.3
    claim_spread: float = 0.15


@dataclass(frozen=True)
class Observation:
    """A fix as the receiver gives it."""

    xy: XY
    accuracy_m: float
    satellites: int


class Gnss:
    """The receiver of one device; a function of (seed, device, time)."""

    def __init__(self, seed: int, device: str, figures: GnssFigures | None = None) -> None:
        """Name the receiver."""
        self._figures = figures or GnssFigures()
        self._drift = (Dice(seed, device, "drift-x"), Dice(seed, device, "drift-y"))
        self._white = Dice(seed, device, "white")
        self._jump = Dice(seed, device, "jump")
        self._fade = Dice(seed, device, "fade")
        self._drifts: tuple[int, XY, XY] | None = None

    def observe(self, time_ms: int, truth: Truth) -> Observation | None:
        """Return the fix of a time, or None where there is none."""
        figures = self._figures
        if truth.is_indoors and self._fade.chance(time_ms // 60_000, figures.no_fix_indoors):
            return None
        sigma_m = figures.indoor_sigma_m if truth.is_indoors else figures.outdoor_sigma_m
        slow = math.sqrt(figures.drift_share)
        fast = math.sqrt(1.0 - figures.drift_share)
        drift = self._wander(time_ms)
        dx = sigma_m * (slow * drift[0] + fast * self._white.normal(2 * time_ms))
        dy = sigma_m * (slow * drift[1] + fast * self._white.normal(2 * time_ms + 1))
        xy = (truth.xy[0] + dx, truth.xy[1] + dy)
        claim_m = SIGMA_TO_RADIUS_68 * sigma_m
        claim_m *= math.exp(figures.claim_spread * self._fade.normal(time_ms))
        satellites = self._white.integer(3 * time_ms, 4, 7) + (0 if truth.is_indoors else 5)
        jumped = self._jumped(time_ms, xy)
        if jumped is None:
            return Observation(xy, claim_m, satellites)
        xy, is_lie, length_m = jumped
        return Observation(xy, claim_m if is_lie else length_m, 4)

    def _wander(self, time_ms: int) -> XY:
        # Cosine and sine weights keep the variance at one between the two numbers that they mix.
        cell, rest = divmod(time_ms / 1_000.0, self._figures.drift_s)
        angle = 0.5 * math.pi * rest / self._figures.drift_s
        before, after = self._between(int(cell))
        weights = math.cos(angle), math.sin(angle)
        return (
            weights[0] * before[0] + weights[1] * after[0],
            weights[0] * before[1] + weights[1] * after[1],
        )

    def _between(self, cell: int) -> tuple[XY, XY]:
        """Return the drift at the begin and at the end of a cell; the last one is kept."""
        kept = self._drifts
        if kept is not None and kept[0] == cell:
            return kept[1], kept[2]
        east, north = self._drift
        if kept is not None and kept[0] == cell - 1:
            before = kept[2]
        else:
            before = (east.normal(cell), north.normal(cell))
        after = (east.normal(cell + 1), north.normal(cell + 1))
        self._drifts = (cell, before, after)
        return before, after

    def _jumped(self, time_ms: int, xy: XY) -> tuple[XY, bool, float] | None:
        figures = self._figures
        slot, rest_ms = divmod(time_ms, figures.jump_slot_s * 1_000)
        base = slot * 8
        if not self._jump.chance(base, figures.jump_probability):
            return None
        lasts_s = self._jump.uniform(base + 1, *figures.jump_s)
        begin_s = self._jump.uniform(base + 2, 0.0, figures.jump_slot_s - lasts_s)
        if not begin_s <= rest_ms / 1_000.0 < begin_s + lasts_s:
            return None
        length_m = self._jump.uniform(base + 3, *figures.jump_m)
        landed = polar(xy, length_m, self._jump.uniform(base + 4, 0.0, 2 * math.pi))
        return landed, self._jump.chance(base + 5, figures.lie_probability), length_m
