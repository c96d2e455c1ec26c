"""Seals the parts of journals: compressed, in the one envelope."""

from typing import Final

import pyarrow as pa

from server.secrecy import cipher, former
from server.secrecy.cipher import context_of
from server.secrecy.errors import SealError

_CODEC: Final = "zstd"
_SIZE_BYTES: Final = 8


def seal(key: bytes, content: bytes, *, context: str) -> bytes:
    """Return `content` compressed and encrypted under a key of KEY_BYTES."""
    size = len(content).to_bytes(_SIZE_BYTES)
    packed = size + pa.compress(content, codec=_CODEC, asbytes=True)
    return cipher.seal(key, packed, context=context_of("part", context))


def unseal(key: bytes, sealed: bytes, *, context: str) -> bytes:
    """Return the content, also of a part from before the envelope.

    Raises:
        SealError: Another key or context sealed it, or it was changed.
    """
    if former.is_parquet(sealed):
        return former.unseal_parquet(key, sealed, context=context)
    try:
        packed = cipher.unseal(key, sealed, context=context_of("part", context))
    except SealError as error:
        raise SealError(f"{context}: {error}") from error
    size, body = int.from_bytes(packed[:_SIZE_BYTES]), packed[_SIZE_BYTES:]
    content: bytes = pa.decompress(body, decompressed_size=size, codec=_CODEC, asbytes=True)
    return content
