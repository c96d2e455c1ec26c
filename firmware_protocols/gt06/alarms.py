"""What GT06's alarm numbers mean, in the names of `firmware_protocols.alarm`."""

from collections.abc import Mapping
from typing import Final

STATUS_ALARMS: Final[Mapping[int, str]] = {
    1: "vibration",
    2: "power_cut",
    3: "low_battery",
    4: "sos",
    6: "fence",
    7: "removed",
}
"""Bits 3 to 5 of the terminal information."""

VXT01_STATUS_ALARMS: Final[Mapping[int, str]] = {**STATUS_ALARMS, 7: "overspeed"}

ALARM_CODES: Final[Mapping[int, str]] = {
    0x01: "sos",
    0x02: "power_cut",
    0x03: "vibration",
    0x04: "fence_enter",
    0x05: "fence_exit",
    0x06: "overspeed",
    0x09: "vibration",
    0x0C: "case",
    0x0E: "low_battery",
    0x0F: "low_battery",
    0x10: "sim_changed",
    0x11: "power_off",
    0x13: "case",
    0x14: "door",
    0x15: "power_off",
    0x18: "removed",
    0x19: "low_battery",
    0x1A: "braking",
    0x1B: "cornering",
    0x23: "fall",
    0x25: "case",
    0x26: "acceleration",
    0x27: "braking",
    0x28: "braking",
    0x29: "acceleration",
    0x2A: "cornering",
    0x2B: "cornering",
    0x2C: "collision",
    0x2E: "cornering",
    0x30: "jamming",
    0x32: "case",
    0x33: "general",  # locked
    0x34: "general",  # unlocked
    0x53: "fuel",
    0x5B: "temperature",
    0x5C: "temperature",
    0xC9: "parking",  # idling
    0xF0: "acceleration",
    0xF1: "braking",
    0xF2: "collision",
    0x0107: "jamming",
    0x010B: "jamming",
}
"""The alarm byte of status, alarm and fence messages; its high nibble comes with the language."""

TRX16I_CODES: Final[Mapping[int, str]] = {**ALARM_CODES, 0x09: "fence", 0x0E: "undervoltage"}

CAMERA_CODES: Final[Mapping[int, str]] = {
    0x01: "sos",
    0x0E: "undervoltage",
    0x76: "temperature",
    0x80: "vibration",
    0x87: "overspeed",
    0x88: "power_cut",
    0x90: "acceleration",
    0x91: "braking",
    0x92: "cornering",
    0x93: "collision",
}
"""Events of dashboard cameras (0x95)."""

CAMERA_SHORT_CODES: Final[Mapping[int, str]] = {**CAMERA_CODES, 0x01: "general"}
"""The same without a position, where number 1 is any alarm."""

AZ735_CODES: Final[Mapping[int, str]] = {
    0xA2: "low_battery",
    0xA3: "low_battery",
    0xA4: "general",
    0xA5: "door",
}

MODULE_CODES: Final[Mapping[int, str]] = {
    0x10: "door",
    0x12: "removed",
    0x14: "fence_enter",
    0x15: "fence_exit",
    0x16: "temperature",
    0x1A: "low_battery",
    0x1B: "overspeed",
    0x1C: "power_on",
    0x1D: "power_off",
    0x20: "vibration",
    0x21: "power_cut",
    0x23: "case",
}
"""Event modules (0x34) of the modular message 0x70."""
