"""The kinds of journal entry and their bodies."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import msgspec
import numpy as np

from gateway.columns import (
    DTYPES,
    Party,
    ReportColumns,
    columns_from_reports,
    decode_columns,
    encode_columns,
)

START: Final = "start"
DIRECTORY: Final = "directory"
BATCH: Final = "batch"
TICK: Final = "tick"

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


def encode_batch(parties: list[Party], columns: ReportColumns, refused: dict[str, int]) -> bytes:
    """Return the body of a batch entry."""
    return msgspec.msgpack.encode(BatchBody(parties, encode_columns(columns), dict(refused)))


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
    names = batches[0].columns if batches else encode_columns(columns_from_reports([], [], []))
    columns = decode_columns(
        {name: b"".join(batch.columns[name] for batch in batches) for name in names}
    )
    begins = np.cumsum([0, *(len(batch.parties) for batch in batches)])[:-1]
    sizes = [len(batch.columns["party"]) // DTYPES["party"].itemsize for batch in batches]
    party = columns.party + np.repeat(begins, sizes).astype(np.int32)
    parties = [party for batch in batches for party in batch.parties]
    return parties, replace(columns, party=party)


def encode_start(versions: dict[str, Any]) -> bytes:
    """Return the body of a start entry: kernel and versions that evaluate from here on."""
    return msgspec.msgpack.encode(versions)


def chain(previous: bytes, *, seq: int, kind: str, at_us: int, body: bytes) -> bytes:
    """Return the digest of an entry, 32 bytes: SHA-256 over the previous one and the entry."""
    head = f"{seq}\0{kind}\0{at_us}\0{len(body)}\0".encode()
    return hashlib.sha256(previous + head + body).digest()
