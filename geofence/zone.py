"""One outline compiled for evaluation: a header, a grid of cells, and which edges matter in each.

A cell is all outside and farther than `reach`, all inside and deeper, or it lists the runs of
consecutive ring edges that come within reach of it, with the side of one reference point. Within a
listed cell the side of a fix is that of the reference point, turned once for every listed edge that
the straight way between the two crosses; no crossed edge is missing, for the way stays in the cell.
Runs instead of edges take a sixth of the memory. Nothing is approximated but the choice of edges,
which errs on the side of too many.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geofence.arrays import FloatArray, IntArray
from geofence.outline import Outline
from geofence.plane import exact_metres_per_degree

REACH_M: Final = 500.0
"""Distances are exact this far from the border; 2 x accuracy covers a fix of 250 m."""

CELL_M: Final = 1_000.0
MOST_CELLS: Final = 256
"""Along each axis. Cells of 500 to 2,000 m differ by less than a fifth in speed."""

SMALL_RING: Final = 40
"""Up to this many vertices a grid of 2 x 2 does."""

OUTSIDE: Final = -1
INSIDE: Final = -2

REFERENCE: Final = (0.4837, 0.5129)
"""Where in a cell its reference point lies: off any line that a border is likely to follow."""

_SLACK: Final = 1.02
"""Metres per degree differ between a zone's ends; the list must not miss an edge."""

HEADER_COLUMNS: Final = 8
"""West, south, columns per degree, rows per degree, columns, rows, first cell, radius: 64 bytes,
one cache line. No columns means a circle: its centre, and metres per degree there."""

ZoneInt = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Zone:
    """One compiled outline; all numbers count from 0 within the zone.

    Attributes:
        header: Shape (8,), float64; see HEADER_COLUMNS.
        cell: Shape (rows * columns,), int32: OUTSIDE, INSIDE, or 2 * list + side, where side 1 says
            that the reference point is inside.
        list_start: Shape (lists + 1,), int32: first run of each list.
        run: Shape (runs, 2), int32: first edge and the one after the last.
        ring_deg: Shape (k, 2), float64: the outline's vertices.
    """

    header: FloatArray
    cell: ZoneInt
    list_start: ZoneInt
    run: ZoneInt
    ring_deg: FloatArray


def compile_zone(outline: Outline, *, reach_m: float = REACH_M, cell_m: float = CELL_M) -> Zone:
    """Return an outline's zone.

    Args:
        outline: Rings and radius; a circle needs only `circle_header`.
        reach_m: How far from the border distances are exact.
        cell_m: Side of a cell to aim at.
    """
    header = np.zeros(HEADER_COLUMNS)
    header[7] = outline.radius_m
    low, high = np.nanmin(outline.ring_deg, axis=0), np.nanmax(outline.ring_deg, axis=0)
    # The fewest metres per degree of the zone: a reach in degrees that is surely long enough.
    scale = np.array(exact_metres_per_degree(max(abs(low[1]), abs(high[1]))))
    reach_deg = (reach_m + outline.radius_m) * _SLACK / scale
    origin, span = low - reach_deg, high - low + 2 * reach_deg
    shape = np.full(2, 2)
    if len(outline.ring_deg) > SMALL_RING:
        shape = np.clip(np.ceil(span * scale / cell_m), 2, MOST_CELLS).astype(np.int64)
    per_degree = shape / span
    header[:6] = *origin, *per_degree, *shape
    grid = _Grid(origin, per_degree, shape, scale)
    cell, edge = _edges_within_reach(outline, grid, reach_deg, reach_m + outline.radius_m)
    return _with_lists(header, outline, cell, edge, _sides(outline, grid))


def circle_header(outline: Outline) -> FloatArray:
    """Return the header of a circle; it has no other part."""
    lon_deg, lat_deg = outline.ring_deg[0].tolist()
    kx, ky = exact_metres_per_degree(lat_deg)
    return np.array([lon_deg, lat_deg, kx, ky, 0, 0, 0, outline.radius_m])


@dataclass(frozen=True, slots=True)
class _Grid:
    origin: FloatArray
    per_degree: FloatArray
    shape: IntArray
    scale: FloatArray

    @property
    def cells(self) -> int:
        return int(self.shape[0] * self.shape[1])

    def column_row(self, xy: FloatArray) -> IntArray:
        place = ((xy - self.origin) * self.per_degree).astype(np.int64)
        return np.minimum(np.maximum(place, 0), self.shape - 1)

    def point(self, cell: IntArray, within: tuple[float, float]) -> FloatArray:
        place = np.empty((len(cell), 2))
        place[:, 0], place[:, 1] = cell % self.shape[0], cell // self.shape[0]
        return self.origin + (place + within) / self.per_degree


def _edges_within_reach(
    outline: Outline, grid: _Grid, reach_deg: FloatArray, reach_m: float
) -> tuple[IntArray, IntArray]:
    """Return (cell, edge) of every pair that may lie within reach, sorted by both."""
    start, end, is_edge = outline.edges()
    number = np.flatnonzero(is_edge)
    start, end = start[number], end[number]
    first = grid.column_row(np.minimum(start, end) - reach_deg)
    last = grid.column_row(np.maximum(start, end) + reach_deg)
    wide, high = (last - first + 1).T
    count = wide * high
    edge = np.repeat(np.arange(len(number)), count)
    ordinal = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
    column = first[edge, 0] + ordinal % wide[edge]
    row = first[edge, 1] + ordinal // wide[edge]
    cell = row * grid.shape[0] + column
    # Their boxes meet; a long slanting edge still misses most cells of its box.
    along = (end - start) * grid.scale
    along /= np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)[:, None]
    centre = (grid.point(cell, (0.5, 0.5)) - start[edge]) * grid.scale
    half_m = 0.5 / grid.per_degree * grid.scale
    # From the cell's middle to the edge's line, and as far as the cell's corners reach towards it.
    away = np.abs(centre[:, 1] * along[edge, 0] - centre[:, 0] * along[edge, 1])
    corner = np.abs(along[:, 1]) * half_m[0] + np.abs(along[:, 0]) * half_m[1]
    near = away <= corner[edge] + reach_m * _SLACK
    cell, edge = cell[near], number[edge[near]]
    order = np.lexsort((edge, cell))
    return cell[order], edge[order]


def _sides(outline: Outline, grid: _Grid) -> IntArray:
    """Return 1 for every cell whose reference point is inside, else 0."""
    if not outline.is_filled:
        return np.zeros(grid.cells, np.int64)
    area = outline.area()
    shapely.prepare(area)
    point = grid.point(np.arange(grid.cells), REFERENCE)
    inside: IntArray = shapely.contains_xy(area, point[:, 0], point[:, 1]).astype(np.int64)
    return inside


def _with_lists(
    header: FloatArray, outline: Outline, cell: IntArray, edge: IntArray, side: IntArray
) -> Zone:
    opens_list, opens_run = np.ones((2, len(cell)), np.bool_)
    opens_list[1:] = cell[1:] != cell[:-1]
    opens_run[1:] = opens_list[1:] | (edge[1:] - edge[:-1] != 1)
    first = np.flatnonzero(opens_run)
    listed = cell[opens_list]
    content = OUTSIDE - side
    content[listed] = 2 * np.arange(len(listed)) + side[listed]
    run = np.empty((len(first), 2), np.int32)
    run[:, 0] = edge[first]
    run[:-1, 1] = edge[first[1:] - 1] + 1
    run[-1, 1] = edge[-1] + 1
    list_start = np.full(len(listed) + 1, len(first), np.int32)
    list_start[:-1] = np.flatnonzero(opens_list[first])
    return Zone(header, content.astype(np.int32), list_start, run, outline.ring_deg)
