"""Wristband JSON v1, bytes to messages and to columns."""

import math
import struct
from collections.abc import Sequence
from typing import Any, Final

import msgspec
import numpy as np
from msgspec import UNSET
from msgspec.structs import astuple
from numpy.typing import NDArray

from firmware_protocols.alarm import ALARM_BITS, alarms_to_mask
from firmware_protocols.columns import (
    DATUMS,
    PRESENT,
    REPORT_DTYPE,
    ColumnBatch,
    Rows,
    absent_rows,
    set_kinds,
)
from firmware_protocols.errors import DecodeError, FieldError
from firmware_protocols.message import Message, Reply, Report
from firmware_protocols.wristband_json.wire import (
    OPTIONAL,
    NumberRow,
    Replied,
    ReplyBody,
    Row,
    Several,
    SeveralNumbers,
    Single,
    SingleNumbers,
    parsed,
)

_single = msgspec.json.Decoder(Single)
_several = msgspec.json.Decoder(Several)
_single_numbers = msgspec.json.Decoder(SingleNumbers)
_several_numbers = msgspec.json.Decoder(SeveralNumbers)
_replied = msgspec.json.Decoder(Replied)

_SENT: Final = PRESENT["sent_time_ms"]
_FIELDS: Final = NumberRow.__struct_fields__

_Parts = tuple[Sequence[Row], int, int | None]
"""Rows of a message, its boot and when it was sent."""


def decode(payload: bytes, device: str) -> list[Message]:
    """Return the reports of one message in its order, or the reply that it is.

    Raises:
        DecodeError: The payload is oversized, not JSON, or a field does not hold to the codec.
    """
    found = parsed(_records, payload)
    if isinstance(found, ReplyBody):
        return [
            Reply(
                device=device,
                to=found.to,
                ok=found.ok,
                text=found.text or None,
                step=found.step,
                finding=found.finding,
                media=found.media,
            )
        ]
    rows, boot, sent_time_ms = found
    return [_report(row, device, boot, sent_time_ms, payload) for row in rows]


def decode_columns(payload: bytes) -> Rows:
    """Return the reports of one message as columns, in its order; none for a reply.

    Raises:
        DecodeError: As `decode`, for the same messages.
    """
    found = parsed(_numbers, payload)
    if isinstance(found, ReplyBody):
        return absent_rows(0)
    rows, boot, sent_time_ms = found
    columns, is_bad = _columns(rows)
    if is_bad.any():
        raise _fault(rows[int(np.argmax(is_bad))], payload)
    columns["boot"] = boot
    if sent_time_ms is not None:
        columns["sent_time_ms"] = sent_time_ms
        columns["present"] |= _SENT
    return columns


def decode_batch(payloads: Sequence[bytes]) -> ColumnBatch:
    """Return the reports of many messages through one array."""
    rows: list[Row] = []
    heads: list[tuple[int, int, int, int]] = []  # message, reports, boot, sent
    rest = []
    for index, payload in enumerate(payloads):
        try:
            found = parsed(_numbers, payload)
        except DecodeError:
            rest.append(index)
            continue
        if isinstance(found, ReplyBody):
            rest.append(index)
            continue
        rows += found[0]
        heads.append((index, len(found[0]), found[1], -1 if found[2] is None else found[2]))
    columns, is_bad = _columns(rows)
    message, counts, boot, sent_time_ms = np.array(heads, np.int64).reshape(-1, 4).T
    origin = np.repeat(message, counts)
    columns["boot"] = np.repeat(boot, counts)
    columns["sent_time_ms"] = np.repeat(sent_time_ms, counts)
    columns["present"][columns["sent_time_ms"] >= 0] |= _SENT
    if is_bad.any():
        bad = np.unique(origin[is_bad])
        whole = ~np.isin(origin, bad)
        columns, origin, rest = columns[whole], origin[whole], sorted([*rest, *bad.tolist()])
    return ColumnBatch(columns, origin, rest)


def _columns(rows: Sequence[Row]) -> tuple[Rows, NDArray[np.bool_]]:
    """Return rows as columns without boot and sent_time_ms, and which of them are not sound."""
    columns = absent_rows(len(rows))
    is_bad = np.zeros(len(rows), np.bool_)
    if not rows:
        return columns, is_bad
    # A single report has its message's fields behind those of a row.
    said = dict(zip(_FIELDS, zip(*map(astuple, rows), strict=False), strict=False))
    columns["seq"] = _packed("q", said["seq"])
    columns["fix_time_ms"] = _packed("q", said["t"])
    present = _fill_position(columns, said, is_bad)
    for wire, name in OPTIONAL:
        _fill(columns, present, name, said[wire])
    columns["present"] = present
    columns["valid"] = True if all(said["valid"]) else said["valid"]
    columns["backlog"] = said["backlog"] if any(said["backlog"]) else False
    for row, names in enumerate(said["alarms"]):
        if names:
            is_known = ALARM_BITS.keys() >= set(names)
            is_bad[row] |= not is_known
            columns["alarms"][row] = alarms_to_mask(names) if is_known else 0
    set_kinds(columns)
    return columns, is_bad


def _records(payload: bytes) -> _Parts | ReplyBody:
    return _parse(payload, _several, _single)


def _numbers(payload: bytes) -> _Parts | ReplyBody:
    return _parse(payload, _several_numbers, _single_numbers)


def _parse(
    payload: bytes,
    several: msgspec.json.Decoder[Several] | msgspec.json.Decoder[SeveralNumbers],
    single: msgspec.json.Decoder[Single] | msgspec.json.Decoder[SingleNumbers],
) -> _Parts | ReplyBody:
    if b'"reports"' in payload:
        found = several.decode(payload)
        if found.reports is not UNSET:
            return found.reports, found.boot, found.sent
    if b'"reply"' in payload:
        reply = _replied.decode(payload).reply
        if reply is not UNSET:
            return reply
    row = single.decode(payload)
    return [row], row.boot, row.sent


def _report(row: Row, device: str, boot: int, sent_time_ms: int | None, payload: bytes) -> Report:
    has_position = row.lon is not None
    if has_position is (row.lat is None):
        raise _half_a_position(payload)
    if row.alarms and not ALARM_BITS.keys() >= set(row.alarms):
        raise _unknown_alarm(row.alarms, payload)
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
    columns: Rows, said: dict[str, tuple[Any, ...]], is_bad: NDArray[np.bool_]
) -> NDArray[np.uint16]:
    """Fill in positions and datums; return the bits of `present` so far, shape (n,)."""
    longitude_deg, latitude_deg = (_numbers_of("d", said[wire]) for wire in ("lon", "lat"))
    is_status = np.isnan(longitude_deg)
    is_bad |= is_status != np.isnan(latitude_deg)
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


def _unknown_alarm(alarms: tuple[str, ...], payload: bytes) -> FieldError:
    name = next(name for name in alarms if name not in ALARM_BITS)
    detail = f"`alarms`: {name!r} is not one of {', '.join(ALARM_BITS)}"
    return FieldError(detail, frame=payload)


def _fault(row: Row, payload: bytes) -> FieldError:
    """Return what is wrong with a row of numbers that is not sound."""
    if _is_said(row.lon) != _is_said(row.lat):
        return _half_a_position(payload)
    return _unknown_alarm(row.alarms, payload)


def _is_said(value: float | None) -> bool:
    return value is not None and not math.isnan(value)


def _half_a_position(payload: bytes) -> FieldError:
    return FieldError("`lon` and `lat` come together: one of them is missing", frame=payload)
