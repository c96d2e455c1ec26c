"""Reads a segment back, as far as its keys are there; and holds the chain to what it says."""

from dataclasses import dataclass
from typing import Any, Final

import msgspec

from server.archive import store
from server.archive.chain import GENESIS, SALT_BYTES, Heading, commitment, link
from server.archive.errors import BrokenChainError
from server.archive.joining import Joined, join
from server.archive.keys import MasterKey, opened
from server.archive.ownership import Owner
from server.archive.parts import Frame, Part
from server.archive.sealing import unseal
from server.db import Connection
from server.errors import NotFoundError

_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class Chain:
    """What a verification found.

    Attributes:
        segments: Segments that chain.
        through: Last entry of the newest.
        gaps: (first, last) entries that no segment has: trimmed before they could be archived.
    """

    segments: int
    through: int
    gaps: list[tuple[int, int]]


async def read_segment(
    connection: Connection, master: MasterKey, gateway_id: str, first: int
) -> Joined:
    """Return what is left of the segment that begins at entry `first`.

    Raises:
        NotFoundError: There is none in the transaction's scope.
        BrokenChainError: A part is not what was committed to, or the frame is gone.
        SealError: A part does not open with its key, or the master key is another.
    """
    rows = await store.parts(connection, gateway_id, first)
    if not rows:
        raise NotFoundError(f"gateway {gateway_id} has no archived segment that begins at {first}")
    contents = [_content(master, f"{gateway_id}/{first}", row) for row in rows]
    if contents[0] is None:
        raise BrokenChainError(f"segment {gateway_id}/{first}: the frame has no key")
    frame = msgspec.msgpack.decode(contents[0], type=Frame)
    left = [content for content in contents[1:] if content is not None]
    return join(frame, [msgspec.msgpack.decode(content, type=Part) for content in left])


async def verify_chain(connection: Connection, gateway_id: str) -> Chain:
    """Return what the chain of a gateway comes to, whichever keys were destroyed.

    Raises:
        BrokenChainError: A segment was changed, taken out or put in; says which.
    """
    digest, through, count = GENESIS, 0, 0
    gaps: list[tuple[int, int]] = []
    while page := await store.segments(connection, gateway_id, through, _PAGE):
        for row in page:
            first, last = int(row["first_seq"]), int(row["last_seq"])
            heading = Heading(gateway_id, first, last, row["begin_at_us"], row["end_at_us"])
            wanted = link(digest, heading, row["commitments"] or [])
            if row["previous_digest"] != digest or row["digest"] != wanted:
                raise BrokenChainError(f"segment {gateway_id}/{first} does not chain")
            if first > through + 1:
                gaps.append((through + 1, first - 1))
            digest, through, count = wanted, last, count + 1
    if through != await store.mark(connection, gateway_id):
        raise BrokenChainError(
            f"gateway {gateway_id}: the chain ends at {through}, before the mark"
        )
    return Chain(count, through, gaps)


def _content(master: MasterKey, place: str, row: dict[str, Any]) -> bytes | None:
    if row["sealed"] is None or row["wrapped"] is None:
        return None
    owner = Owner(row["holder_kind"], row["holder_id"], row["order_id"])
    key = opened(master, owner, row["key_id"], row["wrapped"])
    context = f"{place}/{row['part']}"
    salted = unseal(key.for_part(context), row["sealed"], context=context)
    salt, content = salted[:SALT_BYTES], salted[SALT_BYTES:]
    if commitment(salt, content) != row["commitment"]:
        raise BrokenChainError(f"part {context} is not what was committed to")
    return content
