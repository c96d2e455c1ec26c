"""The blocks that most GT06 messages are made of: clock, position, status, radio surroundings."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from firmware_protocols.errors import FieldError
from firmware_protocols.gt06.fields import (
    UNKNOWN,
    Bits,
    Cursor,
    Values,
    keep_unknown,
    kept_bytes,
    to_raw,
    unknown_bytes,
)

_DEGREE: Final = 1_800_000  # 1/30,000 of a minute
_DEGREE_DIGITS: Final = 7
_KPH_PER_MPS: Final = 3.6
_CENTURY: Final = 2_000
_CLOCK_BYTES: Final = 6
_HEADING_MAX: Final = 360
_BIT_NORTH: Final = 1 << 10
_BIT_WEST: Final = 1 << 11
_BIT_VALID: Final = 1 << 12
_BIT_DIFFERENTIAL: Final = 1 << 13
_BIT_IGNITION_SAID: Final = 1 << 14
_BIT_IGNITION: Final = 1 << 15
_GPS_BLOCK_BYTES: Final = 0xC0  # the high nibble says 12 bytes: the block's size
_LEVELS_PCT: Final = (0, 16, 33, 50, 66, 83, 100)
_LEVEL_MAX: Final = 6
_PERCENT_MAX: Final = 100
_MS_PER_S: Final = 1_000

STATUS: Final = Bits(
    1,
    (
        ("armed", 0, 1),
        ("ignition", 1, 1),
        ("charging", 2, 1),
        ("status_alarm", 3, 3),
        ("gps_tracking", 6, 1),
        ("relay_cut", 7, 1),
    ),
)
"""Terminal information; bits 3 to 5 are an alarm by number."""


@dataclass(frozen=True)
class Clock:
    """Year from 2000, month, day, hour, minute, second of the device's own time zone.

    A date that does not exist (all zeros before the first fix) is kept as unknown bytes, and the
    message is then one without a time.
    """

    name: str = "fix_time_ms"
    is_bcd: bool = False

    def read(self, cursor: Cursor, values: Values) -> None:
        """See Field."""
        data = cursor.take(_CLOCK_BYTES)
        parts = [_from_bcd(part) for part in data] if self.is_bcd else list(data)
        try:
            year, month, day, hour, minute, second = parts
            local = datetime(_CENTURY + year, month, day, hour, minute, second, tzinfo=UTC)
        except ValueError:
            keep_unknown(values, self.name, data)
            return
        values[self.name] = round(local.timestamp()) * _MS_PER_S - cursor.utc_offset_min * 60_000

    def write(self, values: Mapping[str, Any], utc_offset_min: int) -> bytes:
        """See Field."""
        if self.name not in values:
            return unknown_bytes(values, self.name, _CLOCK_BYTES)
        local = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(
            milliseconds=values[self.name] + utc_offset_min * 60_000
        )
        if not 0 <= local.year - _CENTURY <= 99 + 156 * (not self.is_bcd):
            raise FieldError(f"{self.name}: the year {local.year} does not fit")
        parts = (local.year - _CENTURY, *local.timetuple()[1:6])
        return bytes(part // 10 << 4 | part % 10 if self.is_bcd else part for part in parts)


def _from_bcd(value: int) -> int:
    high, low = value >> 4, value & 0xF
    return high * 10 + low if high < 10 and low < 10 else 0xFF  # noqa: PLR2004  # no decimal digits


@dataclass(frozen=True)
class Epoch:
    """Seconds since 1970 UTC, four bytes; zero is no time."""

    name: str = "fix_time_ms"

    def read(self, cursor: Cursor, values: Values) -> None:
        """See Field."""
        seconds = cursor.number(4)
        if seconds:
            values[self.name] = seconds * _MS_PER_S

    def write(self, values: Mapping[str, Any], _utc_offset_min: int) -> bytes:
        """See Field."""
        return to_raw(self.name, values.get(self.name, 0) // _MS_PER_S, 4)


@dataclass(frozen=True)
class Gps:
    """Satellites, latitude, longitude, speed, course and flags, 12 bytes in its usual form.

    Attributes:
        has_satellites: The byte of satellites leads.
        speed_bytes: Size of the speed, km/h; 0 where there is none.
        is_flags_first: The flags stand before the speed.
        altitude_after_satellites: A signed height in metres stands there.
    """

    has_satellites: bool = True
    speed_bytes: int = 1
    is_flags_first: bool = False
    altitude_after_satellites: bool = False

    def read(self, cursor: Cursor, values: Values) -> None:
        """See Field."""
        if self.has_satellites:
            raw = cursor.number(1)
            values["satellites"] = raw if self.altitude_after_satellites else raw & 0xF
        if self.altitude_after_satellites:
            values["altitude_m"] = float(int.from_bytes(cursor.take(2), "big", signed=True))
        place = cursor.take(8)
        flags = cursor.number(2) if self.is_flags_first else 0
        if self.speed_bytes:
            values["speed_mps"] = cursor.number(self.speed_bytes) / _KPH_PER_MPS
        flags = flags if self.is_flags_first else cursor.number(2)
        _read_place(place, flags, values)

    def write(self, values: Mapping[str, Any], _utc_offset_min: int) -> bytes:
        """See Field."""
        out = b""
        if self.has_satellites:
            size = 0 if self.altitude_after_satellites else _GPS_BLOCK_BYTES
            out += to_raw("satellites", size | values.get("satellites", 0), 1)
        if self.altitude_after_satellites:
            out += to_raw("altitude_m", round(values.get("altitude_m", 0)), 2, signed=True)
        place, flags = _write_place(values)
        kph = round(values.get("speed_mps", 0) * _KPH_PER_MPS)
        speed = to_raw("speed_mps", kph, self.speed_bytes) if self.speed_bytes else b""
        return out + place + (flags + speed if self.is_flags_first else speed + flags)


@dataclass(frozen=True)
class SizedFix:
    """A position block behind its size; size 0 is no position (AZ735)."""

    def read(self, cursor: Cursor, values: Values) -> None:
        """See Field."""
        size = cursor.number(1)
        if size:
            part = Cursor(cursor.take(size), cursor.utc_offset_min)
            Gps().read(part, values)
            if part.left:
                keep_unknown(values, "gps", part.take(part.left))

    def write(self, values: Mapping[str, Any], utc_offset_min: int) -> bytes:
        """See Field."""
        if "longitude_deg" not in values and "position" not in values.get(UNKNOWN, {}):
            return b"\0"
        data = Gps().write(values, utc_offset_min)
        data += kept_bytes(values, "gps")
        return to_raw("gps", len(data), 1) + data


def _read_place(place: bytes, flags: int, values: Values) -> None:
    latitude = int.from_bytes(place[:4], "big") / _DEGREE
    longitude = int.from_bytes(place[4:], "big") / _DEGREE
    if latitude > 90 or longitude > 180:  # noqa: PLR2004  # degrees of a globe
        # An alarm with an impossible place is still an alarm.
        keep_unknown(values, "position", place + flags.to_bytes(2, "big"))
        return
    is_south, is_west = not flags & _BIT_NORTH, bool(flags & _BIT_WEST)
    # Adding zero makes 0.0 of a -0.0.
    values["latitude_deg"] = round(-latitude if is_south else latitude, _DEGREE_DIGITS) + 0.0
    values["longitude_deg"] = round(-longitude if is_west else longitude, _DEGREE_DIGITS) + 0.0
    values["valid"] = bool(flags & _BIT_VALID)
    heading = flags & 0x3FF
    if heading <= _HEADING_MAX:
        values["heading_deg"] = float(heading % _HEADING_MAX)
    if flags & _BIT_DIFFERENTIAL:
        values["differential"] = True
    if flags & _BIT_IGNITION_SAID:
        values["ignition"] = bool(flags & _BIT_IGNITION)


def _write_place(values: Mapping[str, Any]) -> tuple[bytes, bytes]:
    if "latitude_deg" not in values:
        kept = unknown_bytes(values, "position", 10)
        return kept[:8], kept[8:]
    latitude, longitude = values["latitude_deg"], values["longitude_deg"]
    flags = round(values.get("heading_deg", 0)) % _HEADING_MAX
    flags |= (latitude >= 0 and _BIT_NORTH) | (longitude < 0 and _BIT_WEST)
    flags |= (values.get("valid", True) and _BIT_VALID) | (
        values.get("differential", False) and _BIT_DIFFERENTIAL
    )
    if "ignition" in values:
        flags |= _BIT_IGNITION_SAID | (values["ignition"] and _BIT_IGNITION)
    place = b"".join(
        to_raw(name, round(abs(degrees) * _DEGREE), 4)
        for name, degrees in (("latitude_deg", latitude), ("longitude_deg", longitude))
    )
    return place, flags.to_bytes(2, "big")


@dataclass(frozen=True)
class Battery:
    """Charge in one byte; what is over 100 is kept raw.

    Attributes:
        has_levels: 0 to 6 are levels (source: GT06 manuals), 7 to 100 percent; else all is percent.
    """

    has_levels: bool = True

    def read(self, cursor: Cursor, values: Values) -> None:
        """See Field."""
        raw = cursor.number(1)
        if self.has_levels and raw <= _LEVEL_MAX:
            values["battery_pct"] = _LEVELS_PCT[raw]
        elif raw <= _PERCENT_MAX:
            values["battery_pct"] = raw
        else:
            values["battery_raw"] = raw

    def write(self, values: Mapping[str, Any], _utc_offset_min: int) -> bytes:
        """See Field."""
        percent = values.get("battery_pct")
        if percent is None:
            return to_raw("battery_raw", values.get("battery_raw", 0), 1)
        if not 0 <= percent <= _PERCENT_MAX:
            raise FieldError(f"battery_pct: {percent}, allowed 0 ... 100")
        # 1 to 6 percent would be read as levels; level 0 is the nearest.
        is_misread = self.has_levels and percent <= _LEVEL_MAX
        return bytes((0 if is_misread else percent,))


@dataclass(frozen=True)
class Event:
    """Alarm number and language; the language's high nibble continues the number."""

    def read(self, cursor: Cursor, values: Values) -> None:
        """See Field."""
        low, language = cursor.take(2)
        # FF stands for "no language" with some models, not for a number of 0Fxx.
        high = 0 if language == 0xFF else language >> 4  # noqa: PLR2004
        values["alarm_code"] = high << 8 | low
        values["language"] = language if language == 0xFF else language & 0xF  # noqa: PLR2004

    def write(self, values: Mapping[str, Any], _utc_offset_min: int) -> bytes:
        """See Field."""
        code, language = values.get("alarm_code", 0), values.get("language", 0)
        if not 0 <= code < 1 << 12 or not 0 <= language <= 0xFF:  # noqa: PLR2004
            raise FieldError(f"alarm_code {code} or language {language} does not fit 12 and 4 bits")
        return bytes((code & 0xFF, code >> 8 << 4 | language))
