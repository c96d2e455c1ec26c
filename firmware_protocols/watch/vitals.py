"""Health messages (part III, part VI). They carry no time, so they are heartbeats.

The measures stand in extra under the names of Report's fields; a measure of 0 is what a watch
sends that could not measure, and is absent.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from firmware_protocols.message import Heartbeat
from firmware_protocols.watch.frame import Frame, text_of

_NUMBER: Final = re.compile(r"[0-9]{1,4}(\.[0-9]{1,4})?")

# Word in lower case -> place of each measure among the values.
_INTEGERS: Final[dict[str, tuple[str | None, ...]]] = {
    "pulse": ("heart_rate_bpm",),
    "heart": ("heart_rate_bpm",),
    "bphrt": (
        "systolic_mmhg",
        "diastolic_mmhg",
        "heart_rate_bpm",
        "height_cm",
        None,  # 1 male, 2 female: no measure
        "age_years",
        "weight_kg",
    ),
    "blood": ("systolic_mmhg", "diastolic_mmhg", "heart_rate_bpm"),
    "oxygen": (None, "spo2_pct"),  # first how it was measured, 0 by the wearer
}
_TEMPERATURES: Final[dict[str, tuple[str | None, ...]]] = {
    "temp": ("body_temperature_c",),
    "btemp2": (None, "body_temperature_c"),  # first where: 0 forehead, 1 wrist
}
_TEMPERATURE_MIN_C: Final = 2
"""btemp2 says 0 and 1 for "too low" and "too high" to be true."""

HEALTH_WORDS: Final = frozenset(_INTEGERS.keys() | _TEMPERATURES.keys())


def read_vitals(frame: Frame, device: str, extra: dict[str, Any]) -> Heartbeat:
    """Return what a health message says; its values as they came are under "values"."""
    texts = [text_of(value) for value in (frame.values or b"").split(b",")]
    word = frame.word.lower()
    said = extra | {"values": texts}
    if word in _INTEGERS:
        said |= _measures(texts, _INTEGERS[word], int, 1)
    else:
        said |= _measures(texts, _TEMPERATURES[word], float, _TEMPERATURE_MIN_C)
    return Heartbeat(device=device, extra=said)


def _measures(
    texts: Sequence[str],
    names: Sequence[str | None],
    unit: Callable[[float], float],
    least: float,
) -> dict[str, float]:
    return {
        name: unit(float(text))
        for name, text in zip(names, texts, strict=False)
        if name and _NUMBER.fullmatch(text) and float(text) >= least
    }
