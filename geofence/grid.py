"""Which edges can matter: a grid of cells over a polygon, each with the edges that may be nearest.

For a point p of a cell with centre c and half-diagonal h, the nearest edge is no farther from c
than the edge nearest to c by more than 2 h (triangle inequality), so those edges suffice for the
exact distance. Whatever crosses a path within the cell is among them too, so the side of p follows
from the side of c and the crossings between. Nothing is approximated but the choice of edges, which
errs on the side of too many.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from geofence.arrays import BoolArray, FloatArray, IntArray
from geofence.plane import metres_per_degree

SIDE: Final = 64
"""Cells along each axis: about a kilometre for a county; near the border a handful of edges."""

FEWEST_EDGES: Final = 24
"""Below this, trying every edge is as fast."""

_OFF_CENTRE: Final = (0.485_410_196_624_968, 0.527_864_045_000_420_6)
"""Where in its cell the reference point lies: off any line that a border is likely to follow."""

_SLACK: Final = 1.03
"""Metres per degree change by 2 % over two degrees of latitude; the list must not miss an edge."""

_PAIRS_PER_BLOCK: Final = 1 << 18


@dataclass(frozen=True, slots=True)
class EdgeGrid:
    """The grid of one polygon.

    Attributes:
        origin_deg: West and south end.
        cell_deg: Width and height of a cell.
        start: Shape (SIDE * SIDE + 1,): where a cell's edges begin in `edge`.
        edge: Edge numbers, cell after cell.
        inside: Shape (SIDE * SIDE,): whether the cell's reference point is inside.
    """

    origin_deg: tuple[float, float]
    cell_deg: tuple[float, float]
    start: IntArray
    edge: IntArray
    inside: BoolArray

    def cell_of(self, lon_deg: FloatArray, lat_deg: FloatArray) -> IntArray:
        """Return the cell of every point, shape (n,); -1 outside the grid."""
        column = np.floor((lon_deg - self.origin_deg[0]) / self.cell_deg[0]).astype(np.int64)
        row = np.floor((lat_deg - self.origin_deg[1]) / self.cell_deg[1]).astype(np.int64)
        within = (column >= 0) & (column < SIDE) & (row >= 0) & (row < SIDE)
        return np.where(within, row * SIDE + column, -1)

    def reference(self, cell: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return the reference points of cells, longitudes and latitudes."""
        return _reference(self.origin_deg, self.cell_deg, cell)


def build_grid(edges_deg: FloatArray) -> EdgeGrid | None:
    """Return the grid over a polygon's edges, shape (m, 4); None where it would not pay."""
    if len(edges_deg) < FEWEST_EDGES:
        return None
    low = np.minimum(edges_deg[:, :2], edges_deg[:, 2:]).min(axis=0)
    high = np.maximum(edges_deg[:, :2], edges_deg[:, 2:]).max(axis=0)
    size = (high - low) * (1 + 1e-9) / SIDE
    origin, cell = (float(low[0]), float(low[1])), (float(size[0]), float(size[1]))
    cells = np.arange(SIDE * SIDE)
    lon, lat = _reference(origin, cell, cells)
    kx, ky = (float(k[0]) for k in metres_per_degree(np.array([0.5 * (low[1] + high[1])])))
    # Off-centre by less than 3 % of a cell: the farthest corner is that much farther.
    reach_m = 2 * _SLACK * 0.53 * float(np.hypot(cell[0] * kx, cell[1] * ky))
    counts, lists, inside = [], [], []
    step = max(1, _PAIRS_PER_BLOCK // len(edges_deg))
    for begin in range(0, len(cells), step):
        part = slice(begin, begin + step)
        away = edge_distances(edges_deg[None], lon[part, None], lat[part, None], kx, ky)
        near = away <= away.min(axis=1, keepdims=True) * _SLACK + reach_m
        counts.append(near.sum(axis=1))
        lists.append(np.nonzero(near)[1])
        inside.append(even_odd(edges_deg[None], lon[part, None], lat[part, None]))
    start = np.concatenate([[0], np.cumsum(np.concatenate(counts))])
    return EdgeGrid(origin, cell, start, np.concatenate(lists), np.concatenate(inside))


def edge_distances(
    edges: FloatArray,
    lon: FloatArray,
    lat: FloatArray,
    kx: FloatArray | float,
    ky: FloatArray | float,
) -> FloatArray:
    """Return distances to edges in the plane with kx, ky metres per degree; all broadcast.

    Args:
        edges: Shape (..., 4): x1, y1, x2, y2, degrees.
        lon: Longitudes, degrees.
        lat: Latitudes, degrees.
        kx: Metres per degree of longitude.
        ky: Metres per degree of latitude.
    """
    x1, y1, x2, y2 = (edges[..., k] for k in range(4))
    ax, ay = (x1 - lon) * kx, (y1 - lat) * ky
    dx, dy = (x2 - x1) * kx, (y2 - y1) * ky
    length2 = dx * dx + dy * dy
    along = np.clip(-(ax * dx + ay * dy) / np.where(length2 > 0, length2, 1.0), 0.0, 1.0)
    away: FloatArray = np.sqrt((ax + along * dx) ** 2 + (ay + along * dy) ** 2)
    return away


def crosses_eastward(edges: FloatArray, lon: FloatArray, lat: FloatArray) -> BoolArray:
    """Return which edges a ray to the east meets; the lower end of an edge belongs to it."""
    x1, y1, x2, y2 = (edges[..., k] for k in range(4))
    straddles = (y1 > lat) != (y2 > lat)
    with np.errstate(divide="ignore", invalid="ignore"):
        east: BoolArray = straddles & (lon < (x2 - x1) * (lat - y1) / (y2 - y1) + x1)
    return east


def crosses_northward(edges: FloatArray, lon: FloatArray, lat: FloatArray) -> BoolArray:
    """Return which edges a ray to the north meets; the western end of an edge belongs to it."""
    return crosses_eastward(edges[..., [1, 0, 3, 2]], lat, lon)


def even_odd(edges: FloatArray, lon: FloatArray, lat: FloatArray) -> BoolArray:
    """Return which points are inside by the even-odd rule over all rings; edges on axis 1."""
    inside: BoolArray = np.logical_xor.reduce(crosses_eastward(edges, lon, lat), axis=1)
    return inside


def _reference(
    origin: tuple[float, float], size: tuple[float, float], cell: IntArray
) -> tuple[FloatArray, FloatArray]:
    lon: FloatArray = origin[0] + ((cell % SIDE).astype(np.float64) + _OFF_CENTRE[0]) * size[0]
    lat: FloatArray = origin[1] + ((cell // SIDE).astype(np.float64) + _OFF_CENTRE[1]) * size[1]
    return lon, lat
