"""What a receiver of the field makes of the truth: streets, cold starts, jumps, bold claims.

Frozen on 2026-11-22, before any rule was tuned against it; `tests/device_sims/test_field_noise.py`
holds its digest. Whoever changes the noise says so there and in docs/simulators.md.
"""

import math
from dataclasses import dataclass, replace
from typing import Final

from device_sims.dice import Dice
from device_sims.field.sky import Sky
from device_sims.gnss import SIGMA_TO_RADIUS_68, Gnss, GnssFigures, Observation
from device_sims.ground import XY, polar
from device_sims.routine import Truth

_MS_PER_S: Final = 1_000


@dataclass(frozen=True)
class FieldFigures:
    """How a receiver errs beyond `GnssFigures`.

    Attributes:
        canyon_sigma_m: Added error per axis between houses: a mean of 13 m, the upper end of what
            Merry and Bettinger found in a town (PLoS ONE 14(7), 2019).
        canyon_s: After this the reflections are others (assumed).
        bold_share: Share of twenty minutes, between houses or indoors, in which claims are bold
            (assumed).
        bold_factor: How much too small they are then: 10 m claimed within a 25 m circle
            (macrumors.com thread 1800513).
        wifi_share: Share of ten minutes indoors in which the fix comes from Wi-Fi (assumed).
        wifi_sigma_m: Its error per axis: a median of 74 m (Zandbergen, Transactions in GIS 13,
            2009). Its claim is honest.
        restart_blind_s: Without a fix after darkness; NIJ 1004.00 allows two minutes.
        restart_s: Until here fixes after darkness are poor; likewise.
        restart_m: Error of the first of them, halved every 20 s (assumed).
        stray_per_day: Strays of an ordinary receiver: about one a day (Ikolvi/Tracelet issue 294,
            the second device of its log), indoors or between houses.
        flappy_share: Share of receivers like the first device of that log (assumed).
        flappy_per_day: Bursts a day of those (assumed).
        stray_m: Distances in that log.
        stray_claim_m: Claims in that log.
        stray_s: Least and most that one lasted there.
    """

    canyon_sigma_m: float = 10.4
    canyon_s: float = 60.0
    bold_share: float = 0.1
    bold_factor: float = 2.5
    wifi_share: float = 0.02
    wifi_sigma_m: float = 62.9
    restart_blind_s: tuple[float, float] = (15.0, 60.0)
    restart_s: float = 120.0
    restart_m: tuple[float, float] = (30.0, 150.0)
    stray_per_day: float = 1.0
    flappy_share: float = 0.1
    flappy_per_day: float = 6.0
    stray_m: tuple[float, ...] = (93.8, 198.1, 200.2, 301.8, 717.6)
    stray_claim_m: tuple[float, ...] = (1.7, 1.9, 4.4, 9.1, 10.9)
    stray_s: tuple[float, float] = (5.0, 46.0)


_BURST: Final = (3, 60.0)
"""Jumps to the same place in a burst, and how far apart they begin; as in that log."""

_STRAY_SLOT_S: Final = 1_800
_WIFI_SLOT_S: Final = 600
_BOLD_SLOT_S: Final = 1_200
_DAY_S: Final = 86_400
_HALVING_S: Final = 20.0


class FieldReceiver:
    """The receiver of one device; a function of (seed, device, time, truth, darkness)."""

    def __init__(
        self, seed: int, device: str, sky: Sky, figures: FieldFigures | None = None
    ) -> None:
        """Name the receiver and put it under a sky."""
        self._figures = figures or FieldFigures()
        self._sky = sky
        self._gnss = Gnss(seed, device, GnssFigures(jump_probability=0.0))
        self._streets = Gnss(seed, f"{device}/streets", self._street_figures())
        self._dice = Dice(seed, device, "field")
        self._stray = Dice(seed, device, "stray")
        self._is_flappy = self._dice.chance(-1, self._figures.flappy_share)

    def observe(
        self, time_ms: int, truth: Truth, *, lit_s: float | None = None
    ) -> Observation | None:
        """Return the fix of a time, or None where there is none.

        Args:
            time_ms: Fix time.
            truth: Where the device is.
            lit_s: Time since a darkness ended; None: none ended lately.
        """
        seen = self._gnss.observe(time_ms, truth)
        if seen is None:
            return None
        is_canyon = not truth.is_indoors and self._sky.is_canyon(truth.xy)
        if is_canyon:
            seen = self._reflected(time_ms, seen, truth.xy)
        if truth.is_indoors:
            seen = self._by_wifi(time_ms, seen, truth.xy)
        if lit_s is not None and lit_s < self._figures.restart_s:
            restarted = self._restarted(time_ms, seen, lit_s)
            if restarted is None:
                return None
            seen = restarted
        if not (is_canyon or truth.is_indoors):
            return seen
        if self._dice.chance(2 * (time_ms // (_BOLD_SLOT_S * _MS_PER_S)), self._figures.bold_share):
            seen = replace(seen, accuracy_m=seen.accuracy_m / self._figures.bold_factor)
        return self._strayed(time_ms, seen)

    def _street_figures(self) -> GnssFigures:
        return GnssFigures(
            outdoor_sigma_m=self._figures.canyon_sigma_m,
            drift_s=self._figures.canyon_s,
            jump_probability=0.0,
            no_fix_indoors=0.0,
        )

    def _reflected(self, time_ms: int, seen: Observation, xy: XY) -> Observation:
        extra = self._streets.observe(time_ms, Truth(xy, 0.0, 0.0, is_indoors=False))
        if extra is None:
            return seen
        moved = (seen.xy[0] + extra.xy[0] - xy[0], seen.xy[1] + extra.xy[1] - xy[1])
        return Observation(moved, math.hypot(seen.accuracy_m, extra.accuracy_m), 6)

    def _by_wifi(self, time_ms: int, seen: Observation, xy: XY) -> Observation:
        figures, slot = self._figures, time_ms // (_WIFI_SLOT_S * _MS_PER_S)
        base = 1_000_003 * slot
        if not self._dice.chance(base, figures.wifi_share):
            return seen
        off = (self._dice.normal(base + 1), self._dice.normal(base + 2))
        placed = (xy[0] + figures.wifi_sigma_m * off[0], xy[1] + figures.wifi_sigma_m * off[1])
        return Observation(placed, SIGMA_TO_RADIUS_68 * figures.wifi_sigma_m, 0)

    def _restarted(self, time_ms: int, seen: Observation, lit_s: float) -> Observation | None:
        base = 3 * round(time_ms / _MS_PER_S - lit_s)
        if lit_s < self._stray.uniform(base, *self._figures.restart_blind_s):
            return None
        off_m = self._stray.uniform(base + 1, *self._figures.restart_m)
        off_m *= 0.5 ** (lit_s / _HALVING_S)
        moved = polar(seen.xy, off_m, self._stray.uniform(base + 2, 0.0, 2 * math.pi))
        is_honest = self._stray.chance(base + 1, 0.5)
        return Observation(moved, seen.accuracy_m + (off_m if is_honest else 0.0), 5)

    def _strayed(self, time_ms: int, seen: Observation) -> Observation:
        figures = self._figures
        slot, rest_ms = divmod(time_ms, _STRAY_SLOT_S * _MS_PER_S)
        dice, base = self._stray, 7_000_003 * slot
        per_day = figures.flappy_per_day if self._is_flappy else figures.stray_per_day
        if not dice.chance(base, per_day * _STRAY_SLOT_S / _DAY_S):
            return seen
        jumps, apart_s = _BURST if self._is_flappy else (1, 0.0)
        begin_s = dice.uniform(base + 1, 0.0, _STRAY_SLOT_S - _BURST[0] * _BURST[1])
        for jump in range(jumps):
            after_s = rest_ms / _MS_PER_S - begin_s - jump * apart_s
            if 0.0 <= after_s < dice.uniform(base + 10 + jump, *figures.stray_s):
                landed = polar(
                    seen.xy,
                    dice.choice(base + 2, figures.stray_m),
                    dice.uniform(base + 3, 0.0, 2 * math.pi),
                )
                return Observation(landed, dice.choice(base + 20 + jump, figures.stray_claim_m), 7)
        return seen
