"""Wakes the gateways that wait, for a command or a directory, without a connection for each."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from fastapi import Request

from server.errors import UnavailableError


def command_bell_of(request: Request) -> "Bell":
    """Return the bell for commands of the app that serves this request."""
    found: Bell = request.app.state.command_bell
    return found


@dataclass(eq=False, slots=True)
class Waiter:
    """One request that waits for something of its scope."""

    scope: str
    _rung: asyncio.Event = field(default_factory=asyncio.Event)

    def ring(self) -> None:
        """Let it look again."""
        self._rung.set()

    async def wait(self, timeout_s: float) -> None:
        """Return when it was rung since it came or waited last, or after the time."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._rung.wait(), timeout_s)
        self._rung.clear()


class Bell:
    """All requests that wait for one thing; the live hub rings, whose connection listens.

    Attributes:
        is_closed: The server stops; nobody is to wait on.
    """

    def __init__(self, *, most_waiters: int) -> None:
        """Take the bound; nobody waits yet."""
        self._most = most_waiters
        self._waiters: set[Waiter] = set()
        self.is_closed = False

    @property
    def count(self) -> int:
        """How many wait."""
        return len(self._waiters)

    @contextmanager
    def waiting(self, scope: str) -> Iterator[Waiter]:
        """Hear of what concerns a scope. Come before looking: then nothing falls in between.

        Raises:
            UnavailableError: As many wait as may.
        """
        if len(self._waiters) >= self._most:
            raise UnavailableError("too many gateways wait: try again", retry_after_s=10)
        waiter = Waiter(scope)
        self._waiters.add(waiter)
        try:
            yield waiter
        finally:
            self._waiters.discard(waiter)

    def ring(self, org_path: str, *, also_below: bool = False) -> None:
        """Wake who sees this organisation, and, where it sets what holds below, who is below."""
        for waiter in self._waiters:
            is_below = also_below and waiter.scope.startswith(org_path)
            if is_below or org_path.startswith(waiter.scope):
                waiter.ring()

    def close(self) -> None:
        """Wake everybody for good: the server stops."""
        self.is_closed = True
        for waiter in self._waiters:
            waiter.ring()
