"""Calls that block, each in a thread that nobody has to wait for.

A thread cannot be ended from outside: one that hangs is left to its own timeouts, and counts
against its channel until it is back. The threads of an executor would hold up the program's end.
"""

import asyncio
import contextlib
import threading
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from server.notifications.errors import SendError

T = TypeVar("T")


class Threads:
    """The blocking calls of one process."""

    def __init__(self, *, most_each: int, most: int) -> None:
        """Take how many may be out for one channel, and for all together."""
        self._most_each = most_each
        self._most = most
        self._out: Counter[str] = Counter()

    async def call(self, channel_id: str, work: Callable[[], T]) -> T:
        """Return what the work returns, or raise what it raises.

        Raises:
            SendError: As many are out as may be.
        """
        if self._out[channel_id] >= self._most_each or self._out.total() >= self._most:
            raise SendError("earlier attempts still hang")
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()

        def settle(end: Callable[[], None]) -> None:
            self._out[channel_id] -= 1
            if not done.done():
                end()

        def run() -> None:
            try:
                end = partial(done.set_result, work())
            except BaseException as error:  # noqa: BLE001 - handed over to who waits
                end = partial(done.set_exception, error)
            # A loop that was closed meanwhile waits for nothing.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(settle, end)

        self._out[channel_id] += 1
        threading.Thread(target=run, name=f"notify {channel_id}", daemon=True).start()
        return await done
