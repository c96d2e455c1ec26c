"""Recorder v1, reports and media index entries to bytes, and the acknowledgement."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from firmware_protocols.codec import AckRange
from firmware_protocols.errors import FieldError
from firmware_protocols.message import Media, Report
from firmware_protocols.recorder.decode import STATE_FIELDS, decode
from firmware_protocols.recorder.wire import (
    VERSION,
    Acknowledgement,
    MediaWire,
    ReportWire,
    Upward,
)

_encoder: Final = msgspec.msgpack.Encoder()


def encode(messages: Sequence[Report | Media]) -> bytes:
    """Return one message of reports and media index entries of one boot.

    Of a Report's `extra` go out "recording", "storage_free_bytes", "storage_size_bytes" and
    "officer"; a Media has its "boot" and "seq" there.

    Raises:
        DecodeError: The codec does not carry them; the text says why.
    """
    reports = [message for message in messages if isinstance(message, Report)]
    media = [message for message in messages if isinstance(message, Media)]
    try:
        boots = {report.boot for report in reports} | {entry.extra["boot"] for entry in media}
        if len(boots) != 1:
            raise FieldError(f"entries of {len(boots)} boots, those of one go into a message")
        upward = Upward(
            v=VERSION,
            boot=boots.pop(),
            reports=[_report(report) for report in reports],
            media=[_media(entry) for entry in media],
        )
        payload = _encoder.encode(upward)
    except (KeyError, ValueError, TypeError, OverflowError) as error:
        raise FieldError(f"the entries cannot be written: {error!r}") from error
    decode(payload, "")  # whatever is out of its bounds is refused here, not at the other end
    return payload


def encode_ack(ranges: Iterable[AckRange]) -> bytes:
    """Return the down-link message that says which entries are safely kept."""
    return _encoder.encode(Acknowledgement(v=VERSION, ack=list(ranges)))


def _report(report: Report) -> ReportWire:
    state: dict[str, Any] = {wire: report.extra.get(name) for wire, name in STATE_FIELDS}
    return ReportWire(
        seq=report.seq,
        t=report.fix_time_ms,
        lon=report.longitude_deg,
        lat=report.latitude_deg,
        datum=report.datum or "WGS84",
        valid=report.valid,
        acc=report.accuracy_m,
        alt=report.altitude_m,
        spd=report.speed_mps,
        hdg=report.heading_deg,
        sat=report.satellites,
        bat=report.battery_pct,
        alarms=report.alarms,
        backlog=report.backlog,
        **state,
    )


def _media(entry: Media) -> MediaWire:
    if entry.begin_time_ms is None or entry.end_time_ms is None:
        raise FieldError("a media index entry has its begin and end")
    if entry.sha256 is None or entry.size_bytes is None:
        raise FieldError("a media index entry has its SHA-256 and size")
    return MediaWire(
        seq=entry.extra["seq"],
        id=entry.media,
        type=entry.media_type,
        begin=entry.begin_time_ms,
        end=entry.end_time_ms,
        sha256=bytes.fromhex(entry.sha256),
        size=entry.size_bytes,
        officer=entry.officer,
        case=entry.case,
    )
