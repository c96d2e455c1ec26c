"""What else answers the same question: shapely in four ways, and a plain Python loop.

shapely sees one plane per world, in metres (good for the counties near its middle latitude, which
is to its advantage: nothing is converted per fix). Homes are circles by formula, except in the
tree, which knows polygons only.
"""

import math
from typing import Any, Final

import numpy as np
import shapely

from benchmarks.geofence_world import Fixes, World
from geofence.arrays import FloatArray, IntArray
from geofence.assignment import AssignedPairs
from geofence.plane import exact_metres_per_degree
from geofence.zone import REACH_M

_QUARTER_SEGMENTS: Final = 8


class Rivals:
    """The fences of a world as shapely wants them."""

    def __init__(self, world: World, *, with_tree: bool) -> None:
        """Prepare everything that can be prepared ahead.

        Args:
            world: The world.
            with_tree: Build the tree over all fences too.
        """
        self._lists = world.assignment
        self._scale = np.array(exact_metres_per_degree(float(world.home_deg[:, 1].mean())))
        outlines = [fence.outline for fence in world.fences]
        self._radius_m = np.array([outline.radius_m for outline in outlines])
        self._is_circle = np.array([outline.is_circle for outline in outlines])
        metres = shapely.transform(np.array(world.geometry), lambda xy: xy * self._scale)
        self._centre_m = np.zeros((len(metres), 2))
        self._centre_m[self._is_circle] = shapely.get_coordinates(metres[self._is_circle])
        lines = shapely.get_type_id(metres) == shapely.GeometryType.LINESTRING
        for which in (lines, self._is_circle) if with_tree else (lines,):
            metres[which] = shapely.buffer(
                metres[which], self._radius_m[which], quad_segs=_QUARTER_SEGMENTS
            )
        self._border = np.full(len(metres), None)
        self._border[~self._is_circle] = shapely.boundary(metres[~self._is_circle])
        shapely.prepare(metres)
        shapely.prepare(self._border)
        self._area, self._bounds = metres, shapely.bounds(metres)
        self._tree: Any = shapely.STRtree(metres) if with_tree else None

    def inside(self, fixes: Fixes, pairs: AssignedPairs) -> IntArray:
        """Return contains_xy of every pair, prepared: in or out, no metres."""
        xy, zone = self._metres(fixes)[pairs.fix], pairs.zone
        out = self._circles_m(xy, zone) < 0
        rows = np.flatnonzero(~self._is_circle[zone])
        out[rows] = shapely.contains_xy(self._area[zone[rows]], xy[rows])
        return out.astype(np.int64)

    def inside_and_metres(self, fixes: Fixes, pairs: AssignedPairs) -> FloatArray:
        """Return contains_xy and the distance to the border of every pair."""
        xy, zone = self._metres(fixes)[pairs.fix], pairs.zone
        out = self._circles_m(xy, zone)
        rows = np.flatnonzero(~self._is_circle[zone])
        inside = shapely.contains_xy(self._area[zone[rows]], xy[rows])
        away_m = shapely.distance(self._border[zone[rows]], shapely.points(xy[rows]))
        out[rows] = np.where(inside, -away_m, away_m)
        return out

    def step_by_step(self, fixes: Fixes, pairs: AssignedPairs) -> FloatArray:
        """Return the same, cut at the reach: boxes, then contains_xy, then dwithin, then metres."""
        xy, zone = self._metres(fixes)[pairs.fix], pairs.zone
        out = self._circles_m(xy, zone)
        rows = np.flatnonzero(~self._is_circle[zone])
        out[rows] = REACH_M
        box, at = self._bounds[zone[rows]], xy[rows]
        in_box = (at >= box[:, :2] - REACH_M).all(axis=1) & (at <= box[:, 2:] + REACH_M).all(axis=1)
        rows = rows[in_box]
        inside = shapely.contains_xy(self._area[zone[rows]], xy[rows])
        out[rows[inside]] = -REACH_M
        points = shapely.points(xy[rows])
        near = shapely.dwithin(self._border[zone[rows]], points, REACH_M)
        away_m = shapely.distance(self._border[zone[rows[near]]], points[near])
        out[rows[near]] = np.where(inside[near], -away_m, away_m)
        return np.clip(out, -REACH_M, REACH_M)

    def by_tree(self, fixes: Fixes, pairs: AssignedPairs) -> IntArray:
        """Return the positions in `pairs` that a tree over all fences finds inside: no metres."""
        points = shapely.points(self._metres(fixes))
        fix, zone = self._tree.query(points, predicate="intersects")
        many = len(self._area)
        found: IntArray = np.flatnonzero(
            np.isin(pairs.fix * many + pairs.zone, fix.astype(np.int64) * many + zone)
        )
        return found

    def _metres(self, fixes: Fixes) -> FloatArray:
        metres: FloatArray = np.column_stack([fixes.lon_deg, fixes.lat_deg]) * self._scale
        return metres

    def _circles_m(self, xy: FloatArray, zone: IntArray) -> FloatArray:
        away = xy - self._centre_m[zone]
        metres: FloatArray = np.hypot(away[:, 0], away[:, 1]) - self._radius_m[zone]
        return metres


def plain_loop(world: World, fixes: Fixes, pairs: AssignedPairs, most: int) -> list[float]:
    """Return signed metres of the first `most` pairs, edge by edge in Python."""
    rings = _rings(world)
    out = []
    for fix, zone in zip(pairs.fix[:most].tolist(), pairs.zone[:most].tolist(), strict=True):
        lon, lat = float(fixes.lon_deg[fix]), float(fixes.lat_deg[fix])
        kx, ky = exact_metres_per_degree(lat)
        ring, filled, radius_m = rings(zone)
        best, odd = math.inf, False
        ax, ay = (ring[0][0] - lon) * kx, (ring[0][1] - lat) * ky
        if len(ring) == 1:
            best = ax * ax + ay * ay
        for x, y in ring[1:]:
            bx, by = (x - lon) * kx, (y - lat) * ky
            ex, ey = bx - ax, by - ay
            if filled and (ay > 0) != (by > 0) and ax - ay * ex / ey > 0:
                odd = not odd
            along = -(ax * ex + ay * ey) / max(ex * ex + ey * ey, 1e-18)
            along = 0.0 if along < 0 else min(along, 1.0)
            px, py = ax + along * ex, ay + along * ey
            best = min(best, px * px + py * py)
            ax, ay = bx, by
        away = math.sqrt(best)
        out.append((-away if odd else away) - radius_m)
    return out


def _rings(world: World) -> Any:
    known: dict[int, tuple[list[list[float]], bool, float]] = {}

    def rings(zone: int) -> tuple[list[list[float]], bool, float]:
        if zone not in known:
            outline = world.fences[zone].outline
            known[zone] = outline.ring_deg.tolist(), outline.is_filled, outline.radius_m
        return known[zone]

    return rings
