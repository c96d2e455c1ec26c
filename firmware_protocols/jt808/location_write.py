"""A report as the body of a position; the other way round than `location`."""

from struct import Struct
from struct import error as StructError  # noqa: N812  # an exception's name
from typing import Final

from firmware_protocols.jt808.bcd_time import bcd_time
from firmware_protocols.jt808.location import FIXED_PART, MICRODEGREES, SPEED_PER_MPS
from firmware_protocols.jt808.location_words import ENCRYPTED, FIXED, SOUTH, WEST, word_of
from firmware_protocols.jt808.profiles import Profile
from firmware_protocols.message import Report

_PLACE: Final = Struct(">II")
_MS_PER_MIN: Final = 60_000
_ITEM_BYTES: Final = 255


def encode_location(
    report: Report, profile: Profile, *, utc_offset_min: int | None = None
) -> bytes:
    """Return the body of 0x0200 for a report.

    What the profile has no bit or item for is left out, except the bytes under
    `extra["unknown"]`, which go out as they are.

    Args:
        report: A fix, or a status without a position.
        profile: The model that the terminal plays.
        utc_offset_min: Offset of its clock where it is not the profile's.

    Raises:
        ValueError: A number does not fit its field.
    """
    extra = report.extra
    alarm = word_of(report.alarms, profile.alarms) | extra.get("alarm_bits_unknown", 0)
    status = word_of(tuple(extra.get("states", ())), profile.states)
    status |= word_of(report.alarms, profile.state_alarms) | extra.get("status_bits_unknown", 0)
    latitude, longitude = _PLACE.unpack(bytes.fromhex(extra.get("position_raw", "ff" * 8)))
    if report.longitude_deg is not None and report.latitude_deg is not None:
        latitude = round(abs(report.latitude_deg) * MICRODEGREES)
        longitude = round(abs(report.longitude_deg) * MICRODEGREES)
        status |= (SOUTH if report.latitude_deg < 0 else 0) | (
            WEST if report.longitude_deg < 0 else 0
        )
    status |= FIXED if report.valid else 0
    wanted = profile.encrypted_datum if status & ENCRYPTED else "WGS84"
    if report.datum not in {None, wanted}:
        raise ValueError(f"a position in {report.datum}, this terminal sends {wanted}")
    offset_min = profile.utc_offset_min if utc_offset_min is None else utc_offset_min
    try:
        fixed = FIXED_PART.pack(
            alarm,
            status,
            latitude,
            longitude,
            round(report.altitude_m or 0),
            round((report.speed_mps or 0) * SPEED_PER_MPS),
            extra.get("heading_raw", round(report.heading_deg or 0) % 360),
            bcd_time(report.fix_time_ms, offset_min * _MS_PER_MIN),
        )
        items = _items(report, profile)
    except StructError as error:
        raise ValueError(f"a value of the report does not fit its field: {error}") from error
    return fixed + items


def _items(report: Report, profile: Profile) -> bytes:
    written = bytearray()
    for key, item in sorted(profile.items.items()):
        value = None if item.write is None else item.write(report)
        if value is not None:
            written += bytes((key, len(value))) + value
    tail = b""
    for name, digits in report.extra.get("unknown", {}).items():
        if name == "tail":
            tail = bytes.fromhex(digits)
        elif "." not in name:  # else a part of an item that only terminals write
            for value in map(bytes.fromhex, digits.split(",")):
                written += bytes((int(name, 16), len(value))) + value
    return bytes(written) + tail
