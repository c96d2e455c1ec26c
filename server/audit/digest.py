"""The digests that a chain may use: SHA-256 (FIPS 180-4) and SM3 (GB/T 32905-2016). Pure."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Final, Literal

from cryptography.hazmat.primitives.hashes import SM3, Hash

Algorithm = Literal["sha256", "sm3"]
Digest = Callable[[bytes], bytes]

DIGEST_BYTES: Final = 32


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _sm3(data: bytes) -> bytes:
    running = Hash(SM3())
    running.update(data)
    return running.finalize()


DIGESTS: Final[Mapping[str, Digest]] = {"sha256": _sha256, "sm3": _sm3}
"""Each takes bytes of any length and returns 32."""
