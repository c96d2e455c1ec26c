"""The alarm word and the status word of a position (JT/T 808-2019 tables 24 and 25)."""

from collections.abc import Mapping
from typing import Final

STANDARD_ALARMS: Final[dict[int, str]] = {
    0: "sos",
    1: "overspeed",
    2: "fatigue",
    3: "danger",
    4: "gnss_fault",
    5: "antenna_cut",
    6: "antenna_short",
    7: "undervoltage",
    8: "power_cut",
    9: "display_fault",
    10: "tts_fault",
    11: "camera_fault",
    12: "card_fault",
    13: "overspeed_warning",
    14: "fatigue_warning",
    18: "driving_time",
    19: "parking",
    20: "fence",
    21: "route",
    22: "section_time",
    23: "route_deviation",
    24: "speed_sensor_fault",
    25: "fuel",
    26: "stolen",
    27: "ignition",
    28: "movement",
    29: "collision",
    30: "rollover",
    31: "door",
}
"""Bit to alarm. 15 to 17 are reserved in 2011 and 2013, and of road safety in 2019; firmware of
bands and trackers uses them otherwise, so only a profile gives them a meaning of their own."""

FIXED: Final = 1 << 1
SOUTH: Final = 1 << 2
WEST: Final = 1 << 3
ENCRYPTED: Final = 1 << 5
"""The coordinates went through the state's confidentiality plug-in, which makes them GCJ-02.

Locks and trackers in captured frames set the bit and send WGS-84, so a profile must say that the
bit means what the standard says."""

STANDARD_STATES: Final[dict[int, str]] = {
    0: "acc_on",
    4: "out_of_service",
    5: "coordinates_encrypted",
    6: "forward_collision_warning",  # 2019
    7: "lane_departure_warning",  # 2019
    8: "load_bit_0",  # with the next one: 0 empty, 1 half, 3 full
    9: "load_bit_1",
    10: "fuel_cut",
    11: "circuit_cut",
    12: "doors_locked",
    13: "door_1_open",  # front
    14: "door_2_open",  # middle
    15: "door_3_open",  # back
    16: "door_4_open",  # driver's
    17: "door_5_open",
    18: "gps",
    19: "beidou",
    20: "glonass",
    21: "galileo",
    22: "driving",  # 2019
}
"""Bit to the name under which `extra["states"]` has it; those of the position are fields."""

POSITION_STATES: Final = FIXED | SOUTH | WEST


def names_of(word: int, names: Mapping[int, str]) -> tuple[tuple[str, ...], int]:
    """Return the names of a word's set bits, and those bits that have none."""
    known: list[str] = []
    for bit, name in names.items():
        if word >> bit & 1:
            word ^= 1 << bit
            if name not in known:
                known.append(name)
    return tuple(known), word


def word_of(said: tuple[str, ...], names: Mapping[int, str]) -> int:
    """Return the word with the first bit of each name; names without a bit are left out."""
    bits: dict[str, int] = {}
    for bit, name in names.items():
        bits.setdefault(name, 1 << bit)
    word = 0
    for name in said:
        word |= bits.get(name, 0)
    return word
