"""Whether a geometry of a file can be a fence or a boundary, and what it is in WGS-84."""

from typing import Any, Final

from geofence.datum import Datum
from geofence.errors import FenceError
from geofence.geojson import fence_from_geojson, geojson_from_fence

_AREAS: Final = ("Polygon", "MultiPolygon")


def boundary_fault(geometry: dict[str, Any] | None) -> str | None:
    """Return what is wrong with an organisation's boundary, or None; it may be absent."""
    return None if geometry is None else _fault(geometry, None, _AREAS)


def fence_fault(geometry: dict[str, Any], radius_m: float | None) -> str | None:
    """Return what is wrong with a fence's geometry and radius, or None."""
    if geometry.get("type") in _AREAS and radius_m is not None:
        return f"a {geometry['type']} has no radius_m: leave it out or null"
    return _fault(geometry, radius_m, (*_AREAS, "Point"))


def in_wgs84(geometry: dict[str, Any], radius_m: float | None, datum: Datum) -> dict[str, Any]:
    """Return a sound fence's geometry in WGS-84; what is in it already stays as it is."""
    if datum == "WGS84":
        return geometry
    return geojson_from_fence(fence_from_geojson(geometry, radius_m=radius_m, datum=datum))


def _fault(
    geometry: dict[str, Any], radius_m: float | None, allowed: tuple[str, ...]
) -> str | None:
    kind = geometry.get("type")
    if kind not in allowed:
        return f"type is {kind!r}, allowed are {', '.join(allowed)}"
    try:
        fence_from_geojson(geometry, radius_m=radius_m)
    except FenceError as error:
        return str(error)
    return None
