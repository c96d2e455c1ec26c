"""GeoJSON (RFC 7946) in and out, with a `datum`; what is wrong is named by ring and vertex.

Nothing is guessed: an unclosed, crossing, misplaced or antimeridian-crossing ring is refused. Only
a vertex that repeats its predecessor is left out, and a ring's direction is not looked at (section
3.1.6 asks parsers not to refuse it).
"""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import shapely

from geofence.arrays import FloatArray
from geofence.datum import Datum, to_wgs84
from geofence.errors import FenceError
from geofence.fence import Fence, circle_fence, corridor_fence, polygon_fence
from geofence.plane import metres_per_degree

MAX_VERTICES: Final = 200_000
"""A detailed county has 10,000; without a bound one file could stop the gateway."""

MAX_RADIUS_M: Final = 1_000_000.0
"""A million metres is a country."""

_FEWEST_IN_RING: Final = 4
_FEWEST_IN_LINE: Final = 2
_HALF_TURN_DEG: Final = 180
_HIGHEST_DEG: Final = 89.0
_FEWEST_M_PER_DEGREE: Final = 110_574.0
"""Of latitude, at the equator."""

_DATUM_STEP_DEG: Final = 0.005
"""A straight edge of a shifted datum is not straight in WGS-84: up to 13 m off over 18 km, 15 mm
over this many degrees, so longer edges are divided before they are converted."""

_WHERE: Final = re.compile(r"\[([-+0-9.eE]+) ([-+0-9.eE]+)\]")

_Rings = list[FloatArray]


def fence_from_geojson(
    geometry: Mapping[str, Any], *, radius_m: float | None = None, datum: Datum = "WGS84"
) -> Fence:
    """Return the fence of a GeoJSON geometry.

    Args:
        geometry: `Polygon` or `MultiPolygon` (holes allowed), `Point` or `LineString`.
        radius_m: Radius of a Point's circle, half-width of a LineString's corridor (both need
            it), or a distance around a polygon that belongs to it too.
        datum: Datum of the coordinates; the fence is WGS-84.

    Raises:
        FenceError: The geometry is of another type, empty, out of range, invalid or too large;
            `ring` counts through all polygons, `vertex` within the ring as given.
    """
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if not isinstance(kind, str) or kind not in _MAKERS:
        raise FenceError(f"geometry type {kind!r} is not one of {', '.join(_MAKERS)}")
    needed = kind in ("Point", "LineString")
    if (needed or radius_m is not None) and not _is_radius(radius_m):
        raise FenceError(
            f"a {kind} needs radius_m above 0 and at most {MAX_RADIUS_M:,.0f}, not {radius_m}"
        )
    return _MAKERS[kind](coordinates, radius_m or 0.0, datum)


def geojson_from_fence(fence: Fence) -> dict[str, Any]:
    """Return the GeoJSON geometry of a fence in WGS-84; its radius is `fence.outline.radius_m`."""
    outline = fence.outline
    if outline.is_circle:
        return {"type": "Point", "coordinates": outline.ring_deg[0].tolist()}
    if not outline.is_filled:
        line = outline.ring_deg[: len(outline.ring_deg) // 2 + 1]
        return {"type": "LineString", "coordinates": line.tolist()}
    area = outline.area()
    polygons = [
        [shapely.get_coordinates(ring).tolist() for ring in shapely.get_rings(part)]
        for part in shapely.get_parts(area)
    ]
    if area.geom_type == "Polygon":
        return {"type": "Polygon", "coordinates": polygons[0]}
    return {"type": "MultiPolygon", "coordinates": polygons}


def _is_radius(radius_m: float | None) -> bool:
    return (
        isinstance(radius_m, int | float)
        and not isinstance(radius_m, bool)
        and 0 < radius_m <= MAX_RADIUS_M
    )


def _circle(coordinates: Any, radius_m: float, datum: Datum) -> Fence:
    centre = _positions([coordinates], ring=None)
    _check_radius(centre, radius_m, None)
    lon, lat = to_wgs84(centre[:, 0], centre[:, 1], datum)
    return circle_fence(float(lon[0]), float(lat[0]), float(radius_m))


def _corridor(coordinates: Any, radius_m: float, datum: Datum) -> Fence:
    xy, repaired = _without_repeats(_positions(coordinates, ring=0))
    if len(xy) < _FEWEST_IN_LINE:
        raise FenceError("a line has at least two different positions", ring=0)
    _check_antimeridian(xy, 0)
    _check_radius(xy, radius_m, 0)
    line = _in_wgs84(shapely.LineString(xy), datum)
    return corridor_fence(line, float(radius_m), repaired=repaired)


def _polygon(coordinates: Any, radius_m: float, datum: Datum) -> Fence:
    return _area([coordinates], radius_m, datum)


def _multipolygon(coordinates: Any, radius_m: float, datum: Datum) -> Fence:
    if not isinstance(coordinates, list | tuple):
        raise FenceError("coordinates are not an array of polygons")
    return _area(coordinates, radius_m, datum)


_MAKERS: Final = {
    "Polygon": _polygon,
    "MultiPolygon": _multipolygon,
    "Point": _circle,
    "LineString": _corridor,
}


def _area(polygons: Sequence[Any], radius_m: float, datum: Datum) -> Fence:
    given: _Rings = []
    parts, repaired, budget = [], False, MAX_VERTICES
    for polygon in polygons:
        if not isinstance(polygon, list | tuple):
            raise FenceError("coordinates are not an array of rings")
        if not polygon:
            raise FenceError("the geometry is empty: a polygon has at least one ring")
        rings = []
        for ring in polygon:
            xy = _ring(ring, len(given), budget)
            budget -= len(xy)
            if radius_m:
                _check_radius(xy, radius_m, len(given))
            given.append(xy)
            clean, fewer = _without_repeats(xy)
            repaired |= fewer
            rings.append(clean)
        parts.append(shapely.Polygon(rings[0], rings[1:]))
    if not parts:
        raise FenceError("the geometry is empty: it has no polygon")
    whole = parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
    if not whole.is_valid:
        raise _invalid(shapely.is_valid_reason(whole), given)
    return polygon_fence(_in_wgs84(whole, datum), float(radius_m), repaired=repaired)


def _ring(ring: Any, number: int, most: int) -> FloatArray:
    if isinstance(ring, list | tuple) and len(ring) > most:
        raise FenceError(f"more than {MAX_VERTICES} vertices, at most {MAX_VERTICES}", ring=number)
    xy = _positions(ring, ring=number)
    if len(xy) < _FEWEST_IN_RING:
        raise FenceError(f"{len(xy)} positions, a closed ring has at least four", ring=number)
    if (xy[0] != xy[-1]).any():
        raise FenceError(
            "the ring is not closed: its last position differs from its first",
            ring=number,
            vertex=len(xy) - 1,
        )
    if len(np.unique(xy, axis=0)) < _FEWEST_IN_RING - 1:
        raise FenceError("the ring encloses nothing: it has under three places", ring=number)
    _check_antimeridian(xy, number)
    return xy


def _positions(positions: Any, ring: int | None) -> FloatArray:
    """Return positions as an array, shape (k, 2); heights are left out (RFC 7946 3.1.1)."""
    if not isinstance(positions, list | tuple):
        raise FenceError("coordinates are not an array of positions", ring=ring)
    out = np.empty((len(positions), 2))
    for vertex, position in enumerate(positions):
        match position:
            case [int() | float() as lon, int() | float() as lat, *_] if not (
                isinstance(lon, bool) or isinstance(lat, bool)
            ):
                out[vertex] = _degrees(lon, lat, ring, vertex)
            case _:
                raise FenceError("not [longitude, latitude]", ring=ring, vertex=vertex)
    return out


def _degrees(lon: float, lat: float, ring: int | None, vertex: int) -> tuple[float, float]:
    # Comparing holds for integers of any size; NaN fails it.
    if -180 <= lon <= 180 and -90 <= lat <= 90:  # noqa: PLR2004  # degrees
        return float(lon), float(lat)
    swapped = " (longitude comes first)" if -180 <= lat <= 180 and -90 <= lon <= 90 else ""  # noqa: PLR2004
    shown = "a position" if not all(map(_is_short, (lon, lat))) else f"({lon}, {lat})"
    raise FenceError(f"{shown} is not within ±180, ±90 degrees{swapped}", ring=ring, vertex=vertex)


def _is_short(value: float) -> bool:
    return isinstance(value, float) or abs(value) < 1 << 64


def _check_antimeridian(xy: FloatArray, ring: int) -> None:
    wide = np.abs(np.diff(xy[:, 0])) > _HALF_TURN_DEG
    seam = np.abs(xy[:, 0]) == _HALF_TURN_DEG
    along = seam[:-1] & seam[1:]
    bad = np.flatnonzero(wide | along)
    if len(bad):
        raise FenceError(
            "the edge from here crosses or follows the antimeridian: fences there are not judged",
            ring=ring,
            vertex=int(bad[0]),
        )


def _check_radius(xy: FloatArray, radius_m: float, ring: int | None) -> None:
    """Refuse what a radius carries over the antimeridian or so near a pole that no plane fits."""
    north_deg = radius_m / _FEWEST_M_PER_DEGREE
    highest_deg = np.abs(xy[:, 1]) + north_deg
    polar = np.flatnonzero(highest_deg > _HIGHEST_DEG)
    if len(polar):
        raise FenceError(
            "with its radius it comes within a degree of a pole: fences there are not judged",
            ring=ring,
            vertex=int(polar[0]),
        )
    kx, _ = metres_per_degree(highest_deg)
    over = np.flatnonzero(np.abs(xy[:, 0]) + radius_m / kx >= _HALF_TURN_DEG)
    if len(over):
        raise FenceError(
            "with its radius it crosses the antimeridian: fences there are not judged",
            ring=ring,
            vertex=int(over[0]),
        )


def _without_repeats(xy: FloatArray) -> tuple[FloatArray, bool]:
    keep = np.r_[True, (np.diff(xy, axis=0) != 0).any(axis=1)]
    return xy[keep], not bool(keep.all())


def _in_wgs84(geometry: shapely.Geometry, datum: Datum) -> Any:
    if datum == "WGS84":
        return geometry
    fine = shapely.segmentize(geometry, _DATUM_STEP_DEG)
    return shapely.transform(fine, lambda xy: np.column_stack(to_wgs84(xy[:, 0], xy[:, 1], datum)))


def _invalid(reason: str, rings: _Rings) -> FenceError:
    """Return the error for GEOS' reason, which tells a place but neither ring nor vertex."""
    place = _WHERE.search(reason)
    if place is None:
        return FenceError(f"invalid polygon: {reason}")
    at = shapely.Point(float(place[1]), float(place[2]))
    if not all(map(math.isfinite, (at.x, at.y))):
        return FenceError(f"invalid polygon: {reason}")
    away = [shapely.distance(shapely.LineString(ring), at) for ring in rings]
    # Of several rings at the place the last is named: the hole rather than its shell.
    ring = int(np.flatnonzero(np.array(away) <= min(away) + 1e-12)[-1])
    edges = shapely.linestrings(np.stack([rings[ring][:-1], rings[ring][1:]], axis=1))
    vertex = int(np.argmin(shapely.distance(edges, at)))
    return FenceError(f"invalid polygon: {reason}", ring=ring, vertex=vertex)
