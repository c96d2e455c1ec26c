"""The chain over a gateway's segments: salted commitments, so that it says nothing of contents."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

GENESIS: Final = bytes(32)
"""What a gateway's first segment chains to."""

SALT_BYTES: Final = 32
_PART: Final = b"guitu-archive-part/1\0"
_SEGMENT: Final = b"guitu-archive-segment/1\0"


@dataclass(frozen=True, slots=True)
class Heading:
    """What of a segment stays in the open; times are the gateway's clock."""

    gateway: str
    first: int
    last: int
    begin_at_us: int
    end_at_us: int


def commitment(salt: bytes, content: bytes) -> bytes:
    """Return the commitment to a part; without the salt, which is sealed with it, it is noise."""
    return hashlib.sha256(_PART + salt + content).digest()


def link(previous: bytes, heading: Heading, commitments: Sequence[bytes]) -> bytes:
    """Return the digest of a segment, 32 bytes."""
    numbers = (heading.first, heading.last, heading.begin_at_us, heading.end_at_us)
    head = "\0".join([heading.gateway, *map(str, numbers), str(len(commitments))])
    return hashlib.sha256(
        previous + _SEGMENT + head.encode() + b"\0" + b"".join(commitments)
    ).digest()
