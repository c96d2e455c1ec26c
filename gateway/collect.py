"""Gathers messages into micro-batches: closed by size, by age, or at once by an urgent message."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from gateway.intake.received import Received


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
            held_max: At this many messages held, waiting or in work, `pause` is called.
            pause: Stops the sources.
            resume: Starts them again, when half of the messages are gone.
        """
        self._age_s = age_s
        self._batch_max = batch_max
        self._held_max = held_max
        self._pause = pause
        self._resume = resume
        self._waiting: list[Received] = []
        self._in_work = 0
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
        self._arrived.set()
        if message.urgent or len(self._waiting) >= self._batch_max:
            self._close_now.set()
        if not self._paused and self.held >= self._held_max:
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
        taken, self._waiting = waiting[: self._batch_max], waiting[self._batch_max :]
        if not self._waiting:
            self._arrived.clear()
        self._in_work = len(taken)
        return taken

    def done(self) -> None:
        """Say that the batch in work is committed and acknowledged."""
        self._in_work = 0
        if self._paused and self.held <= self._held_max // 2:
            self._paused = False
            self._resume()
