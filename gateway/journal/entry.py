"""The kinds of journal entry and their bodies."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec
import numpy as np

from gateway.attempt import Attempt
from gateway.columns import (
    DTYPES,
    Party,
    ReportColumns,
    decode_columns,
    encode_columns,
)

START: Final = "start"
DIRECTORY: Final = "directory"
BATCH: Final = "batch"
TICK: Final = "tick"
CHECKIN: Final = "checkin"
DESTRUCTION: Final = "destruction"
LOCAL: Final = "local"
MEDIA: Final = "media"

SALT: Final = "salt"
SALT_BYTES: Final = 8
"""Of a report: without it, which is destroyed with the report's place, a digest that stays could be
tried against places until one fits."""

GENESIS: Final = bytes(32)
"""What the first entry's digest chains to."""


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """A message, or part of one, that was refused.

    Attributes:
        at_us: When it came.
        reason: Stable word for counting.
        topic: Its topic, cut to a bounded length.
        detail: What was wrong.
        size: Bytes of the message.
        payload: Its beginning; None where the law keeps it nowhere.
    """

    at_us: int
    reason: str
    topic: str
    detail: str
    size: int
    payload: bytes | None


class BatchBody(msgspec.Struct, array_like=True):
    """Body of a batch: the party table, the columns as bytes, what was refused by reason."""

    parties: list[Party]
    columns: dict[str, bytes]
    refused: dict[str, int]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A journal entry. `rows` is the number of reports in it."""

    seq: int
    kind: str
    at_us: int
    rows: int
    body: bytes
    digest: bytes


@dataclass(frozen=True, slots=True)
class Extent:
    """An entry without its body: what kind, when, how many reports and how many bytes."""

    seq: int
    kind: str
    at_us: int
    rows: int
    size: int


@dataclass(frozen=True, slots=True)
class Tally:
    """What a journal holds.

    Attributes:
        first_seq: Oldest entry that is still there; None: none at all.
        last_seq: Newest entry.
        oldest_at_us: When the oldest was written, our clock.
        newest_at_us: When the newest was.
        entries: Entries by kind.
        reports: Reports in them.
        outcomes: Outcomes in them.
        quarantined: Refused messages that are kept, by reason.
        size_bytes: Of the file and of what is still in its log.
    """

    first_seq: int | None
    last_seq: int | None
    oldest_at_us: int | None
    newest_at_us: int | None
    entries: dict[str, int]
    reports: int
    outcomes: int
    quarantined: dict[str, int]
    size_bytes: int


def encode_batch(
    parties: list[Party], columns: ReportColumns, refused: dict[str, int], salt: bytes | None = None
) -> bytes:
    """Return the body of a batch entry.

    Args:
        parties: The party table.
        columns: The reports.
        refused: What was refused, by reason.
        salt: SALT_BYTES of randomness for each report; None: nobody will destroy a part of it.
    """
    stored = encode_columns(columns)
    if salt is not None:
        stored[SALT] = salt
    return msgspec.msgpack.encode(BatchBody(parties, stored, dict(refused)))


def decode_batch(body: bytes) -> tuple[list[Party], ReportColumns]:
    """Return the party table and the columns of a batch entry."""
    batch = msgspec.msgpack.decode(body, type=BatchBody)
    return batch.parties, decode_columns(batch.columns)


def decode_batches(bodies: Sequence[bytes]) -> tuple[list[Party], ReportColumns]:
    """Return several batches as one: their parties one after the other, and their rows.

    Joined as bytes, before they are columns: a batch of live traffic has a few dozen rows, and
    twenty arrays for each would cost more than the rows.
    """
    batches = [msgspec.msgpack.decode(body, type=BatchBody) for body in bodies]
    columns = decode_columns(
        {name: b"".join(batch.columns[name] for batch in batches) for name in DTYPES}
    )
    begins = np.cumsum([0, *(len(batch.parties) for batch in batches)])[:-1]
    sizes = [len(batch.columns["party"]) // DTYPES["party"].itemsize for batch in batches]
    party = columns.party + np.repeat(begins, sizes).astype(np.int32)
    parties = [party for batch in batches for party in batch.parties]
    return parties, replace(columns, party=party)


def encode_attempts(rows: Sequence[Attempt]) -> bytes:
    """Return the body of a check-in entry."""
    return msgspec.msgpack.encode(rows)


def decode_attempts(body: bytes) -> list[Attempt]:
    """Return the attempts of a check-in entry."""
    return msgspec.msgpack.decode(body, type=list[Attempt])


def encode_start(versions: dict[str, Any]) -> bytes:
    """Return the body of a start entry: kernel and versions that evaluate from here on."""
    return msgspec.msgpack.encode(versions)


def chain(previous: bytes, *, seq: int, kind: str, at_us: int, body: bytes) -> bytes:
    """Return the digest of an entry, 32 bytes: SHA-256 over the previous one and the entry."""
    head = f"{seq}\0{kind}\0{at_us}\0{len(body)}\0".encode()
    return hashlib.sha256(previous + head + body).digest()
