"""From single decisions to episodes: persistence in fix time, as a pure fold over arrays.

A decision is +1 (violation), -1 (compliant) or 0 (cannot tell; it neither counts nor breaks a
streak). A streak of equal decisions that is long enough, in reports and in time, changes the
state: a violating streak begins an episode, a compliant one ends it, both dated back to where the
streak began. One bad fix therefore begins nothing, and the begin does not depend on how slowly one
decides.

The fold is a function of the sorted rows alone: cutting them into batches changes nothing.
"""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geofence.arrays import BoolArray, Int8Array, IntArray


@dataclass(slots=True)
class Streaks:
    """The memory of g independent folds, one row each.

    Attributes:
        sign: Decision that the running streak repeats, 0 before the first; int8.
        count: Its length in reports; int32.
        begin_ms: When it began; int64.
        active: An episode is open.
    """

    sign: Int8Array
    count: IntArray
    begin_ms: IntArray
    active: BoolArray

    @classmethod
    def fresh(cls, size: int) -> "Streaks":
        """Return `size` folds that have seen nothing."""
        return cls(
            np.zeros(size, np.int8),
            np.zeros(size, np.int32),
            np.zeros(size, np.int64),
            np.zeros(size, np.bool_),
        )

    def take(self, rows: IntArray) -> "Streaks":
        """Return a copy of the given rows."""
        return Streaks(*(getattr(self, f.name).take(rows) for f in fields(self)))

    def copy(self) -> "Streaks":
        """Return a copy of all rows."""
        return Streaks(*(getattr(self, f.name).copy() for f in fields(self)))

    def put(self, rows: IntArray, values: "Streaks") -> None:
        """Overwrite the given rows."""
        for f in fields(self):
            getattr(self, f.name)[rows] = getattr(values, f.name)


@dataclass(frozen=True, slots=True)
class Persistence:
    """How long a streak must be before it counts, by row; shape (n,) each, int64.

    A row is judged by its own: thresholds may change while a streak runs.

    Attributes:
        raise_reports: Reports of a violating streak, at least 1.
        raise_ms: Its duration.
        clear_reports: Reports of a compliant streak, at least 1.
        clear_ms: Its duration.
    """

    raise_reports: IntArray
    raise_ms: IntArray
    clear_reports: IntArray
    clear_ms: IntArray

    def take(self, rows: IntArray) -> "Persistence":
        """Return the given rows."""
        return Persistence(*(getattr(self, f.name).take(rows) for f in fields(self)))


@dataclass(frozen=True, slots=True)
class Changes:
    """What a fold found, in row order; shape (k,) each.

    Attributes:
        group: Which fold.
        begins: True: an episode begins; False: it ends.
        at_ms: Where the deciding streak began.
        row: Input row at which the streak became long enough.
    """

    group: IntArray
    begins: BoolArray
    at_ms: IntArray
    row: IntArray


def fold(
    base: Streaks, group: IntArray, time_ms: IntArray, decision: Int8Array, need: Persistence
) -> tuple[Streaks, Changes]:
    """Advance g folds over n rows.

    Args:
        base: Memory of the folds, g rows.
        group: Fold of each row, shape (n,), ascending.
        time_ms: Fix time of each row, ascending within a group.
        decision: -1, 0 or +1 per row.
        need: Persistence of the rows.

    Returns:
        The new memory (base is left as it was) and the changes.
    """
    after = base.copy()
    rows = np.flatnonzero(decision)
    if not len(rows):
        empty = np.empty(0, np.int64)
        return after, Changes(empty, np.empty(0, np.bool_), empty, empty)
    group, time_ms, sign = group.take(rows), time_ms.take(rows), decision.take(rows)
    opens_group = _differs(group)
    opens_run = opens_group | _differs(sign)
    start = np.flatnonzero(opens_run)
    run = np.cumsum(opens_run) - 1
    run_group, run_sign = group.take(start), sign.take(start)
    continues = opens_group.take(start) & (run_sign == base.sign.take(run_group))
    before = np.where(continues, base.count.take(run_group), 0)
    begin_ms = np.where(continues, base.begin_ms.take(run_group), time_ms.take(start))

    last = np.append(np.flatnonzero(opens_group.take(start))[1:], len(start)) - 1
    length = np.diff(start, append=len(rows))
    running = Streaks(
        run_sign[last], (length + before)[last], begin_ms[last], base.active[run_group[last]]
    )
    after.put(run_group[last], running)
    need, raising = need.take(rows), sign > 0
    reports = np.where(raising, need.raise_reports, need.clear_reports)
    lasting_ms = np.where(raising, need.raise_ms, need.clear_ms)
    # Row k of a run is its (k + 1)th report.
    enough = np.arange(len(rows)) - (start - before).take(run) >= reports - 1
    enough &= time_ms - begin_ms.take(run) >= lasting_ms
    long_rows = np.flatnonzero(enough)
    decided_row = long_rows[_differs(run.take(long_rows))]
    long_run = run.take(decided_row)
    to_active = run_sign[long_run] > 0
    changed = to_active != _state_before(base.active, run_group[long_run], to_active)
    after.active[run_group[long_run]] = to_active  # the last of a group wins: runs are in order
    keep = long_run[changed]
    return after, Changes(
        run_group[keep], to_active[changed], begin_ms[keep], rows[decided_row[changed]]
    )


def _differs(values: NDArray[Any]) -> BoolArray:
    """Return where a value is not its predecessor; the first one never is."""
    out = np.ones(len(values), np.bool_)
    np.not_equal(values[1:], values[:-1], out=out[1:])
    return out


def _state_before(active: BoolArray, group: IntArray, to_active: BoolArray) -> BoolArray:
    if not len(group):
        return to_active
    return np.where(_differs(group), active[group], np.roll(to_active, 1))
