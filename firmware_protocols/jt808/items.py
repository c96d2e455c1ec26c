"""Standard additional items of a position (JT/T 808-2019 table 27, JT/T 1078-2016 table 13).

An item is `id u8 | length u8 | value`. What is not of its item's length or range is kept as bytes.
"""

from collections.abc import Callable
from struct import Struct
from typing import Any, Final

import msgspec

from firmware_protocols.message import Report


class Fields:
    """What the items of one report have said so far.

    Attributes:
        values: Fields of Report by name.
        extra: `Report.extra`.
        alarms: Alarms that items tell, in their order.
    """

    __slots__ = ("alarms", "extra", "values")

    def __init__(self, extra: dict[str, Any]) -> None:
        """Start with what the fixed part has put into `extra`."""
        self.values: dict[str, Any] = {}
        self.extra = extra
        self.alarms: list[str] = []


class Item(msgspec.Struct, frozen=True):
    """One item: how it is read and written.

    Attributes:
        read: Puts a value into the fields; False when it is not the item's. May raise ValueError,
            IndexError and struct.error on bytes that are not the item's either.
        write: Returns the value that a report has for it, or None; None for items that only
            terminals in the field write.
    """

    read: Callable[[bytes, Fields], bool]
    write: Callable[[Report], bytes | None] | None = None


_U8: Final = Struct(">B")
_U16: Final = Struct(">H")
_U32: Final = Struct(">I")
_KM_TENTHS_M: Final = 100
_TENTHS: Final = 10
_KPH_TENTHS_PER_MPS: Final = 36
_PERCENT_FLAG: Final = 0x8000
_NO_PLACE: Final = 0
_ROUTE: Final = 4
_DIRECTIONS: Final = ("fence_enter", "fence_exit")
_CAMERA_FAULTS: Final = 0x0F
"""Of the video alarm word: signal lost, lens covered, storage fault, other fault."""


def number(key: str, layout: Struct, *, multiply: int = 1, divide: int = 1) -> Item:
    """Return the item of one unsigned number that stands in `extra`.

    Args:
        key: Its name, unit included.
        layout: Its form.
        multiply: Wire units to the name's unit, as a whole number.
        divide: The same by division, which makes it a float.
    """

    def read(value: bytes, fields: Fields) -> bool:
        if len(value) != layout.size:
            return False
        raw: int = layout.unpack(value)[0]
        fields.extra[key] = raw / divide if divide > 1 else raw * multiply
        return True

    def write(report: Report) -> bytes | None:
        said = report.extra.get(key)
        return None if said is None else layout.pack(round(said * divide / multiply))

    return Item(read, write)


def field(name: str, greatest: int) -> Item:
    """Return the item of one byte that is a field of Report, 0 ... `greatest`."""

    def read(value: bytes, fields: Fields) -> bool:
        if len(value) != 1 or value[0] > greatest:
            return False
        fields.values[name] = value[0]
        return True

    def write(report: Report) -> bytes | None:
        said = getattr(report, name)
        return None if said is None else bytes((said,))

    return Item(read, write)


def _read_fuel(value: bytes, fields: Fields) -> bool:
    if len(value) != _U16.size:
        return False
    raw: int = _U16.unpack(value)[0]
    if raw & _PERCENT_FLAG:  # a vendor's: per cent of the tank
        fields.extra["fuel_pct"] = raw ^ _PERCENT_FLAG
    else:
        fields.extra["fuel_l"] = raw / _TENTHS
    return True


def _write_fuel(report: Report) -> bytes | None:
    if "fuel_pct" in report.extra:
        return _U16.pack(report.extra["fuel_pct"] | _PERCENT_FLAG)
    litres = report.extra.get("fuel_l")
    return None if litres is None else _U16.pack(round(litres * _TENTHS))


def _read_overspeed(value: bytes, fields: Fields) -> bool:
    if len(value) not in {1, 5} or (value[0] == _NO_PLACE) != (len(value) == 1):
        return False
    fields.extra["overspeed_place_type"] = value[0]
    if value[0] != _NO_PLACE:
        fields.extra["overspeed_place"] = int.from_bytes(value[1:], "big")
    return True


def _write_overspeed(report: Report) -> bytes | None:
    place_type = report.extra.get("overspeed_place_type")
    if place_type is None:
        return None
    head = bytes((place_type,))
    return head + _U32.pack(report.extra["overspeed_place"]) if place_type else head


_AREA: Final = Struct(">BIB")


def _read_area(value: bytes, fields: Fields) -> bool:
    if len(value) != _AREA.size:
        return False
    place_type, place, direction = _AREA.unpack(value)
    fields.extra["area_type"] = place_type
    fields.extra["area"] = place
    fields.extra["area_direction"] = direction
    if direction < len(_DIRECTIONS) and place_type != _ROUTE:
        fields.alarms.append(_DIRECTIONS[direction])
    return True


def _write_area(report: Report) -> bytes | None:
    if "area" not in report.extra:
        return None
    names = ("area_type", "area", "area_direction")
    return _AREA.pack(*(report.extra[name] for name in names))


_SECTION: Final = Struct(">IHB")


def _read_section(value: bytes, fields: Fields) -> bool:
    if len(value) != _SECTION.size:
        return False
    section, time_s, is_long = _SECTION.unpack(value)
    fields.extra["section"] = section
    fields.extra["section_time_s"] = time_s
    fields.extra["section_result"] = is_long  # 0 too short, 1 too long
    return True


def _write_section(report: Report) -> bytes | None:
    if "section" not in report.extra:
        return None
    names = ("section", "section_time_s", "section_result")
    return _SECTION.pack(*(report.extra[name] for name in names))


def _read_analog(value: bytes, fields: Fields) -> bool:
    if len(value) != _U32.size:
        return False
    raw: int = _U32.unpack(value)[0]
    fields.extra["analog_0"] = raw & 0xFFFF
    fields.extra["analog_1"] = raw >> 16
    return True


def _write_analog(report: Report) -> bytes | None:
    if "analog_0" not in report.extra:
        return None
    return _U32.pack(report.extra["analog_1"] << 16 | report.extra["analog_0"])


def _read_video_alarm(value: bytes, fields: Fields) -> bool:
    if len(value) != _U32.size:
        return False
    bits: int = _U32.unpack(value)[0]
    fields.extra["video_alarm_bits"] = bits
    if bits & _CAMERA_FAULTS:
        fields.alarms.append("camera_fault")
    return True


_BEHAVIOUR: Final = Struct(">HB")


def _read_behaviour(value: bytes, fields: Fields) -> bool:
    if len(value) != _BEHAVIOUR.size:
        return False
    bits, fatigue = _BEHAVIOUR.unpack(value)
    fields.extra["driver_behaviour_bits"] = bits
    fields.extra["driver_fatigue"] = fatigue  # 0 ... 100
    return True


def _write_behaviour(report: Report) -> bytes | None:
    if "driver_fatigue" not in report.extra:
        return None
    return _BEHAVIOUR.pack(report.extra["driver_behaviour_bits"], report.extra["driver_fatigue"])


STANDARD_ITEMS: Final[dict[int, Item]] = {
    0x01: number("mileage_m", _U32, multiply=_KM_TENTHS_M),
    0x02: Item(_read_fuel, _write_fuel),
    0x03: number("recorder_speed_mps", _U16, divide=_KPH_TENTHS_PER_MPS),
    0x04: number("confirm_alarm", _U16),
    0x11: Item(_read_overspeed, _write_overspeed),
    0x12: Item(_read_area, _write_area),
    0x13: Item(_read_section, _write_section),
    0x14: Item(_read_video_alarm, number("video_alarm_bits", _U32).write),
    0x15: number("video_lost_bits", _U32),
    0x16: number("video_covered_bits", _U32),
    0x17: number("video_storage_fault_bits", _U16),
    0x18: Item(_read_behaviour, _write_behaviour),
    0x25: number("signal_bits", _U32),
    0x2A: number("io_bits", _U16),
    0x2B: Item(_read_analog, _write_analog),
    0x30: number("network_signal", _U8),
    0x31: field("satellites", 255),
}
"""Id to item. 05 (tyres) and 06 (temperature of the load, a WORD, 2019) stay bytes, for they say
nothing of a person. A 06 of one byte is a vendor's item."""
