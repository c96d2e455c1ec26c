"""What a wristband measures of a body: contact, pulse, temperature of the skin, steps.

Figures are assumed but where a source is named: they have to be plausible, not of anybody.
"""

from dataclasses import dataclass
from typing import Final

from device_sims.dice import Dice
from device_sims.field.deed import Deed
from device_sims.routine import DAY_S, HOUR_S, LOCAL_OFFSET_S, Truth

_RESTING_BPM: Final = (56.0, 76.0)
_ASLEEP_BPM: Final = -7.0
_WALKING_BPM: Final = 28.0
_AWAKE_BPM: Final = 9.0
_RIDING_BPM: Final = 14.0
_EXERCISE_BPM: Final = 72.0
RACING_BPM: Final = (135.0, 155.0)
"""At rest; from 131 the National Early Warning Score (NEWS2, 2017) gives three points."""

_SKIN_C: Final = 33.0
_ASLEEP_C: Final = 1.3
"""The wrist is warmer in sleep (Sarabia et al., Physiol. Behav. 95, 2008)."""

_OUTDOORS_C: Final = -2.0
FEVER_C: Final = (1.8, 4.4)
"""Above a sleeper's wrist: 36.1 to 38.7 degrees on the skin; assumed."""

_BATH_C: Final = 2.5
_ROOM_C: Final = (18.0, 23.0)

_WALKING_MPS: Final = (0.3, 2.6)
_CADENCE_HZ: Final = 1.75
_EXERCISE_HZ: Final = 2.4
_SLEEP_H: Final = (22.5, 6.3)

OFF_BODY: Final = frozenset({"apart", "apart_faked"})


@dataclass(frozen=True, slots=True)
class Vitals:
    """What the sensors say; `steps_hz` is how fast the step counter rises."""

    skin_contact: bool
    heart_rate_bpm: int | None
    skin_temperature_c: float
    steps_hz: float


class Body:
    """The body of one wearer; a function of (seed, device, time, what happens)."""

    def __init__(self, seed: int, device: str) -> None:
        """Name the device."""
        self._dice = Dice(seed, device, "body")
        self._resting_bpm = self._dice.uniform(-1, *_RESTING_BPM)
        self._room_c = self._dice.uniform(-2, *_ROOM_C)
        self._takes_off = self._dice.chance(-3, 0.5)
        late_h = self._dice.uniform(-4, -0.7, 0.9)
        self._bed_h, self._up_h = _SLEEP_H[0] + late_h, _SLEEP_H[1] + 0.6 * late_h

    def vitals(
        self, time_ms: int, truth: Truth, deed: Deed | None, *, is_charging: bool, is_off: bool
    ) -> Vitals:
        """Return what the sensors say.

        Args:
            time_ms: When.
            truth: Where the device is, and how it moves.
            deed: What is played.
            is_charging: It is plugged in: half of the people put it on the table then, at home.
            is_off: It was slipped off and is carried.
        """
        minute = time_ms // 60_000
        kind = deed.kind if deed is not None else None
        steps_hz = self._steps_hz(time_ms, truth, kind)
        noise = self._dice.normal(2 * minute)
        if kind in OFF_BODY:
            return self._not_worn(noise, is_faked=kind == "apart_faked")
        on_table = is_charging and self._takes_off and truth.is_indoors and deed is None
        if on_table or kind == "desk":
            return self._not_worn(noise, is_faked=False)
        if is_off:
            room_c = round(self._room_c + 0.3 * noise, 2)
            return Vitals(skin_contact=False, heart_rate_bpm=None, skin_temperature_c=room_c,
                          steps_hz=steps_hz)  # fmt: skip
        bpm, skin_c = self._worn(time_ms, truth, kind, deed)
        is_seen = not self._dice.chance(2 * minute + 1, 0.02)  # a beat is not always found
        return Vitals(
            skin_contact=True,
            heart_rate_bpm=round(bpm + 3.0 * noise) if is_seen else None,
            skin_temperature_c=round(skin_c + 0.15 * noise, 2),
            steps_hz=steps_hz,
        )

    def _not_worn(self, noise: float, *, is_faked: bool) -> Vitals:
        return Vitals(
            skin_contact=is_faked,
            heart_rate_bpm=None,
            skin_temperature_c=round(self._room_c + 0.3 * noise, 2),
            steps_hz=0.0,
        )

    def _worn(
        self, time_ms: int, truth: Truth, kind: str | None, deed: Deed | None
    ) -> tuple[float, float]:
        asleep = self._is_asleep(time_ms, truth) or kind == "sick"
        mood = self._dice.normal(-(time_ms // 900_000) - 10)  # another one every quarter of an hour
        bpm = self._resting_bpm + 3.0 * mood
        skin_c = _SKIN_C + 0.4 * mood
        if asleep:
            bpm, skin_c = bpm + _ASLEEP_BPM, skin_c + _ASLEEP_C
        elif is_walking(truth):
            bpm += _WALKING_BPM
        else:
            bpm += _RIDING_BPM if truth.speed_mps else _AWAKE_BPM
        if not truth.is_indoors:
            skin_c += _OUTDOORS_C
        if deed is None:
            return bpm, skin_c
        if kind == "racing":
            bpm = deed.dice.uniform(200, *RACING_BPM)
        elif kind == "exercise":
            bpm += _EXERCISE_BPM
        elif kind == "fever":
            bpm, skin_c = (
                bpm + 12.0,
                _SKIN_C + 0.4 * mood + _ASLEEP_C + deed.dice.uniform(201, *FEVER_C),
            )
        elif kind == "sick":
            bpm += 6.0
        elif kind == "bath":
            skin_c += _BATH_C
        return bpm, skin_c

    def _is_asleep(self, time_ms: int, truth: Truth) -> bool:
        hour = (time_ms / 1_000 + LOCAL_OFFSET_S) % DAY_S / HOUR_S
        at_night = hour >= self._bed_h or hour < self._up_h
        return at_night and truth.is_indoors and truth.speed_mps == 0.0

    def _steps_hz(self, time_ms: int, truth: Truth, kind: str | None) -> float:
        minute = time_ms // 60_000
        if kind == "exercise":
            return _EXERCISE_HZ
        if kind in ("racing", "bath"):
            return 0.0
        if is_walking(truth):
            return _CADENCE_HZ
        if truth.speed_mps:
            return 0.03
        if kind == "sick" or self._is_asleep(time_ms, truth):
            return 0.1 if self._dice.chance(3 * minute, 0.01) else 0.0
        return 0.35 * self._dice.uniform(3 * minute + 1) ** 3


def is_walking(truth: Truth) -> bool:
    """Return whether somebody goes on foot."""
    return _WALKING_MPS[0] < truth.speed_mps < _WALKING_MPS[1]
