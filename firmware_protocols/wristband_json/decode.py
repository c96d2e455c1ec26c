"""Wristband JSON v1, bytes to reports."""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from firmware_protocols.alarm import ALARM_BITS
from firmware_protocols.errors import FieldError, OversizedError, SyntaxDecodeError
from firmware_protocols.message import Datum, Report

MAX_PAYLOAD_BYTES: Final = 65_536
"""A thousand reports of 60 bytes; without a bound one device could fill the gateway's memory."""

MAX_REPORTS: Final = 1_000

_Unsigned53 = Annotated[int, Meta(ge=0, le=(1 << 53) - 1)]


class _Row(msgspec.Struct):
    """The fields of one report, as on the wire."""

    seq: _Unsigned53
    t: _Unsigned53
    lon: Annotated[float, Meta(ge=-180, le=180)] | None = None
    lat: Annotated[float, Meta(ge=-90, le=90)] | None = None
    datum: Datum = "WGS84"
    acc: Annotated[float, Meta(ge=0, le=100_000)] | None = None
    alt: Annotated[float, Meta(ge=-1_000, le=20_000)] | None = None
    spd: Annotated[float, Meta(ge=0, le=1_000)] | None = None
    hdg: Annotated[float, Meta(ge=0, lt=360)] | None = None
    sat: Annotated[int, Meta(ge=0, le=255)] | None = None
    bat: Annotated[int, Meta(ge=0, le=100)] | None = None
    alarms: Annotated[tuple[str, ...], Meta(max_length=16)] = ()
    backlog: bool = False


class _Single(_Row, kw_only=True):
    v: Literal[1]
    boot: Annotated[int, Meta(ge=0, le=(1 << 32) - 1)]


class _Several(msgspec.Struct):
    v: Literal[1]
    boot: Annotated[int, Meta(ge=0, le=(1 << 32) - 1)]
    reports: Annotated[list[_Row], Meta(min_length=1, max_length=MAX_REPORTS)]


_single = msgspec.json.Decoder(_Single)
_several = msgspec.json.Decoder(_Several)


def decode(payload: bytes, device: str) -> list[Report]:
    """Return the reports of one message, in the order of the message.

    Raises:
        DecodeError: The payload is oversized, not JSON, or a field does not hold to the codec.
    """
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise OversizedError(f"{len(payload)} bytes, at most {MAX_PAYLOAD_BYTES}")
    try:
        if b'"reports"' in payload:
            several = _several.decode(payload)
            return [_report(row, device, several.boot) for row in several.reports]
        single = _single.decode(payload)
    except msgspec.ValidationError as error:
        raise FieldError(str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SyntaxDecodeError(f"not JSON: {error}") from error
    except RecursionError as error:
        raise SyntaxDecodeError("JSON nested too deeply") from error
    return [_report(single, device, single.boot)]


def _report(row: _Row, device: str, boot: int) -> Report:
    has_position = row.lon is not None
    if has_position is (row.lat is None):
        raise FieldError("`lon` and `lat` come together: one of them is missing")
    if row.alarms and not ALARM_BITS.keys() >= set(row.alarms):
        wrong = next(name for name in row.alarms if name not in ALARM_BITS)
        raise FieldError(f"`alarms`: {wrong!r} is not one of {', '.join(ALARM_BITS)}")
    return Report(
        device=device,
        kind="fix" if has_position else "status",
        fix_time_ms=row.t,
        boot=boot,
        seq=row.seq,
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
    )
