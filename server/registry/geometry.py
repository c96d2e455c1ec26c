"""Whether a geometry of a file can be a fence or a boundary."""

import json
import math
from typing import Any, Final

import shapely

_AREAS: Final = ("Polygon", "MultiPolygon")
_MAX_VERTICES: Final = 100_000


def boundary_fault(geometry: dict[str, Any] | None) -> str | None:
    """Return what is wrong with an organisation's boundary, or None; it may be absent."""
    return None if geometry is None else _geometry_fault(geometry, _AREAS)


def fence_fault(geometry: dict[str, Any], radius_m: float | None) -> str | None:
    """Return what is wrong with a fence's geometry and radius, or None."""
    fault = _geometry_fault(geometry, (*_AREAS, "Point"))
    if fault is not None:
        return fault
    is_circle = geometry["type"] == "Point"
    if is_circle and radius_m is None:
        return "a Point needs radius_m: together they are a circle"
    if not is_circle and radius_m is not None:
        return f"a {geometry['type']} has no radius_m: leave it out or null"
    return None


def _geometry_fault(geometry: dict[str, Any], allowed: tuple[str, ...]) -> str | None:
    kind = geometry.get("type")
    if kind not in allowed:
        return f"type is {kind!r}, allowed are {', '.join(allowed)}"
    try:
        shape = shapely.from_geojson(json.dumps({"type": kind, **geometry}))
    except (shapely.errors.GEOSException, ValueError, TypeError) as error:
        return f"is not GeoJSON: {error}"
    return _shape_fault(shape)


def _shape_fault(shape: Any) -> str | None:
    if shape.is_empty:
        return "is empty: coordinates are wanted"
    if (vertices := shapely.get_num_coordinates(shape)) > _MAX_VERTICES:
        return f"has {vertices} vertices, at most {_MAX_VERTICES} are allowed"
    west, south, east, north = shape.bounds
    is_on_earth = all(map(math.isfinite, (west, south, east, north))) and (
        west >= -180 and east <= 180 and south >= -90 and north <= 90  # noqa: PLR2004 - degrees
    )
    if not is_on_earth:
        return (
            f"spans longitude {west} to {east}, latitude {south} to {north}: "
            "longitude comes first, -180 to 180, then latitude, -90 to 90"
        )
    if not shape.is_valid:
        return f"is not valid: {shapely.is_valid_reason(shape)}"
    return None
