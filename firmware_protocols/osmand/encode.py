"""What the clients send: the classic query string, and the JSON body."""

from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from firmware_protocols.errors import FieldError
from firmware_protocols.message import Message, Report
from firmware_protocols.osmand.query import MPS_PER_KNOT
from firmware_protocols.osmand.words import WORD_BY_ALARM

_SPEED_DECIMALS: Final = 6
_PERCENT: Final = 100
_OWN_EXTRA: Final = ("charging", "cells", "wifi")


def encode(message: Message) -> bytes:
    """Return the query string of a report; other extras become parameters.

    Raises:
        FieldError: It is another message, or its position is not WGS-84.
    """
    if not isinstance(message, Report):
        raise FieldError(f"the query form carries reports only, not {type(message).__name__}")
    _refuse_other_datum(message)
    extra = message.extra
    pairs: list[tuple[str, Any]] = [
        ("id", message.device),
        ("timestamp", _stamp(message.fix_time_ms)),
        ("lat", message.latitude_deg),
        ("lon", message.longitude_deg),
        ("speed", _knots(message.speed_mps)),
        ("bearing", message.heading_deg),
        ("altitude", message.altitude_m),
        ("accuracy", message.accuracy_m),
        ("batt", message.battery_pct),
        ("charge", _word(extra.get("charging"))),
        ("valid", None if message.valid else "false"),
        ("alarm", ",".join(WORD_BY_ALARM[alarm] for alarm in message.alarms) or None),
    ]
    pairs += [("cell", ",".join(map(str, cell.values()))) for cell in extra.get("cells", [])]
    pairs += [
        ("wifi", f"{network['mac'].replace(':', '-')},{network['rssi_dbm']}")
        for network in extra.get("wifi", [])
    ]
    pairs += [(name, _word(value)) for name, value in extra.items() if name not in _OWN_EXTRA]
    return urlencode([(name, value) for name, value in pairs if value is not None]).encode()


def encode_body(report: Report) -> bytes:
    """Return the JSON body of a report; other extras become the user's.

    Raises:
        FieldError: Its position is not WGS-84.
    """
    _refuse_other_datum(report)
    moment = datetime.fromtimestamp(report.fix_time_ms // 1_000, UTC)
    millis = report.fix_time_ms % 1_000
    location: dict[str, Any] = {"timestamp": f"{moment:%Y-%m-%dT%H:%M:%S}.{millis:03d}Z"}
    if report.longitude_deg is not None:
        location["coords"] = {
            "latitude": report.latitude_deg,
            "longitude": report.longitude_deg,
            "accuracy": -1 if report.accuracy_m is None else report.accuracy_m,
            "speed": -1 if report.speed_mps is None else report.speed_mps,
            "heading": -1 if report.heading_deg is None else report.heading_deg,
            "altitude": report.altitude_m,
        }
    extra = dict(report.extra)
    level = -1.0 if report.battery_pct is None else report.battery_pct / _PERCENT
    location["battery"] = {"level": level}
    if "charging" in extra:
        location["battery"]["is_charging"] = extra.pop("charging")
    if report.alarms:
        location["alarm"] = ",".join(WORD_BY_ALARM[alarm] for alarm in report.alarms)
    location["extras"] = extra
    return msgspec.json.encode({"location": location, "device_id": report.device})


def _refuse_other_datum(report: Report) -> None:
    if report.longitude_deg is not None and report.datum != "WGS84":
        raise FieldError("the clients send WGS-84 positions only")


def _stamp(time_ms: int) -> int:
    # Whole seconds go out as such, so that no early time in milliseconds is read as seconds.
    return time_ms // 1_000 if time_ms % 1_000 == 0 else time_ms


def _knots(speed_mps: float | None) -> float | None:
    return None if speed_mps is None else round(speed_mps / MPS_PER_KNOT, _SPEED_DECIMALS)


def _word(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value
