"""Merkle trees as RFC 6962, 2.1 has them: leaves and nodes are hashed apart. Pure.

A node without a neighbour goes up as it is, which is the same as splitting at the largest power of
two below the count.
"""

from collections.abc import Sequence
from typing import Final

from server.audit.digest import Digest

_LEAF: Final = b"\x00"
_NODE: Final = b"\x01"


def leaf_hash(digest: Digest, *, position: int, source: str, form: int, commitment: bytes) -> bytes:
    """Return the hash of a leaf: its place in the chain, of what kind it is, its commitment."""
    return digest(b"%b%d:%b/%d:%b" % (_LEAF, position, source.encode(), form, commitment))


def root_of(digest: Digest, leaves: Sequence[bytes]) -> bytes:
    """Return the root over at least one leaf hash."""
    level = list(leaves)
    while len(level) > 1:
        level = _above(digest, level)
    return level[0]


def path_of(digest: Digest, leaves: Sequence[bytes], index: int) -> list[tuple[str, bytes]]:
    """Return the way from a leaf to the root: each neighbour, and on which side it stands."""
    path = []
    level = list(leaves)
    while len(level) > 1:
        neighbour = index ^ 1
        if neighbour < len(level):
            path.append(("left" if neighbour < index else "right", level[neighbour]))
        level = _above(digest, level)
        index //= 2
    return path


def _above(digest: Digest, level: Sequence[bytes]) -> list[bytes]:
    pairs = zip(level[::2], level[1::2], strict=False)
    above = [digest(_NODE + left + right) for left, right in pairs]
    if len(level) % 2:
        above.append(level[-1])
    return above
