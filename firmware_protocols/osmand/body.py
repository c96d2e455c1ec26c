"""The JSON form of Traccar Client 9 and later: `{"location": {...}, "device_id": "..."}`."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from firmware_protocols.errors import FieldError, SyntaxDecodeError
from firmware_protocols.identity import content_seq
from firmware_protocols.message import Heartbeat, Message, Report
from firmware_protocols.osmand.measures import (
    LATITUDE_MAX_DEG,
    LONGITUDE_MAX_DEG,
    accuracy,
    coordinate,
    heading,
    number,
    percent,
    unless_negative,
)
from firmware_protocols.osmand.moment import read_moment
from firmware_protocols.osmand.words import read_alarms, snake_case

_PERCENT: Final = 100
_EXTRA_NAMES: Final = {"odometer": "odometer_m", "age": "age_ms", "is_moving": "moving"}
_READ: Final = frozenset({"timestamp", "coords", "battery", "alarm", "extras", "activity"})
_COORDS_READ: Final = frozenset(
    {"latitude", "longitude", "accuracy", "speed", "heading", "altitude"}
)


def read_body(body: str, device: str) -> Message:
    """Return what a JSON body says; a heartbeat when it tells no time.

    Args:
        body: One JSON object.
        device: Device id; empty takes `device_id`.

    Raises:
        DecodeError: It is not of the form, names no device, or a value is out of range.
    """
    try:
        root = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise SyntaxDecodeError(f"not JSON: {error}") from error
    except RecursionError as error:
        raise SyntaxDecodeError("JSON nested too deeply") from error
    location = _object(root, "location")
    name = device or root.get("device_id")
    if not isinstance(name, str) or not name:
        raise FieldError("no `device_id`: nobody knows whose position it is")
    battery_pct, extra = _battery(location)
    extra |= _extra(location)
    alarms: tuple[str, ...] = ()
    said = location.get("alarm", _optional(location, "extras").get("alarm"))
    if isinstance(said, str) and said:
        alarms, is_known = read_alarms(said)
        if not is_known:
            extra["alarm"] = said
    fields = _fields(location)
    if location.get("timestamp") is None:
        fields.pop("datum", None)
        said = extra | {key: value for key, value in fields.items() if value is not None}
        return Heartbeat(device=name, battery_pct=battery_pct, alarms=alarms, extra=said)
    return Report(
        device=name,
        kind="fix" if "longitude_deg" in fields else "status",
        fix_time_ms=read_moment(str(location["timestamp"])),
        boot=0,
        seq=_seq(location),
        battery_pct=battery_pct,
        alarms=alarms,
        extra=extra,
        **fields,
    )


def _seq(location: Mapping[str, Any]) -> int:
    # `age` grows while the phone tries to send; the rest stays as it was.
    same = {key: value for key, value in location.items() if key != "age"}
    return content_seq(msgspec.json.encode(same, order="deterministic"))


def _object(holder: Any, name: str) -> dict[str, Any]:
    found = holder.get(name) if isinstance(holder, dict) else None
    if not isinstance(found, dict):
        raise FieldError(f"`{name}` is not an object")
    return found


def _optional(holder: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {} if holder.get(name) is None else _object(holder, name)


def _fields(location: Mapping[str, Any]) -> dict[str, Any]:
    coords = _optional(location, "coords")
    if not coords:
        return {}
    fields: dict[str, Any] = {
        "longitude_deg": coordinate(coords.get("longitude"), "longitude", LONGITUDE_MAX_DEG),
        "latitude_deg": coordinate(coords.get("latitude"), "latitude", LATITUDE_MAX_DEG),
        "datum": "WGS84",
    }
    for name, field, read in (
        ("speed", "speed_mps", unless_negative),
        ("heading", "heading_deg", heading),
        ("accuracy", "accuracy_m", accuracy),
        ("altitude", "altitude_m", number),
    ):
        if coords.get(name) is not None:
            fields[field] = read(coords[name], name)
    return fields


def _battery(location: Mapping[str, Any]) -> tuple[int | None, dict[str, Any]]:
    battery = _optional(location, "battery")
    level = battery.get("level")
    charging = battery.get("is_charging")
    pct = None if level is None else percent(number(level, "level") * _PERCENT, "level")
    return pct, {"charging": charging} if isinstance(charging, bool) else {}


def _extra(location: Mapping[str, Any]) -> dict[str, Any]:
    """Return what has no field of its own: of `location`, of `coords`, then the user's extras."""
    extra: dict[str, Any] = {}
    activity = location.get("activity")
    if isinstance(activity, dict) and isinstance(activity.get("type"), str):
        extra["activity"] = activity["type"]
        if "confidence" in activity:
            extra["activity_confidence_pct"] = activity["confidence"]
    elif activity is not None:
        extra["activity"] = activity
    for name, value in location.items():
        if name not in _READ:
            extra[_EXTRA_NAMES.get(name, snake_case(name))] = value
    for name, value in _optional(location, "coords").items():
        if name not in _COORDS_READ and value is not None:
            extra[snake_case(name)] = value
    for name, value in _optional(location, "extras").items():
        key = snake_case(name)
        if key != "alarm":
            extra[f"{key}_extra" if key in extra else key] = value
    return extra
