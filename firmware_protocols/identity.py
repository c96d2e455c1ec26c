"""What names a report of a protocol that has no boot counter and no sequence number."""

from hashlib import blake2b
from typing import Final

_BITS: Final = 53
"""JSON carries integers exactly up to here."""


def content_seq(body: bytes) -> int:
    """Return a sequence number made of a report's own bytes, 0 ... 2^53 - 1.

    The same report sent again, alone or within a batch, gets the same number, so that a
    redelivery changes nothing; hash in the bytes that say what happened, never the frame's serial.
    """
    return int.from_bytes(blake2b(body, digest_size=8).digest(), "big") >> (64 - _BITS)
