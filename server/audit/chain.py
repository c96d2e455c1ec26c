"""What is hashed and what is signed (docs/evidence.md). Pure.

    commitment = H(salt || content)
    root       = Merkle root over the batch's leaves (server/audit/merkle.py)
    hash       = H(hash before || root || header)

The header is the block's canonical JSON; a checkpoint's statement is one too, and its bytes are
what is signed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from server.audit.digest import DIGESTS
from server.signing.canonical import canonical

GENESIS: Final = bytes(32)
SALT_BYTES: Final = 16
STATEMENT_FORMAT: Final = "guitu-checkpoint/1"


@dataclass(frozen=True, slots=True)
class Block:
    """A batch of leaves and its place in the chain of one organisation.

    Attributes:
        number: From 1, without gaps.
        first_position: Of its first leaf; the chain's first is 1.
        algorithm: The digest of everything in it.
        software: Name and version of what sealed it.
        sealed_at: Aware.
    """

    org_id: str
    number: int
    first_position: int
    leaf_count: int
    algorithm: str
    software: str
    sealed_at: datetime
    root: bytes
    prev_hash: bytes

    @property
    def last_position(self) -> int:
        """Of its last leaf."""
        return self.first_position + self.leaf_count - 1

    def header(self) -> str:
        """Return what the block says of itself, beside root and hash before."""
        return canonical(
            {
                "algorithm": self.algorithm,
                "block": self.number,
                "first": self.first_position,
                "leaves": self.leaf_count,
                "org": self.org_id,
                "sealed_at": instant(self.sealed_at),
                "software": self.software,
            }
        )

    def hash(self) -> bytes:
        """Return the block's hash, which the next one and its checkpoint name."""
        return DIGESTS[self.algorithm](self.prev_hash + self.root + self.header().encode())


def block_of(row: Mapping[str, Any]) -> Block:
    """Return the block of a row of audit_block."""
    return Block(**{name: row[name] for name in Block.__slots__})


def commitment_of(algorithm: str, salt: bytes, content: str) -> bytes:
    """Return the commitment to a content."""
    return DIGESTS[algorithm](salt + content.encode())


def statement_of(block: Block) -> str:
    """Return what a checkpoint says: how far the chain of an organisation goes, and its hash."""
    return canonical(
        {
            "algorithm": block.algorithm,
            "at": instant(block.sealed_at),
            "block": block.number,
            "format": STATEMENT_FORMAT,
            "hash": block.hash().hex(),
            "leaves": block.last_position,
            "org": block.org_id,
        }
    )


def instant(at: datetime) -> str:
    """Return an instant in its one form: UTC, microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
