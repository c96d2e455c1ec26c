"""Keeps a share of the gateways' connections free of telemetry, so that an alert never waits."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Final

from fastapi import Depends, Request

from server.errors import UnavailableError

RESERVED: Final = 2
"""Connections of the pool that telemetry leaves to outcomes, directories and commands."""

_RETRY_AFTER_S: Final = 2


class TelemetryLane:
    """Admits so many telemetry requests at once, and turns the rest away with a time to return."""

    def __init__(self, *, pool_size: int, wait_s: float) -> None:
        """Take the size of the pool and how long a request may wait for its turn."""
        self._turns = asyncio.Semaphore(max(1, pool_size - RESERVED))
        self._wait_s = wait_s

    async def enter(self) -> None:
        """Wait for a turn.

        Raises:
            UnavailableError: None came free in time.
        """
        try:
            await asyncio.wait_for(self._turns.acquire(), self._wait_s)
        except TimeoutError as error:
            raise UnavailableError(
                "too many gateways bring telemetry at once: try again",
                retry_after_s=_RETRY_AFTER_S,
            ) from error

    def leave(self) -> None:
        """Give the turn back."""
        self._turns.release()


async def _in_lane(request: Request) -> AsyncIterator[None]:
    lane: TelemetryLane = request.app.state.telemetry_lane
    await lane.enter()
    try:
        yield
    finally:
        lane.leave()


InTelemetryLane = Annotated[None, Depends(_in_lane, scope="function")]
"""Declared before the desk: a request that waits for its turn holds no connection."""
