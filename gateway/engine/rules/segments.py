"""Sums that begin anew where something happens, over a wearer's rows and across stretches."""

import numpy as np

from gateway.engine.stretch import Stretch
from geofence.arrays import BoolArray, IntArray


def sum_since(stretch: Stretch, begins: BoolArray, values: IntArray, carried: IntArray) -> IntArray:
    """Return the sum of the values after the newest row that begins anew, shape (n,), int64.

    Args:
        stretch: Whose rows.
        begins: Rows at which the sum is 0; their own values do not count.
        values: What each row adds.
        carried: Sum before the stretch, shape (g,).
    """
    if stretch.has_one_row_each:
        return np.where(begins, 0, carried + values)
    total = stretch.total(np.where(begins, 0, values), carried)
    nothing = np.zeros(len(carried), np.int64)
    out: IntArray = total - stretch.newest(begins, total, nothing)
    return out


def drained_since(
    stretch: Stretch, begins: BoolArray, values: IntArray, carried: IntArray
) -> IntArray:
    """Return the same sum where it never falls below 0, as a vessel that cannot be overdrawn.

    Args:
        stretch: Whose rows.
        begins: Rows at which it is 0.
        values: What each row adds or takes.
        carried: Sum before the stretch, shape (g,), at least 0.
    """
    if stretch.has_one_row_each:
        return np.where(begins, 0, np.maximum(carried + values, 0))
    flow = np.where(begins, 0, values)
    running = np.cumsum(flow)
    starts = stretch.opens | begins
    floor = running.copy()
    opens = stretch.opens & ~begins
    before = running[opens] - flow[opens] - carried[stretch.group[opens]]
    floor[opens] = np.minimum(running[opens], before)
    # Each part gets a band of its own, below all earlier ones, so that one pass serves all parts.
    band = int(2 * np.abs(flow).sum() + carried.max()) + 1
    part = np.cumsum(starts)
    lowest = np.minimum.accumulate(floor - part * band) + part * band
    out: IntArray = running - lowest
    return out
