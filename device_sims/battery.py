"""A wristband's charge: drains by the hour, is charged in the evening, now and then is not."""

from dataclasses import dataclass
from typing import Final

from device_sims.dice import Dice
from device_sims.routine import DAY_S, HOUR_S, LOCAL_OFFSET_S

LOW_PCT: Final = 20.0
"""The wristband's own alarm; assumed."""

CHARGE_S: Final = 2 * HOUR_S
"""Fielded devices charge one to two hours a day."""

_FULL_PCT: Final = 100.0
_RUN_H: Final = (36.0, 72.0)
"""Fielded devices run 24 to 72 hours; below 36 a daily charge would not reach."""

_CHARGE_AT_H: Final = (19.5, 21.5)

COLLAPSE_S: Final = 20 * 60
"""How long an old battery takes from full to LOW_PCT when it gives way; assumed."""


@dataclass(frozen=True)
class Neglect:
    """A battery that gave way and was not charged.

    Attributes:
        begin_s: When it reaches LOW_PCT, seconds since 1970 UTC.
        end_s: When it is plugged in.
    """

    begin_s: float
    end_s: float


class Battery:
    """The battery of one device; a function of (seed, device, time)."""

    def __init__(self, seed: int, device: str) -> None:
        """Name the device."""
        dice = Dice(seed, device, "battery")
        self._charge_at_s = dice.uniform(0, *_CHARGE_AT_H) * HOUR_S
        self._drain_pct_per_s = _FULL_PCT / (dice.uniform(1, *_RUN_H) * HOUR_S)
        self._charge_pct_per_s = (DAY_S - CHARGE_S) * self._drain_pct_per_s / CHARGE_S

    def level(self, time_s: float, neglect: Neglect | None = None) -> tuple[float, bool]:
        """Return the charge in percent, and whether the device is being charged.

        Args:
            time_s: Seconds since 1970 UTC.
            neglect: The failure that bears on this time, if any.
        """
        into_s = (time_s + LOCAL_OFFSET_S - self._charge_at_s) % DAY_S
        if into_s < CHARGE_S:
            usual_pct = _FULL_PCT - self._charge_pct_per_s * (CHARGE_S - into_s)
        else:
            usual_pct = _FULL_PCT - self._drain_pct_per_s * (into_s - CHARGE_S)
        is_charging = into_s < CHARGE_S
        if neglect is None:
            return usual_pct, is_charging
        if time_s < neglect.begin_s:
            slope = (_FULL_PCT - LOW_PCT) / COLLAPSE_S
            low_pct = LOW_PCT + slope * (neglect.begin_s - time_s)
            return (low_pct, False) if low_pct < usual_pct else (usual_pct, is_charging)
        drained_pct = self._drain_pct_per_s * (min(time_s, neglect.end_s) - neglect.begin_s)
        low_pct = max(LOW_PCT - drained_pct, 1.0)
        if time_s < neglect.end_s:
            return low_pct, False
        low_pct += _FULL_PCT / CHARGE_S * (time_s - neglect.end_s)
        return (low_pct, True) if low_pct < usual_pct else (usual_pct, is_charging)
