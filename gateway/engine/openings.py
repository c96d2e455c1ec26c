"""Which slots have an episode that has not ended."""

import numpy as np

from geofence.arrays import BoolArray, IntArray

_CLOSED = 0


class Openings:
    """The open slots; every opening has a number of its own, so that another one can be told."""

    def __init__(self) -> None:
        """Start with room for a few slots, all closed."""
        self._number = np.full(64, _CLOSED)
        self._newest = _CLOSED

    def grow(self, size: int) -> None:
        """Make room for `size` slots at least."""
        more = size - len(self._number)
        if more > 0:
            self._number = np.concatenate([self._number, np.full(more, _CLOSED)])

    def note(self, slot: int, *, is_open: bool) -> None:
        """Open a slot, anew when it is open already, or close it."""
        self._newest += 1
        self._number[slot] = self._newest if is_open else _CLOSED

    def close_all(self) -> None:
        """Close every slot."""
        self._number[:] = _CLOSED

    def are(self, slots: IntArray) -> BoolArray:
        """Return which slots are open, shape (n,)."""
        found: BoolArray = self._number[slots] != _CLOSED
        return found

    def slots(self) -> IntArray:
        """Return the open slots, ascending."""
        return np.flatnonzero(self._number)

    def numbers(self, slots: IntArray) -> IntArray:
        """Return the number of each slot's opening, above 0, shape (n,)."""
        return self._number[slots]
