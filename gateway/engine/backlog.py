"""Reports that came late and wait to be judged with what they fell into.

A device that was out of reach delivers hours in a minute. Judging its history again for every
message of that would cost the square of them; so it is judged when its backlog has paused, or has
kept it waiting long enough. Only an urgent alarm does not wait.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gateway.engine.history.block import (
    ROW,
    Interval,
    joined,
    table_of,
    with_places,
    without_places,
)
from gateway.engine.history.history import History
from gateway.engine.history.seen import Key, keys_of
from gateway.engine.stretch import Table
from geofence.arrays import IntArray

PENDING_MAX: Final = 200_000
"""Waiting reports of all devices; beyond it they are judged without waiting."""

AT_ONCE: Final = 30_000
"""Waiting reports that one tick judges: live batches have their turn after a quarter second."""


NEVER_LATER_MS: Final = 1 << 62
"""From when nothing has been read yet."""


@dataclass
class _Waiting:
    first_at_ms: int
    newest_at_ms: int
    parts: list[Any] = field(default_factory=list)
    keys: set[Key] = field(default_factory=set)
    stored: set[Key] = field(default_factory=set)
    stored_from_ms: int = NEVER_LATER_MS


class Backlog:
    """The waiting reports by wearer."""

    def __init__(self) -> None:
        """Start empty."""
        self._waiting: dict[int, _Waiting] = {}
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def __contains__(self, wearer: int) -> bool:
        return wearer in self._waiting

    def wearers(self) -> IntArray:
        """Return who is waiting, in the order in which they began to."""
        return np.fromiter(self._waiting, np.int64, len(self._waiting))

    def keys(self, wearer: int) -> set[Key]:
        """Return the waiting reports of a wearer by key."""
        waiting = self._waiting.get(wearer)
        return waiting.keys if waiting else set()

    def stored_keys(self, wearer: int, from_ms: int, history: History) -> set[Key]:
        """Return the stored reports of a wearer from `from_ms` on by key, some older ones too.

        They are read once: while a wearer waits, nothing of it is stored.
        """
        waiting = self._waiting.get(wearer)
        if waiting is None:
            return history.stored_keys(wearer, from_ms)
        if from_ms < waiting.stored_from_ms:
            waiting.stored = history.stored_keys(wearer, from_ms)
            waiting.stored_from_ms = from_ms
        return waiting.stored

    def add(self, wearer: int, records: NDArray[Any], at_ms: int) -> None:
        """Let reports wait.

        Args:
            wearer: Whose.
            records: ROW records.
            at_ms: Journal time.
        """
        waiting = self._waiting.setdefault(wearer, _Waiting(at_ms, at_ms))
        waiting.newest_at_ms = at_ms
        waiting.parts.append(records)
        waiting.keys.update(keys_of(records))
        self._size += len(records)

    def has_places(self, wearer: int, spans: Sequence[Interval]) -> bool:
        """Return whether the waiting reports of some fix times have places."""
        waiting = self._waiting.get(wearer)
        return waiting is not None and bool(with_places(joined(waiting.parts), spans).any())

    def destroy_places(self, wearer: int, spans: Sequence[Interval]) -> None:
        """Take the places from the waiting reports of some fix times."""
        waiting = self._waiting.get(wearer)
        if waiting is not None:
            records = joined(waiting.parts).copy()
            without_places(records, spans)
            waiting.parts = [records]

    def ready(self, at_ms: int, quiet_ms: int, wait_ms: int) -> list[int]:
        """Return who need not wait any longer at `at_ms`, longest waiting first.

        At most so many that AT_ONCE reports are judged, or one; the others at the next tick.
        """
        hurry = self._size > PENDING_MAX
        found, size = [], 0
        for wearer, one in self._waiting.items():
            is_quiet = at_ms - one.newest_at_ms >= quiet_ms
            if hurry or is_quiet or at_ms - one.first_at_ms >= wait_ms:
                found.append(wearer)
                size += len(one.keys)
                if size >= AT_ONCE:
                    break
        return found

    def take(self, wearer: int) -> Table:
        """Return the waiting reports of a wearer in order of fix time, and forget them."""
        waiting = self._waiting.pop(wearer)
        rows = table_of(joined(waiting.parts))
        self._size -= len(rows["fix_time_ms"])
        return rows

    def dump(self) -> list[Any]:
        """Return everything, as values that msgpack can carry."""
        return [
            [wearer, one.first_at_ms, one.newest_at_ms, joined(one.parts).tobytes()]
            for wearer, one in self._waiting.items()
        ]

    def load(self, stored: list[Any]) -> None:
        """Replace everything by what `dump` returned."""
        self._waiting, self._size = {}, 0
        for wearer, first_at_ms, newest_at_ms, data in stored:
            self.add(wearer, np.frombuffer(data, ROW), newest_at_ms)
            self._waiting[wearer].first_at_ms = first_at_ms
