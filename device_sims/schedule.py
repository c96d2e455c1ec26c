"""When a device reports: every interval, and at once when it is asked."""

from collections.abc import Iterator


class Schedule:
    """Reporting times of one device; a command changes those that have not come yet."""

    def __init__(self, start_ms: int, interval_ms: int, phase_ms: int) -> None:
        """Take the interval, and the phase of the first time after the start."""
        self.interval_ms = interval_ms
        self._due_ms = start_ms + phase_ms % interval_ms
        self._asked_ms: int | None = None

    def times_ms(self) -> Iterator[int]:
        """Yield the reporting times without end.

        A time counts as reported when the next one is asked for: an iterator that is dropped before
        leaves it to the next iterator, which follows what was commanded since.
        """
        while True:
            if self._asked_ms is not None and self._asked_ms <= self._due_ms:
                yield self._asked_ms
                self._asked_ms = None
            else:
                yield self._due_ms
                self._due_ms += self.interval_ms

    def set_interval(self, interval_ms: int, now_ms: int) -> None:
        """Report every `interval_ms` from now on, first one interval from now."""
        self.interval_ms = interval_ms
        self._due_ms = now_ms + interval_ms

    def locate(self, now_ms: int) -> None:
        """Report once more, now."""
        self._asked_ms = now_ms
