"""The classic form: parameters of a query string."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec

from firmware_protocols.errors import FieldError, OversizedError, SyntaxDecodeError
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

MAX_PARAMETERS: Final = 200
"""Traccar's client sends about ten."""

MPS_PER_KNOT: Final = 1_852 / 3_600

# A push token opens the phone to whoever knows it: it is read by nobody and kept nowhere.
_SECRETS: Final = frozenset({"notificationToken"})
_LISTS: Final = frozenset({"cell", "wifi"})
_READ: Final = frozenset(
    {
        *("id", "deviceid", "valid", "timestamp", "lat", "lon", "location", "speed", "bearing"),
        *("heading", "altitude", "accuracy", "batt", "charge", "alarm"),
        *_LISTS,
        *_SECRETS,
    }
)
_CELL: Final = ("mcc", "mnc", "lac", "cid", "rssi_dbm")
_CELL_FIELDS_MIN: Final = 4
_WIFI_FIELDS: Final = 2
# A leading zero says that it is a name made of digits, not a number.
_INTEGER: Final = re.compile(r"-?(0|[1-9][0-9]{0,14})")
_DECIMAL: Final = re.compile(r"-?(0|[1-9][0-9]{0,14})\.[0-9]{1,15}")
_TEXTS: Final = frozenset({"driverUniqueId"})
_WORDS: Final = {"true": True, "false": False}


def read_query(query: str, device: str) -> Message:
    """Return what the parameters say; a heartbeat when no time is among them.

    Args:
        query: The query string, still escaped.
        device: Device id; empty takes `id` or `deviceid`.

    Raises:
        DecodeError: It is no query string, names no device, or a value is out of range.
    """
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=MAX_PARAMETERS)
    except ValueError as error:
        raise OversizedError(f"more than {MAX_PARAMETERS} parameters") from error
    # Of a parameter that comes twice the last one counts; cells and networks are lists.
    values = dict(pairs)
    if not values:
        raise SyntaxDecodeError("no parameters: neither a query string nor a JSON object")
    name = device or values.get("id") or values.get("deviceid") or ""
    if not name:
        raise FieldError("no `id` or `deviceid`: nobody knows whose position it is")
    extra = _extra(values, pairs)
    alarms: tuple[str, ...] = ()
    if "alarm" in values:
        alarms, is_known = read_alarms(values["alarm"])
        if not is_known:
            extra["alarm"] = values["alarm"]
    battery_pct = percent(values["batt"], "batt") if values.get("batt") else None
    if battery_pct is None and values.get("batt"):
        extra["battery_raw"] = values["batt"]
    fields = _fields(values)
    if not values.get("timestamp"):
        # The server of these clients takes its own clock instead; a library has none.
        fields.pop("datum", None)
        said = extra | {key: value for key, value in fields.items() if value is not None}
        return Heartbeat(device=name, battery_pct=battery_pct, alarms=alarms, extra=said)
    return Report(
        device=name,
        kind="fix" if "longitude_deg" in fields else "status",
        fix_time_ms=read_moment(values["timestamp"]),
        boot=0,
        seq=content_seq(msgspec.json.encode(sorted(pair for pair in pairs if _counts(pair[0])))),
        valid=values.get("valid", "1").lower() in ("1", "true"),
        battery_pct=battery_pct,
        alarms=alarms,
        extra=extra,
        **fields,
    )


def _counts(name: str) -> bool:
    return name not in _SECRETS and name not in ("id", "deviceid")


def _fields(values: Mapping[str, str]) -> dict[str, Any]:
    fields: dict[str, Any] = _position(values)
    if values.get("speed"):
        knots = unless_negative(values["speed"], "speed")
        fields["speed_mps"] = None if knots is None else knots * MPS_PER_KNOT
    for name in ("bearing", "heading"):
        if values.get(name):
            fields["heading_deg"] = heading(values[name], name)
    if values.get("altitude"):
        fields["altitude_m"] = number(values["altitude"], "altitude")
    if values.get("accuracy"):
        fields["accuracy_m"] = accuracy(values["accuracy"], "accuracy")
    return fields


def _position(values: Mapping[str, str]) -> dict[str, Any]:
    latitude, longitude = values.get("lat"), values.get("lon")
    if values.get("location"):
        latitude, _, longitude = values["location"].partition(",")
    if not latitude and not longitude:
        return {}
    return {
        "longitude_deg": coordinate(longitude, "lon", LONGITUDE_MAX_DEG),
        "latitude_deg": coordinate(latitude, "lat", LATITUDE_MAX_DEG),
        "datum": "WGS84",
    }


def _extra(values: Mapping[str, str], pairs: Sequence[tuple[str, str]]) -> dict[str, Any]:
    extra: dict[str, Any] = {}
    if values.get("charge"):
        extra["charging"] = values["charge"].lower() == "true"
    for name, read in (("cell", _cell), ("wifi", _network)):
        rows = [read(value) for key, value in pairs if key == name]
        if rows:
            extra["cells" if name == "cell" else name] = rows
    for name, value in values.items():
        if name not in _READ:
            key = snake_case(name)
            extra[f"{key}_parameter" if key in extra else key] = (
                value if name in _TEXTS else _typed(value)
            )
    return extra


def _typed(value: str) -> bool | float | str:
    if _INTEGER.fullmatch(value):
        return int(value)
    if _DECIMAL.fullmatch(value):
        return float(value)
    return _WORDS.get(value, value)


def _cell(value: str) -> dict[str, int]:
    """`cell=mcc,mnc,lac,cid[,dBm]`."""
    fields = value.split(",")
    if len(fields) < _CELL_FIELDS_MIN:
        raise FieldError(f"`cell`: {value[:40]!r} is not mcc,mnc,lac,cid[,dBm]")
    return {name: int(number(field, "cell")) for name, field in zip(_CELL, fields, strict=False)}


def _network(value: str) -> dict[str, Any]:
    """`wifi=aa-bb-cc-dd-ee-ff,dBm`."""
    fields = value.split(",")
    if len(fields) < _WIFI_FIELDS:
        raise FieldError(f"`wifi`: {value[:40]!r} is not mac,dBm")
    return {"mac": fields[0].replace("-", ":"), "rssi_dbm": int(number(fields[1], "wifi"))}
