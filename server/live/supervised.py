"""Keeps a task running: whatever ends it is logged, and it starts again after a growing pause."""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from typing import Final

from server.live.pulse import Pulse

_FIRST_PAUSE_S: Final = 0.1
_LONGEST_PAUSE_S: Final = 2.0
_log = logging.getLogger(__name__)


async def keep_running(
    name: str, work: Callable[[], Awaitable[None]], pulse: Pulse | None = None
) -> None:
    """Run `work` again and again until this is cancelled.

    The pause doubles from 0.1 s to 2 s, each shortened at random by up to a half so that several
    servers do not come back at one moment; it starts anew after 10 s of work.
    """
    pause_s = _FIRST_PAUSE_S
    while True:
        began_s = time.monotonic()
        if pulse is not None:
            pulse.begins(name)
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - any end of the task is a restart
            is_new = pause_s == _FIRST_PAUSE_S
            _log.warning(
                "task_failed name=%s error=%s", name, type(error).__name__, exc_info=is_new
            )
        if time.monotonic() - began_s > 10:  # noqa: PLR2004 - seconds, said above
            pause_s = _FIRST_PAUSE_S
        # Not a secret: it only spreads load.
        await asyncio.sleep(pause_s * random.uniform(0.5, 1.0))  # noqa: S311
        pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
