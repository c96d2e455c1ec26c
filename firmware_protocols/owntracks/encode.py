"""OwnTracks JSON, messages to bytes: what the phone app sends."""

from typing import Any, Final

import msgspec

from firmware_protocols.errors import FieldError
from firmware_protocols.message import Heartbeat, Logout, Message, Report, Unknown
from firmware_protocols.owntracks.names import BATTERY_STATES, NAME_BY_EXTRA

_KPH_PER_MPS: Final = 3.6
_MS_PER_S: Final = 1_000


def encode(message: Message) -> bytes:
    """Return a message of the app; times in whole seconds, speeds in km/h.

    Raises:
        FieldError: A location without a WGS-84 position, or a message that the app does not have.
    """
    match message:
        case Report():
            fields = _report(message)
        case Logout() | Heartbeat():
            fields = _extra(message.extra)
        case Unknown(payload=payload) if payload:
            return payload
        case _:
            raise FieldError(f"the app sends no such {type(message).__name__}")
    return msgspec.json.encode({key: value for key, value in fields.items() if value is not None})


def encode_will(connected_s: int) -> bytes:
    """Return the app's MQTT will, an `lwt` message.

    Args:
        connected_s: When the connection was made, seconds since 1970 UTC.
    """
    return msgspec.json.encode({"_type": "lwt", "tst": connected_s})


def _report(report: Report) -> dict[str, Any]:
    fields = _extra({"message": "location"} | report.extra)
    has_position = report.longitude_deg is not None and report.latitude_deg is not None
    if has_position:
        if report.datum != "WGS84":
            raise FieldError("OwnTracks carries WGS-84 positions only")
    elif fields["_type"] == "location":
        raise FieldError("a location has a position")
    sent_ms = report.sent_time_ms
    return fields | {
        "tst": report.fix_time_ms // _MS_PER_S,
        "created_at": None if sent_ms is None else sent_ms // _MS_PER_S,
        "lon": report.longitude_deg,
        "lat": report.latitude_deg,
        "acc": report.accuracy_m,
        "alt": report.altitude_m,
        "vel": None if report.speed_mps is None else report.speed_mps * _KPH_PER_MPS,
        "cog": report.heading_deg,
        "batt": report.battery_pct,
        "steps": report.steps,
    }


def _extra(extra: dict[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for key, value in extra.items():
        match key:
            case "message":
                fields["_type"] = value
            case "cells":
                fields |= value[0]
            case "battery_state":
                fields["bs"] = BATTERY_STATES.index(value)
            case _:
                fields[NAME_BY_EXTRA.get(key, key)] = value
    return fields
