"""OwnTracks JSON, reports to bytes: what the phone app sends."""

from typing import Any, Final

import msgspec

from firmware_protocols.errors import FieldError
from firmware_protocols.message import Report

_KPH_PER_MPS: Final = 3.6
_MS_PER_S: Final = 1_000


def encode(report: Report) -> bytes:
    """Return a `location` message; times in whole seconds, speeds in km/h.

    Raises:
        FieldError: The report has no WGS-84 position.
    """
    if report.longitude_deg is None or report.latitude_deg is None or report.datum != "WGS84":
        raise FieldError("OwnTracks carries WGS-84 positions only")
    body: dict[str, Any] = {
        "_type": "location",
        "tst": report.fix_time_ms // _MS_PER_S,
        "lon": report.longitude_deg,
        "lat": report.latitude_deg,
        "acc": report.accuracy_m,
        "alt": report.altitude_m,
        "vel": None if report.speed_mps is None else report.speed_mps * _KPH_PER_MPS,
        "cog": report.heading_deg,
        "batt": report.battery_pct,
    }
    return msgspec.json.encode({key: value for key, value in body.items() if value is not None})


def encode_will(connected_s: int) -> bytes:
    """Return the app's MQTT will, an `lwt` message.

    Args:
        connected_s: When the connection was made, seconds since 1970 UTC.
    """
    return msgspec.json.encode({"_type": "lwt", "tst": connected_s})
