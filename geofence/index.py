"""The compiled fences of a directory: immutable, shared by all subjects, cheap to edit.

Zones lie one after another in common arrays. An edit appends the changed zones' parts and copies
the headers (64 bytes a zone); what the other zones hold is shared with the index that it was made
from, which goes on answering as before. What replaced zones leave behind is dropped by `compacted`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geofence.arena import Arena
from geofence.arrays import FloatArray, IntArray
from geofence.datum import Datum, require_wgs84
from geofence.kernel import Kernel, Pairs, PlacedFixes, ZoneParts, signed_distances
from geofence.outline import Outline
from geofence.plane import metres_per_degree
from geofence.zone import HEADER_COLUMNS, OUTSIDE, REACH_M, Zone, circle_header, compile_zone

MM_PER_M: Final = 1_000
_FIXES_PER_BLOCK: Final = 4_096
"""Keeps the temporaries of a block in the caches; more fixes at once are slower."""

_PARTS: Final = ("cell", "list_start", "run", "ring_deg")
_EXTENT: Final = 3
"""Numbers that stand before a zone's cells: its first vertex, the one after its last, whether it is
filled. Only an edit or a question for the outline reads them; circles, which most zones are, need
none, and the header stays one cache line."""


@dataclass(frozen=True, slots=True, eq=False)
class FenceIndex:
    """Zones by number, 0 ... len - 1.

    Attributes:
        reach_m: Distances are exact this far from a border, and cut off beyond.
        header: Shape (zones, 8), float64; see geofence.zone.HEADER_COLUMNS.
    """

    reach_m: float
    header: FloatArray
    _arenas: Mapping[str, Arena]
    _length: Mapping[str, int]

    def __len__(self) -> int:
        return len(self.header)

    @property
    def reach_mm(self) -> int:
        """`reach_m` in millimetres: what a distance at the cut is."""
        return round(self.reach_m * MM_PER_M)

    @property
    def nbytes(self) -> int:
        """Bytes that the index holds, room at the arenas' ends not counted."""
        parts = sum(self.part(name).nbytes for name in _PARTS)
        return int(self.header.nbytes + parts)

    @property
    def live_share(self) -> float:
        """Share of the vertices that a zone still uses; `compacted` when it is low."""
        gridded = self.header[self.header[:, 4] > 0]
        extent = gridded[:, 6].astype(np.int64)[:, None] + np.arange(-_EXTENT, 0)
        first, end, _ = self.part("cell")[extent].T
        length = self._length["ring_deg"]
        return float((end - first).sum() / length) if length else 1.0

    def part(self, name: str) -> NDArray[Any]:
        """Return one of the common arrays: "cell", "list_start", "run" or "ring_deg"."""
        return self._arenas[name].view(self._length[name])

    def edited(self, changed: Mapping[int, Outline]) -> "FenceIndex":
        """Return an index with some zones replaced or appended; the others are not compiled again.

        Args:
            changed: Outlines by zone number; numbers from `len(self)` on are new, without a gap.
        """
        size = max([len(self), *(number + 1 for number in changed)])
        header = np.zeros((size, HEADER_COLUMNS))
        header[: len(self)] = self.header
        length = dict(self._length)
        pieces: dict[str, list[NDArray[np.generic]]] = {name: [] for name in _PARTS}
        for number, outline in changed.items():
            if outline.is_circle:  # most zones are homes: no part of the common arrays
                header[number] = circle_header(outline)
                continue
            zone = compile_zone(outline, reach_m=self.reach_m)
            header[number] = zone.header
            header[number, 6] = length["cell"] + _EXTENT
            for name, rows in _placed(zone, length, is_filled=outline.is_filled).items():
                pieces[name].append(rows)
                length[name] += len(rows)
        arenas = {
            name: self._arenas[name].extended(self._length[name], np.concatenate(pieces[name]))
            if pieces[name]
            else self._arenas[name]
            for name in _PARTS
        }
        return FenceIndex(self.reach_m, header, arenas, length)

    def distances_mm(
        self,
        lon_deg: FloatArray,
        lat_deg: FloatArray,
        fix: IntArray,
        zone: IntArray,
        *,
        datum: Datum = "WGS84",
        kernel: Kernel = signed_distances,
    ) -> IntArray:
        """Return the signed distance of every pair, whole millimetres, negative inside.

        A fix within half a millimetre of the border has distance 0 and is covered (OGC `covers`: a
        border point is inside). Beyond `reach_m` the distance is cut off there; `far_distances_mm`
        tells it.

        Args:
            lon_deg: Longitudes of the fixes, shape (n,), degrees.
            lat_deg: Their latitudes.
            fix: Fix of each pair, shape (p,), ascending.
            zone: Zone of each pair, shape (p,).
            datum: Datum of the fixes.
            kernel: The exact step; all kernels answer alike.

        Raises:
            DatumError: The fixes are not WGS-84.
        """
        require_wgs84(datum)
        out = np.empty(len(fix), np.int64)
        fixes = PlacedFixes(lon_deg, lat_deg, *metres_per_degree(lat_deg))
        zones = ZoneParts(self.header, *(self.part(name) for name in _PARTS))
        for begin in range(0, len(lon_deg), _FIXES_PER_BLOCK):
            block = slice(*np.searchsorted(fix, [begin, begin + _FIXES_PER_BLOCK]))
            metres = kernel(fixes, Pairs(fix[block], zone[block]), zones, self.reach_m)
            out[block] = np.rint(metres * MM_PER_M)
        return out

    def compacted(self) -> "FenceIndex":
        """Return the same zones without what replaced ones left behind."""
        return build_index([self.outline(number) for number in range(len(self))], self.reach_m)

    def outline(self, number: int) -> Outline:
        """Return the outline that a zone was compiled from."""
        radius_m = float(self.header[number, 7])
        if self.header[number, 4] == 0:
            return Outline(self.header[number : number + 1, :2], is_filled=False, radius_m=radius_m)
        cell = int(self.header[number, 6])
        first, end, filled = self.part("cell")[cell - _EXTENT : cell].tolist()
        return Outline(self.part("ring_deg")[first:end], is_filled=bool(filled), radius_m=radius_m)


def build_index(outlines: Sequence[Outline], reach_m: float = REACH_M) -> FenceIndex:
    """Return the index of outlines; zone i is outlines[i].

    Args:
        outlines: Fences' outlines, WGS-84.
        reach_m: How far from a border distances are exact, metres.
    """
    arenas = {
        "cell": Arena(np.empty(0, np.int32)),
        "list_start": Arena(np.empty(0, np.int32)),
        "run": Arena(np.empty((0, 2), np.int32)),
        "ring_deg": Arena(np.empty((0, 2))),
    }
    nothing = FenceIndex(reach_m, np.empty((0, HEADER_COLUMNS)), arenas, dict.fromkeys(_PARTS, 0))
    return nothing.edited(dict(enumerate(outlines)))


def _placed(
    zone: Zone, length: Mapping[str, int], *, is_filled: bool
) -> dict[str, NDArray[np.generic]]:
    """Return a zone's parts, counted from where they will lie in the common arrays."""
    listed = zone.cell > OUTSIDE
    first = length["ring_deg"]
    extent = np.array([first, first + len(zone.ring_deg), is_filled], np.int32)
    cell = np.where(listed, zone.cell + np.int32(2 * length["list_start"]), zone.cell)
    return {
        "cell": np.concatenate([extent, cell]),
        "list_start": zone.list_start + length["run"],
        "run": zone.run + length["ring_deg"],
        "ring_deg": zone.ring_deg,
    }
