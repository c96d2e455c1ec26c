"""The alarm vocabulary of every codec, and its bits in every columnar form."""

from collections.abc import Iterable
from typing import Final

_NAMES: Final = (
    "sos",
    "strap",  # the strap was cut or opened
    "case",  # the housing was opened (tamper)
    "removed",  # taken off the body
    "low_battery",
    "charging",
    "fall",
    "jamming",
    "overspeed",
    "fatigue",
    "danger",
    "gnss_fault",
    "antenna_cut",
    "antenna_short",
    "undervoltage",  # of the main supply
    "power_cut",  # the main supply was cut
    "display_fault",
    "tts_fault",
    "camera_fault",
    "card_fault",
    "overspeed_warning",
    "fatigue_warning",
    "driving_time",
    "parking",
    "fence",  # the device's own area, direction not said
    "fence_enter",
    "fence_exit",
    "route",  # the device's own route, entered or left
    "section_time",
    "route_deviation",
    "speed_sensor_fault",
    "fuel",
    "stolen",
    "ignition",
    "movement",
    "collision",
    "rollover",
    "door",
    "vibration",
    "power_off",  # the device was switched off
    "power_on",
    "temperature",
    "sim_changed",
    "low_signal",
    "acceleration",
    "braking",
    "cornering",
    "lane_change",
    "fault",  # any other fault that the device reports of itself
    "general",  # an alarm whose kind the frame does not tell
    "heart_rate",  # abnormal, by the device's own judgement
    "not_recording",  # a recorder does not record; a state, not a danger
    "storage_low",  # little of its memory is free
)

ALARM_BITS: Final[dict[str, int]] = {name: 1 << bit for bit, name in enumerate(_NAMES)}
"""Alarm names and their bit, int64, in every columnar form (journal, Arrow, database).

Bits are never reused; a new alarm takes the next free one.
"""

URGENT_ALARMS: Final = (
    ALARM_BITS["sos"] | ALARM_BITS["strap"] | ALARM_BITS["case"] | ALARM_BITS["removed"]
)
"""What goes first everywhere and is never suppressed."""


def alarms_to_mask(alarms: Iterable[str]) -> int:
    """Return the bit mask of alarm names; an unknown name raises KeyError."""
    mask = 0
    for name in alarms:
        mask |= ALARM_BITS[name]
    return mask


def mask_to_alarms(mask: int) -> tuple[str, ...]:
    """Return the alarm names of a bit mask, in bit order."""
    return tuple(name for name, bit in ALARM_BITS.items() if mask & bit)
