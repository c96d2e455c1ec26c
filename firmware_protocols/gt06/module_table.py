"""What is known of modules, by message and module id."""

from typing import Final

from firmware_protocols.gt06.blocks import Epoch, Gps
from firmware_protocols.gt06.fields import Bits, Flag, Number
from firmware_protocols.gt06.modules import Module, Modules
from firmware_protocols.gt06.radio import ModuleCell
from firmware_protocols.gt06.strings import Digits, Hex, SizedHex


def _number(name: str, size: int, divisor: int = 1, *, signed: bool = False) -> Module:
    return Module((name,), (Number(name, size, divisor, signed),))


PART_MODULES: Final = Modules(
    {
        0x0018: _number("battery_v", 2, 100),
        0x0027: _number("supply_v", 2, 100),
        0x002E: _number("odometer_raw", 4),
        0x0032: _number("startup_status", 1),
        0x003B: _number("accuracy_m", 2, 100),
        0x006A: _number("battery_pct", 1),
    }
)
"""Of 0x36, 0x37, 0x38, 0x39."""

MODULAR: Final = Modules(
    {
        0x0003: Module(("iccid",), (Digits("iccid", 10, "f"),)),
        0x0009: _number("satellites", 1),
        0x000A: _number("satellites_visible", 1),
        0x0011: Module(("cells",), (ModuleCell(),)),
        0x0018: _number("battery_v", 2, 100),
        0x0028: _number("hdop", 1, 10),
        0x0029: _number("index", 4),
        0x002A: Module(("door_bits",), (Bits(1, (("door_bits", 0, 4), ("tamper_bits", 4, 4))),)),
        0x002B: _number("boot_reason", 1),
        0x002C: Module(("sent_time_ms",), (Epoch("sent_time_ms"),)),
        0x002E: _number("odometer_raw", 4),
        0x0033: Module(("longitude_deg",), (Epoch(), Gps(altitude_after_satellites=True))),
        0x0034: Module(
            ("event",),
            (Number("event", 1), Epoch("event_time_ms"), SizedHex("content")),
            rows="events",
        ),
        0x007F: Module(
            ("tag",),
            (
                Hex("tag", 6),
                Number("tag_battery_v", 2, 1000),
                Number("tag_battery_pct", 1),
                Number("tag_temperature_c", 2, 10, signed=True),
                Number("tag_humidity_pct", 2),
                Number("tag_status", 1),
            ),
        ),
    },
    length_bytes=2,
)
"""Of 0x70."""

STATE_MODULES: Final = Modules(
    {
        0x0001: _number("motion_status", 1),
        0x0002: Module(("armed",), (Flag("armed"),)),
        0x0004: Module(("ignition",), (Flag("ignition"),)),
        0x0005: _number("supply_v", 2, 100),
        0x0007: Module(("charging",), (Flag("charging"),)),
        0x000A: _number("charge_raw", 2),
        0x000B: _number("battery_temperature_c", 2, 10),
    }
)
"""Of 0xF1."""

PERIPHERALS: Final = Modules(
    {
        0x000C: Module(
            ("pack_battery_pct",),
            (
                Number("pack_battery_pct", 1),
                Flag("pack_charging"),
                Number("pack_cycles", 2),
            ),
        ),
    },
    wide_ids=frozenset({0x000A}),
)
"""Of 0xF2; the button of module 0x000A has a length of two bytes."""
