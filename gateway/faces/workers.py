"""Processes that look at pictures: a picture that kills one takes nothing else with it."""

import asyncio
import functools
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Final

from gateway.errors import PictureError
from gateway.faces.engine import DlibEngine
from gateway.faces.judging import Seen
from gateway.faces.liveness import likeness
from gateway.faces.looking import Gates, look
from gateway.faces.picture import decode_picture

CHECKS_PER_WORKER: Final = 2_000
"""After so many another worker takes the place: whatever a codec leaks is bounded."""

LOOK_S: Final = 60.0
"""No picture within the bounds takes so long, not even by a worker that starts with it on a machine
with too much to do; a worker that does is not waited for."""


class Workers:
    """A pool that is made anew when a picture broke it."""

    def __init__(self, count: int) -> None:
        """Prepare `count` processes; they start with the first picture."""
        self._count = count
        self._pool: ProcessPoolExecutor | None = None

    async def see(self, jpeg: bytes, gates: Gates) -> Seen:
        """Return what a picture shows; one that kills its worker or takes too long is none.

        The time runs from the call: no more calls at once than there are processes.
        """
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(LOOK_S):
                return await loop.run_in_executor(self._ready(), see, jpeg, gates)
        except (BrokenProcessPool, TimeoutError):
            self._drop()
            return Seen("not_an_image", None, b"")

    def close(self) -> None:
        """End the processes."""
        self._drop()

    def _ready(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._count,
                # A fork of a program with threads inherits locks that nobody will open.
                mp_context=multiprocessing.get_context("spawn"),
                max_tasks_per_child=CHECKS_PER_WORKER,
            )
        return self._pool

    def _drop(self) -> None:
        pool, self._pool = self._pool, None
        if pool is None:
            return
        for process in list((pool._processes or {}).values()):  # noqa: SLF001 - 3.14 has kill_workers
            process.kill()
        pool.shutdown(wait=False, cancel_futures=True)


def see(jpeg: bytes, gates: Gates) -> Seen:
    """Return what a picture shows; runs in a worker."""
    try:
        picture = decode_picture(jpeg)
    except PictureError as error:
        return Seen(error.cause, None, b"")
    found = look(picture, _engine(), gates)
    strength = found.measures.get("pattern_db", 0.0)
    return Seen(found.cause, found.template, likeness(picture.pixels), strength)


@functools.cache
def _engine() -> DlibEngine:
    return DlibEngine()
