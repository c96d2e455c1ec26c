"""Until when an episode may stand: the end of its fence, its binding or its order."""

from typing import Final

import numpy as np

from gateway.directory.compiled import Directory
from gateway.directory.moment import FOREVER_MS
from gateway.engine.episode import SlotKey
from gateway.engine.episodes import EpisodeBook
from gateway.engine.outcome import EndedBy
from gateway.engine.placing.grounds import until_ms
from gateway.engine.placing.placement import Placement
from gateway.engine.placing.question import PLACED_RULES, Question
from gateway.engine.rules.catalogue import RULES
from gateway.engine.rules.no_contact import NO_CONTACT
from geofence.arrays import IntArray

_NEVER_MS: Final = (1 << 63) - 1
"""Later than any journal time."""


class Grounds:
    """The grounds of every question under one directory."""

    def __init__(self, directory: Directory, placement: Placement) -> None:
        """Read the intervals of `directory`, whose place rules `placement` is."""
        self._directory = directory
        self._placement = placement
        self._until_ms: dict[Question, int] = {}
        self._ends_ms = np.empty(0, np.int64)
        self._opening = np.empty(0, np.int64)
        pairs = {row.pair: row for row in directory.no_contact}
        self._pairs = pairs
        people = {who for row in pairs.values() for who in (row.subject, row.other)}
        self._worn_until_ms = dict.fromkeys(people, 0)
        for bindings in directory.bindings.values() if people else ():
            for one in bindings:
                if one.holder in people:
                    known_ms = self._worn_until_ms[one.holder]
                    self._worn_until_ms[one.holder] = max(known_ms, one.valid_to_ms)

    def ended(self, book: EpisodeBook, at_ms: int) -> list[tuple[int, int, EndedBy]]:
        """Return (slot, end_ms, what ended) of open episodes whose ground has ended by `at_ms`."""
        slots = book.openings.slots()
        self._take(book, slots)
        found: list[tuple[int, int, EndedBy]] = []
        for slot in slots[self._ends_ms[slots] <= at_ms].tolist():
            begin_ms = book.standing(slot)[-1].begin_ms
            until_ms, by = self._until(book.keys[slot], begin_ms)
            found.append((slot, max(until_ms, begin_ms), by))
        return found

    def of(self, key: SlotKey, begin_ms: int, at_ms: int) -> tuple[int, EndedBy] | None:
        """Return until when an episode may stand and what ends it; None: it may at `at_ms`.

        Args:
            key: Its slot.
            begin_ms: Where it begins.
            at_ms: Journal time.
        """
        until_ms, by = self._until(key, begin_ms)
        return (until_ms, by) if until_ms <= at_ms else None

    def _take(self, book: EpisodeBook, slots: IntArray) -> None:
        """Note until when the episodes may stand that were opened since the last call."""
        more = len(book.keys) - len(self._ends_ms)
        if more > 0:
            more += len(book.keys)
            self._ends_ms = np.append(self._ends_ms, np.full(more, _NEVER_MS))
            self._opening = np.append(self._opening, np.zeros(more, np.int64))
        opening = book.openings.numbers(slots)
        new = opening != self._opening[slots]
        for slot in slots[new].tolist():
            begin_ms = book.standing(slot)[-1].begin_ms
            self._ends_ms[slot] = self._until(book.keys[slot], begin_ms)[0]
        self._opening[slots] = opening

    def _until(self, key: SlotKey, begin_ms: int) -> tuple[int, EndedBy]:
        """Return until when an episode may stand, _NEVER_MS: for ever; and what ends it then."""
        # What no device reported does not rest on its binding or a positioning order.
        is_pair = key.rule == NO_CONTACT.name
        if not RULES[key.rule].closes or not (key.device or is_pair):
            return _NEVER_MS, "order"
        if not (key.subject or is_pair):
            return self._held_until(key.device), "binding"
        until_ms = self._order_until(key, begin_ms)
        by: EndedBy = "order"
        others: tuple[tuple[int, EndedBy], ...]
        if is_pair:
            others = self._of_pair(key)
        else:
            others = ((self._binding_until(key), "binding"), self._fence(key))
        for other_ms, other in others:
            if other_ms < until_ms:
                until_ms, by = other_ms, other
        return until_ms, by

    def _order_until(self, key: SlotKey, begin_ms: int) -> int:
        stretches = self._directory.orders.get(key.subject, ())
        return max((end for start, end in stretches if start <= begin_ms), default=0)

    def _binding_until(self, key: SlotKey) -> int:
        bindings = self._directory.bindings.get(key.device, ())
        return max((b.valid_to_ms for b in bindings if b.holder == key.subject), default=0)

    def _held_until(self, device: str) -> int:
        """Return until when an officer holds a device, whoever that is."""
        bindings = self._directory.bindings.get(device, ())
        officers = (b.valid_to_ms for b in bindings if b.holder_kind == "officer")
        return max(officers, default=0)

    def _fence(self, key: SlotKey) -> tuple[int, EndedBy]:
        if key.rule not in PLACED_RULES:
            return FOREVER_MS, "fence"
        asked = Question(key.rule, key.subject, key.target)
        until = self._until_ms.get(asked)
        if until is None:
            until = self._until_ms[asked] = until_ms(self._placement, asked)
        return until, "fence"

    def _of_pair(self, key: SlotKey) -> tuple[tuple[int, EndedBy], ...]:
        """Return until when a no-contact order holds, and both people wear something."""
        pair = self._pairs.get(key.target)
        if pair is None or pair.subject != key.subject:
            return ((0, "directory"),)
        worn_ms = min(self._worn_until_ms[pair.subject], self._worn_until_ms[pair.other])
        return (pair.valid_to_ms, "date"), (worn_ms, "binding")
