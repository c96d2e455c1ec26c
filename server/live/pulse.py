"""Which of the server's own tasks fail again and again.

A task that stands still is seen by what is overdue (server/silence).
"""

from collections.abc import Callable
from typing import Final

_STEADY_S: Final = 10.0
STUCK_S: Final = 30.0


class Pulse:
    """When each task of one app began, and since when it has not worked for ten seconds on end."""

    def __init__(self, clock_s: Callable[[], float]) -> None:
        """Take a monotonic clock; no task has begun."""
        self._clock_s = clock_s
        self._begun_s: dict[str, float] = {}
        self._failing_since_s: dict[str, float] = {}

    def begins(self, name: str) -> None:
        """Note that a task begins; not for the first time: it has failed."""
        now_s = self._clock_s()
        before_s = self._begun_s.get(name)
        if before_s is not None:
            if now_s - before_s > _STEADY_S:
                self._failing_since_s.pop(name, None)
            self._failing_since_s.setdefault(name, now_s)
        self._begun_s[name] = now_s

    def stuck(self) -> list[str]:
        """Return the tasks that have done nothing but fail for half a minute, by name."""
        now_s = self._clock_s()
        return sorted(
            name
            for name, since_s in self._failing_since_s.items()
            if now_s - since_s > STUCK_S and now_s - self._begun_s[name] <= _STEADY_S
        )
