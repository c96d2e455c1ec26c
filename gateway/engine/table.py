"""A growing table of columns: appended to at every batch, scanned when history is needed."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray

Array = NDArray[Any]


class GrowingTable:
    """Columns of equal length with room to grow; rows keep their order of arrival."""

    def __init__(self, dtypes: Mapping[str, DTypeLike]) -> None:
        """Make an empty table with one column per name."""
        self._columns: dict[str, Array] = {n: np.empty(1_024, d) for n, d in dtypes.items()}
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def column(self, name: str) -> Array:
        """Return a view of a column; valid until the next append."""
        return self._columns[name][: self._size]

    def append(self, **values: Array) -> None:
        """Append rows; every column must be given, all of one length."""
        added = len(next(iter(values.values())))
        wanted = self._size + added
        for name, old in self._columns.items():
            if wanted > len(old):
                grown = np.empty(max(wanted, 2 * len(old)), old.dtype)
                grown[: self._size] = old[: self._size]
                self._columns[name] = grown
            self._columns[name][self._size : wanted] = values[name]
        self._size = wanted

    def rows(self, selected: Array) -> dict[str, Array]:
        """Return copies of the selected rows (an index array or a mask), by column."""
        return {name: self.column(name)[selected] for name in self._columns}

    def keep(self, mask: NDArray[np.bool_]) -> None:
        """Drop the rows where the mask is false."""
        kept = {name: self.column(name)[mask] for name in self._columns}
        self._columns = kept
        self._size = int(np.count_nonzero(mask))

    def dump(self) -> dict[str, bytes]:
        """Return the rows as bytes by column."""
        return {name: self.column(name).tobytes() for name in self._columns}

    def load(self, stored: Mapping[str, bytes]) -> Self:
        """Replace the rows by what `dump` returned."""
        self._columns = {
            name: np.frombuffer(stored[name], old.dtype).copy()
            for name, old in self._columns.items()
        }
        self._size = len(next(iter(self._columns.values())))
        return self
