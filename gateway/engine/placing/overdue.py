"""Back from leave or not: what decides between `leave_overdue` and `inclusion`.

Away without a break since before the leave ended is overdue; whoever was back and leaves again has
left the permitted area. One fact, one alert: while somebody is overdue, inclusion is not violated.
"""

from dataclasses import dataclass

import numpy as np

from gateway.engine.rule import Memory
from gateway.engine.stretch import NEVER_MS, Stretch
from geofence.arrays import BoolArray, Int8Array, IntArray
from geofence.use import Absences


@dataclass(frozen=True, slots=True)
class Return:
    """Of n rows, shape (n,) each.

    Attributes:
        is_out: Not back since the leave ended.
        is_late: ... and the grace is over, too.
    """

    is_out: BoolArray
    is_late: BoolArray


def returned(
    stretch: Stretch, memory: Memory, away: Absences, number: IntArray, sign: Int8Array
) -> Return:
    """Return who is not back from leave, and put the new memory in place of the old.

    Args:
        stretch: The reports.
        memory: `away_since_ms` of each wearer: since when it has been outside without a break.
        away: Approved absences by subject.
        number: Subject of each row that has absences, -1 elsewhere, shape (n,).
        sign: +1 where a row is surely outside all its permitted areas, -1 where it is not outside
            one of them, 0 where it cannot tell or is not asked, shape (n,).
    """
    carried_ms = memory["away_since_ms"]
    is_away = stretch.newest(sign != 0, sign > 0, carried_ms != NEVER_MS)
    since_ms = stretch.since(is_away, carried_ms)
    memory["away_since_ms"] = stretch.at_end(since_ms)
    is_out, is_late = np.zeros((2, len(stretch)), np.bool_)
    rows = np.flatnonzero(is_away & (number >= 0))
    if len(rows):
        time_ms = stretch.time_ms[rows]
        over = away.newest_over(number[rows], time_ms)
        end_ms = np.where(over >= 0, away.end_ms[over], NEVER_MS)
        out = (over >= 0) & (since_ms[rows] <= end_ms) & ~away.cover(number[rows], time_ms)
        is_out[rows] = out
        is_late[rows] = out & (time_ms >= end_ms + stretch.limits.ms("leave_grace_s")[rows])
    return Return(is_out, is_late)


def sign_of(row: IntArray, decision: Int8Array, count: int) -> Int8Array:
    """Return what all permitted areas of a row say together, shape (count,).

    Args:
        row: Row of each pair, ascending, shape (p,).
        decision: Decision of each pair about its area.
        count: How many rows there are.
    """
    out = np.zeros(count, np.int8)
    if len(row):
        first = np.flatnonzero(np.r_[True, row[1:] != row[:-1]])
        # Inside one of several is inside; outside means outside all of them.
        out[row[first]] = np.minimum.reduceat(decision, first)
    return out
