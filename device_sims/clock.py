"""Simulated time: real time at a scale, never ahead of the real clock."""

import asyncio
from typing import Final

from device_sims.errors import ScenarioError

MAX_SCALE: Final = 100_000.0
_MS_PER_S: Final = 1_000


def begin_ms(now_ms: int, *, scale: float, duration_s: float | None) -> int:
    """Return the simulated start, so that the last fix is taken when real time gets there.

    Args:
        now_ms: Real time at the start, ms since 1970 UTC.
        scale: Simulated seconds per real second.
        duration_s: Simulated seconds that will be played; needed unless the scale is 1.

    Raises:
        ScenarioError: The scale is out of bounds, or lacks a duration.
    """
    if not 1.0 <= scale <= MAX_SCALE:
        raise ScenarioError(f"scale {scale:g} is outside 1 to {MAX_SCALE:g}")
    if scale == 1.0:
        return now_ms
    if duration_s is None:
        raise ScenarioError("a scale above 1 needs a duration: fix times must not lie ahead")
    return now_ms - round(duration_s * (1.0 - 1.0 / scale) * _MS_PER_S)


class SimClock:
    """The simulated clock of one run, made in a running event loop; it stands until it begins."""

    def __init__(self, start_ms: int, scale: float) -> None:
        """Take the simulated time of the beginning, and the scale."""
        self._start_ms = start_ms
        self._scale = scale
        self._loop = asyncio.get_running_loop()
        self._begun = asyncio.Event()
        self._origin_s = 0.0

    def begin(self) -> None:
        """Let the time run."""
        self._origin_s = self._loop.time()
        self._begun.set()

    @property
    def scale(self) -> float:
        """Simulated seconds per real second."""
        return self._scale

    @property
    def is_real(self) -> bool:
        """Whether simulated time runs as fast as real time."""
        return self._scale == 1.0

    def real_s(self) -> float:
        """Return the event loop's monotonic time, seconds."""
        return self._loop.time()

    def now_ms(self) -> float:
        """Return the simulated time, ms since 1970 UTC."""
        if not self._begun.is_set():
            return self._start_ms
        real_s = self._loop.time() - self._origin_s
        return self._start_ms + real_s * self._scale * _MS_PER_S

    async def sleep_until(self, time_ms: float) -> None:
        """Return when the simulated time has come; at once, but after others, when it is past."""
        await self._begun.wait()
        await asyncio.sleep(max(0.0, time_ms - self.now_ms()) / _MS_PER_S / self._scale)
