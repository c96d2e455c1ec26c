"""The parameters that hold for each row: they depend on who wears what, and when."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gateway.parameters import Parameters
from geofence.arrays import IntArray


class Limits:
    """Parameter values by row, by name."""

    def __init__(self, sets: Sequence[Parameters], which: IntArray) -> None:
        """Take the sets in use and which of them holds for each row.

        Args:
            sets: At least one.
            which: Index into `sets`, shape (n,).
        """
        self._sets = sets
        self._which = which
        self._is_one = len(sets) == 1
        self._known: dict[str, NDArray[Any]] = {}

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Return a parameter by row, shape (n,): int64, or float64 where its default is a float."""
        found = self._known.get(name)
        if found is None:
            found = self._by_row(np.array([one[name] for one in self._sets]))
            self._known[name] = found
        return found

    def of(self, rows: IntArray) -> "Limits":
        """Return the parameters of some rows."""
        return Limits(self._sets, self._which[rows])

    def ms(self, name: str) -> IntArray:
        """Return a parameter given in seconds as milliseconds, shape (n,), int64."""
        key = f"{name} in ms"
        found = self._known.get(key)
        if found is None:
            found = self._by_row(np.array([one[name] for one in self._sets]) * 1_000)
            self._known[key] = found
        return found

    def _by_row(self, values: NDArray[Any]) -> NDArray[Any]:
        if self._is_one:
            # Every row is the same number in memory: arithmetic treats it as one.
            values.flags.writeable = False
            return np.ndarray(len(self._which), values.dtype, values, strides=(0,))
        found = values.take(self._which)
        found.flags.writeable = False
        return found
