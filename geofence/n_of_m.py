"""N violations among the last M decided fixes: the rule for receivers that stutter.

Where persistence asks for an unbroken streak, this forgives M - N fixes on the other side. The
memory of a fold is its last decisions as bits, so that cutting the rows into batches changes
nothing.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geofence.arrays import Int8Array, IntArray

MOST: Final = 32
"""M at most."""

BitArray = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Window:
    """How many of how many; shape (g,) each, int64.

    Attributes:
        enough: N, 1 ... M.
        of: M, 1 ... MOST.
    """

    enough: IntArray
    of: IntArray


def n_of_m(
    recent: BitArray, group: IntArray, decision: Int8Array, window: Window
) -> tuple[BitArray, Int8Array]:
    """Return each fold's new memory and, row by row, what the window says.

    Args:
        recent: Memory of g folds: bit 0 is the newest decision, 1 for a violation. Fresh: 0, as if
            everything before had been compliant.
        group: Fold of each row, shape (n,), ascending; rows of a fold in order of fix time.
        decision: -1, 0 or +1 per row; 0 neither counts nor takes a place.
        window: N and M of the folds.

    Returns:
        (g,) uint64 and (n,) int8: +1 where at least N of the last M are violations, else -1; 0
        where the row decides nothing.
    """
    after = recent.copy()
    out = np.zeros(len(decision), np.int8)
    rows = np.flatnonzero(decision)
    if not len(rows):
        return after, out
    group, bit = group[rows], (decision[rows] > 0).astype(np.int64)
    first = np.flatnonzero(np.r_[True, group[1:] != group[:-1]])
    length = np.diff(np.r_[first, len(rows)])
    # Each fold's remembered bits, oldest first, stand before its rows.
    held = (recent[group[first], None] >> np.arange(MOST - 1, -1, -1, dtype=np.uint64)) & 1
    start = np.arange(len(first)) * MOST + first
    line = np.empty(len(rows) + len(first) * MOST, np.int64)
    place = np.arange(len(rows)) + np.repeat((np.arange(len(first)) + 1) * MOST, length)
    line[(start[:, None] + np.arange(MOST)).ravel()] = held.astype(np.int64).ravel()
    line[place] = bit
    total = np.concatenate([[0], np.cumsum(line)])
    count = total[place + 1] - total[place + 1 - window.of[group]]
    out[rows] = np.where(count >= window.enough[group], 1, -1)
    end = start + MOST + length
    tail = line[(end[:, None] - np.arange(1, MOST + 1))].astype(np.uint64)
    after[group[first]] = (tail << np.arange(MOST, dtype=np.uint64)).sum(axis=1, dtype=np.uint64)
    return after, out
