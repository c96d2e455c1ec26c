"""A battery that is charged on most evenings, forgotten on some, and dies when it is empty."""

from functools import lru_cache
from typing import Final

from device_sims.battery import CHARGE_S, LOW_PCT
from device_sims.dice import Dice
from device_sims.routine import DAY_S, HOUR_S, LOCAL_OFFSET_S

RUN_H: Final = (26.0, 72.0)
"""Fielded devices run 24 to 72 hours; below 26 one charge a day would not reach."""

_FULL_PCT: Final = 100.0
_CHARGE_PCT_PER_S: Final = _FULL_PCT / CHARGE_S
_CHARGE_AT_H: Final = (19.5, 21.5)
_LATENESS_H: Final = 0.75
_LOOK_BACK: Final = 6
"""Evenings; a charge before them no longer matters: none is forgotten twice in a row."""

Span = tuple[float, float]


class Charge:
    """The battery of one device; a function of (seed, device, time)."""

    def __init__(self, seed: int, device: str, *, forgets: float) -> None:
        """Name the device; `forgets` is the chance that an evening's charge is forgotten."""
        self._dice = Dice(seed, device, "charge")
        self._forgets = forgets
        self._usual_s = self._dice.uniform(-1, *_CHARGE_AT_H) * HOUR_S
        self._drain_pct_per_s = _FULL_PCT / (self._dice.uniform(-2, *RUN_H) * HOUR_S)
        self._at_plug = lru_cache(64)(self._level_at_plug)

    def level(self, time_s: float) -> tuple[float, bool]:
        """Return the charge in percent, 0 when the device is dead, and whether it is charged."""
        day = int((time_s + LOCAL_OFFSET_S) // DAY_S)
        if time_s < self._plug_s(day):
            day -= 1
        return self._since(day, self._at_plug(day), time_s)

    def low(self, day: int) -> tuple[Span | None, Span | None]:
        """Return when the battery is low, and when dead, between a day's plugging in and the next.

        Args:
            day: Days since 1970, local.
        """
        begin_s, end_s = self._plug_s(day), self._plug_s(day + 1)
        start_pct = self._at_plug(day)
        if self._is_forgotten(day):
            full_s, full_pct = begin_s, start_pct
        else:
            full_s = begin_s + min(CHARGE_S, (_FULL_PCT - start_pct) / _CHARGE_PCT_PER_S)
            full_pct = _FULL_PCT
        low_s = full_s + max(full_pct - LOW_PCT, 0.0) / self._drain_pct_per_s
        dead_s = full_s + full_pct / self._drain_pct_per_s
        return (
            (low_s, end_s) if low_s < end_s else None,
            (dead_s, end_s) if dead_s < end_s else None,
        )

    def _level_at_plug(self, day: int) -> float:
        pct, from_day = _FULL_PCT, day - _LOOK_BACK
        for earlier in range(from_day, day):
            pct = self._since(earlier, pct, self._plug_s(earlier + 1))[0]
        return pct

    def _since(self, day: int, start_pct: float, time_s: float) -> tuple[float, bool]:
        into_s = time_s - self._plug_s(day)
        if self._is_forgotten(day):
            return max(start_pct - self._drain_pct_per_s * into_s, 0.0), False
        charged_s = min(into_s, CHARGE_S)
        pct = min(start_pct + _CHARGE_PCT_PER_S * charged_s, _FULL_PCT)
        drained_pct = self._drain_pct_per_s * (into_s - charged_s)
        return max(pct - drained_pct, 0.0), into_s < CHARGE_S

    def _plug_s(self, day: int) -> float:
        late_s = self._dice.uniform(4 * day, -_LATENESS_H, _LATENESS_H) * HOUR_S
        return day * DAY_S - LOCAL_OFFSET_S + self._usual_s + late_s

    def _is_forgotten(self, day: int) -> bool:
        def wished(of_day: int) -> bool:
            return self._dice.chance(4 * of_day + 1, self._forgets)

        return wished(day) and not wished(day - 1)
