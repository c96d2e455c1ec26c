"""Residences: where a curfew holds somebody, at whatever hour it is asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from gateway.engine.placing.lists import COLUMNS, NONE, FenceLists
from gateway.engine.placing.question import CURFEW
from geofence.arrays import BoolArray, FloatArray, IntArray
from geofence.kernel import Kernel
from geofence.outline import Outline


@dataclass(frozen=True, slots=True)
class Places:
    """Where somebody was, and when; shape (n,) each: degrees, WGS-84, and milliseconds."""

    lon_deg: FloatArray
    lat_deg: FloatArray
    time_ms: IntArray


class Homes:
    """The residences of a directory."""

    def __init__(self, lists: FenceLists, kernel: Kernel) -> None:
        """Read them from `lists`; `kernel` evaluates fences."""
        self._lists = lists
        self._kernel = kernel

    def hold(self, number: IntArray, places: Places) -> BoolArray:
        """Return who is within the own residence, shape (n,).

        Args:
            number: Number of each subject in the lists; NONE is nowhere at home.
            places: Where each is.
        """
        out = np.zeros(len(number), np.bool_)
        known = np.flatnonzero(number != NONE)
        listed = self._lists.assigned.pairs(number[known], places.time_ms[known])
        home = np.flatnonzero(self._lists.columns[listed.slot, COLUMNS.index("use")] == CURFEW)
        if len(home):
            fix, zone = known[listed.fix[home]], listed.zone[home]
            distance_mm = self._lists.index.distances_mm(
                places.lon_deg, places.lat_deg, fix, zone, kernel=self._kernel
            )
            out[fix[distance_mm <= 0]] = True
        return out

    def households(self, subjects: Sequence[str], time_ms: int) -> IntArray:
        """Return what names each subject's residence at a time, shape (n,); NONE without one.

        It is a digest of the outline, 0 or more: the same for all who live there, and at all times.
        """
        out = np.full(len(subjects), NONE)
        for row, subject in enumerate(subjects):
            for fence in (self._lists.directory.fences[f] for f in self._lists.rows_of(subject)):
                if fence.use == "curfew" and fence.valid_from_ms <= time_ms < fence.valid_to_ms:
                    out[row] = _digest(fence.shape.outline)
                    break
        return out


def _digest(outline: Outline) -> int:
    shape = outline.ring_deg.tobytes() + outline.radius_m.hex().encode()
    return int.from_bytes(blake2b(shape, digest_size=8).digest()) >> 1
