"""Many schedules asked about many times at once: compiled by blocks of time as they are needed."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from geofence.arrays import BoolArray, IntArray
from geofence.schedule.instants import compile_schedule
from geofence.schedule.rule import Schedule

_MS_PER_DAY: Final = 86_400_000

BLOCK_MS: Final = 32 * _MS_PER_DAY
"""A month or so: what is compiled at once, below 2^32 so that schedule and time fit one key."""

MOST_BLOCKS: Final = 8
"""Blocks that are kept: the lateness horizon and a margin for wrong clocks."""

_LAST_BLOCK: Final = 2_600
"""The year 2197; a clock beyond it, or before 1970, is within no window."""

_SHIFT: Final = 32


class _Block:
    """Stretches of some schedules within one block; keys are schedule << 32 | time in the block."""

    def __init__(self, number: int) -> None:
        self.begin_ms = number * BLOCK_MS
        self.known = np.zeros(0, np.bool_)
        self._start = np.empty(0, np.int64)
        self._stop = np.empty(0, np.int64)

    def compile(self, schedules: Sequence[Schedule], asked: IntArray) -> None:
        if len(self.known) < len(schedules):
            self.known = np.pad(self.known, (0, len(schedules) - len(self.known)))
        is_known = self.known[asked]
        if is_known.all():
            return
        missing = np.unique(asked[~is_known]).tolist()
        starts, stops = [self._start], [self._stop]
        for number in missing:
            found = compile_schedule(schedules[number], self.begin_ms, self.begin_ms + BLOCK_MS)
            starts.append((number << _SHIFT) + found.start_ms - self.begin_ms)
            stops.append((number << _SHIFT) + found.stop_ms - self.begin_ms)
        self._start, self._stop = np.sort(np.concatenate(starts)), np.sort(np.concatenate(stops))
        self.known[missing] = True

    def active(self, schedule: IntArray, time_ms: IntArray) -> BoolArray:
        key = (schedule << _SHIFT) + time_ms - self.begin_ms
        held: BoolArray = np.searchsorted(self._start, key, side="right") > np.searchsorted(
            self._stop, key, side="right"
        )
        return held


class Timetables:
    """Schedules by number. What is compiled is a cache: the answers depend on nothing else."""

    def __init__(self, schedules: Sequence[Schedule]) -> None:
        """Answer for `schedules`, which may grow at its end."""
        self._schedules = schedules
        self._blocks: dict[int, _Block] = {}

    def active(self, schedule: IntArray, time_ms: IntArray) -> BoolArray:
        """Return whether each schedule holds at each time, shape (n,).

        Args:
            schedule: Number of the schedule, shape (n,).
            time_ms: Milliseconds since 1970 UTC.
        """
        out = np.zeros(len(schedule), np.bool_)
        block = time_ms // BLOCK_MS
        if len(block) and block[0] == block.min() == block.max():
            return self._active(int(block[0]), schedule, time_ms)
        for number in np.unique(block).tolist():
            rows = np.flatnonzero(block == number)
            out[rows] = self._active(number, schedule[rows], time_ms[rows])
        return out

    def _active(self, number: int, schedule: IntArray, time_ms: IntArray) -> BoolArray:
        """Return the same for times of one block."""
        if not 0 <= number <= _LAST_BLOCK:
            return np.zeros(len(schedule), np.bool_)
        table = self._block(number)
        table.compile(self._schedules, schedule)
        return table.active(schedule, time_ms)

    def window(self, schedule: int, time_ms: int) -> tuple[int, int] | None:
        """Return begin and end of the stretch that holds at a time, None outside all of them.

        Windows that touch are one stretch; one that never ends is told for two days around.
        """
        reach_ms = 2 * _MS_PER_DAY
        if not reach_ms <= time_ms < _LAST_BLOCK * BLOCK_MS:
            return None
        found = compile_schedule(self._schedules[schedule], time_ms - reach_ms, time_ms + reach_ms)
        row = int(np.searchsorted(found.start_ms, time_ms, side="right")) - 1
        if row < 0 or time_ms >= found.stop_ms[row]:
            return None
        return int(found.start_ms[row]), int(found.stop_ms[row])

    def _block(self, number: int) -> _Block:
        table = self._blocks.pop(number, None) or _Block(number)
        self._blocks[number] = table
        while len(self._blocks) > MOST_BLOCKS:
            del self._blocks[next(iter(self._blocks))]
        return table
