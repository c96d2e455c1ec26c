"""A fence: rings and a radius, checked once when it is made.

Rings are planar in longitude and latitude (RFC 7946 section 3.1.1); a border point belongs to the
fence (OGC `covers`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from shapely.errors import ShapelyError
from shapely.geometry import shape

from geofence.arrays import FloatArray
from geofence.datum import Datum, to_wgs84
from geofence.errors import FenceError
from geofence.grid import EdgeGrid, build_grid

MAX_VERTICES: Final = 200_000
"""A detailed county has 10,000; without a bound one file could stop the gateway."""

_MALFORMED: Final = (
    ShapelyError,
    ValueError,
    TypeError,
    IndexError,
    KeyError,
    AttributeError,
    OverflowError,
)
"""What shapely raises for coordinates that are not GeoJSON's; the last for endless digits."""


@dataclass(frozen=True, slots=True)
class Fence:
    """A fence in WGS-84.

    Attributes:
        edges_deg: Shape (m, 4): x1, y1, x2, y2 of every ring edge, degrees. Empty for a circle.
        centre_deg: Longitude and latitude of a circle's centre, else None.
        radius_m: Radius of a circle, metres; 0 for polygons.
        size_m: Radius of a circle of the same area; what an error circle is compared with.
        grid: Which edges can matter where; None for circles and small polygons.
    """

    edges_deg: FloatArray
    centre_deg: tuple[float, float] | None
    radius_m: float
    size_m: float
    grid: EdgeGrid | None = None


def fence_from_geojson(
    geometry: Mapping[str, Any], *, radius_m: float | None = None, datum: Datum = "WGS84"
) -> Fence:
    """Return the fence of a GeoJSON geometry.

    Args:
        geometry: `Polygon` or `MultiPolygon` (holes allowed), or `Point` with `radius_m`.
        radius_m: Radius of a circle; only with a `Point`.
        datum: Datum of the coordinates; the fence is WGS-84.

    Raises:
        FenceError: The geometry is of another type, empty, out of range, invalid or too large.
    """
    kind = geometry.get("type")
    if kind == "Point":
        return _circle(geometry, radius_m, datum)
    if kind not in ("Polygon", "MultiPolygon"):
        raise FenceError(f"geometry type {kind!r} is not Polygon, MultiPolygon or Point")
    if radius_m is not None:
        raise FenceError(f"radius_m goes with a Point, not with a {kind}")
    try:
        polygon = shapely.force_2d(shape(geometry))
    except _MALFORMED as error:
        raise FenceError(f"not a GeoJSON {kind}: {error}") from error
    _check_polygon(polygon)
    if datum != "WGS84":
        polygon = shapely.transform(
            polygon, lambda xy: np.column_stack(to_wgs84(xy[:, 0], xy[:, 1], datum))
        )
    return _from_polygon(polygon)


def _circle(geometry: Mapping[str, Any], radius_m: float | None, datum: Datum) -> Fence:
    coordinates = geometry.get("coordinates")
    match coordinates:
        case [float() | int() as lon, float() | int() as lat, *_]:
            try:
                _check_range(np.array([[lon, lat]], dtype=np.float64))
            except OverflowError as error:
                raise FenceError(f"a coordinate is not a number of degrees: {error}") from error
        case _:
            raise FenceError(f"coordinates {coordinates!r} are not [longitude, latitude]")
    if radius_m is None or not 0 < radius_m <= 1_000_000:  # noqa: PLR2004  # a million metres is a country
        raise FenceError(f"a Point needs radius_m above 0 and at most 1,000,000, not {radius_m}")
    wgs_lon, wgs_lat = to_wgs84(np.array([lon], np.float64), np.array([lat], np.float64), datum)
    centre = (float(wgs_lon[0]), float(wgs_lat[0]))
    return Fence(np.empty((0, 4)), centre, float(radius_m), float(radius_m))


def _check_range(xy: FloatArray) -> None:
    bad = ~((np.abs(xy[:, 0]) <= 180) & (np.abs(xy[:, 1]) <= 90))  # noqa: PLR2004  # degrees
    if bad.any():
        first = int(np.flatnonzero(bad)[0])
        raise FenceError(
            f"({xy[first, 0]}, {xy[first, 1]}) is not within ±180, ±90 degrees", vertex=first
        )


def _check_polygon(polygon: shapely.Geometry) -> None:
    if polygon.is_empty:
        raise FenceError("the geometry is empty")
    coordinates = shapely.get_coordinates(polygon)
    if len(coordinates) > MAX_VERTICES:
        raise FenceError(f"{len(coordinates)} vertices, at most {MAX_VERTICES}")
    _check_range(coordinates)
    if not polygon.is_valid:
        raise FenceError(f"invalid polygon: {shapely.is_valid_reason(polygon)}")


def _from_polygon(polygon: shapely.Geometry) -> Fence:
    rings = shapely.get_rings(shapely.get_parts(polygon))
    parts = []
    for ring in rings:
        xy = shapely.get_coordinates(ring)
        parts.append(np.hstack([xy[:-1], xy[1:]]))
    edges = np.ascontiguousarray(np.vstack(parts))
    lat = float(polygon.centroid.y)
    area_m2 = polygon.area * 111_320.0**2 * np.cos(np.radians(lat))
    size_m = float(np.sqrt(area_m2 / np.pi))
    return Fence(edges, None, 0.0, size_m, build_grid(edges))
