"""The way from each fix to the next, as the rules of truth judge it.

A leg belongs to the row of its later fix. Distances have the error circles of both ends taken off,
and times are a second longer than told, for many devices tell whole seconds: what remains is the
least that a device must have moved, at the least speed.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gateway.columns import ABSENT
from gateway.engine.rule import Carried, Memory
from gateway.engine.selection import chosen
from gateway.engine.stretch import NEVER_MS, Stretch, between_mm
from geofence.arrays import BoolArray, IntArray

MM_PER_M: Final = 1_000
MS_PER_S: Final = 1_000
_RESOLUTION_MS: Final = 1_000

LEG_PARAMETERS: Final = ("doubt_radii", "accuracy_floor_m", "accuracy_default_m")
"""What every judgement of legs depends on."""


@dataclass(frozen=True, slots=True)
class Legs:
    """One leg per row, shape (n,) each; only what `known` marks means anything.

    Attributes:
        known: The row and an earlier one have a fix.
        lasted_ms: Time between them, a second added.
        moved_mm: Distance between them.
        doubt_mm: What the error circles may account for.
        net_mm: The distance less that, at least 0.
        mmps: Least speed, millimetres per second; 0 where not known.
        fix_row: Row of the earlier fix; -1 where it is before the stretch.
        last_row: Row of each wearer's newest fix, shape (g,); -1 likewise.
        group: Wearer of each row.
    """

    known: BoolArray
    lasted_ms: IntArray
    moved_mm: IntArray
    doubt_mm: IntArray
    net_mm: IntArray
    mmps: IntArray
    fix_row: IntArray
    last_row: IntArray
    group: IntArray

    def earlier(self, values: NDArray[Any], carried: NDArray[Any]) -> NDArray[Any]:
        """Return the value at the fix before each row, shape (n,).

        Args:
            values: By row; those of rows with a fix count.
            carried: At the newest fix before the stretch, shape (g,).
        """
        if len(self.last_row) == len(self.group):  # one row each: nothing is before it
            return carried
        return np.where(self.fix_row >= 0, values[self.fix_row], carried[self.group])

    def newest(self, values: NDArray[Any], carried: NDArray[Any]) -> NDArray[Any]:
        """Return the value at each wearer's newest fix, shape (g,), to carry."""
        if len(self.last_row) == len(self.group):
            return chosen(self.last_row >= 0, values, carried)
        return np.where(self.last_row >= 0, values[self.last_row], carried)


LINE_CARRY: Final = {
    "line_boot": Carried(np.int64, -1, shared="line"),
    "line_seq": Carried(np.int64, -1, shared="line"),
    "turned_ms": Carried(np.int64, NEVER_MS, shared="line"),
}
LINE_PARAMETERS: Final = ("duplicate_clear_s",)


@dataclass(frozen=True, slots=True)
class Line:
    """The counters from fix to fix, shape (n,) each.

    Attributes:
        is_one: They have not turned back lately. Where they do, two devices share a name
            (duplicate_identity says so), and the way from one to the other is nobody's.
        follows: The row is the next after the fix before it: nothing is missing between them.
        memory: LINE_CARRY after the stretch.
    """

    is_one: BoolArray
    follows: BoolArray
    memory: Memory


def line_of(stretch: Stretch, memory: Memory) -> Line:
    """Return the counters of a stretch, and carry LINE_CARRY on."""
    line = stretch.once(_line, memory)
    memory.update(line.memory)
    return line


def _line(stretch: Stretch, memory: Memory) -> Line:
    legs, boot, seq = legs_of(stretch), stretch.rows["boot"], stretch.rows["seq"]
    boot_before = legs.earlier(boot, memory["line_boot"])
    seq_before = legs.earlier(seq, memory["line_seq"])
    same = boot == boot_before
    turned = (boot < boot_before) | (same & (seq < seq_before))
    turned_ms = stretch.newest(legs.known & turned, stretch.time_ms, memory["turned_ms"])
    return Line(
        is_one=stretch.time_ms - turned_ms > stretch.limits.ms("duplicate_clear_s"),
        follows=same & (seq == seq_before + 1),
        memory={
            "line_boot": legs.newest(boot, memory["line_boot"]),
            "line_seq": legs.newest(seq, memory["line_seq"]),
            "turned_ms": stretch.at_end(turned_ms),
        },
    )


JUMP_CARRY: Final = {
    "from_lon_e7": Carried(np.int32, 0),
    "from_lat_e7": Carried(np.int32, 0),
    "moved_mm": Carried(np.int64, 0),
}
_RETURN_SHARE: Final = 4
"""Back where it came from: nearer to there than a fourth of the jump."""


def jump_of(stretch: Stretch, legs: Legs) -> Memory:
    """Return JUMP_CARRY of each row's leg, shape (n,): where it began, and how far it went."""
    prior = stretch.prior_fix
    return {
        "from_lon_e7": prior.lon_e7.astype(np.int32),
        "from_lat_e7": prior.lat_e7.astype(np.int32),
        "moved_mm": legs.moved_mm,
    }


def came_back(stretch: Stretch, legs: Legs, last: Memory, asked: BoolArray) -> BoolArray:
    """Return which rows are back where the leg before theirs began, shape (n,).

    Args:
        stretch: The reports.
        legs: Their legs.
        last: JUMP_CARRY of the leg before each row's own, shape (n,).
        asked: Of which rows it is asked; the others are not.
    """
    out = np.zeros(len(asked), np.bool_)
    rows = np.flatnonzero(asked)
    if len(rows):
        lon, lat = stretch.rows["lon_e7"][rows], stretch.rows["lat_e7"][rows]
        back_mm = between_mm(lon, lat, last["from_lon_e7"][rows], last["from_lat_e7"][rows])
        shorter_mm = np.minimum(legs.moved_mm[rows], last["moved_mm"][rows])
        out[rows] = back_mm * _RETURN_SHARE <= shorter_mm
    return out


def legs_of(stretch: Stretch) -> Legs:
    """Return the legs of a stretch."""
    return stretch.once(_legs)


def radius_mm(stretch: Stretch, accuracy_mm: NDArray[Any]) -> IntArray:
    """Return 68 % radii that are believed: claims above the floor, the default where none is made.

    Args:
        stretch: Whose limits hold.
        accuracy_mm: Claims by row, ABSENT where none; shape (n,).
    """
    floor_mm = _whole_mm(stretch.limits["accuracy_floor_m"])
    default_mm = _whole_mm(stretch.limits["accuracy_default_m"])
    said = chosen(accuracy_mm != ABSENT, accuracy_mm.astype(np.int64), default_mm)
    radius: IntArray = np.maximum(said, floor_mm)
    return radius


def _legs(stretch: Stretch) -> Legs:
    prior = stretch.prior_fix
    known = stretch.has_fix & (prior.time_ms != NEVER_MS)
    lasted_ms = stretch.time_ms - prior.time_ms
    if not known.all():
        lasted_ms = np.where(known, lasted_ms, 0)
    lasted_ms += _RESOLUTION_MS
    circles = radius_mm(stretch, stretch.rows["accuracy_mm"]) + radius_mm(
        stretch, prior.accuracy_mm
    )
    doubt_mm = stretch.limits["doubt_radii"] * circles
    moved_mm = stretch.moved_mm
    net_mm = np.maximum(moved_mm - doubt_mm, 0)
    row = np.arange(len(stretch))
    nobody = np.full(len(stretch.wearer), -1)
    return Legs(
        known=known,
        lasted_ms=lasted_ms,
        moved_mm=moved_mm,
        doubt_mm=doubt_mm,
        net_mm=net_mm,
        mmps=net_mm * MS_PER_S // lasted_ms,
        fix_row=stretch.newest_before(stretch.has_fix, row, nobody),
        last_row=stretch.at_end(stretch.newest(stretch.has_fix, row, nobody)),
        group=stretch.group,
    )


def _whole_mm(metres: NDArray[Any]) -> IntArray:
    whole: IntArray = np.rint(metres * MM_PER_M).astype(np.int64)
    return whole
