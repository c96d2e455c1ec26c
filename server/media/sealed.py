"""A recording as it lies in the store: in chunks, each sealed by itself (AES-256-GCM). Pure.

    chunk n = AESGCM(key of the recording, nonce = n, additional data = recording, n, whether last)

No two recordings share a key, so a counter is a nonce. Whatever is cut off, swapped or moved to
another recording does not open, and any range is read without the rest.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from server.media.errors import StorageError

KEY_BYTES: Final = 32
CHUNK_BYTES: Final = 1 << 20
TAG_BYTES: Final = 16
_SEALED_BYTES: Final = CHUNK_BYTES + TAG_BYTES
_NONCE_BYTES: Final = 12


@dataclass(frozen=True, slots=True)
class Extent:
    """The chunks that a range of a recording lies in.

    Attributes:
        first: The first chunk's number.
        begin: Of the sealed bytes that hold them.
        end: Likewise, exclusive.
        skip: Opened bytes before the range.
        length: Bytes of the range.
    """

    first: int
    begin: int
    end: int
    skip: int
    length: int


def sealed_chunks(file: BinaryIO, *, key: bytes, media: str, size_bytes: int) -> Iterator[bytes]:
    """Yield a file's chunks, sealed.

    Args:
        file: At its beginning.
        key: Of KEY_BYTES, this recording's own.
        media: Whose.
        size_bytes: Of the file.
    """
    cipher = AESGCM(key)
    count = chunk_count(size_bytes)
    for number in range(count):
        chunk = file.read(CHUNK_BYTES)
        yield cipher.encrypt(_nonce(number), chunk, _about(media, number, count))


def extent_of(begin: int, end: int, size_bytes: int) -> Extent:
    """Return where the bytes [begin, end) of a recording lie."""
    first, last = begin // CHUNK_BYTES, (end - 1) // CHUNK_BYTES
    sealed_size = size_bytes + TAG_BYTES * chunk_count(size_bytes)
    return Extent(
        first=first,
        begin=first * _SEALED_BYTES,
        end=min((last + 1) * _SEALED_BYTES, sealed_size),
        skip=begin - first * CHUNK_BYTES,
        length=end - begin,
    )


def opened(sealed: bytes, extent: Extent, *, key: bytes, media: str, size_bytes: int) -> bytes:
    """Return the bytes of a range from the sealed bytes of its extent.

    Raises:
        StorageError: They were changed, or are another recording's.
    """
    cipher, count = AESGCM(key), chunk_count(size_bytes)
    parts = []
    for nth, at in enumerate(range(0, len(sealed), _SEALED_BYTES)):
        number = extent.first + nth
        chunk = sealed[at : at + _SEALED_BYTES]
        try:
            parts.append(cipher.decrypt(_nonce(number), chunk, _about(media, number, count)))
        except InvalidTag as error:
            raise StorageError(f"chunk {number} of {media} was changed in the store") from error
    return b"".join(parts)[extent.skip : extent.skip + extent.length]


def chunk_count(size_bytes: int) -> int:
    """Return how many chunks a recording has."""
    return -(-size_bytes // CHUNK_BYTES)


def _nonce(number: int) -> bytes:
    return number.to_bytes(_NONCE_BYTES, "big")


def _about(media: str, number: int, count: int) -> bytes:
    return f"guitu-media/1 {media} {number} {number == count - 1:d}".encode()
