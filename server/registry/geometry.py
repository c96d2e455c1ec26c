"""Whether a geometry of a file can be a fence or a boundary, and what it is in WGS-84."""

from typing import Any, Final

from geofence.errors import FenceError
from geofence.geojson import fence_from_geojson, geojson_from_fence
from server.registry.schemas import FenceEntry

_AREAS: Final = ("Polygon", "MultiPolygon")
_LINE: Final = "LineString"


def boundary_fault(geometry: dict[str, Any] | None) -> str | None:
    """Return what is wrong with an organisation's boundary, or None; it may be absent."""
    return None if geometry is None else _fault(geometry, None, _AREAS)


def fence_fault(fence: FenceEntry) -> str | None:
    """Return what is wrong with a fence's geometry, radius and width, or None."""
    kind = fence.geometry.get("type")
    if kind in _AREAS and fence.radius_m is not None:
        return f"a {kind} has no radius_m: leave it out or null"
    if (kind == _LINE) != (fence.width_m is not None):
        return f"a {_LINE} has width_m, and nothing else has: type is {kind!r}"
    if kind == _LINE and fence.radius_m is not None:
        return f"a {_LINE} has width_m and no radius_m"
    return _fault(fence.geometry, _reach_m(fence), (*_AREAS, "Point", _LINE))


def in_wgs84(fence: FenceEntry) -> dict[str, Any]:
    """Return a sound fence's geometry in WGS-84; what is in it already stays as it is."""
    if fence.datum == "WGS84":
        return fence.geometry
    return geojson_from_fence(
        fence_from_geojson(fence.geometry, radius_m=_reach_m(fence), datum=fence.datum)
    )


def _reach_m(fence: FenceEntry) -> float | None:
    return fence.radius_m if fence.width_m is None else fence.width_m / 2


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
