"""Additional items of vendors, each with the one meaning that is known for its id and length.

Source: Traccar's decoder with its captured frames, and SmallChi's GPS51 extension. Items whose id
means different things on different models are in `profiles` only. What does not fit stays bytes.
"""

from struct import Struct
from typing import Final

from firmware_protocols.jt808.extension_item import EXTENSION_ITEM
from firmware_protocols.jt808.items import Fields, Item, field, number
from firmware_protocols.jt808.network_items import NETWORK_ITEMS, read_cells_e1

_U16: Final = Struct(">H")
_U32: Final = Struct(">I")
_PCT: Final = 100
_MV_PER_V: Final = 1_000
_CHARGING: Final = 0xFF
_CHARGING_STATES: Final = frozenset({2, 3})

_DRIVING_57: Final = {8: "acceleration", 9: "braking", 10: "cornering"}
_DRIVING_70: Final = {1: "acceleration", 2: "braking", 3: "cornering", 0x16: "collision"}
_ALARMS_FE: Final = {0: "acceleration", 1: "braking", 2: "cornering", 3: "collision", 4: "case"}
_MARK_FE: Final = 0x7C
_E7_SOS_BITS: Final = 0b11110


def add_bits(word: int, names: dict[int, str], fields: Fields) -> None:
    """Add the alarms of a word's set bits."""
    fields.alarms.extend(name for bit, name in names.items() if word >> bit & 1)


def _read_tenths_battery(value: bytes, fields: Fields) -> bool:
    """56: tenths of a charge, a reserved byte."""
    if len(value) != _U16.size or value[0] > 10:  # noqa: PLR2004  # ten tenths
        return False
    fields.values["battery_pct"] = value[0] * 10
    return True


def _read_driving_57(value: bytes, fields: Fields) -> bool:
    """57: alarms u16, switches u16, further alarms u32."""
    if len(value) != 8:  # noqa: PLR2004
        return False
    word = _U16.unpack_from(value)[0]
    fields.extra["driving_alarm_bits"] = word
    fields.extra["switch_bits"] = _U16.unpack_from(value, 2)[0]
    fields.extra["item_57_bits"] = _U32.unpack_from(value, 4)[0]
    add_bits(word, _DRIVING_57, fields)
    return True


def _read_driving_70(value: bytes, fields: Fields) -> bool:
    """70: number u32, state u8, kind u8 and more."""
    if len(value) < 6:  # noqa: PLR2004
        return False
    fields.extra["driving_event"] = value.hex()
    if value[5] in _DRIVING_70:
        fields.alarms.append(_DRIVING_70[value[5]])
    return True


def _read_user_state(value: bytes, fields: Fields) -> bool:
    """D0: bit 3 vibration."""
    word = _U32.unpack(value)[0]
    fields.extra["user_state_bits"] = word
    add_bits(word, {3: "vibration"}, fields)
    return True


def read_charge(value: bytes, fields: Fields) -> bool:
    """Take per cent of a charge in one byte, FF while charging."""
    if len(value) != 1 or (value[0] > _PCT and value[0] != _CHARGING):
        return False
    if value[0] == _CHARGING:
        fields.alarms.append("charging")
    else:
        fields.values["battery_pct"] = value[0]
    return True


def _read_e1(value: bytes, fields: Fields) -> bool:
    """E1: charge in 1 byte, supply in 2, cells in 12 and more."""
    if len(value) == _U16.size:
        fields.extra["supply_v"] = _U16.unpack(value)[0] / 10
        return True
    return read_charge(value, fields) or read_cells_e1(value, fields)


def _read_e4(value: bytes, fields: Fields) -> bool:
    """E4: 0 while charging, charge."""
    if len(value) != _U16.size or value[1] > _PCT:
        return False
    if value[0] == 0:
        fields.alarms.append("charging")
    fields.values["battery_pct"] = value[1]
    return True


def _read_e7(value: bytes, fields: Fields) -> bool:
    """E7: alarms u16 and six bytes more; bit 0 vibration, bits 1 to 4 SOS keys."""
    if len(value) != 8:  # noqa: PLR2004
        return False
    word = _U16.unpack_from(value)[0]
    fields.extra["item_e7"] = value.hex()
    if word & _E7_SOS_BITS:
        fields.alarms.append("sos")
    add_bits(word, {0: "vibration"}, fields)
    return True


_POWER_EE: Final = Struct(">BHHB")


def _read_ee(value: bytes, fields: Fields) -> bool:
    """EE: signal, supply in mV, battery in mV, satellites."""
    signal, supply_mv, battery_mv, satellites = _POWER_EE.unpack(value)
    fields.extra["network_signal"] = signal
    fields.extra["supply_v"] = supply_mv / _MV_PER_V
    fields.extra["battery_v"] = battery_mv / _MV_PER_V
    fields.values["satellites"] = satellites
    return True


def _read_f7(value: bytes, fields: Fields) -> bool:
    """F7: battery in mV u32, then perhaps its state (2 and 3 charging), then perhaps the charge."""
    if not 4 <= len(value) <= 6:  # noqa: PLR2004
        return False
    fields.extra["battery_v"] = _U32.unpack_from(value)[0] / _MV_PER_V
    if len(value) > 4 and value[4] in _CHARGING_STATES:  # noqa: PLR2004
        fields.alarms.append("charging")
    if len(value) > 5 and value[5] <= _PCT:  # noqa: PLR2004
        fields.values["battery_pct"] = value[5]
    return True


def _read_fe(value: bytes, fields: Fields) -> bool:
    """FE: charge in 1 byte, supply in 2; or 7C and `id u8 | length u8 | value`, 01 being alarms."""
    if len(value) == _U16.size:
        fields.extra["supply_v"] = _U16.unpack(value)[0] / 10
        return True
    if len(value) < _U32.size + 3 or value[0] != _MARK_FE:
        return read_charge(value, fields)
    fields.extra["item_fe"] = value.hex()
    at = 1
    while at + 2 <= len(value):
        kind, end = value[at], at + 2 + value[at + 1]
        if kind == 1 and end - at - 2 == _U32.size and end <= len(value):
            add_bits(_U32.unpack_from(value, at + 2)[0], _ALARMS_FE, fields)
        at = end
    return True


BATTERY_ITEM: Final = field("battery_pct", _PCT)
"""One byte of per cent, for the ids that profiles say."""

_KNOWN: Final[dict[int, Item]] = {
    **NETWORK_ITEMS,
    0x06: BATTERY_ITEM,  # the standard's temperature has two bytes
    0x56: Item(_read_tenths_battery),
    0x57: Item(_read_driving_57),
    0x61: number("supply_v", _U16, divide=100),
    0x69: number("battery_v", _U16, divide=100),
    0x70: Item(_read_driving_70),
    0x82: number("supply_v", _U16, divide=10),
    0xD0: Item(_read_user_state),
    0xD3: number("supply_v", _U16, divide=10),
    0xD4: Item(read_charge),
    0xD5: number("battery_v", _U16, divide=100),
    0xE1: Item(_read_e1),
    0xE4: Item(_read_e4),
    0xE7: Item(_read_e7),
    0xE9: Item(read_charge),
    0xEB: EXTENSION_ITEM,
    0xEE: Item(_read_ee),
    0xF1: number("supply_v", _U32, divide=_MV_PER_V),
    0xF7: Item(_read_f7),
    0xFE: Item(_read_fe),
}

VENDOR_ITEMS: Final[dict[int, Item]] = {key: Item(item.read) for key, item in _KNOWN.items()}
"""Id to item; only read. Terminals that write them have a profile with items that write."""
