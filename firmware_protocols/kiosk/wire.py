"""Kiosk v1: the fields of a check-in attempt as on the wire, and their bounds."""

import hashlib
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from firmware_protocols.message import Datum

VERSION: Final = 1

MAX_PAYLOAD_BYTES: Final = 262_144
"""What the site's brokers take in one message."""

MAX_IMAGE_BYTES: Final = 250_000
"""A face at kiosk resolution is 30 to 150 kB as JPEG; the rest of a message needs 12 kB."""

JPEG_START: Final = b"\xff\xd8\xff"
"""Start of image and the next marker's first byte (ITU-T T.81, B.1.1.3)."""

MAX_EMBEDDING: Final = 2_048
"""Numbers of an embedding; models in use give 128 to 512."""

EMBEDDING_NUMBER_BYTES: Final = 4

SIGNATURE_BYTES: Final = 64
"""Of Ed25519 (RFC 8032)."""

Unsigned53 = Annotated[int, Meta(ge=0, le=(1 << 53) - 1)]
Evidence = bool | int | float | Annotated[str, Meta(max_length=64)]


ChallengeKind = Literal["blink", "turn_left", "turn_right"]


class AskWire(msgspec.Struct, kw_only=True):
    """A kiosk asks the gateway for a challenge; `ask` comes back with it."""

    v: Literal[1]
    ask: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,40}\Z")]


class ChallengeWire(msgspec.Struct, kw_only=True):
    """A challenge of the gateway: what the person is to do, until when."""

    v: Literal[1]
    ask: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,40}\Z")]
    nonce: Annotated[bytes, Meta(min_length=8, max_length=64)]
    challenge: ChallengeKind
    until: Unsigned53


class SignedWire(msgspec.Struct, kw_only=True, omit_defaults=True):
    """An attempt that the kiosk's own key signed, as the bytes that it signed.

    Either both of `signed` and `sig`, or none: then the message is the attempt itself.
    """

    v: Literal[1]
    signed: bytes | None = None
    sig: Annotated[bytes, Meta(min_length=SIGNATURE_BYTES, max_length=SIGNATURE_BYTES)] | None = (
        None
    )


class FrameWire(SignedWire, kw_only=True, omit_defaults=True):
    """What tells messages apart: `ask` a request, `signed` a signed attempt, else an attempt."""

    ask: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,40}\Z")] | None = None


class CheckInWire(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One check-in attempt."""

    v: Literal[1]
    attempt: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,40}\Z")]
    token: Annotated[str, Meta(pattern=r"^[A-Za-z0-9._~-]{1,128}\Z")] | None = None
    asked: Unsigned53
    answered: Unsigned53
    nonce: Annotated[bytes, Meta(min_length=8, max_length=64)] | None = None
    img: Annotated[bytes, Meta(max_length=MAX_IMAGE_BYTES)] | None = None
    emb: (
        Annotated[
            bytes,
            Meta(
                min_length=EMBEDDING_NUMBER_BYTES, max_length=MAX_EMBEDDING * EMBEDDING_NUMBER_BYTES
            ),
        ]
        | None
    ) = None
    model: Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{1,64}\Z")] | None = None
    live: Annotated[
        dict[Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,31}\Z")], Evidence],
        Meta(max_length=16),
    ] = {}
    lon: Annotated[float, Meta(ge=-180, le=180)] | None = None
    lat: Annotated[float, Meta(ge=-90, le=90)] | None = None
    datum: Datum = "WGS84"


def signed_text(device: str, attempt: bytes) -> bytes:
    """Return what a kiosk's signature is over: its name, and the digest of an attempt's bytes."""
    return f"guitu-kiosk/1 {device} {hashlib.sha256(attempt).hexdigest()}".encode()
