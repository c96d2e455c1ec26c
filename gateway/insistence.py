"""Writes that must come to pass: tried again until they do, or the gateway ends."""

import logging
import threading
from collections.abc import Callable
from typing import Final

from gateway.errors import JournalWriteError

log = logging.getLogger("guitu.gateway.journal")

_RETRY_FIRST_S: Final = 0.2
_RETRY_MAX_S: Final = 5.0


class StoppedError(Exception):
    """The gateway is shutting down; what was not committed will come again."""


class Insistence:
    """Tries again with growing pauses, and says so."""

    def __init__(self, stopping: threading.Event, on_trouble: Callable[[str | None], None]) -> None:
        """Give up when `stopping` is set; `on_trouble` hears what is wrong, and None after it."""
        self._stopping = stopping
        self._on_trouble = on_trouble

    def until_written(self, write: Callable[[], object]) -> None:
        """Call `write` until it succeeds.

        Raises:
            StoppedError: The gateway is shutting down and it still fails.
        """
        delay_s, failed = _RETRY_FIRST_S, False
        while True:
            try:
                write()
            except (JournalWriteError, OSError) as error:
                failed = True
                log.error("journal_stalled error=%s", error)  # noqa: TRY400  # expected, no trace
                self._on_trouble(str(error))
                if self._stopping.wait(delay_s):
                    raise StoppedError(str(error)) from error
                delay_s = min(delay_s * 2, _RETRY_MAX_S)
            else:
                if failed:
                    log.info("journal_resumed")
                    self._on_trouble(None)
                return
