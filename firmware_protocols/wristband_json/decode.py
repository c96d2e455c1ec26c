"""Wristband JSON v1, bytes to messages and to columns."""

import math
import struct
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from msgspec import UNSET
from msgspec.structs import astuple
from numpy.typing import NDArray

from firmware_protocols.alarm import ALARM_BITS, alarms_to_mask
from firmware_protocols.columns import DATUMS, PRESENT, REPORT_DTYPE, Rows, absent_rows, set_kinds
from firmware_protocols.errors import FieldError
from firmware_protocols.message import Message, Reply, Report
from firmware_protocols.wristband_json.wire import (
    OPTIONAL,
    Replied,
    ReplyBody,
    Row,
    Several,
    SeveralNumbers,
    Single,
    parsed,
)

_single = msgspec.json.Decoder(Single)
_several = msgspec.json.Decoder(Several)
_replied = msgspec.json.Decoder(Replied)

_numbers = msgspec.json.Decoder(SeveralNumbers)

_Parts = tuple[Sequence[Row], int, int | None]
"""Rows of a message, its boot and when it was sent."""


def decode(payload: bytes, device: str) -> list[Message]:
    """Return the reports of one message in its order, or the reply that it is.

    Raises:
        DecodeError: The payload is oversized, not JSON, or a field does not hold to the codec.
    """
    found = parsed(lambda whole: _parse(whole, _several), payload)
    if isinstance(found, ReplyBody):
        return [Reply(device=device, to=found.to, ok=found.ok, text=found.text or None)]
    rows, boot, sent_time_ms = found
    return [_report(row, device, boot, sent_time_ms, payload) for row in rows]


def decode_columns(payload: bytes) -> Rows:
    """Return the reports of one message as columns, in its order; none for a reply.

    Raises:
        DecodeError: As `decode`, for the same messages.
    """
    found = parsed(lambda whole: _parse(whole, _numbers), payload)
    if isinstance(found, ReplyBody):
        return absent_rows(0)
    rows, boot, sent_time_ms = found
    columns = absent_rows(len(rows))
    said = dict(zip(rows[0].__struct_fields__, zip(*map(astuple, rows), strict=True), strict=True))
    columns["boot"] = boot
    columns["seq"] = _packed("q", said["seq"])
    columns["fix_time_ms"] = _packed("q", said["t"])
    present = _fill_position(columns, said, payload)
    if sent_time_ms is not None:
        columns["sent_time_ms"] = sent_time_ms
        present |= PRESENT["sent_time_ms"]
    for wire, name in OPTIONAL:
        _fill(columns, present, name, said[wire])
    columns["present"] = present
    columns["valid"] = True if all(said["valid"]) else said["valid"]
    columns["backlog"] = said["backlog"] if any(said["backlog"]) else False
    if any(said["alarms"]):
        columns["alarms"] = [_mask(names, payload) if names else 0 for names in said["alarms"]]
    set_kinds(columns)
    return columns


def _parse(
    payload: bytes, decoder: msgspec.json.Decoder[Several] | msgspec.json.Decoder[SeveralNumbers]
) -> _Parts | ReplyBody:
    if b'"reports"' in payload:
        several = decoder.decode(payload)
        if several.reports is not UNSET:
            return several.reports, several.boot, several.sent
    if b'"reply"' in payload:
        reply = _replied.decode(payload).reply
        if reply is not UNSET:
            return reply
    single = _single.decode(payload)
    return [single], single.boot, single.sent


def _report(row: Row, device: str, boot: int, sent_time_ms: int | None, payload: bytes) -> Report:
    has_position = row.lon is not None
    if has_position is (row.lat is None):
        raise _half_a_position(payload)
    if row.alarms and not ALARM_BITS.keys() >= set(row.alarms):
        _mask(row.alarms, payload)
    has_vitals = row.hr is not None or row.skt is not None
    is_vitals = has_vitals and not has_position and row.bat is None and not row.alarms
    return Report(
        device=device,
        kind="fix" if has_position else "vitals" if is_vitals else "status",
        fix_time_ms=row.t,
        boot=boot,
        seq=row.seq,
        sent_time_ms=sent_time_ms,
        valid=row.valid,
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
        skin_contact=row.skin,
        heart_rate_bpm=row.hr,
        skin_temperature_c=row.skt,
        steps=row.steps,
    )


def _fill_position(
    columns: Rows, said: dict[str, tuple[Any, ...]], payload: bytes
) -> NDArray[np.uint16]:
    """Fill in positions and datums; return the bits of `present` so far, shape (n,)."""
    longitude_deg, latitude_deg = (_numbers_of("d", said[wire]) for wire in ("lon", "lat"))
    is_status = np.isnan(longitude_deg)
    if (is_status != np.isnan(latitude_deg)).any():
        raise _half_a_position(payload)
    columns["longitude_deg"] = longitude_deg
    columns["latitude_deg"] = latitude_deg
    datums = said["datum"]
    is_ours = datums.count(DATUMS[0]) == len(datums)
    columns["datum"] = 0 if is_ours else [DATUMS.index(datum) for datum in datums]
    columns["datum"][is_status] = -1
    return np.where(is_status, 0, PRESENT["position"]).astype(np.uint16)


def _fill(columns: Rows, present: NDArray[np.uint16], name: str, values: tuple[Any, ...]) -> None:
    """Fill one column, and its bits of `present`."""
    is_float = REPORT_DTYPE[name].kind == "f"
    numbers = _numbers_of("d" if is_float else "q", values)
    columns[name] = numbers
    is_absent = np.isnan(numbers) if is_float else numbers < 0
    if not is_absent.any():
        present |= PRESENT[name]
    elif not is_absent.all():
        present[~is_absent] |= PRESENT[name]


def _numbers_of(form: str, values: tuple[Any, ...]) -> NDArray[Any]:
    """Return values as an array; what is absent (null, NaN or -1) is NaN or -1 in it."""
    try:
        return _packed(form, values)
    except struct.error:
        absent = math.nan if form == "d" else -1
        return _packed(form, tuple(absent if value is None else value for value in values))


def _packed(form: str, values: tuple[Any, ...]) -> NDArray[Any]:
    """Return numbers as an array, twice as fast as numpy takes them; None raises struct.error."""
    return np.frombuffer(struct.pack(f"={len(values)}{form}", *values), form)


def _mask(alarms: tuple[str, ...], payload: bytes) -> int:
    try:
        return alarms_to_mask(alarms)
    except KeyError as error:
        raise FieldError(
            f"`alarms`: {error} is not one of {', '.join(ALARM_BITS)}", frame=payload
        ) from error


def _half_a_position(payload: bytes) -> FieldError:
    return FieldError("`lon` and `lat` come together: one of them is missing", frame=payload)
