"""Which fences concern which report, and what they say of it."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gateway.columns import ABSENT
from gateway.directory.snapshot import Directory
from gateway.engine.episodes import EpisodeBook
from gateway.engine.place import FenceTable
from geofence.assignment import Row, assign
from geofence.kernel import Kernel

Table = dict[str, NDArray[Any]]

PLACE_RULES: Final = ("exclusion", "inclusion")

ORDER: Final = ("fix_time_ms", "boot", "seq")
"""What rows of one slot or wearer are sorted by."""

PLACE_COLUMNS: Final = {
    "slot": np.int32,
    "fix_time_ms": np.int64,
    "boot": np.int64,
    "seq": np.int64,
    "distance_mm": np.int32,
    "violation_ppm": np.int32,
    "decision": np.int8,
}
_FIXED: Final = ("lon_e7", "lat_e7", "accuracy_mm", *ORDER)
_UNKNOWN: Final = -1


class Placement:
    """The place rules under one directory."""

    def __init__(self, directory: Directory, book: EpisodeBook, kernel: Kernel) -> None:
        """Compile the fences of `directory`; slots are made in `book`."""
        self._directory = directory
        self._book = book
        self._fences = FenceTable(directory, kernel)
        self._number = {subject: number for number, subject in enumerate(directory.fences_of)}
        self._lists = assign(
            [[_row(directory, fence) for fence in rows] for rows in directory.fences_of.values()]
        )
        self._slot = np.full(self._lists.slots, _UNKNOWN)

    def judge(self, rows: Table, subjects: Sequence[str]) -> Table:
        """Return PLACE_COLUMNS of every (report, fence) pair that holds at the fix time.

        Args:
            rows: Report columns, with `wearer`.
            subjects: Subject of each wearer.
        """
        fixes = np.flatnonzero(rows["lon_e7"] != ABSENT)
        wearers, inverse = np.unique(rows["wearer"][fixes], return_inverse=True)
        number = np.array(
            [self._number.get(subjects[wearer], _UNKNOWN) for wearer in wearers.tolist()], np.int64
        )[inverse]
        placed = number != _UNKNOWN
        fixed = {name: rows[name][fixes[placed]] for name in _FIXED}
        self._make_slots([subjects[wearer] for wearer in wearers.tolist()])
        pairs = self._lists.pairs(number[placed], fixed["fix_time_ms"])
        if not len(pairs.fix):
            return {name: np.empty(0, dtype) for name, dtype in PLACE_COLUMNS.items()}
        judged = self._fences.judge(pairs, fixed, self._directory.parameters)
        out: Table = {name: fixed[name][pairs.fix] for name in ORDER}
        out["slot"] = self._slot[pairs.slot]
        out["distance_mm"] = judged.distance_mm
        out["violation_ppm"] = judged.violation_ppm
        out["decision"] = judged.decision
        return out

    def _make_slots(self, subjects: Sequence[str]) -> None:
        # Slots are numbered in the order in which subjects are first seen, as the journal has it.
        for subject in subjects:
            number = self._number.get(subject)
            if number is None:
                continue
            first, count = int(self._lists.first[number]), int(self._lists.count[number])
            if not count or self._slot[first] != _UNKNOWN:
                continue
            fences = [self._directory.fences[row] for row in self._directory.fences_of[subject]]
            self._slot[first : first + count] = [
                self._book.slot(fence.use, subject, fence.fence) for fence in fences
            ]


def _row(directory: Directory, fence: int) -> Row:
    version = directory.fences[fence]
    return Row(fence, version.valid_from_ms, version.valid_to_ms)
