"""A GeoJSON file of fences: a FeatureCollection, one Feature, or one bare geometry."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from geofence.datum import Datum, check_datum
from geofence.errors import DatumError, FenceError
from geofence.fence import Fence
from geofence.geojson import fence_from_geojson


@dataclass(frozen=True, slots=True, eq=False)
class FenceFeature:
    """One feature of a file.

    Attributes:
        fence_id: The feature's `id`, else `properties.id`, else its position from 0.
        geometry: As in the file; empty when there is none.
        properties: As in the file.
        fence: The fence, or what is wrong with it.
    """

    fence_id: str
    geometry: Mapping[str, Any]
    properties: Mapping[str, Any]
    fence: Fence | FenceError


def file_datum(document: Mapping[str, Any], given: str | None) -> Datum | None:
    """Return the datum that a file or its reader names; None when neither does.

    Raises:
        DatumError: It is unknown, or the two differ.
    """
    named = document.get("datum")
    if named is not None and given is not None and named != given:
        raise DatumError(f"the file says datum {named!r}, the call says {given!r}")
    if named is None and given is None:
        return None
    return check_datum(str(named if given is None else given))


def features_of(document: Any, datum: Datum) -> list[FenceFeature]:
    """Return the features of a GeoJSON document, each with its fence or its fault.

    Args:
        document: The parsed file. `properties.radius_m` is a Point's radius, a LineString's
            half-width, or a distance around a polygon that belongs to it too.
        datum: Datum of the coordinates.

    Raises:
        FenceError: It is not GeoJSON of fences at all.
    """
    if not isinstance(document, Mapping):
        raise FenceError("not a GeoJSON object")
    match document.get("type"), document.get("features"):
        case "FeatureCollection", list(features):
            pass
        case "FeatureCollection", _:
            raise FenceError("the FeatureCollection has no array `features`")
        case "Feature", _:
            features = [document]
        case str(), _ if "coordinates" in document:
            features = [{"type": "Feature", "geometry": document, "properties": {}}]
        case kind, _:
            raise FenceError(f"type {kind!r} is not FeatureCollection, Feature or a geometry")
    return [_feature(feature, position, datum) for position, feature in enumerate(features)]


def _feature(feature: Any, position: int, datum: Datum) -> FenceFeature:
    if not isinstance(feature, Mapping) or feature.get("type") != "Feature":
        return FenceFeature(str(position), {}, {}, FenceError("not a GeoJSON Feature"))
    properties = feature.get("properties")
    properties = properties if isinstance(properties, Mapping) else {}
    fence_id = _first(feature.get("id"), properties.get("id"), position)
    geometry = feature.get("geometry")
    if not isinstance(geometry, Mapping):
        return FenceFeature(fence_id, {}, properties, FenceError("the feature has no geometry"))
    try:
        fence: Fence | FenceError = fence_from_geojson(
            geometry, radius_m=properties.get("radius_m"), datum=datum
        )
    except FenceError as error:
        fence = error
    return FenceFeature(fence_id, geometry, properties, fence)


def _first(*candidates: Any) -> str:
    """Return the first candidate that can be an id, as text."""
    fitting = (c for c in candidates if isinstance(c, str | int) and not isinstance(c, bool))
    return str(next(fitting))
