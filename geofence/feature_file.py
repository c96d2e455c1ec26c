"""A GeoJSON file of fences: a FeatureCollection, one Feature, or one bare geometry."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
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
        DatumError: It is unknown, the two differ, or the file has a `crs` instead.
    """
    named = document.get("datum")
    if named is not None and given is not None and named != given:
        raise DatumError(f"the file says datum {named!r}, the call says {given!r}")
    if "crs" in document:
        raise DatumError("the file has a `crs` member, which RFC 7946 dropped: name its `datum`")
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
    found = [_feature(feature, position, datum) for position, feature in enumerate(features)]
    return _without_repeated_ids(found)


def _feature(feature: Any, position: int, datum: Datum) -> FenceFeature:
    if not isinstance(feature, Mapping) or feature.get("type") != "Feature":
        return FenceFeature(str(position), {}, {}, FenceError("not a GeoJSON Feature"))
    properties, geometry = (_mapping(feature.get(name)) for name in ("properties", "geometry"))
    ids = (c for c in (feature.get("id"), properties.get("id"), position) if c is not None)
    given_id = next(ids)
    fault = _fault(given_id, (feature, properties, geometry), datum)
    fence_id = str(given_id) if isinstance(given_id, str | int | float) else str(position)
    if fault is not None:
        return FenceFeature(fence_id, geometry, properties, FenceError(fault))
    try:
        fence: Fence | FenceError = fence_from_geojson(
            geometry, radius_m=properties.get("radius_m"), datum=datum
        )
    except FenceError as error:
        fence = error
    return FenceFeature(fence_id, geometry, properties, fence)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _fault(given_id: Any, parts: Sequence[Mapping[str, Any]], datum: Datum) -> str | None:
    if isinstance(given_id, bool) or not isinstance(given_id, str | int | float):
        return f"its id {given_id!r} is neither a string nor a number"
    for part in parts:
        if part.get("datum") not in (None, datum):
            return f"its datum {part['datum']!r} is not the file's, {datum}"
    return None if parts[-1] else "the feature has no geometry"


def _without_repeated_ids(features: list[FenceFeature]) -> list[FenceFeature]:
    seen: set[str] = set()
    out = []
    for feature in features:
        if feature.fence_id in seen and isinstance(feature.fence, Fence):
            repeated = FenceError(f"its id {feature.fence_id!r} is that of an earlier fence")
            feature = replace(feature, fence=repeated)  # noqa: PLW2901  # the same with its fault
        seen.add(feature.fence_id)
        out.append(feature)
    return out
