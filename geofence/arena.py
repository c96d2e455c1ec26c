"""An array that only grows at its end, shared by all that were made from one another.

Whoever holds a length sees the first rows and never more, so growing in place disturbs nobody.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_GROWTH: Final = 1.5


class Arena:
    """A buffer with room at its end."""

    def __init__(self, rows: NDArray[Any]) -> None:
        """Start with a copy of `rows`."""
        self._buffer = np.array(rows)
        self._used = len(rows)

    def view(self, length: int) -> NDArray[Any]:
        """Return the first `length` rows, not to be written to."""
        rows = self._buffer[:length]
        rows.flags.writeable = False
        return rows

    def extended(self, length: int, rows: NDArray[Any]) -> "Arena":
        """Return an arena whose first rows are my first `length`, followed by `rows`.

        It is this one when nobody has grown it beyond `length` yet and there is room.
        """
        wanted = length + len(rows)
        arena = self
        if self._used != length or wanted > len(self._buffer):
            arena = Arena(self._buffer[:length])
            grown = np.empty((int(wanted * _GROWTH), *self._buffer.shape[1:]), self._buffer.dtype)
            grown[:length] = self._buffer[:length]
            arena._buffer = grown
        arena._buffer[length:wanted] = rows
        arena._used = wanted
        return arena
