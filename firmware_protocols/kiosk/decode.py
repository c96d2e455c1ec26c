"""Kiosk v1, bytes to a check-in attempt."""

import math
import struct
from typing import Final

import msgspec

from firmware_protocols.errors import FieldError
from firmware_protocols.kiosk.challenge import REQUEST
from firmware_protocols.kiosk.wire import (
    EMBEDDING_NUMBER_BYTES,
    JPEG_START,
    MAX_PAYLOAD_BYTES,
    VERSION,
    CheckInWire,
    FrameWire,
    signed_text,
)
from firmware_protocols.message import CheckIn, Request
from firmware_protocols.messagepack import decode_messagepack

_decoder: Final = msgspec.msgpack.Decoder(CheckInWire)
_frame_decoder: Final = msgspec.msgpack.Decoder(FrameWire)


def decode(payload: bytes, device: str) -> list[CheckIn | Request]:
    """Return what one message says: an attempt, signed or not, or a request for a challenge.

    No signature is verified here.

    Raises:
        DecodeError: The payload is oversized, not MessagePack, of another version, or a field
            does not hold to the codec.
    """
    frame = decode_messagepack(
        _frame_decoder, payload, version=VERSION, max_bytes=MAX_PAYLOAD_BYTES
    )
    if frame.ask is not None:
        return [Request(device=device, request=REQUEST, extra={"ask": frame.ask})]
    if frame.signed is None and frame.sig is None:
        return [_attempt(payload, device)]
    if frame.signed is None or frame.sig is None:
        raise FieldError("`signed` and `sig` come together: one of them is missing", frame=payload)
    attempt = _attempt(frame.signed, device)
    proof = {"signed": signed_text(device, frame.signed).decode(), "signature": frame.sig.hex()}
    return [msgspec.structs.replace(attempt, extra=attempt.extra | proof)]


def _attempt(payload: bytes, device: str) -> CheckIn:
    wire = decode_messagepack(_decoder, payload, version=VERSION, max_bytes=MAX_PAYLOAD_BYTES)
    has_position = wire.lon is not None
    if has_position is (wire.lat is None):
        raise FieldError("`lon` and `lat` come together: one of them is missing", frame=payload)
    if (wire.img is None) is (wire.emb is None):
        raise FieldError("either `img` or `emb` is wanted, not both or none", frame=payload)
    if (wire.emb is None) is not (wire.model is None):
        raise FieldError("`emb` and `model` come together: one of them is missing", frame=payload)
    if wire.img is not None and not wire.img.startswith(JPEG_START):
        raise FieldError(
            f"`img` begins with {wire.img[:3].hex()}, a JPEG with ffd8ff", frame=payload
        )
    if not all(math.isfinite(value) for value in wire.live.values() if isinstance(value, float)):
        raise FieldError("`live` holds a number that is not finite", frame=payload)
    return CheckIn(
        device=device,
        attempt=wire.attempt,
        identity_token=wire.token,
        challenge_time_ms=wire.asked,
        response_time_ms=wire.answered,
        image=wire.img,
        embedding=None if wire.emb is None else _embedding(wire.emb, payload),
        embedding_model=wire.model,
        liveness=wire.live,
        longitude_deg=wire.lon,
        latitude_deg=wire.lat,
        datum=wire.datum if has_position else None,
        extra={} if wire.nonce is None else {"nonce": wire.nonce.hex()},
    )


def _embedding(data: bytes, payload: bytes) -> tuple[float, ...]:
    count, rest = divmod(len(data), EMBEDDING_NUMBER_BYTES)
    if rest:
        raise FieldError(f"`emb` of {len(data)} bytes is no whole number of float32", frame=payload)
    numbers: tuple[float, ...] = struct.unpack(f"<{count}f", data)
    if not all(map(math.isfinite, numbers)):
        raise FieldError("`emb` holds a number that is not finite", frame=payload)
    return numbers
