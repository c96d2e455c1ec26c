"""Kiosk v1: a challenge, from the request to the gateway's answer on the down-link."""

from typing import Final, NamedTuple

import msgspec

from firmware_protocols.kiosk.wire import (
    MAX_PAYLOAD_BYTES,
    VERSION,
    AskWire,
    ChallengeKind,
    ChallengeWire,
)
from firmware_protocols.messagepack import decode_messagepack

REQUEST: Final = "challenge"
"""What a kiosk's Request is for."""

_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(ChallengeWire)


class Challenge(NamedTuple):
    """What a person at a kiosk is to do.

    Attributes:
        ask: Id of the request, given by the kiosk.
        nonce: The attempt carries it.
        kind: What to do.
        until_ms: The attempt must be at the gateway by then, its clock, since 1970 UTC.
    """

    ask: str
    nonce: bytes
    kind: ChallengeKind
    until_ms: int


def encode_ask(ask: str) -> bytes:
    """Return the message that asks for a challenge."""
    return _encoder.encode(AskWire(v=VERSION, ask=ask))


def encode_challenge(one: Challenge) -> bytes:
    """Return the message of a challenge."""
    return _encoder.encode(
        ChallengeWire(
            v=VERSION, ask=one.ask, nonce=one.nonce, challenge=one.kind, until=one.until_ms
        )
    )


def decode_challenge(payload: bytes) -> Challenge:
    """Return the challenge of a message.

    Raises:
        DecodeError: It is none.
    """
    wire = decode_messagepack(_decoder, payload, version=VERSION, max_bytes=MAX_PAYLOAD_BYTES)
    return Challenge(wire.ask, wire.nonce, wire.challenge, wire.until)
