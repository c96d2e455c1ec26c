"""Positions in vendors' own messages: 0x5501 and 0x5502 of locks, 0x0210 of tags. Only read.

Source: Traccar's decoder and its captured frames. Times are UTC in 0x55xx.

    time BCD[6] DDMMYYhhmmss | latitude BCD 8 digits DDMMmmmm | longitude 9 digits DDDMMmmmm and a
    nibble of flags (1 valid, 2 north, 4 east) | speed BCD knots | course u8 (2 degrees) |
    signal u8 | satellites u8 | mileage km u32 | charge u8 | cell u32 | area u16 | product u8 |
    status u16 | alarm u16 | items
"""

from struct import Struct
from typing import Any, Final

from firmware_protocols.errors import FieldError, LengthError
from firmware_protocols.identity import content_seq
from firmware_protocols.jt808.bcd_time import BCD_VALUES, time_ms
from firmware_protocols.message import Report

LOCATION_5501: Final = 0x5501
LOCATION_5502: Final = 0x5502
"""As 0x5501, of where there was no network."""

_PLACE: Final = Struct(">6s4s5sBB")
_STATE: Final = Struct(">BBIBIHBHH")
_FIXED_BYTES: Final = _PLACE.size + _STATE.size
_MAX_LATITUDE: Final = 90
_MAX_LONGITUDE: Final = 180
_MPS_PER_KNOT: Final = 1_852 / 3_600
_TENTHS_OF_SECONDS: Final = 600_000
"""Ten-thousandths of a minute in a degree."""

_PCT: Final = 100
_CHARGING: Final = frozenset({0xAA, 0xAB})
_ALARMS_OF_PRODUCT: Final[dict[int, dict[int, str]]] = {
    1: {0: "undervoltage"},
    2: {0: "undervoltage"},
    3: {
        0: "overspeed",
        1: "undervoltage",
        2: "vibration",
        3: "low_battery",
        5: "fence_enter",
        6: "fence_exit",
    },
}
_TILT: Final = Struct(">hhh")
_ALTITUDE: Final = Struct(">h")


def read_vendor_location(message_id: int, body: bytes, device: str) -> Report:
    """Return what an 0x5501 or 0x5502 says.

    Raises:
        LengthError: It is shorter than its fixed fields.
        FieldError: Time, position or speed are not BCD or out of range.
    """
    if len(body) < _FIXED_BYTES:
        raise LengthError(f"{len(body)} bytes, at least {_FIXED_BYTES}", frame=body)
    bcd, latitude, longitude, speed, course = _PLACE.unpack_from(body)
    flags = longitude[4] & 0x0F
    knots = BCD_VALUES[speed]
    if knots >= _PCT:
        raise FieldError(f"speed {speed:#04x} is not BCD", frame=body, offset=15)
    satellites, charge, alarms, extra = _state(body)
    return Report(
        device=device,
        kind="fix",
        fix_time_ms=time_ms(bytes((bcd[2], bcd[1], bcd[0])) + bcd[3:], 0, frame=body),
        boot=0,
        seq=content_seq(body),
        valid=bool(flags & 1),
        longitude_deg=_degrees(longitude.hex()[:9], _MAX_LONGITUDE, body, 10)
        * (1 if flags & 4 else -1),
        latitude_deg=_degrees(latitude.hex(), _MAX_LATITUDE, body, 6) * (1 if flags & 2 else -1),
        datum="WGS84",
        altitude_m=_read_items(body, extra),
        speed_mps=knots * _MPS_PER_KNOT,
        heading_deg=course * 2 % 360,
        satellites=satellites,
        battery_pct=charge if charge <= _PCT else None,
        alarms=alarms,
        backlog=message_id == LOCATION_5502,
        extra=extra,
    )


def _state(body: bytes) -> tuple[int, int, tuple[str, ...], dict[str, Any]]:
    """Return satellites, charge, alarms and what else the fixed fields say."""
    signal, satellites, mileage_km, charge, cell, area, product, status, alarm = _STATE.unpack_from(
        body, _PLACE.size
    )
    names = _ALARMS_OF_PRODUCT.get(product, {})
    alarms = [name for bit, name in names.items() if alarm >> bit & 1]
    if charge in _CHARGING:
        alarms.append("charging")
    extra: dict[str, Any] = {
        "network_signal": signal,
        "mileage_m": mileage_km * 1_000,
        "product": product,
        "status_bits": status,
        "alarm_bits": alarm,
    }
    if cell and area:
        extra["cells"] = [{"lac": area, "cell": cell}]
    return satellites, charge, tuple(alarms), extra


def _degrees(digits: str, greatest: int, body: bytes, offset: int) -> float:
    """Return degrees of DDMMmmmm or DDDMMmmmm."""
    if digits.isdecimal():
        degrees, minutes = int(digits[:-6]), int(digits[-6:])
        total = degrees + minutes / _TENTHS_OF_SECONDS
        if total <= greatest and minutes < _TENTHS_OF_SECONDS:
            return total
    raise FieldError(f"{digits} is not degrees and minutes", frame=body, offset=offset)


def _read_items(body: bytes, extra: dict[str, Any]) -> float | None:
    """Put the items into `extra`; return the altitude in metres when one tells it."""
    altitude_m: float | None = None
    unknown: dict[str, str] = {}
    at = _FIXED_BYTES
    while at + 2 <= len(body):
        key, stop = body[at], at + 2 + body[at + 1]
        if stop > len(body):
            break
        value = body[at + 2 : stop]
        if key == 0x02 and len(value) == _ALTITUDE.size:  # noqa: PLR2004  # id of the item
            altitude_m = _ALTITUDE.unpack(value)[0]
        elif key == 0x0C and len(value) == _TILT.size:  # noqa: PLR2004
            extra["tilt"] = _TILT.unpack(value)
        else:
            unknown[f"{key:02x}"] = value.hex()
        at = stop
    if at < len(body):
        unknown["tail"] = body[at:].hex()
    if unknown:
        extra["unknown"] = unknown
    return altitude_m


_CHARGE_BODY_BYTES: Final = 7


def read_short_batch(body: bytes) -> list[bytes] | None:
    """Return the positions' bodies of an 0x0210, `length u8 | body` each; None when it has none."""
    bodies: list[bytes] = []
    at = 0
    while at < len(body):
        stop = at + 1 + body[at]
        if stop > len(body):
            return None
        bodies.append(body[at + 1 : stop])
        at = stop
    return bodies


def read_charge_status(body: bytes, device: str, utc_offset_ms: int) -> Report | None:
    """Return what an 0x0210 of 7 bytes says: charge u8 and time; None when it is another one."""
    if len(body) != _CHARGE_BODY_BYTES or body[0] > _PCT:
        return None
    return Report(
        device=device,
        kind="status",
        fix_time_ms=time_ms(body[1:], utc_offset_ms, frame=body, offset=1),
        boot=0,
        seq=content_seq(body),
        battery_pct=body[0],
    )
