"""Entries that say which recordings a device holds: its media index.

The words are those of docs/protocols/recorder-v1.md. The engine does not know of them: a replay
passes them over.
"""

from collections.abc import Sequence
from typing import Literal

import msgspec


class Announced(msgspec.Struct, frozen=True, array_like=True):
    """One recording that a device says it holds and will deliver.

    Attributes:
        org: Organisation of the device.
        device: The recorder.
        media: The recording's id on the device.
        media_type: What it is.
        begin_time_ms: Device's claim, milliseconds since 1970 UTC.
        end_time_ms: Likewise.
        sha256: Hex digest of the file, as the device worked it out.
        size_bytes: Of the file.
        officer: Officer's id, if the device knows it.
        case: Case reference, likewise.
        at_ms: When we were told, our clock, milliseconds since 1970 UTC.
    """

    org: str
    device: str
    media: str
    media_type: Literal["image", "audio", "video", "other"]
    begin_time_ms: int
    end_time_ms: int
    sha256: str
    size_bytes: int
    officer: str | None
    case: str | None
    at_ms: int


def encode_announced(entries: Sequence[Announced]) -> bytes:
    """Return the body of an entry of kind `media`."""
    return msgspec.msgpack.encode(entries)


def decode_announced(body: bytes) -> list[Announced]:
    """Return what an entry of kind `media` says."""
    return msgspec.msgpack.decode(body, type=list[Announced])
