"""Item EB of wristbands and pet trackers: items within, `length u16 | type u16 | value`.

The length counts the type. Two other vendors put cells or the name of their time zone under EB;
the form tells them apart. Source: Traccar's decoder and its captured frames.
"""

from collections.abc import Callable, Iterator
from struct import Struct
from struct import error as StructError  # noqa: N812
from typing import Final

from firmware_protocols.jt808.items import Fields, Item
from firmware_protocols.jt808.network_items import read_cell_d8, read_cells_eb, read_wifi_text

_U16: Final = Struct(">H")
_U32: Final = Struct(">I")
_HEAD: Final = Struct(">HH")
_TYPE_BYTES: Final = 2
_MV_PER_V: Final = 1_000
_CV_PER_V: Final = 100
_GREATEST_PCT: Final = 100
_LOW_BATTERY: Final = frozenset({3, 4})
_PRINTABLE: Final = range(0x20, 0x7F)
_MOTION_SHIFT: Final = 23
_MOTION_STATES: Final = {0: True, 1: False}


def _read_alarms(value: bytes, fields: Fields) -> bool:
    """0089: a zero is an alarm. Bit 0 the device was switched off, bit 12 it was taken off."""
    bits: int = _U32.unpack(value)[0]
    fields.extra["eb_0089_bits"] = bits
    if not bits & 1:
        fields.alarms.append("power_off")
    if not bits >> 12 & 1:
        fields.alarms.append("removed")
    return True


def _read_motion(value: bytes, fields: Fields) -> bool:
    """00C5: bit 6 zero is vibration; bits 23 and 24 are 0 moving, 1 at rest."""
    bits: int = _U32.unpack(value)[0]
    fields.extra["eb_00c5_bits"] = bits
    if not bits >> 6 & 1:
        fields.alarms.append("vibration")
    moving = _MOTION_STATES.get(bits >> _MOTION_SHIFT & 3)
    if moving is not None:
        fields.extra["moving"] = moving
    return True


def _read_battery_alarm(value: bytes, fields: Fields) -> bool:
    if len(value) != 1:
        return False
    fields.extra["battery_alarm"] = value[0]
    if value[0] in _LOW_BATTERY:
        fields.alarms.append("low_battery")
    return True


def _read_battery(value: bytes, fields: Fields) -> bool:
    if len(value) != 1 or value[0] > _GREATEST_PCT:
        return False
    fields.values["battery_pct"] = value[0]
    return True


def _read_voltage(value: bytes, fields: Fields) -> bool:
    """002D: of the battery in 2 bytes, of the supply in 4."""
    name = "battery_v" if len(value) == _U16.size else "supply_v"
    layout = _U16 if len(value) == _U16.size else _U32
    fields.extra[name] = layout.unpack(value)[0] / _MV_PER_V
    return True


def _read_supply(value: bytes, fields: Fields) -> bool:
    fields.extra["supply_v"] = _U16.unpack(value)[0] / _CV_PER_V
    return True


def _read_iccid(value: bytes, fields: Fields) -> bool:
    fields.extra["iccid"] = value.hex().rstrip("f")
    return True


_PARTS: Final[dict[int, Callable[[bytes, Fields], bool]]] = {
    0x002D: _read_voltage,
    0x0089: _read_alarms,
    0x00A8: _read_battery,
    0x00B2: _read_iccid,
    0x00B9: read_wifi_text,
    0x00C5: _read_motion,
    0x00C6: _read_battery_alarm,
    0x00CE: _read_supply,
    0x00D8: read_cell_d8,
    0x00E1: _read_battery,
}


def _cut(value: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield type and value of each part; ValueError when they do not fill the item."""
    at = 0
    while at < len(value):
        if len(value) < at + _HEAD.size:
            raise ValueError("a part is cut short")
        size, kind = _HEAD.unpack_from(value, at)
        end = at + _TYPE_BYTES + size
        if size < _TYPE_BYTES or end > len(value):
            raise ValueError("a part is longer than the item")
        yield kind, value[at + _HEAD.size : end]
        at = end


def _read(value: bytes, fields: Fields) -> bool:
    if read_cells_eb(value, fields):
        return True
    if value and all(byte in _PRINTABLE for byte in value):
        fields.extra["time_zone"] = value.decode("ascii")
        return True
    for kind, part in list(_cut(value)):
        read = _PARTS.get(kind)
        try:
            understood = read is not None and read(part, fields)
        except (ValueError, IndexError, StructError):
            understood = False
        if not understood:
            fields.extra.setdefault("unknown", {})[f"eb.{kind:04x}"] = part.hex()
    return True


EXTENSION_ITEM: Final = Item(_read)
