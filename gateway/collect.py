"""Gathers messages into micro-batches: closed by size, by age, or at once by an urgent message."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from itertools import accumulate
from typing import Final

from gateway.intake.received import Received

BATCH_BYTES_MAX: Final = 1 << 20
"""Payload of one batch. Its reports become one journal entry and travel in one request, of which
the server takes 100,000 rows; the smallest report of the wire formats has 16 bytes."""

HELD_BYTES_MAX: Final = 64 << 20
"""Payload in memory at most: messages may have 64 KiB each."""


_RESUME_AT: Final = 0.5


class Collector:
    """The messages that wait for the next batch, bounded by pausing whoever brings them."""

    def __init__(
        self,
        *,
        age_s: float,
        batch_max: int,
        held_max: int,
        pause: Callable[[], None],
        resume: Callable[[], None],
    ) -> None:
        """Make an empty collector.

        Args:
            age_s: A batch closes this long after its first message.
            batch_max: Messages of one batch.
            held_max: At this many messages held, waiting or in work, `pause` is called; and at
                HELD_BYTES_MAX.
            pause: Stops the sources of what can wait.
            resume: Starts them again, when half of the messages are gone.
        """
        self._age_s = age_s
        self._batch_max = batch_max
        self._held_max = held_max
        self._pause = pause
        self._resume = resume
        self._waiting: list[Received] = []
        self._in_work = 0
        self._waiting_bytes = 0
        self._in_work_bytes = 0
        self._paused = False
        self._arrived = asyncio.Event()
        self._close_now = asyncio.Event()

    @property
    def held(self) -> int:
        """Messages that are waiting or in work."""
        return len(self._waiting) + self._in_work

    def add(self, message: Received) -> None:
        """Take a message."""
        self._waiting.append(message)
        self._waiting_bytes += len(message.payload)
        if len(self._waiting) == 1:
            self._arrived.set()
        if message.urgent or self._is_full():
            self._close_now.set()
        if not self._paused and self._holds_too_much():
            self._paused = True
            self._pause()

    async def batch(self) -> list[Received]:
        """Return the next batch; urgent messages first."""
        await self._arrived.wait()
        if not self._close_now.is_set():
            with suppress(TimeoutError):  # old enough
                await asyncio.wait_for(self._close_now.wait(), self._age_s)
        self._close_now.clear()
        waiting = sorted(self._waiting, key=lambda m: not m.urgent)
        count = self._fitting(waiting)
        taken, self._waiting = waiting[:count], waiting[count:]
        self._in_work, self._in_work_bytes = count, sum(len(m.payload) for m in taken)
        self._waiting_bytes -= self._in_work_bytes
        if not self._waiting:
            self._arrived.clear()
        elif self._waiting[0].urgent or self._is_full():
            self._close_now.set()
        return taken

    def done(self) -> None:
        """Say that the batch in work is committed and acknowledged."""
        self._in_work = self._in_work_bytes = 0
        if self._paused and self._share() <= _RESUME_AT:
            self._paused = False
            self._resume()

    def _fitting(self, waiting: list[Received]) -> int:
        sizes = accumulate(len(message.payload) for message in waiting[: self._batch_max])
        # One always fits: a message larger than a batch would wait for ever.
        return max(1, sum(1 for size in sizes if size <= BATCH_BYTES_MAX))

    def _is_full(self) -> bool:
        return len(self._waiting) >= self._batch_max or self._waiting_bytes >= BATCH_BYTES_MAX

    def _holds_too_much(self) -> bool:
        return (
            len(self._waiting) + self._in_work >= self._held_max
            or self._waiting_bytes + self._in_work_bytes >= HELD_BYTES_MAX
        )

    def _share(self) -> float:
        size = self._waiting_bytes + self._in_work_bytes
        return max(self.held / self._held_max, size / HELD_BYTES_MAX)
