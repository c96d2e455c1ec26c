"""Which fences concern which report, and what they say of it."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gateway.columns import ABSENT
from gateway.directory.snapshot import Directory
from gateway.engine.episodes import EpisodeBook
from gateway.engine.place import FenceTable
from geofence.arrays import IntArray

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


class Placement:
    """The place rules under one directory."""

    def __init__(self, directory: Directory, book: EpisodeBook) -> None:
        """Compile the fences of `directory`; slots are made in `book`."""
        self._directory = directory
        self._book = book
        self._fences = FenceTable(directory)
        self._placed: dict[str, tuple[IntArray, IntArray]] = {}

    def judge(self, rows: Table, subjects: Sequence[str]) -> Table:
        """Return PLACE_COLUMNS of every (report, fence) pair that holds at the fix time.

        Args:
            rows: Report columns, with `wearer`.
            subjects: Subject of each wearer.
        """
        fixes = np.flatnonzero(rows["lon_e7"] != ABSENT)
        wearers, inverse = np.unique(rows["wearer"][fixes], return_inverse=True)
        placed = [self._fences_of(subjects[int(wearer)]) for wearer in wearers]
        counts = np.array([len(fences) for fences, _ in placed], np.int64)
        if not counts.sum():
            return {name: np.empty(0, dtype) for name, dtype in PLACE_COLUMNS.items()}
        start = np.cumsum(counts) - counts
        report, ordinal = _expand_pairs(counts[inverse])
        pair = start[inverse][report] + ordinal
        fence = np.concatenate([fences for fences, _ in placed])[pair]
        slot = np.concatenate([slots for _, slots in placed])[pair]
        time_ms = rows["fix_time_ms"][fixes][report]
        holds = (self._fences.valid_from_ms[fence] <= time_ms) & (
            time_ms < self._fences.valid_to_ms[fence]
        )
        source = fixes[report[holds]]
        fixed = {name: rows[name][source] for name in _FIXED}
        judged = self._fences.judge(fence[holds], fixed, self._directory.parameters)
        out: Table = {name: fixed[name] for name in ORDER}
        out["slot"] = slot[holds]
        out["distance_mm"] = judged.distance_mm
        out["violation_ppm"] = judged.violation_ppm
        out["decision"] = judged.decision
        return out

    def _fences_of(self, subject: str) -> tuple[IntArray, IntArray]:
        cached = self._placed.get(subject)
        if cached is None:
            numbers = self._directory.fences_of.get(subject, [])
            fences = [self._directory.fences[number] for number in numbers]
            slots = [self._book.slot(fence.use, subject, fence.fence) for fence in fences]
            cached = np.array(numbers, np.int64), np.array(slots, np.int64)
            self._placed[subject] = cached
        return cached


def _expand_pairs(counts: IntArray) -> tuple[IntArray, IntArray]:
    """Return (report, ordinal) of every pair when report i has counts[i] fences."""
    report = np.repeat(np.arange(len(counts)), counts)
    ordinal = np.arange(len(report)) - np.repeat(np.cumsum(counts) - counts, counts)
    return report, ordinal
