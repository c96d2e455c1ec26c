"""Which fences concern whom: subject to zones, shared fences once.

The zones of a subject lie one after another in common rows (compressed sparse rows). A row's number
is its slot: where the state of that subject under that fence is kept. An edit appends the changed
subject's rows, so that every other slot stays what it is; the assignment that it was made from goes
on answering as before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geofence.arena import Arena
from geofence.arrays import IntArray
from geofence.kernel import spread

ALWAYS: Final = (-(1 << 63), (1 << 63) - 1)
"""Validity of a row that names none: from, to."""

_LIST: Final = np.int32
"""Two thousand million rows."""


class Row(NamedTuple):
    """One fence of one subject.

    Attributes:
        zone: Its number in the index.
        valid_from_ms: Fix times from here on are judged by it.
        valid_to_ms: Fix times from here on are not.
    """

    zone: int
    valid_from_ms: int = ALWAYS[0]
    valid_to_ms: int = ALWAYS[1]


class AssignedPairs(NamedTuple):
    """The (fix, zone) pairs to judge, by fix and then in the order of the list; shape (p,) each."""

    fix: IntArray
    zone: IntArray
    slot: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Assignment:
    """Subjects by number, 0 ... len - 1.

    Attributes:
        first: Slot of each subject's first row, shape (subjects,), int32.
        count: How many rows it has, int32.
        slots: Slots given out so far, those of replaced rows included.
    """

    first: NDArray[np.int32]
    count: NDArray[np.int32]
    slots: int
    _zone: Arena
    _valid_ms: Arena | None

    def __len__(self) -> int:
        return len(self.first)

    @property
    def nbytes(self) -> int:
        """Bytes that it holds, room at the arenas' ends not counted."""
        valid = 0 if self._valid_ms is None else self._valid_ms.view(self.slots).nbytes
        return self.first.nbytes + self.count.nbytes + self._zone.view(self.slots).nbytes + valid

    def zones_of(self, subject: int) -> list[int]:
        """Return the zones of a subject in the order of its list, valid or not."""
        first, count = int(self.first[subject]), int(self.count[subject])
        zones: list[int] = self._zone.view(self.slots)[first : first + count].tolist()
        return zones

    def pairs(self, subject: IntArray, time_ms: IntArray | None = None) -> AssignedPairs:
        """Return every (fix, zone) that concerns the fix's subject at its fix time.

        Args:
            subject: Subject of each fix, shape (n,).
            time_ms: Fix time of each, milliseconds; None: validity is not looked at.
        """
        count = self.count.take(subject).astype(np.int64)
        slot, _ = spread(self.first.take(subject).astype(np.int64), count)
        fix = np.repeat(np.arange(len(subject)), count)
        if time_ms is not None and self._valid_ms is not None:
            valid_ms = self._valid_ms.view(self.slots).take(slot, axis=0)
            at_ms = time_ms.take(fix)
            holds = (valid_ms[:, 0] <= at_ms) & (at_ms < valid_ms[:, 1])
            if not holds.all():
                fix, slot = fix[holds], slot[holds]
        return AssignedPairs(fix, self._zone.view(self.slots).take(slot).astype(np.int64), slot)

    def valid_ms(self, slot: IntArray) -> IntArray:
        """Return from when and until when rows hold, shape (p, 2)."""
        if self._valid_ms is None:
            return np.tile(np.array([ALWAYS]), (len(slot), 1))
        valid_ms: IntArray = self._valid_ms.view(self.slots)[slot]
        return valid_ms

    def edited(self, changed: Mapping[int, Sequence[Row]]) -> "Assignment":
        """Return an assignment with some subjects' lists replaced or appended.

        The replaced subjects get new slots; nobody else's change.

        Args:
            changed: Rows by subject; numbers from `len(self)` on are new, without a gap.
        """
        size = max([len(self), *(number + 1 for number in changed)])
        first, count = np.zeros(size, _LIST), np.zeros(size, _LIST)
        first[: len(self)], count[: len(self)] = self.first, self.count
        rows = [row for number in changed for row in changed[number]]
        slots = self.slots
        for number, listed in changed.items():
            first[number], count[number] = slots, len(listed)
            slots += len(listed)
        zone = np.array([row.zone for row in rows], _LIST)
        valid = self._valid_ms
        if valid is None and any(row[1:] != ALWAYS for row in rows):
            valid = Arena(np.tile(np.array([ALWAYS]), (self.slots, 1)))
        if valid is not None:
            times = np.array([row[1:] for row in rows], np.int64).reshape(-1, 2)
            valid = valid.extended(self.slots, times)
        return Assignment(first, count, slots, self._zone.extended(self.slots, zone), valid)


def assign(lists: Sequence[Sequence[int | Row]]) -> Assignment:
    """Return the assignment of subjects to zones.

    Args:
        lists: Per subject its zones; a bare number is always valid.
    """
    nothing = np.empty(0, _LIST)
    empty = Assignment(nothing, nothing, 0, Arena(nothing), None)
    rows = {
        number: [row if isinstance(row, Row) else Row(row) for row in listed]
        for number, listed in enumerate(lists)
    }
    return empty.edited(rows)
