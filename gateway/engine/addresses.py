"""Numbers of objects by where they lie in memory: thousands are looked up in a few array steps.

A dictionary would visit each object, its hash and its number one after another, all of them cold.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from geofence.arrays import IntArray

UNKNOWN: Final = -1
"""Number of an object that is not known."""

_LEAST: Final = 1 << 12
_SPREAD: Final = 0x9E37_79B1
"""Fibonacci hashing: the golden ratio of 2^32, odd."""

_ALIGNED: Final = 4
_SHIFT: Final = 15


class Addresses:
    """Objects and a number for each. It holds them, so that an address stays its object's own."""

    def __init__(self) -> None:
        """Start empty."""
        self._held: dict[int, Any] = {}
        self._make(_LEAST)

    def __len__(self) -> int:
        return len(self._held)

    def numbers(self, objects: Sequence[Any]) -> IntArray:
        """Return the number of each object, UNKNOWN of those that were not added; shape (n,)."""
        address = np.fromiter(map(id, objects), np.int64, len(objects))
        place = self._place(address)
        found = self._address.take(place)
        # Whoever is not where its address leads lies behind, before the first gap.
        lost = np.flatnonzero((found != address) & (found != 0))
        while len(lost):
            place[lost] = (place[lost] + 1) & self._mask
            found = self._address.take(place[lost])
            lost = lost[(found != address[lost]) & (found != 0)]
        return np.where(self._address.take(place) == address, self._number.take(place), UNKNOWN)

    def add(self, one: object, number: int) -> None:
        """Give an object a number, which is 0 or more; one that is known keeps its own."""
        if id(one) in self._held:
            return
        self._held[id(one)] = one
        if 4 * len(self._held) > len(self._address):
            known = self._address[self._address != 0], self._number[self._address != 0]
            self._make(4 * len(self._address))
            for address, its in zip(*(column.tolist() for column in known), strict=True):
                self._put(address, its)
        self._put(id(one), number)

    def _make(self, size: int) -> None:
        self._mask = size - 1
        self._address = np.zeros(size, np.int64)
        self._number = np.zeros(size, np.int64)

    def _place(self, address: IntArray) -> IntArray:
        place: IntArray = ((address >> _ALIGNED) * _SPREAD >> _SHIFT) & self._mask
        return place

    def _put(self, address: int, number: int) -> None:
        place = ((address >> _ALIGNED) * _SPREAD >> _SHIFT) & self._mask
        while self._address[place]:
            place = (place + 1) & self._mask
        self._address[place], self._number[place] = address, number
