"""Wristband JSON v1, reports to bytes, and the down-link acknowledgement both ways."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from firmware_protocols.errors import FieldError, OversizedError, SyntaxDecodeError
from firmware_protocols.message import Report
from firmware_protocols.wristband_json.decode import MAX_PAYLOAD_BYTES, MAX_REPORTS

VERSION: Final = 1

AckRange = tuple[int, int, int]
"""Boot, first and last sequence number, both included."""

_OPTIONAL: Final = (
    ("acc", "accuracy_m"),
    ("alt", "altitude_m"),
    ("spd", "speed_mps"),
    ("hdg", "heading_deg"),
    ("sat", "satellites"),
    ("bat", "battery_pct"),
)

_Boot = Annotated[int, Meta(ge=0, le=(1 << 32) - 1)]
_Seq = Annotated[int, Meta(ge=0, le=(1 << 53) - 1)]


class _Ack(msgspec.Struct):
    v: Literal[1]
    ack: Annotated[list[tuple[_Boot, _Seq, _Seq]], Meta(max_length=MAX_REPORTS)]


_ack_decoder = msgspec.json.Decoder(_Ack)
_encoder = msgspec.json.Encoder()


def encode(reports: Sequence[Report]) -> bytes:
    """Return one message: the single form for one report, the array form for more.

    Raises:
        FieldError: No reports, more than 1,000, or reports of several boots.
        OversizedError: The message is longer than the codec allows.
    """
    if not 1 <= len(reports) <= MAX_REPORTS:
        raise FieldError(f"{len(reports)} reports, 1 to {MAX_REPORTS} go into one message")
    boot = reports[0].boot
    if any(report.boot != boot for report in reports):
        raise FieldError("reports of several boots do not go into one message")
    head = {"v": VERSION, "boot": boot}
    rows = [_row(report) for report in reports]
    payload = _encoder.encode(head | rows[0] if len(rows) == 1 else {**head, "reports": rows})
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise OversizedError(f"{len(payload)} bytes, at most {MAX_PAYLOAD_BYTES}")
    return payload


def encode_ack(ranges: Iterable[AckRange]) -> bytes:
    """Return the down-link message that says which reports are safely kept."""
    return _encoder.encode({"v": VERSION, "ack": list(ranges)})


def decode_ack(payload: bytes) -> list[AckRange]:
    """Return the ranges of a down-link acknowledgement.

    Raises:
        DecodeError: The payload is oversized, not JSON, or not an acknowledgement.
    """
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise OversizedError(f"{len(payload)} bytes, at most {MAX_PAYLOAD_BYTES}")
    try:
        return _ack_decoder.decode(payload).ack
    except msgspec.ValidationError as error:
        raise FieldError(str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SyntaxDecodeError(f"not JSON: {error}") from error
    except RecursionError as error:
        raise SyntaxDecodeError("JSON nested too deeply") from error


def _row(report: Report) -> dict[str, Any]:
    row: dict[str, Any] = {"seq": report.seq, "t": report.fix_time_ms}
    if report.longitude_deg is not None and report.latitude_deg is not None:
        row |= {"lon": report.longitude_deg, "lat": report.latitude_deg}
        if report.datum not in (None, "WGS84"):
            row["datum"] = report.datum
    for wire, name in _OPTIONAL:
        value = getattr(report, name)
        if value is not None:
            row[wire] = value
    if report.alarms:
        row["alarms"] = report.alarms
    if report.backlog:
        row["backlog"] = True
    return row
