"""Closed months of many people in columns. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, get_args

import numpy as np
from numpy.typing import NDArray

from server.scoring.policy import Grade

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]

GRADES: Final[tuple[Grade, ...]] = get_args(Grade)
"""Best first; a grade's number is its place."""
ABSENT: Final = -1
"""In every column: nothing is known. No score is below nought."""
_COLUMNS: Final = 6


@dataclass(frozen=True, slots=True)
class Grid:
    """What scores were at the end of months, in thousandths of a point.

    Attributes:
        people: Who, in order; `n` of them.
        first: The first month, year x 12 + month - 1; the columns are `m` months from it on.
        org: Shape (n, m): the place of the organisation among those that were asked for.
        public: Shape (n, m); absent also where no public figure was known.
        management: Shape (n, m).
        grade: Shape (n, m): the place in `GRADES`.
    """

    people: Sequence[str]
    first: int
    org: Ints
    public: Ints
    management: Ints
    grade: Ints

    def is_there(self, month: int) -> Truths:
        """Return who has a score of a month, shape (n,)."""
        there: Truths = self.management[:, month - self.first] != ABSENT
        return there

    def total(self, month: int) -> Ints:
        """Return both parts together, shape (n,); without meaning where nothing is known."""
        column = month - self.first
        total: Ints = np.maximum(self.public[:, column], 0) + self.management[:, column]
        return total


def grid_of(people: Sequence[str], first: int, months: int, packed: bytes) -> Grid:
    """Return a grid from rows of six int4, big-endian.

    A row is the place of the person, of the organisation, the month, the public and the management
    points, the place of the grade.
    """
    rows = np.frombuffer(packed, ">i4").reshape(-1, _COLUMNS).astype(np.int64)
    # Who was closed with two organisations in one month counts once, with the later path.
    rows = rows[np.argsort(rows[:, 1], kind="stable")]
    person, org, month, *columns = rows.T
    filled = []
    for column in (org, *columns):
        grid = np.full((len(people), months), ABSENT, np.int64)
        grid[person, month - first] = column
        filled.append(grid)
    return Grid(people, first, *filled)
