"""The fences of a directory by subject, compiled; a later directory edits what it changes.

A row of a subject's list is a slot. Slots, zones and numbers are never given to something else, so
that what an earlier directory's lists hold stays as it is.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gateway.columns import DEGREE_E7
from gateway.directory.compiled import Directory, PlacedFence
from gateway.engine.placing.absences import absences_of, granted_of
from gateway.engine.placing.numbering import Numbers
from gateway.engine.placing.question import APPROVED, RULE_OF, USE_NUMBER, Question
from geofence.arrays import IntArray
from geofence.assignment import Assignment, Row, assign
from geofence.fence import Fence
from geofence.index import MM_PER_M, FenceIndex, build_index
from geofence.outline import Outline
from geofence.schedule.rule import Schedule

NONE: Final = -1
"""Number of what is not there."""

COLUMNS: Final = ("use", "question", "schedule", "ground", "overdue")
"""In one array, so that a slot is one look into memory."""

_LIVE_SHARE: Final = 0.5
_SLACK: Final = 4_096
"""Slots that may lie unused before the lists are built anew."""


class FenceLists:
    """What concerns whom.

    Attributes:
        directory: What it was compiled from.
        zone_of: Zone of each row of `directory.fences`.
        subjects: Subjects by number.
        questions: Questions by number.
        schedules: Schedules by number, equal ones once.
        known: The contents of schedules by number.
        grounds: Pairs of a subject and a fence that a leave or a trip may name, by number.
        index: The zones.
        size_mm: Fence.size_m of each zone, millimetres.
        centre_e7: Its middle, longitude and latitude, 1e-7 degrees, shape (zones, 2).
        assigned: Zones of each subject, with validity.
        columns: Of each slot, in the order of COLUMNS, shape (slots, 5): `use`, `question`, numbers
            of its `schedule`, of its `ground` in `granted`, and of the `overdue` question of an
            inclusion; NONE where there is none.
        away: Approved leaves and trips, by number of the subject.
        granted: Leaves and trips that name a fence, by ground: one subject and one fence.
        has_leave: Whether a subject has any, by number.
    """

    index: FenceIndex
    size_mm: IntArray
    centre_e7: NDArray[np.int32]
    assigned: Assignment
    columns: NDArray[np.int32]

    def __init__(self, directory: Directory, before: "FenceLists | None" = None) -> None:
        """Compile `directory`, with what did not change since `before`."""
        self.subjects: Numbers[str] = before.subjects if before else Numbers()
        self.questions: Numbers[Question] = before.questions if before else Numbers()
        self.schedules: list[Schedule] = before.schedules if before else []
        self.index = before.index if before else build_index([])
        self.size_mm = before.size_mm if before else np.zeros(0, np.int64)
        self.centre_e7 = before.centre_e7 if before else np.zeros((0, 2), np.int32)
        self.assigned = before.assigned if before else assign([])
        no_slot = np.zeros((0, len(COLUMNS)), np.int32)
        self.columns = before.columns if before else no_slot
        self.grounds: Numbers[tuple[str, str]] = before.grounds if before else Numbers()
        self.known: Numbers[object] = before.known if before else Numbers()
        self.directory = directory
        self._schedule_of = self._number_schedules()
        self.zone_of, kept = self._place_fences(before)
        self._approved: dict[str, list[int]] = {}
        for row, fence in enumerate(directory.fences):
            if fence.use in APPROVED:
                self._approved.setdefault(fence.fence, []).append(row)
        self._list(dict.fromkeys(self._changed(before, kept)))
        self.away = absences_of(directory, self.subjects)
        self.granted = granted_of(directory, self.grounds)
        self.has_leave = np.zeros(len(self.subjects), np.bool_)
        self.has_leave[self.away.subject] = True

    def moved_to(self, directory: Directory) -> "FenceLists":
        """Return the lists of a later directory; what did not change is not compiled again."""
        after = FenceLists(directory, self)
        live = int(after.assigned.count.sum())
        if after.assigned.slots > 2 * live + _SLACK or after.index.live_share < _LIVE_SHARE:
            return FenceLists(directory)
        return after

    def number_of(self, subject: str) -> int:
        """Return the number of a subject that this directory knows, else NONE."""
        number = self.subjects.find(subject)
        # Numbers are given for good; who came after this directory has no list here.
        return number if number is not None and number < len(self.assigned) else NONE

    def schedule_of(self, fence: PlacedFence) -> int:
        """Return the number of a fence's schedule, NONE without one."""
        return NONE if fence.schedule is None else self._schedule_of[fence.schedule]

    def rows_of(self, subject: str) -> list[int]:
        """Return the rows of `directory.fences` that concern a subject, in their order."""
        listed = self.directory.fences_of.get(subject, [])
        named = [
            row
            for leave in self.directory.leaves.get(subject, ())
            for row in self._approved.get(leave.fence or "", ())
        ]
        return list(dict.fromkeys(chain(listed, named)))

    def _number_schedules(self) -> dict[str, int]:
        found = {}
        for name, schedule in self.directory.schedules.items():
            found[name] = self.known.of(_content(schedule))
            if found[name] == len(self.schedules):
                self.schedules.append(schedule)
        return found

    def _place_fences(self, before: "FenceLists | None") -> tuple[list[int], list[int]]:
        """Return every fence's zone, and its row before, NONE where it is new or changed."""
        old = before.directory.fences if before else []
        old_row = {(fence.fence, fence.version): row for row, fence in enumerate(old)}
        first, zones, kept = len(self.index), list[int](), list[int]()
        new: list[Fence] = []
        for fence in self.directory.fences:
            row = old_row.get((fence.fence, fence.version), NONE)
            is_kept = False
            if before and row != NONE and _same_shape(old[row].shape, fence.shape):
                zones.append(before.zone_of[row])
                is_kept = self._same_terms(before, old[row], fence)
            else:
                zones.append(first + len(new))
                new.append(fence.shape)
            kept.append(row if is_kept else NONE)
        if new:
            self.index = self.index.edited({first + n: one.outline for n, one in enumerate(new)})
            sizes = [round(one.size_m * MM_PER_M) for one in new]
            self.size_mm = np.concatenate([self.size_mm, np.array(sizes, np.int64)])
            middles = np.array([_centre_deg(one.outline) for one in new]) * DEGREE_E7
            self.centre_e7 = np.concatenate([self.centre_e7, np.rint(middles).astype(np.int32)])
        return zones, kept

    def _same_terms(self, before: "FenceLists", old: PlacedFence, new: PlacedFence) -> bool:
        return (
            old.use == new.use
            and old.valid_from_ms == new.valid_from_ms
            and old.valid_to_ms == new.valid_to_ms
            and before.schedule_of(old) == self.schedule_of(new)
        )

    def _changed(self, before: "FenceLists | None", kept: Sequence[int]) -> Iterator[str]:
        """Yield the subjects whose lists differ from those before."""
        directory = self.directory
        everybody = chain(directory.fences_of, directory.leaves, directory.orders)
        if before is None:
            yield from everybody
            return
        old, unlisted = before.directory, list[int]()
        all_approved = all(kept[row] != NONE for rows in self._approved.values() for row in rows)
        for subject in everybody:
            rows = directory.fences_of.get(subject, unlisted)
            leaves = directory.leaves.get(subject)
            if (
                self.subjects.find(subject) is None
                or [kept[row] for row in rows] != old.fences_of.get(subject, unlisted)
                or leaves != old.leaves.get(subject)
                or (leaves and not all_approved)
            ):
                yield subject
        for subject in chain(old.fences_of, old.leaves):
            if subject not in directory.fences_of and subject not in directory.leaves:
                yield subject

    def _list(self, changed: Iterable[str]) -> None:
        """Replace or append the lists of subjects."""
        lists: dict[int, list[Row]] = {}
        rows: list[tuple[int, ...]] = []
        for subject in changed:
            fences = [(row, self.directory.fences[row]) for row in self.rows_of(subject)]
            lists[self.subjects.of(subject)] = [
                Row(self.zone_of[row], fence.valid_from_ms, fence.valid_to_ms)
                for row, fence in fences
            ]
            rows += [self._columns_of(subject, fence) for _, fence in fences]
        if lists:
            self.assigned = self.assigned.edited(lists)
        added = np.array(rows, np.int32).reshape(-1, len(COLUMNS))
        self.columns = np.concatenate([self.columns, added])

    def _columns_of(self, subject: str, fence: PlacedFence) -> tuple[int, ...]:
        question = self.questions.of(Question(RULE_OF[fence.use], subject, fence.fence))
        ground = overdue = NONE
        if fence.use in APPROVED:
            ground = self.grounds.of((subject, fence.fence))
        if fence.use == "inclusion" and subject in self.directory.leaves:
            overdue = self.questions.of(Question("leave_overdue", subject, fence.fence))
        return USE_NUMBER[fence.use], question, self.schedule_of(fence), ground, overdue


def _centre_deg(outline: Outline) -> tuple[float, float]:
    """Return the middle of an outline's extent, degrees."""
    ring_deg = outline.ring_deg
    if outline.is_circle:
        return float(ring_deg[0, 0]), float(ring_deg[0, 1])
    lon_deg, lat_deg = (np.nanmin(ring_deg, axis=0) + np.nanmax(ring_deg, axis=0)) / 2
    return float(lon_deg), float(lat_deg)


def _same_shape(one: Fence, other: Fence) -> bool:
    a, b = one.outline, other.outline
    return (
        a.radius_m == b.radius_m
        and a.is_filled == b.is_filled
        and one.size_m == other.size_m
        and a.ring_deg.tobytes() == b.ring_deg.tobytes()
    )


def _content(schedule: Schedule) -> object:
    return (
        schedule.zone,
        schedule.windows,
        schedule.first_day,
        schedule.last_day,
        tuple(sorted(schedule.exceptions.items(), key=lambda item: item[0])),
        tuple(sorted(schedule.day_kinds.items())),
    )
