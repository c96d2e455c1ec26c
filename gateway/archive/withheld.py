"""What of an entry stays at the gateway: where protected people were (docs/wire/archive-v1.md).

What a destruction took is not there any more; that too is told as withheld.
"""

import hashlib
from dataclasses import dataclass

import msgspec

from gateway.columns import decode_columns, encode_columns
from gateway.journal.entry import BATCH, BatchBody, Entry, chain
from gateway.journal.report_table import without_protected_places


@dataclass(frozen=True, slots=True)
class Leaving:
    """The body with which an entry leaves.

    Attributes:
        body: The journal's own, or the same without protected people's places.
        is_withheld: Something was taken out, from an entry whose digest is right.
    """

    body: bytes
    is_withheld: bool


def leaving(entry: Entry, previous: bytes | None, left: bytes | None = None) -> Leaving:
    """Return what of an entry may leave.

    Of an entry that was changed on the disk nothing is said to be withheld: the server then
    finds the digest wrong and refuses it.

    Args:
        entry: Of the journal.
        previous: Digest of the entry before it; None: it was trimmed.
        left: SHA-256 of the body that a destruction left; None: nothing was destroyed.
    """
    if entry.kind != BATCH:
        return Leaving(entry.body, is_withheld=False)
    is_left = left is not None and left == hashlib.sha256(entry.body).digest()
    batch = msgspec.msgpack.decode(entry.body, type=BatchBody)
    if all(party.holder_kind != "protected" for party in batch.parties):
        return Leaving(entry.body, is_withheld=is_left)
    columns = without_protected_places(batch.parties, decode_columns(batch.columns))
    batch.columns |= encode_columns(columns)
    is_right = (
        is_left
        or previous is None
        or entry.digest
        == chain(previous, seq=entry.seq, kind=entry.kind, at_us=entry.at_us, body=entry.body)
    )
    return Leaving(msgspec.msgpack.encode(batch), is_withheld=is_right)
