"""Decoded messages as JSON objects: what `guitu decode` prints (docs/decode.md).

The kind comes first; names are those of `firmware_protocols.message`, times without their unit
because they are ISO 8601 in UTC. What a frame does not say is absent.
"""

import math
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from firmware_protocols.message import Message, Report

_TIME_SUFFIX: Final = "_time_ms"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS_PER_S: Final = 1_000
_MS_PER_DAY: Final = 86_400_000
_DAYS_PER_CYCLE: Final = 146_097
"""Days of 400 years, after which the calendar repeats."""
_YEARS_PER_CYCLE: Final = 400
_LAST_YEAR: Final = 9_999

_DECIMALS: Final = {
    "longitude_deg": 7,
    "latitude_deg": 7,
    "altitude_m": 2,
    "accuracy_m": 2,
    "speed_mps": 4,
    "heading_deg": 2,
    "skin_temperature_c": 2,
    "body_temperature_c": 2,
}
"""1e-7 degree is a centimetre; 1e-4 m/s keeps a hundredth of any unit that speed comes in."""

_OTHER_DECIMALS: Final = 7
_CIRCLE_DEG: Final = 360
_NUMBERING: Final = frozenset({"boot", "seq"})


def message_object(message: Message, *, is_numbered: bool = False) -> dict[str, Any]:
    """Return a message as a JSON object.

    Args:
        message: What a codec decoded.
        is_numbered: The codec's reports carry `boot` and `seq`; those of others are made from the
            bytes to tell reports apart, and are left out.
    """
    is_fix = isinstance(message, Report) and message.kind == "fix"
    out: dict[str, Any] = {"kind": _kind(message)}
    for name in sorted(message.__struct_fields__, key="extra".__eq__):  # what is extra comes last
        value = getattr(message, name)
        if name == "kind" or (name in _NUMBERING and not is_numbered):
            continue
        if name in ("valid", "backlog"):
            # A state or vital signs have no position that could be invalid.
            if is_fix or (name == "backlog" and value):
                out[name] = value
        elif name == "alarms":
            if value or isinstance(message, Report):
                out[name] = list(value)
        elif name.endswith(_TIME_SUFFIX):
            if value is not None:
                out[name.removesuffix("_ms")] = iso_time(value)
        elif value is not None and not (name in ("device", "extra", "liveness") and not value):
            out[name] = _shown(name, value)
    return out


def iso_time(time_ms: int) -> str:
    """Return a time as ISO 8601 in UTC; milliseconds only when they are not zero.

    A year of more than four digits, which a device may claim, has a sign as the standard wants.

    Args:
        time_ms: Milliseconds since 1970 UTC.
    """
    cycles, rest_ms = divmod(time_ms, _DAYS_PER_CYCLE * _MS_PER_DAY)
    moment = _EPOCH + timedelta(milliseconds=rest_ms)
    year = moment.year + _YEARS_PER_CYCLE * cycles
    sign = "" if 0 <= year <= _LAST_YEAR else "-" if year < 0 else "+"
    millis = f".{moment.microsecond // _MS_PER_S:03d}" if moment.microsecond else ""
    return f"{sign}{abs(year):04d}-{moment:%m-%dT%H:%M:%S}{millis}Z"


def _kind(message: Message) -> str:
    if isinstance(message, Report):
        return message.kind
    return str(message.__struct_config__.tag)


def _shown(name: str, value: Any) -> Any:
    plain = _plain(value, _DECIMALS.get(name, _OTHER_DECIMALS))
    # What rounds up to a full turn is north.
    return 0.0 if name == "heading_deg" and plain == _CIRCLE_DEG else plain


def _plain(value: Any, decimals: int) -> Any:
    """Return a value as JSON has it: floats rounded and finite, bytes as hex."""
    if isinstance(value, float):
        return round(value, decimals) if math.isfinite(value) else None
    if isinstance(value, bytes | bytearray):
        return value.hex()
    if isinstance(value, dict):
        return {str(key): _plain(inner, decimals) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner, decimals) for inner in value]
    if isinstance(value, msgspec.Struct):
        return _plain(msgspec.structs.asdict(value), decimals)
    return value
