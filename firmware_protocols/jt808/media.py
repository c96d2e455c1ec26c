"""Recordings: the event 0x0800 and the data 0x0801 (clauses 8.47 and 8.48)."""

from struct import Struct
from typing import Final, Literal

from firmware_protocols.errors import LengthError
from firmware_protocols.jt808.location import LOCATION_BYTES
from firmware_protocols.message import Media

_HEAD: Final = Struct(">IBBBB")
_TYPES: Final[tuple[Literal["image", "audio", "video", "other"], ...]] = (
    "image",
    "audio",
    "video",
    "other",
)
_OTHER: Final = 3
_MAGICS: Final = (b"\xff\xd8\xff", b"RIFF", b"ID3")
"""JPEG, WAV, MP3 with a title."""


def read_event(body: bytes, device: str) -> Media:
    """Return what 0x0800 says.

    Raises:
        LengthError: It is shorter than 8 bytes.
    """
    return _read_head(body, device, b"")


def read_data(body: bytes, device: str) -> tuple[Media, bytes]:
    """Return the recording of an 0x0801, and the position that editions after 2011 put before it.

    Raises:
        LengthError: It is shorter than 8 bytes.
    """
    start = _HEAD.size
    is_2011 = len(body) < start + LOCATION_BYTES or body[start:].startswith(_MAGICS)
    end = start if is_2011 else start + LOCATION_BYTES
    return _read_head(body, device, body[end:]), body[start:end]


def _read_head(body: bytes, device: str, payload: bytes) -> Media:
    if len(body) < _HEAD.size:
        raise LengthError(
            f"a recording's head of {len(body)} bytes, it has {_HEAD.size}", frame=body
        )
    media, kind, coding, event, channel = _HEAD.unpack_from(body)
    extra = {"coding": coding, "event": event, "channel": channel}
    if kind >= _OTHER:
        extra["media_type"] = kind
    return Media(
        device=device,
        media=str(media),
        media_type=_TYPES[min(kind, _OTHER)],
        size_bytes=len(payload) if payload else None,
        payload=payload or None,
        extra=extra,
    )


def write_media(media: Media, location: bytes = b"") -> bytes:
    """Return the body of 0x0800, or of 0x0801 when there is a payload.

    Args:
        media: The recording.
        location: The 28 bytes of a position; empty for the edition of 2011.
    """
    extra = media.extra
    kind = extra.get("media_type", _TYPES.index(media.media_type))
    head = _HEAD.pack(
        int(media.media),
        kind,
        extra.get("coding", 0),
        extra.get("event", 0),
        extra.get("channel", 0),
    )
    return head if media.payload is None else head + location + media.payload
