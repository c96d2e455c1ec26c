"""Wristband JSON v1, reports and replies to bytes, and the acknowledgement both ways."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from firmware_protocols.alarm import alarms_to_mask
from firmware_protocols.codec import AckRange
from firmware_protocols.columns import PRESENT, kind_of, present_of
from firmware_protocols.errors import FieldError, OversizedError
from firmware_protocols.message import Reply, Report
from firmware_protocols.wristband_json.wire import (
    MAX_PAYLOAD_BYTES,
    MAX_REPORTS,
    OPTIONAL,
    VERSION,
    Boot,
    ReplyBody,
    Unsigned53,
    Version,
    parsed,
)


class _Ack(msgspec.Struct):
    v: Version
    ack: Annotated[list[tuple[Boot, Unsigned53, Unsigned53]], Meta(max_length=MAX_REPORTS)]


_ack_decoder = msgspec.json.Decoder(_Ack)
_encoder = msgspec.json.Encoder()
_CARRIED: Final = (
    PRESENT["position"] | PRESENT["sent_time_ms"] | sum(PRESENT[name] for _, name in OPTIONAL)
)


def encode(reports: Sequence[Report]) -> bytes:
    """Return one message: the single form for one report, the array form for more.

    Raises:
        FieldError: No reports, more than 1,000, of several boots or times of sending, or one that
            says something for which the codec has no field.
        OversizedError: The message is longer than the codec allows.
    """
    if not 1 <= len(reports) <= MAX_REPORTS:
        raise FieldError(f"{len(reports)} reports, 1 to {MAX_REPORTS} go into one message")
    boot, sent_time_ms = reports[0].boot, reports[0].sent_time_ms
    if any(report.boot != boot for report in reports):
        raise FieldError("reports of several boots do not go into one message")
    if any(report.sent_time_ms != sent_time_ms for report in reports):
        raise FieldError("one message has one `sent_time_ms`")
    head = {"v": VERSION, "boot": boot}
    if sent_time_ms is not None:
        head["sent"] = sent_time_ms
    rows = [_row(report) for report in reports]
    return _bounded({**head, **rows[0]} if len(rows) == 1 else {**head, "reports": rows})


def encode_reply(reply: Reply) -> bytes:
    """Return the answer to a command, as docs/wire/commands-v1.md has it.

    Raises:
        FieldError: The reply has `extra`, which the codec does not carry.
    """
    if reply.extra:
        raise FieldError("a reply's `extra` has no place in the codec")
    body = ReplyBody(
        to=reply.to,
        ok=reply.ok,
        text=reply.text or "",
        step=reply.step,
        finding=reply.finding,
        media=reply.media,
    )
    return _bounded({"v": VERSION, "reply": body})


def encode_ack(ranges: Iterable[AckRange]) -> bytes:
    """Return the down-link message that says which reports are safely kept."""
    return _encoder.encode({"v": VERSION, "ack": list(ranges)})


def decode_ack(payload: bytes) -> list[AckRange]:
    """Return the ranges of a down-link acknowledgement.

    Raises:
        DecodeError: The payload is oversized, not JSON, or not an acknowledgement.
    """
    return parsed(_ack_decoder.decode, payload).ack


def _bounded(message: dict[str, Any]) -> bytes:
    payload = _encoder.encode(message)
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise OversizedError(f"{len(payload)} bytes, at most {MAX_PAYLOAD_BYTES}")
    return payload


def _row(report: Report) -> dict[str, Any]:
    _check_carried(report)
    row: dict[str, Any] = {"seq": report.seq, "t": report.fix_time_ms}
    if report.longitude_deg is not None and report.latitude_deg is not None:
        row |= {"lon": report.longitude_deg, "lat": report.latitude_deg}
        if report.datum not in (None, "WGS84"):
            row["datum"] = report.datum
    for wire, name in OPTIONAL:
        value = getattr(report, name)
        if value is not None:
            row[wire] = value
    if report.alarms:
        row["alarms"] = report.alarms
    if report.backlog:
        row["backlog"] = True
    if not report.valid:
        row["valid"] = False
    return row


def _check_carried(report: Report) -> None:
    present = present_of(report)
    if present & ~_CARRIED:
        left = ", ".join(name for name, bit in PRESENT.items() if present & bit & ~_CARRIED)
        raise FieldError(f"the codec has no field for {left}")
    if report.extra:
        raise FieldError("a report's `extra` has no place in the codec")
    kind = kind_of(present, alarms_to_mask(report.alarms))
    if report.kind != kind:
        raise FieldError(f"a report of kind {report.kind!r} would be read as {kind!r}")
