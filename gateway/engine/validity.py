"""When the ground of an open episode falls away: its fence, its binding or its order ends."""

from typing import Final

from gateway.directory.snapshot import FOREVER_MS, Directory
from gateway.engine.device import ALARM_RULES
from gateway.engine.episode import SlotKey
from gateway.engine.episodes import EpisodeBook
from gateway.engine.outcome import EndedBy

_NEVER_CLOSED: Final = frozenset(ALARM_RULES)
"""Strap, tamper, removal and SOS episodes never close by themselves."""


class Validity:
    """Until when each question may be asked under one directory."""

    def __init__(self, directory: Directory) -> None:
        """Read the intervals of `directory`."""
        self._directory = directory
        self._fence_until: dict[tuple[str, str], int] = {}
        for subject, rows in directory.fences_of.items():
            for row in rows:
                fence = directory.fences[row]
                key = subject, fence.fence
                until = max(self._fence_until.get(key, 0), fence.valid_to_ms)
                self._fence_until[key] = until

    def ended(self, book: EpisodeBook, at_ms: int) -> list[tuple[int, int, EndedBy]]:
        """Return (slot, end_ms, what ended) of open episodes whose ground has ended by `at_ms`."""
        found: list[tuple[int, int, EndedBy]] = []
        for slot, episode in book.open_episodes():
            key = book.keys[slot]
            if key.rule in _NEVER_CLOSED:
                continue
            order_ms = self._order_until(key, episode.begin_ms)
            target_ms, target = self._target_until(key)
            until_ms = min(order_ms, target_ms)
            if until_ms <= at_ms:
                ended_by: EndedBy = "order" if order_ms <= target_ms else target
                found.append((slot, max(until_ms, episode.begin_ms), ended_by))
        return found

    def _order_until(self, key: SlotKey, begin_ms: int) -> int:
        stretches = self._directory.orders.get(key.subject, ())
        return max((end for start, end in stretches if start <= begin_ms), default=0)

    def _target_until(self, key: SlotKey) -> tuple[int, EndedBy]:
        if key.rule in ("exclusion", "inclusion"):
            return self._fence_until.get((key.subject, key.target), 0), "fence"
        bindings = self._directory.bindings.get(key.target, ())
        held = (b.valid_to_ms for b in bindings if b.holder == key.subject)
        return min(max(held, default=0), FOREVER_MS), "binding"
