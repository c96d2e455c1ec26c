"""Wristband binary v1, bytes to messages and to columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from firmware_protocols.columns import PRESENT, Rows, reports_of
from firmware_protocols.errors import DecodeError, FieldError, LengthError, UnsupportedError
from firmware_protocols.message import Message, Reply
from firmware_protocols.wristband_bin.frame import Frame, open_frames
from firmware_protocols.wristband_bin.layout import (
    HEADER,
    MAX_RECORDS,
    RECORD,
    REPLY,
    REPORTS,
)
from firmware_protocols.wristband_bin.record import Records, columns_from_records, faults
from firmware_protocols.wristband_bin.words import ANSWERS, REPLY_HEAD, read_words

NO_KEYS: Final[Mapping[int, bytes]] = {}
_SENT: Final = PRESENT["sent_time_ms"]


@dataclass(frozen=True, slots=True)
class Batch:
    """What many payloads come to.

    Attributes:
        rows: Reports of all payloads that decode, in order.
        payload: Index of the payload that each row is of, shape (n,).
        refused: Why a payload does not decode, by its index.
        replied: Indices of payloads that decode and have replies too, which are not here.
    """

    rows: Rows
    payload: NDArray[np.int64]
    refused: dict[int, DecodeError]
    replied: list[int]


def decode(payload: bytes, device: str, keys: Mapping[int, bytes] = NO_KEYS) -> list[Message]:
    """Return the messages of a payload, in its order.

    Raises:
        DecodeError: The payload is oversized, or one of its frames does not hold to the codec.
    """
    found: list[Message] = []
    for frame in open_frames(payload, device, keys):
        if frame.type == REPORTS:
            _check_size(frame, payload)
            found += reports_of(_columns([frame], payload), device)
        elif frame.type == REPLY:
            found.append(_reply(frame, device, payload))
        else:
            raise _no_up_link(frame, payload)
    return found


def decode_columns(payload: bytes, device: str = "", keys: Mapping[int, bytes] = NO_KEYS) -> Rows:
    """Return the reports of a payload as columns, in its order.

    Raises:
        DecodeError: As `decode`, for the same payloads.
    """
    return _columns(_report_frames(payload, device, keys)[0], payload)


def decode_batch(
    payloads: Sequence[bytes],
    devices: Sequence[str] | None = None,
    keys: Mapping[int, bytes] = NO_KEYS,
) -> Batch:
    """Return the reports of many payloads through one array.

    A payload that does not decode is refused; it never costs another one.

    Args:
        payloads: One message each.
        devices: Who sent each, for the signatures; None: nobody says.
        keys: Signature keys by key id.
    """
    frames: list[Frame] = []
    origins: list[int] = []
    refused: dict[int, DecodeError] = {}
    replied: list[int] = []
    for index, payload in enumerate(payloads):
        try:
            found, has_reply = _report_frames(payload, devices[index] if devices else "", keys)
        except DecodeError as error:
            refused[index] = error
            continue
        if has_reply:
            replied.append(index)
        frames += found
        origins += [index] * len(found)
    records = _records(frames)
    origin = np.repeat(np.array(origins, np.int64), [frame.count for frame in frames])
    rows = _rows(records, frames)
    is_bad = np.zeros(len(records), np.bool_)
    for _, mask in faults(records):
        is_bad |= mask
    for index in np.unique(origin[is_bad]).tolist():
        own = [f for f, at in zip(frames, origins, strict=True) if at == index]
        refused[index] = _first_fault(_records(own), own, payloads[index])
        is_bad |= origin == index
    if is_bad.any():
        rows, origin = rows[~is_bad], origin[~is_bad]
    return Batch(rows, origin, refused, replied)


def _report_frames(
    payload: bytes, device: str, keys: Mapping[int, bytes]
) -> tuple[list[Frame], bool]:
    """Return the frames of reports, and whether there are replies too."""
    frames = []
    has_reply = False
    for frame in open_frames(payload, device, keys):
        if frame.type == REPLY:
            _reply(frame, device, payload)
            has_reply = True
            continue
        if frame.type != REPORTS:
            raise _no_up_link(frame, payload)
        _check_size(frame, payload)
        frames.append(frame)
    return frames, has_reply


def _columns(frames: list[Frame], payload: bytes) -> Rows:
    records = _records(frames)
    for _ in faults(records):
        raise _first_fault(records, frames, payload)
    return _rows(records, frames)


def _records(frames: list[Frame]) -> Records:
    body = frames[0].body if len(frames) == 1 else b"".join(frame.body for frame in frames)
    return np.frombuffer(body, RECORD)


def _rows(records: Records, frames: list[Frame]) -> Rows:
    rows = columns_from_records(records)
    counts = [frame.count for frame in frames]
    rows["boot"] = np.repeat(np.array([frame.boot for frame in frames], np.int64), counts)
    if any(frame.sent_time_ms is not None for frame in frames):
        sent = [-1 if frame.sent_time_ms is None else frame.sent_time_ms for frame in frames]
        rows["sent_time_ms"] = np.repeat(np.array(sent, np.int64), counts)
        rows["present"][rows["sent_time_ms"] >= 0] |= _SENT
    return rows


def _check_size(frame: Frame, payload: bytes) -> None:
    if not 1 <= frame.count <= MAX_RECORDS:
        detail = f"{frame.count} records, 1 to {MAX_RECORDS} go into one frame"
        raise FieldError(detail, frame=payload, offset=frame.offset + 8)
    if len(frame.body) != frame.count * RECORD.itemsize:
        detail = f"{frame.count} records of {RECORD.itemsize} bytes in a body of {len(frame.body)}"
        raise LengthError(detail, frame=payload, offset=frame.offset + 10)


def _first_fault(records: Records, frames: list[Frame], payload: bytes) -> FieldError:
    """Return the error of the first record that does not hold to the layout."""
    found = [(int(np.argmax(mask)), name) for name, mask in faults(records)]
    row, name = min(found)
    before = 0
    for frame in frames:
        if row < before + frame.count:
            break
        before += frame.count
    place = RECORD.fields[name][1] if RECORD.fields else 0
    offset = frame.offset + HEADER.size + (row - before) * RECORD.itemsize + place
    detail = f"`{name}` of record {row} is {records[name][row]}, which the layout does not allow"
    return FieldError(detail, frame=payload, offset=offset)


def _reply(frame: Frame, device: str, payload: bytes) -> Reply:
    answer, to, text = read_words(REPLY_HEAD, frame, payload)
    if answer not in ANSWERS:
        detail = f"answer {answer}, {', '.join(map(str, ANSWERS))} have a meaning"
        raise FieldError(detail, frame=payload, offset=frame.offset + HEADER.size)
    return Reply(device=device, to=to, ok=ANSWERS[answer], text=text or None)


def _no_up_link(frame: Frame, payload: bytes) -> UnsupportedError:
    detail = f"frame type {frame.type:#04x} is no up-link, {REPORTS:#04x} and {REPLY:#04x} are"
    return UnsupportedError(detail, frame=payload, offset=frame.offset + 5)
