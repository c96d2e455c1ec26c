"""Wakes the gateways that wait for a command, without a database connection for each."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from fastapi import Request

from server.errors import UnavailableError


def bell_of(request: Request) -> "CommandBell":
    """Return the bell of the app that serves this request."""
    found: CommandBell = request.app.state.command_bell
    return found


@dataclass(eq=False, slots=True)
class Waiter:
    """One request that waits for a command of its scope."""

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


class CommandBell:
    """All waiting requests. The live hub rings, from the one connection that listens.

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
        """Hear of the commands of a scope. Come before looking: then nothing falls in between.

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

    def ring(self, org_path: str) -> None:
        """Wake who may see a command of this organisation."""
        for waiter in self._waiters:
            if org_path.startswith(waiter.scope):
                waiter.ring()

    def close(self) -> None:
        """Wake everybody for good: the server stops."""
        self.is_closed = True
        for waiter in self._waiters:
            waiter.ring()
