"""Recorder v1, bytes to reports and media index entries."""

from typing import Any, Final

import msgspec

from firmware_protocols.alarm import ALARM_BITS
from firmware_protocols.codec import AckRange
from firmware_protocols.errors import FieldError
from firmware_protocols.message import Media, Report
from firmware_protocols.messagepack import decode_messagepack
from firmware_protocols.recorder.wire import (
    MAX_PAYLOAD_BYTES,
    VERSION,
    Acknowledgement,
    MediaWire,
    ReportWire,
    Upward,
)

_upward: Final = msgspec.msgpack.Decoder(Upward)
_acknowledgement: Final = msgspec.msgpack.Decoder(Acknowledgement)

STATE_FIELDS: Final = (
    ("rec", "recording"),
    ("free", "storage_free_bytes"),
    ("size", "storage_size_bytes"),
    ("officer", "officer"),
)
"""Fields of the wire that a Report has in `extra`, and their names there."""


def decode(payload: bytes, device: str) -> list[Report | Media]:
    """Return the reports of one message in its order, then its media index entries in theirs.

    Raises:
        DecodeError: The payload is oversized, not MessagePack, of another version, or a field
            does not hold to the codec.
    """
    upward = decode_messagepack(_upward, payload, version=VERSION, max_bytes=MAX_PAYLOAD_BYTES)
    if not upward.reports and not upward.media:
        raise FieldError("neither `reports` nor `media` holds anything", frame=payload)
    reports = [_report(row, device, upward.boot, payload) for row in upward.reports]
    media = [_media(row, device, upward.boot, payload) for row in upward.media]
    return [*reports, *media]


def decode_ack(payload: bytes) -> list[AckRange]:
    """Return the ranges of a down-link acknowledgement.

    Raises:
        DecodeError: The payload is oversized, not MessagePack, or not an acknowledgement.
    """
    return decode_messagepack(
        _acknowledgement, payload, version=VERSION, max_bytes=MAX_PAYLOAD_BYTES
    ).ack


def _report(row: ReportWire, device: str, boot: int, payload: bytes) -> Report:
    has_position = row.lon is not None
    if has_position is (row.lat is None):
        raise FieldError("`lon` and `lat` come together: one of them is missing", frame=payload)
    for alarm in row.alarms:
        if alarm not in ALARM_BITS:
            allowed = ", ".join(ALARM_BITS)
            raise FieldError(f"`alarms`: {alarm!r} is not one of {allowed}", frame=payload)
    if row.free is not None and row.size is not None and row.free > row.size:
        raise FieldError(f"`free` {row.free} is more than `size` {row.size}", frame=payload)
    extra: dict[str, Any] = {
        name: value for wire, name in STATE_FIELDS if (value := getattr(row, wire)) is not None
    }
    return Report(
        device=device,
        kind="fix" if has_position else "status",
        fix_time_ms=row.t,
        boot=boot,
        seq=row.seq,
        valid=row.valid or not has_position,
        longitude_deg=row.lon,
        latitude_deg=row.lat,
        datum=row.datum if has_position else None,
        accuracy_m=row.acc,
        altitude_m=row.alt,
        speed_mps=row.spd,
        heading_deg=row.hdg,
        satellites=row.sat,
        battery_pct=row.bat,
        alarms=row.alarms,
        backlog=row.backlog,
        extra=extra,
    )


def _media(row: MediaWire, device: str, boot: int, payload: bytes) -> Media:
    if row.end < row.begin:
        raise FieldError(f"`end` {row.end} is before `begin` {row.begin}", frame=payload)
    return Media(
        device=device,
        media=row.id,
        media_type=row.type,
        begin_time_ms=row.begin,
        end_time_ms=row.end,
        sha256=row.sha256.hex(),
        size_bytes=row.size,
        officer=row.officer,
        case=row.case,
        extra={"boot": boot, "seq": row.seq},
    )
