"""Playback: the bytes of a range, opened chunk by chunk (RFC 9110, 14)."""

import base64
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from server.media.keeping import key_of
from server.media.parts import MediaParts
from server.media.sealed import CHUNK_BYTES, extent_of, opened

_STEP: Final = 4 * CHUNK_BYTES
_RANGE: Final = re.compile(r"bytes=(\d{0,15})-(\d{0,15})\Z")
_SIGNS: Final = (
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"ftyp", 4, "video/mp4"),
    (b"\x1aE\xdf\xa3", 0, "video/webm"),
    (b"WAVE", 8, "audio/wav"),
    (b"OggS", 0, "audio/ogg"),
    (b"ID3", 0, "audio/mpeg"),
)
_OTHER: Final = "application/octet-stream"
TYPES: Final = (*(name for _, _, name in _SIGNS), _OTHER)
"""What a recording may be served as."""

SIGN_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Span:
    """The bytes [begin, end) that are asked for.

    Attributes:
        is_part: A range was asked for.
    """

    begin: int
    end: int
    is_part: bool


def span_of(asked: str | None, size_bytes: int) -> Span | None:
    """Return what a Range header asks for; None: it cannot be met.

    Several ranges, and other units, are passed over, as the RFC allows.
    """
    found = _RANGE.match(asked or "")
    if found is None or not (found[1] or found[2]):
        return Span(0, size_bytes, is_part=False)
    if not found[1]:
        length = int(found[2])
        return Span(max(0, size_bytes - length), size_bytes, is_part=True) if length else None
    begin = int(found[1])
    end = min(int(found[2]) + 1, size_bytes) if found[2] else size_bytes
    return Span(begin, end, is_part=True) if begin < end else None


def type_of(begin: bytes) -> str:
    """Return the media type that a file's first bytes show; only what a browser plays is named."""
    for sign, at, name in _SIGNS:
        if begin[at : at + len(sign)] == sign:
            return name
    return _OTHER


def digest_header(sha256_hex: str) -> str:
    """Return Repr-Digest (RFC 9530) of the whole file."""
    return f"sha-256=:{base64.b64encode(bytes.fromhex(sha256_hex)).decode()}:"


class Reader:
    """Reads one stored recording."""

    def __init__(self, media: MediaParts, row: Mapping[str, Any]) -> None:
        """Take the recording, stored.

        Raises:
            SealError: The site's key is not the one that sealed its key.
        """
        self._media = media
        self._id, self._object, self._size = row["id"], row["object"], row["size_bytes"]
        self._key = key_of(media, row["id"], row["sealed_key"])

    async def read(self, begin: int, end: int) -> bytes:
        """Return the bytes [begin, end).

        Raises:
            StorageError: They cannot be read, or were changed.
        """
        extent = extent_of(begin, end, self._size)
        sealed = await self._media.store.read(self._object, extent.begin, extent.end)
        return opened(sealed, extent, key=self._key, media=self._id, size_bytes=self._size)

    async def stream(self, span: Span) -> AsyncIterator[bytes]:
        """Yield the bytes of a span, a bounded piece at a time."""
        at = span.begin
        while at < span.end:
            until = min(span.end, (at // _STEP + 1) * _STEP)
            yield await self.read(at, until)
            at = until
