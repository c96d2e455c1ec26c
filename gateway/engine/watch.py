"""Who is watched when: the stretches in which somebody under an order wears a device."""

from collections.abc import Sequence

import numpy as np

from gateway.directory.compiled import Directory
from gateway.engine.stretch import NEVER_MS
from gateway.engine.wearers import Wearer
from geofence.arrays import IntArray


class Watch:
    """The watched stretches of all wearers under one directory, as columns."""

    def __init__(self, directory: Directory) -> None:
        """Start without wearers."""
        self._directory = directory
        self._known = 0
        self._number = np.empty(0, np.int64)
        self._from_ms = np.empty(0, np.int64)
        self._until_ms = np.empty(0, np.int64)

    def grow(self, wearers: Sequence[Wearer]) -> None:
        """Take the wearers that are new since the last call."""
        found = [
            (number, from_ms, until_ms)
            for number, wearer in enumerate(wearers[self._known :], self._known)
            for from_ms, until_ms in self._stretches(wearer)
        ]
        self._known = len(wearers)
        if found:
            number, from_ms, until_ms = np.array(found, np.int64).T
            self._number = np.concatenate([self._number, number])
            self._from_ms = np.concatenate([self._from_ms, from_ms])
            self._until_ms = np.concatenate([self._until_ms, until_ms])

    def since_ms(self, at_ms: int) -> IntArray:
        """Return since when each wearer is watched at `at_ms`; NEVER_MS: is not."""
        out = np.full(self._known, NEVER_MS)
        now = np.flatnonzero((self._from_ms <= at_ms) & (at_ms < self._until_ms))
        out[self._number[now]] = self._from_ms[now]
        return out

    def _stretches(self, wearer: Wearer) -> list[tuple[int, int]]:
        orders = self._directory.orders.get(wearer.subject, ())
        return [
            (max(start, binding.valid_from_ms), min(end, binding.valid_to_ms))
            for binding in self._directory.bindings.get(wearer.device, ())
            if binding.holder == wearer.subject
            for start, end in orders
            if max(start, binding.valid_from_ms) < min(end, binding.valid_to_ms)
        ]
