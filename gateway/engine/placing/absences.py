"""Approved leaves and trips of a directory as intervals."""

from collections.abc import Iterable

import numpy as np

from gateway.directory.compiled import Directory
from gateway.engine.placing.numbering import Numbers
from geofence.use import Absences

Interval = tuple[int, int]


def absences_of(directory: Directory, subjects: Numbers[str]) -> Absences:
    """Return when each subject was away with approval, by number; what touches is one stretch."""
    found = {
        subjects.of(subject): _joined((v.valid_from_ms, v.valid_to_ms) for v in leaves)
        for subject, leaves in directory.leaves.items()
    }
    return _table(found)


def granted_of(directory: Directory, grounds: Numbers[tuple[str, str]]) -> Absences:
    """Return when each ground, a subject and a fence, was named by a leave or a trip."""
    found: dict[int, list[Interval]] = {}
    for subject, leaves in directory.leaves.items():
        for leave in leaves:
            ground = None if leave.fence is None else grounds.find((subject, leave.fence))
            if ground is not None:
                found.setdefault(ground, []).append((leave.valid_from_ms, leave.valid_to_ms))
    return _table({ground: _joined(intervals) for ground, intervals in found.items()})


def _joined(intervals: Iterable[Interval]) -> list[Interval]:
    out: list[Interval] = []
    for begin_ms, end_ms in sorted(intervals):
        if out and begin_ms <= out[-1][1]:
            out[-1] = (out[-1][0], max(end_ms, out[-1][1]))
        else:
            out.append((begin_ms, end_ms))
    return out


def _table(found: dict[int, list[Interval]]) -> Absences:
    rows = [(number, *interval) for number in sorted(found) for interval in found[number]]
    column = np.array(rows, np.int64).reshape(-1, 3).T.copy()
    return Absences(column[0], column[1], column[2])
