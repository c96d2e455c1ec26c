"""What a recorder does: it records in some spans, and its storage fills by evening."""

from typing import Any, Final

from device_sims.dice import Dice
from device_sims.routine import DAY_S, LOCAL_OFFSET_S

STORAGE_BYTES: Final = 64_000_000_000
SPAN_S: Final = 600
"""An officer starts and stops at the spans' borders."""

BYTES_PER_S: Final = 750_000
"""1080p at 6 Mbit/s, as the devices are sold."""

_SHARE: Final = 0.3
"""Share of spans with a recording; assumed."""

_SPANS_PER_DAY: Final = round(DAY_S) // SPAN_S


class Recording:
    """The recordings of one device; emptied into the station's store every night."""

    def __init__(self, seed: int, device: str) -> None:
        """Take whose they are."""
        self._dice = Dice(seed, device, "recording")

    def state(self, time_s: float) -> dict[str, Any]:
        """Return recording state and storage as a report's `extra` has them."""
        day, second = divmod(int(time_s + LOCAL_OFFSET_S), round(DAY_S))
        span, within_s = divmod(second, SPAN_S)
        first = day * _SPANS_PER_DAY
        recorded = sum(self._is_on(first + before) for before in range(span)) * SPAN_S
        is_on = self._is_on(first + span)
        recorded += within_s if is_on else 0
        return {
            "recording": "video" if is_on else "idle",
            "storage_free_bytes": max(STORAGE_BYTES - recorded * BYTES_PER_S, 0),
            "storage_size_bytes": STORAGE_BYTES,
        }

    def _is_on(self, span: int) -> bool:
        return self._dice.chance(span, _SHARE)
