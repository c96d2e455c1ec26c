"""Additional items whose id means something else on other models; profiles name them.

Source: Traccar's decoder and its captured frames.
"""

from struct import Struct
from typing import Final

from firmware_protocols.jt808.items import Fields, Item
from firmware_protocols.jt808.vendor_items import VENDOR_ITEMS

_U16: Final = Struct(">H")
_JC_ALARMS: Final = {
    0x0001: "fault",
    0x0400: "acceleration",
    0x0401: "braking",
    0x0402: "cornering",
    0x0403: "overspeed",
    0x0405: "collision",
    0x0406: "vibration",
    0x0407: "stolen",
    0x0408: "fence_enter",
    0x0409: "fence_exit",
    0x040C: "door",
    0x0412: "acceleration",
    0x0413: "braking",
    0x0414: "cornering",
    0x0415: "lane_change",
    0x0416: "collision",
    0x0417: "collision",
    0x0C01: "sos",
    0x0C02: "undervoltage",
    0x0C05: "general",
    0x0C0E: "power_cut",
    0x0C0F: "low_battery",
    0x0C10: "power_off",
    0x0C12: "case",
}
"""Kind of event of item E8 to alarm."""

_DOOR_57: Final = 1 << 16
_IMEI_BYTES: Final = 8
_PCT: Final = 100


def _read_jc(value: bytes, fields: Fields) -> bool:
    kind = _U16.unpack_from(value)[0]
    if kind not in _JC_ALARMS:
        return False
    fields.extra["jc_event"] = value.hex()
    fields.alarms.append(_JC_ALARMS[kind])
    return True


def _read_steps(value: bytes, fields: Fields) -> bool:
    fields.values["steps"] = _U16.unpack(value)[0]
    return True


def _write_steps(steps: int | None) -> bytes | None:
    return None if steps is None else _U16.pack(steps)


def _read_aovx(value: bytes, fields: Fields) -> bool:
    """Working mode u8, IMEI BCD[8], ICCID BCD[10]."""
    if len(value) != 1 + _IMEI_BYTES + 10:
        return False
    fields.extra["working_mode"] = value[0]
    fields.extra["imei"] = value[1 : 1 + _IMEI_BYTES].hex().lstrip("0")
    fields.extra["iccid"] = value[1 + _IMEI_BYTES :].hex()
    return True


def _read_door(value: bytes, fields: Fields) -> bool:
    if not VENDOR_ITEMS[0x57].read(value, fields):
        return False
    if fields.extra["item_57_bits"] & _DOOR_57:
        fields.alarms.append("door")
    return True


def _read_e3(value: bytes, fields: Fields) -> bool:
    """Reserved, charge, battery in 1/100 V."""
    if len(value) < 4 or value[1] > _PCT:  # noqa: PLR2004  # the three fields
        return False
    fields.values["battery_pct"] = value[1]
    fields.extra["battery_v"] = _U16.unpack_from(value, 2)[0] / 100
    return True


_TAIL: Final = Struct(">4xIHIB3x")


def _read_tail(value: bytes, fields: Fields) -> bool:
    """Charge and mileage left (4), mileage in km u32, battery in 1/10 V, area u32, signal u8, 3."""
    mileage_km, battery, area, signal = _TAIL.unpack(value)
    fields.extra["mileage_m"] = mileage_km * 1_000
    fields.extra["battery_v"] = battery / 10
    fields.extra["area"] = area
    fields.extra["network_signal"] = signal
    return True


JC_EVENTS: Final = Item(_read_jc)
STEPS_ITEM: Final = Item(_read_steps, lambda report: _write_steps(report.steps))
AOVX_IDENTITY: Final = Item(_read_aovx)
CHARGE_E3: Final = Item(_read_e3)
DOOR_ITEM: Final = Item(_read_door)
FIXED_TAIL: Final = Item(_read_tail)
