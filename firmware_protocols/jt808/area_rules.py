"""What areas and routes have in common: attribute bits, periods, speed limits, coordinates.

JT/T 808-2019 tables 52, 55, 58 and 61. The bits for a period, a speed limit and the hemispheres
follow from the fields; the others are the caller's.
"""

from collections.abc import Iterable
from enum import IntFlag
from typing import Final

import msgspec

from firmware_protocols.errors import CommandError, FieldError
from firmware_protocols.jt808.body import BodyReader, write_number, write_text, write_time

_HAS_PERIOD: Final = 0x0001
_HAS_SPEED: Final = 0x0002
_DERIVED_BITS: Final = 0x00C3

_MICRODEGREES: Final = 1_000_000
_LATITUDE_MAX_DEG: Final = 90
_LONGITUDE_MAX_DEG: Final = 180


class AreaRule(IntFlag):
    """What happens at an area's or a route's border; bits of its attribute word."""

    ALARM_DRIVER_ENTER = 1 << 2
    ALARM_PLATFORM_ENTER = 1 << 3
    ALARM_DRIVER_EXIT = 1 << 4
    ALARM_PLATFORM_EXIT = 1 << 5
    DOOR_FORBIDDEN = 1 << 8
    RADIO_OFF_INSIDE = 1 << 14
    DETAILED_GNSS_INSIDE = 1 << 15


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """When an area is in force.

    Attributes:
        begin_time_ms: Milliseconds since 1970 UTC; whole seconds travel.
        end_time_ms: Likewise.
    """

    begin_time_ms: int
    end_time_ms: int


class SpeedLimit(msgspec.Struct, frozen=True, kw_only=True):
    """A speed limit, in the units of the wire.

    Attributes:
        max_speed_kmh: Kilometres per hour.
        duration_s: Seconds above it before there is an alarm.
        night_speed_kmh: At night, kilometres per hour; on the wire in 2019 alone.
    """

    max_speed_kmh: int
    duration_s: int
    night_speed_kmh: int | None = None


class Point(msgspec.Struct, frozen=True):
    """A point: longitude and latitude, degrees, resolution 1e-6."""

    longitude_deg: float
    latitude_deg: float


def attribute_word(
    rules: int, period: Period | None, speed: SpeedLimit | None, points: Iterable[Point] = ()
) -> int:
    """Return the attribute word of an area or a route.

    Raises:
        CommandError: `rules` has bits that follow from the fields, or the points lie on both
            sides of the equator or of the meridian of Greenwich, which the wire cannot say.
    """
    if rules & _DERIVED_BITS or not 0 <= rules <= 0xFFFF:  # noqa: PLR2004  # a WORD
        raise CommandError(f"rules {rules:#06x} has bits that are none of AreaRule's")
    word = rules | hemisphere_bits(points, south_bit=6)
    word |= _HAS_PERIOD if period else 0
    return word | (_HAS_SPEED if speed else 0)


def hemisphere_bits(points: Iterable[Point], south_bit: int) -> int:
    """Return the bits that say south and, above it, west; CommandError when points disagree."""
    points = tuple(points)
    south = _is_negative([point.latitude_deg for point in points])
    west = _is_negative([point.longitude_deg for point in points])
    return (south << south_bit) | (west << (south_bit + 1))


def rules_of(word: int) -> AreaRule:
    """Return the bits of an attribute word that are the caller's."""
    return AreaRule(word & ~_DERIVED_BITS)


def write_point(point: Point) -> bytes:
    """Return latitude and longitude, DWORDs of 1e-6 degrees without sign."""
    _require_on_earth(point)
    latitude = round(abs(point.latitude_deg) * _MICRODEGREES)
    longitude = round(abs(point.longitude_deg) * _MICRODEGREES)
    return write_number(latitude, 4, "latitude") + write_number(longitude, 4, "longitude")


def read_point(reader: BodyReader, bits: int, south_bit: int) -> Point:
    """Take latitude and longitude; `bits` say the hemispheres as in `hemisphere_bits`.

    Raises:
        FieldError: The point is not on Earth.
    """
    start = reader.offset
    latitude_deg = reader.number(4) / _MICRODEGREES
    longitude_deg = reader.number(4) / _MICRODEGREES
    if latitude_deg > _LATITUDE_MAX_DEG or longitude_deg > _LONGITUDE_MAX_DEG:
        raise FieldError(
            f"latitude {latitude_deg:f}, longitude {longitude_deg:f}: allowed are "
            f"{_LATITUDE_MAX_DEG} and {_LONGITUDE_MAX_DEG} degrees",
            frame=reader.body,
            offset=start,
        )
    return Point(
        -longitude_deg if bits >> (south_bit + 1) & 1 else longitude_deg,
        -latitude_deg if bits >> south_bit & 1 else latitude_deg,
    )


def write_period(period: Period | None) -> bytes:
    """Return begin and end, BCD[6] each in GMT+8; nothing without a period."""
    if period is None:
        return b""
    begin = write_time(period.begin_time_ms, "begin_time_ms")
    return begin + write_time(period.end_time_ms, "end_time_ms")


def read_period(reader: BodyReader, word: int) -> Period | None:
    """Take the period if the attribute word says that there is one."""
    if not word & _HAS_PERIOD:
        return None
    return Period(begin_time_ms=reader.time_ms(), end_time_ms=reader.time_ms())


def write_speed(speed: SpeedLimit | None) -> bytes:
    """Return the limit and its duration, without the night's; nothing without a limit."""
    if speed is None:
        return b""
    return write_number(speed.max_speed_kmh, 2, "max_speed_kmh") + write_number(
        speed.duration_s, 1, "duration_s"
    )


def read_speed(reader: BodyReader, word: int) -> SpeedLimit | None:
    """Take the limit and its duration if the attribute word says that there is one."""
    if not word & _HAS_SPEED:
        return None
    return SpeedLimit(max_speed_kmh=reader.number(2), duration_s=reader.number(1))


def write_night(speed: SpeedLimit | None, *, is_2019: bool) -> bytes:
    """Return the limit at night; that of the day where none is given."""
    if speed is None or not is_2019:
        return b""
    night_kmh = speed.night_speed_kmh
    return write_number(
        speed.max_speed_kmh if night_kmh is None else night_kmh, 2, "night_speed_kmh"
    )


def read_night(reader: BodyReader, speed: SpeedLimit | None, *, is_2019: bool) -> SpeedLimit | None:
    """Take the limit at night into the limit."""
    if speed is None or not is_2019:
        return speed
    return msgspec.structs.replace(speed, night_speed_kmh=reader.number(2))


def write_name(name: str, *, is_2019: bool) -> bytes:
    """Return an area's name with its length; editions before 2019 have none."""
    if not is_2019:
        return b""
    raw = write_text(name, "name")
    return write_number(len(raw), 2, "length of the name") + raw


def read_name(reader: BodyReader, *, is_2019: bool) -> str:
    """Take an area's name; empty before 2019."""
    return reader.text(reader.number(2)) if is_2019 else ""


def _is_negative(coordinates: list[float]) -> bool:
    """Tell the side of zero; zero itself is on both."""
    sides = {coordinate < 0 for coordinate in coordinates if coordinate}
    if len(sides) > 1:
        raise CommandError("an area on both sides of the equator or of 0 degrees cannot be sent")
    return True in sides


def _require_on_earth(point: Point) -> None:
    if not (
        abs(point.latitude_deg) <= _LATITUDE_MAX_DEG
        and abs(point.longitude_deg) <= _LONGITUDE_MAX_DEG
    ):
        raise CommandError(
            f"longitude {point.longitude_deg}, latitude {point.latitude_deg} is not on Earth"
        )
