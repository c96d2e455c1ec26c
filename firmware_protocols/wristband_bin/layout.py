"""Wristband binary v1 as it stands on the wire: docs/protocols/wristband-bin-v1.md as tables."""

import struct
from dataclasses import dataclass
from typing import Final

import numpy as np

from firmware_protocols.alarm import ALARM_BITS
from firmware_protocols.columns import PRESENT

MAGIC: Final = b"GTWB"
VERSION: Final = 1

HEADER: Final = struct.Struct("<4sBBHHHIqII")
"""magic, version, type, flags, count, body bytes, boot, sent_time_ms, key id, CRC-32C."""

CRC_OFFSET: Final = 28
"""The header's last four bytes; the checksum covers every other byte of the frame."""

TAG_BYTES: Final = 16
"""HMAC-SHA-256 cut to 128 bits (RFC 2104 section 5 wants at least half of the digest)."""

MAX_PAYLOAD_BYTES: Final = 65_536
"""As of the JSON form; a thousand records and their frame are 56,048."""

MAX_RECORDS: Final = 1_000

REPORTS: Final = 0x01
REPLY: Final = 0x02
ACK: Final = 0x81
COMMAND: Final = 0x82
"""Frame types; bit 7 marks a down-link."""

SIGNED: Final = 1 << 0
SENT: Final = 1 << 1
FRAME_FLAGS: Final = SIGNED | SENT

RECORD: Final = np.dtype(
    {
        "names": [
            *("fix_time_ms", "alarms", "lon_e7", "lat_e7", "seq", "accuracy_mm", "altitude_mm"),
            *("speed_mmps", "heading_cdeg", "satellites", "battery_pct", "heart_rate_bpm"),
            *("skin_temperature_cc", "steps", "present", "flags", "datum"),
        ],
        "formats": [
            *("<i8", "<u8", "<i4", "<i4", "<u4", "<u4", "<i4"),
            *("<u4", "<u2", "u1", "u1", "<u2"),
            *("<i2", "<u4", "<u2", "u1", "u1"),
        ],
        "offsets": [0, 8, 16, 20, 24, 28, 32, 36, 40, 42, 43, 44, 46, 48, 52, 54, 55],
        "itemsize": 56,
    }
)
"""One report. A multiple of eight, so that rows stay aligned."""

INVALID: Final = 1 << 0
BACKLOG: Final = 1 << 1
SKIN: Final = 1 << 2
RECORD_FLAGS: Final = INVALID | BACKLOG | SKIN

KNOWN_ALARMS: Final = sum(ALARM_BITS.values())


@dataclass(frozen=True)
class Scaled:
    """A field of the record that may be absent: it is zero then.

    Attributes:
        raw: Its name in RECORD.
        name: Its name in REPORT_DTYPE.
        per_unit: Counts on the wire per SI unit.
        low: Smallest count.
        high: Largest count.
        bit: In `present`.
        check_low: Whether the raw type holds less than `low`.
        check_high: Whether it holds more than `high`.
    """

    raw: str
    name: str
    per_unit: int
    low: int
    high: int
    bit: int
    check_low: bool
    check_high: bool


def _scaled(raw: str, name: str, per_unit: int, limits: tuple[int, int], said_by: str) -> Scaled:
    held = np.iinfo(RECORD[raw])
    low, high = limits
    return Scaled(raw, name, per_unit, low, high, PRESENT[said_by], held.min < low, held.max > high)


FULL_TURN_CDEG: Final = 36_000


FIELDS: Final = (
    _scaled("lon_e7", "longitude_deg", 10_000_000, (-1_800_000_000, 1_800_000_000), "position"),
    _scaled("lat_e7", "latitude_deg", 10_000_000, (-900_000_000, 900_000_000), "position"),
    _scaled("accuracy_mm", "accuracy_m", 1_000, (0, 100_000_000), "accuracy_m"),
    _scaled("altitude_mm", "altitude_m", 1_000, (-1_000_000, 20_000_000), "altitude_m"),
    _scaled("speed_mmps", "speed_mps", 1_000, (0, 1_000_000), "speed_mps"),
    _scaled("heading_cdeg", "heading_deg", 100, (0, FULL_TURN_CDEG - 1), "heading_deg"),
    _scaled("satellites", "satellites", 1, (0, 255), "satellites"),
    _scaled("battery_pct", "battery_pct", 1, (0, 100), "battery_pct"),
    _scaled("heart_rate_bpm", "heart_rate_bpm", 1, (0, 400), "heart_rate_bpm"),
    _scaled(
        "skin_temperature_cc", "skin_temperature_c", 100, (-5_000, 10_000), "skin_temperature_c"
    ),
    _scaled("steps", "steps", 1, (0, (1 << 32) - 1), "steps"),
)

RECORD_PRESENT: Final = PRESENT["skin_contact"] | sum({field.bit for field in FIELDS})
"""Bits of `present` that a record may have: the lowest eleven of firmware_protocols.columns."""

MAX_TIME_MS: Final = (1 << 53) - 1
"""JSON carries integers exactly up to here, and the two forms carry the same."""
