"""Kiosk v1, a check-in attempt to bytes."""

import struct
from collections.abc import Callable
from typing import Final

import msgspec

from firmware_protocols.errors import FieldError
from firmware_protocols.kiosk.decode import decode
from firmware_protocols.kiosk.wire import VERSION, CheckInWire, SignedWire, signed_text
from firmware_protocols.message import CheckIn

_encoder: Final = msgspec.msgpack.Encoder()


def encode(attempt: CheckIn, sign: Callable[[bytes], bytes] | None = None) -> bytes:
    """Return the message of one attempt.

    Embeddings go out as float32; of `extra` the "nonce" (hex) goes out.

    Args:
        attempt: The attempt.
        sign: Gives the Ed25519 signature of some bytes by the kiosk's key; None: it is not signed.

    Raises:
        DecodeError: The attempt is not one that the codec carries; the text says why.
    """
    nonce = attempt.extra.get("nonce")
    try:
        emb = attempt.embedding and struct.pack(f"<{len(attempt.embedding)}f", *attempt.embedding)
        wire = CheckInWire(
            v=VERSION,
            attempt=attempt.attempt,
            token=attempt.identity_token,
            asked=attempt.challenge_time_ms,
            answered=attempt.response_time_ms,
            nonce=None if nonce is None else bytes.fromhex(nonce),
            img=attempt.image,
            emb=emb or None,
            model=attempt.embedding_model,
            live=attempt.liveness,
            lon=attempt.longitude_deg,
            lat=attempt.latitude_deg,
            datum=attempt.datum or "WGS84",
        )
        payload = _encoder.encode(wire)
        if sign is not None:
            sig = sign(signed_text(attempt.device, payload))
            payload = _encoder.encode(SignedWire(v=VERSION, signed=payload, sig=sig))
    except (ValueError, TypeError, OverflowError, struct.error) as error:
        raise FieldError(f"the attempt cannot be written: {error}") from error
    decode(payload, attempt.device)  # whatever is out of its bounds is refused here, not there
    return payload
