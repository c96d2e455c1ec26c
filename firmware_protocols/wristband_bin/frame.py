"""The frame about every message: length, checksum, signature."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from firmware_protocols.checksum import crc32c
from firmware_protocols.errors import (
    AuthenticityError,
    ChecksumError,
    FieldError,
    LengthError,
    OversizedError,
    SyntaxDecodeError,
    UnsupportedError,
)
from firmware_protocols.wristband_bin.layout import (
    CRC_OFFSET,
    FRAME_FLAGS,
    HEADER,
    MAGIC,
    MAX_PAYLOAD_BYTES,
    MAX_TIME_MS,
    SENT,
    SIGNED,
    TAG_BYTES,
    VERSION,
)

_LABEL: Final = b"guitu/wristband-bin/1\0"
"""Separates this use of a key from any other; the device's id follows it, so that a frame cannot
be played under another device's topic."""

MIN_KEY_BYTES: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Who signs a frame.

    Attributes:
        device: Device id, which the signature covers.
        key_id: Which key.
        key: At least 16 bytes.
    """

    device: str
    key_id: int
    key: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A frame that is sound.

    Attributes:
        type: One of the frame types in `layout`.
        count: Items in the body, as the header says.
        boot: Boot counter.
        sent_time_ms: The device's claim of when it sent the frame.
        body: What is between header and signature.
        offset: Place of the frame's first byte in the payload.
    """

    type: int
    count: int
    boot: int
    sent_time_ms: int | None
    body: bytes
    offset: int


def seal(
    frame_type: int,
    body: bytes,
    *,
    count: int = 1,
    boot: int = 0,
    sent_time_ms: int | None = None,
    signer: Signer | None = None,
) -> bytes:
    """Return a frame about a body.

    Raises:
        FieldError: The key has fewer than 16 bytes.
    """
    flags = (SIGNED if signer else 0) | (SENT if sent_time_ms is not None else 0)
    key_id = signer.key_id if signer else 0
    head = HEADER.pack(
        *(MAGIC, VERSION, frame_type, flags, count, len(body), boot, sent_time_ms or 0, key_id, 0)
    )[:CRC_OFFSET]
    tag = b""
    if signer is not None:
        if len(signer.key) < MIN_KEY_BYTES:
            raise FieldError(f"key of {len(signer.key)} bytes, at least {MIN_KEY_BYTES} wanted")
        tag = _tag(signer.key, signer.device, head, body)
    checksum = crc32c(head + body + tag).to_bytes(4, "little")
    return head + checksum + body + tag


def open_frames(payload: bytes, device: str, keys: Mapping[int, bytes]) -> list[Frame]:
    """Return the frames of a payload, which stand one behind the other without a gap.

    Args:
        payload: One or more frames.
        device: Who is said to have sent them.
        keys: Signature keys by key id. With keys an unsigned frame is refused, for otherwise
            leaving out the signature would forge it.

    Raises:
        DecodeError: The payload is oversized or one of its frames is not sound.
    """
    if len(payload) > MAX_PAYLOAD_BYTES:
        shown = payload[: HEADER.size]
        raise OversizedError(f"{len(payload)} bytes, at most {MAX_PAYLOAD_BYTES}", frame=shown)
    frames = []
    offset = 0
    while True:
        frame, offset = _open(payload, offset, device, keys)
        frames.append(frame)
        if offset == len(payload):
            return frames


class _Head(NamedTuple):
    """The fields of HEADER."""

    magic: bytes
    version: int
    type: int
    flags: int
    items: int
    body_bytes: int
    boot: int
    sent_time_ms: int
    key_id: int
    checksum: int


def _open(payload: bytes, offset: int, device: str, keys: Mapping[int, bytes]) -> tuple[Frame, int]:
    """Return the frame that begins at `offset`, and where the next one would begin."""
    head = _head(payload, offset)
    begin = offset + HEADER.size
    end = begin + head.body_bytes
    after = end + (TAG_BYTES if head.flags & SIGNED else 0)
    if after > len(payload):
        detail = f"the header says {after - offset} bytes, there are {len(payload) - offset}"
        raise LengthError(detail, frame=payload, offset=offset + 10)
    covered = payload[offset : offset + CRC_OFFSET]
    found = crc32c(covered + payload[begin:after])
    if found != head.checksum:
        detail = f"CRC-32C is {found:#010x}, the header says {head.checksum:#010x}"
        raise ChecksumError(detail, frame=payload, offset=offset + CRC_OFFSET)
    _check_unused(head, payload, offset)
    body = payload[begin:end]
    if head.flags & SIGNED:
        wanted = _wanted_tag(head.key_id, keys, device, covered, body)
        if wanted is None or not hmac.compare_digest(wanted, payload[end:after]):
            detail = "is not known here" if wanted is None else "makes another signature"
            detail = f"key {head.key_id} {detail}"
            raise AuthenticityError(detail, frame=payload, offset=end)
    elif keys:
        detail = "unsigned, and this device has keys to sign with"
        raise AuthenticityError(detail, frame=payload, offset=offset + 6)
    frame = Frame(
        type=head.type,
        count=head.items,
        boot=head.boot,
        sent_time_ms=head.sent_time_ms if head.flags & SENT else None,
        body=body,
        offset=offset,
    )
    return frame, after


def _head(payload: bytes, offset: int) -> _Head:
    if len(payload) - offset < HEADER.size:
        detail = f"{len(payload) - offset} bytes, a header has {HEADER.size}"
        raise LengthError(detail, frame=payload, offset=offset)
    head = _Head(*HEADER.unpack_from(payload, offset))
    if head.magic != MAGIC:
        detail = f"begins with {head.magic.hex()}, not with {MAGIC.hex()}"
        raise SyntaxDecodeError(detail, frame=payload, offset=offset)
    if head.version != VERSION:
        detail = f"version {head.version}, only {VERSION} is read"
        raise UnsupportedError(detail, frame=payload, offset=offset + 4)
    return head


def _check_unused(head: _Head, payload: bytes, offset: int) -> None:
    if head.flags & ~FRAME_FLAGS:
        detail = f"flags {head.flags:#06x}, only the bits of {FRAME_FLAGS:#06x} have a meaning"
        raise FieldError(detail, frame=payload, offset=offset + 6)
    if not 0 <= head.sent_time_ms <= (MAX_TIME_MS if head.flags & SENT else 0):
        detail = f"sent_time_ms {head.sent_time_ms}, 0 to {MAX_TIME_MS}, and 0 when not said"
        raise FieldError(detail, frame=payload, offset=offset + 16)
    if head.key_id and not head.flags & SIGNED:
        detail = f"key id {head.key_id} in a frame that is not signed"
        raise FieldError(detail, frame=payload, offset=offset + 24)


def _wanted_tag(
    key_id: int, keys: Mapping[int, bytes], device: str, covered: bytes, body: bytes
) -> bytes | None:
    key = keys.get(key_id)
    return None if key is None else _tag(key, device, covered, body)


def _tag(key: bytes, device: str, covered: bytes, body: bytes) -> bytes:
    signed = _LABEL + device.encode() + b"\0" + covered + body
    return hmac.digest(key, signed, "sha256")[:TAG_BYTES]
