"""The place rules under one directory: what every report says about every fence of its subject."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gateway.columns import ABSENT
from gateway.directory.compiled import Directory
from gateway.engine.placing.doubt import doubted
from gateway.engine.placing.dwell import Dwell
from gateway.engine.placing.homes import Homes
from gateway.engine.placing.lists import NONE, FenceLists
from gateway.engine.placing.measure import (
    FORBIDS_INSIDE,
    Fixes,
    Judgement,
    fence_distances_mm,
    put,
    unasked,
)
from gateway.engine.placing.overdue import Return, returned, sign_of
from gateway.engine.placing.pairs import Pairs, together
from gateway.engine.placing.question import CURFEW, INCLUSION, LEAVE, ROUTE, Question
from gateway.engine.placing.residences import Residences
from gateway.engine.placing.sites import official_sites
from gateway.engine.placing.timetables import Timetables
from gateway.engine.rule import Memory
from gateway.engine.stretch import Stretch
from geofence.arrays import BoolArray, IntArray
from geofence.kernel import Kernel
from geofence.use import in_force


@dataclass(frozen=True, slots=True)
class _Asked:
    """(report, fence) pairs, shape (p,) each; the last ones in the order of lists.COLUMNS."""

    row: IntArray
    zone: IntArray
    use: IntArray
    question: IntArray
    schedule: IntArray
    ground: IntArray
    overdue: IntArray


class Placement:
    """The place rules under one directory.

    Attributes:
        directory: The directory.
        lists: Its fences by subject.
        timetables: Its schedules.
        homes: Its residences.
        residences: The middle of each.
        official: Its official places.
        dwell: Its sensitive sites.
        questions: All questions by number. It may grow at its end; a number keeps its meaning, in
            placements that this one was moved to as well unless those were built anew.
    """

    questions: Sequence[Question]

    def __init__(
        self, directory: Directory, kernel: Kernel, before: "Placement | None" = None
    ) -> None:
        """Compile the fences, leaves and sites of `directory`.

        Args:
            directory: The directory.
            kernel: What evaluates fences.
            before: What did not change since is taken over.
        """
        self.directory = directory
        self._kernel = kernel
        self.lists: FenceLists = (
            before.lists.moved_to(directory) if before else FenceLists(directory)
        )
        self.questions = self.lists.questions.keys
        self.timetables = Timetables(self.lists.schedules)
        self.homes = Homes(self.lists, kernel)
        self.residences = Residences(self.lists)
        self.official = official_sites(directory)
        self.dwell = Dwell(self.lists, self.homes, self.official)

    def moved_to(self, directory: Directory) -> "Placement":
        """Return the placement of a later directory; what did not change is taken over."""
        return Placement(directory, self._kernel, self)

    def find(self, question: Question) -> int | None:
        """Return the number of a question, None when this directory does not ask it."""
        return self.lists.questions.find(question)

    def person(self, subject: str) -> int:
        """Return the number that a subject is asked by, NONE when nothing concerns it."""
        return self.lists.number_of(subject)

    def on_leave(self, number: IntArray, time_ms: IntArray) -> BoolArray | None:
        """Return who was on an approved leave or trip, shape (n,); None: nobody was.

        Args:
            number: What `person` gave for each.
            time_ms: When.
        """
        lists = self.lists
        if not lists.has_leave.any():
            return None
        asked = np.flatnonzero(number != NONE)
        asked = asked[lists.has_leave[number[asked]]]
        if not len(asked):
            return None
        out = np.zeros(len(number), np.bool_)
        out[asked] = lists.away.cover(number[asked], time_ms[asked])
        return out

    def pairs(self, stretch: Stretch, person: IntArray, memory: Memory, doubts: Memory) -> Pairs:
        """Return what every report says about every question of its subject.

        Reports without a position speak only of questions that are not in force.

        Args:
            stretch: The reports.
            person: Number of each wearer's subject, shape (g,).
            memory: Memory of the rule `leave_overdue`; the new one is put in place of the old.
            doubts: Memory of what positions are doubted (placing/doubt.py), likewise.
        """
        number = stretch.by_row(person)
        fixes = Fixes(stretch)
        asked = self._asked(stretch, number)
        force = self._in_force(stretch, asked, number)
        watched = asked.overdue != NONE
        measured = stretch.has_fix[asked.row] & (force | watched)
        seen = self._measured(fixes, asked, measured.nonzero()[0])
        seen.decision[doubted(stretch, doubts)[asked.row] & (seen.decision > 0)] = 0
        parts = []
        if watched.any():
            told = watched & measured
            sign = sign_of(asked.row[told], seen.decision[told], len(stretch))
            leaver = np.where((number != NONE) & self.lists.has_leave[number], number, NONE)
            back = returned(stretch, memory, self.lists.away, leaver, sign)
            # Who is not back can be neither in the area nor at home: one fact, one alert.
            force &= ~(back.is_out[asked.row] & np.isin(asked.use, (INCLUSION, CURFEW)))
            parts.append(_overdue(asked, seen, back, np.flatnonzero(watched), measured))
        parts.insert(0, _gated(asked, seen, force, measured))
        if self.dwell.is_asked:
            parts.append(self.dwell.pairs(stretch, fixes, number))
        return together(parts)

    def measured(self, stretch: Stretch, person: IntArray, question: Question) -> Pairs:
        """Return what reports say about one question, in force or not: an alert's evidence.

        Distances on the unlawful side are exact however far.

        Args:
            stretch: The reports.
            person: Number of each wearer's subject, shape (g,).
            question: The question.
        """
        number, fixes = stretch.by_row(person), Fixes(stretch)
        asked_for = self.lists.questions.find(question)
        if question.rule == "dwell":
            return self.dwell.pairs(stretch, fixes, number)
        asked = self._asked(stretch, number)
        mine = (asked.question == asked_for) | (asked.overdue == asked_for)
        at = np.flatnonzero(mine & stretch.has_fix[asked.row])
        seen = self._measured(fixes, asked, at, is_evidence=True)
        return Pairs(
            asked.row[at],
            np.full(len(at), NONE if asked_for is None else asked_for),
            seen.decision[at],
            seen.distance_mm[at],
            seen.violation_ppm[at],
        )

    def _asked(self, stretch: Stretch, number: IntArray) -> _Asked:
        known, time_ms = number != NONE, stretch.time_ms
        if known.all():
            listed = self.lists.assigned.pairs(number, time_ms)
            row = listed.fix
        else:
            rows = np.flatnonzero(known)
            listed = self.lists.assigned.pairs(number[rows], time_ms[rows])
            row = rows[listed.fix]
        columns = self.lists.columns.take(listed.slot, axis=0).T.astype(np.int64)
        return _Asked(row, listed.zone, *columns)

    def _in_force(self, stretch: Stretch, asked: _Asked, number: IntArray) -> BoolArray:
        time_ms = stretch.time_ms.take(asked.row)
        scheduled = np.ones(len(asked.row), np.bool_)
        timed = (asked.schedule != NONE).nonzero()[0]
        if len(timed):
            active = self.timetables.active(asked.schedule.take(timed), time_ms.take(timed))
            scheduled[timed] = active
        may_leave = self.lists.has_leave.take(number.take(asked.row))
        may_travel = asked.ground != NONE
        if not (may_leave.any() or may_travel.any()):
            return scheduled
        on_leave, on_trip = np.zeros((2, len(asked.row)), np.bool_)
        stays = np.flatnonzero(may_leave & ((asked.use == INCLUSION) | (asked.use == CURFEW)))
        if len(stays):
            whose = number[asked.row[stays]]
            on_leave[stays] = self.lists.away.cover(whose, time_ms[stays])
        granted, leaves = self.lists.granted, np.flatnonzero(asked.use == LEAVE)
        if len(leaves):
            ground, at_ms = asked.ground[leaves], time_ms[leaves]
            travel_ms = stretch.limits.ms("leave_travel_s")[asked.row[leaves]]
            on_leave[leaves] = granted.cover(ground, at_ms - travel_ms)
            on_leave[leaves] &= granted.cover(ground, at_ms + travel_ms)
        routes = np.flatnonzero(asked.use == ROUTE)
        if len(routes):
            on_trip[routes] = granted.cover(asked.ground[routes], time_ms[routes])
        use = asked.use.astype(np.int8)
        return in_force(use, scheduled=scheduled, on_leave=on_leave, on_trip=on_trip)

    def _measured(
        self, fixes: Fixes, asked: _Asked, at: IntArray, *, is_evidence: bool = False
    ) -> Judgement:
        """Return what some pairs say, the others as not in force."""
        out = unasked(len(asked.row))
        if len(at):
            row, zone = asked.row.take(at), asked.zone.take(at)
            forbids = FORBIDS_INSIDE.take(asked.use.take(at))
            lists = self.lists
            distance_mm = fence_distances_mm(
                lists.index,
                fixes,
                (row, zone),
                self._kernel,
                forbids_inside=forbids if is_evidence else None,
            )
            put(out, at, fixes.decided(row, distance_mm, lists.size_mm.take(zone), forbids))
        return out


def _gated(asked: _Asked, seen: Judgement, force: BoolArray, measured: BoolArray) -> Pairs:
    """Return the pairs of fences: what was seen where in force, compliance where not."""
    is_told = measured | ~force
    lapsed = (measured & ~force).nonzero()[0]
    if len(lapsed):
        nothing = unasked(len(lapsed))
        seen = Judgement(*(getattr(seen, name).copy() for name in Judgement.__slots__))
        put(seen, lapsed, nothing)
    pairs = Pairs(asked.row, asked.question, seen.decision, seen.distance_mm, seen.violation_ppm)
    return pairs if is_told.all() else pairs.take(is_told.nonzero()[0])


def _overdue(
    asked: _Asked, seen: Judgement, back: Return, watched: IntArray, measured: BoolArray
) -> Pairs:
    """Return the pairs of `leave_overdue`."""
    row = asked.row[watched]
    out, late = back.is_out[row], back.is_late[row]
    told = np.flatnonzero(measured[watched] | ~out)
    out, late, watched = out[told], late[told], watched[told]
    decision = np.where(out, np.where(late, seen.decision[watched], 0), -1).astype(np.int8)
    return Pairs(
        row[told],
        asked.overdue[watched],
        decision,
        np.where(out, seen.distance_mm[watched], ABSENT),
        np.where(out, seen.violation_ppm[watched], 0),
    )
