"""A segment as it travels: journal entries with their outcomes, as one Arrow stream."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from server.arrow_stream import refuse_inflated
from server.errors import InvalidError, TooLargeError

OUTCOME: Final = "outcome"
ROWS_MAX: Final = 200_000
"""Entries and outcomes of one segment; a gateway sends 2,000 entries at most."""

INFLATED_MAX: Final = 128 << 20
"""Bytes of one segment once inflated; a gateway sends 8 MiB of bodies, or one directory of 64."""

_FIELDS: Final["list[pa.Field[Any]]"] = [
    pa.field("kind", pa.utf8(), nullable=False),
    pa.field("seq", pa.int64(), nullable=False),
    pa.field("nth", pa.int32()),
    pa.field("at_us", pa.int64()),
    pa.field("rows", pa.int32()),
    pa.field("body", pa.binary(), nullable=False),
    pa.field("digest", pa.binary()),
    pa.field("withheld", pa.bool_()),
]
_SCHEMA: Final = pa.schema(_FIELDS)


@dataclass(frozen=True, slots=True)
class Entry:
    """A journal entry: `rows` reports, written at `at_us` by the gateway's clock."""

    seq: int
    kind: str
    at_us: int
    rows: int
    body: bytes


@dataclass(frozen=True, slots=True)
class EntryOutcome:
    """The body of the nth outcome of an entry."""

    seq: int
    nth: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Segment:
    """Consecutive entries and what came of them.

    Attributes:
        entries: In order.
        outcomes: What came of them.
        digests: The journal's own, by entry.
        withheld: Entries of which the gateway kept protected people's places: the digest is that
            of the whole one.
    """

    entries: list[Entry]
    outcomes: list[EntryOutcome]
    digests: list[bytes]
    withheld: frozenset[int]


def parse_segment(body: bytes, *, first: int, last: int) -> Segment:
    """Return the segment of a request.

    Raises:
        InvalidError: It is not the stream of docs/wire/archive-v1.md; the text says where.
        TooLargeError: It has more rows, or more bytes, than one request may bring.
    """
    entries: list[Entry] = []
    outcomes: list[EntryOutcome] = []
    digests: list[bytes] = []
    withheld: set[int] = set()
    for row in _rows(body):
        if row["kind"] == OUTCOME:
            if row["nth"] is None:
                raise InvalidError([("/nth", "an outcome has a number")])
            outcomes.append(EntryOutcome(row["seq"], row["nth"], row["body"]))
            continue
        if row["at_us"] is None or row["rows"] is None or row["digest"] is None:
            raise InvalidError([("", f"entry {row['seq']} lacks at_us, rows or digest")])
        if not 0 <= row["rows"] <= len(row["body"]):
            # Arrays are made by this number before the columns are looked at.
            raise InvalidError([("/rows", f"entry {row['seq']} cannot have {row['rows']} reports")])
        entries.append(Entry(row["seq"], row["kind"], row["at_us"], row["rows"], row["body"]))
        digests.append(row["digest"])
        if row["withheld"]:
            withheld.add(row["seq"])
    if [entry.seq for entry in entries] != list(range(first, last + 1)):
        raise InvalidError([("/seq", f"the entries are not {first} to {last}, each once")])
    if any(not first <= outcome.seq <= last for outcome in outcomes):
        raise InvalidError([("/seq", "an outcome is of an entry that is not in the segment")])
    return Segment(entries, outcomes, digests, frozenset(withheld))


def refuse_changed(segment: Segment, previous: bytes | None) -> None:
    """Raise InvalidError when the journal's own digests do not chain.

    Args:
        segment: What a gateway sent.
        previous: Digest of the entry before the first; None: nobody knows, the first is believed.
    """
    digest = previous
    for entry, claimed in zip(segment.entries, segment.digests, strict=True):
        if digest is not None and entry.seq not in segment.withheld:
            digest = _journal_digest(digest, entry)
            if digest != claimed:
                raise InvalidError([("/digest", f"entry {entry.seq} does not chain: it changed")])
        digest = claimed


def _journal_digest(previous: bytes, entry: Entry) -> bytes:
    head = f"{entry.seq}\0{entry.kind}\0{entry.at_us}\0{len(entry.body)}\0".encode()
    return hashlib.sha256(previous + head + entry.body).digest()


def _rows(body: bytes) -> Iterator[dict[str, Any]]:
    refuse_inflated(body, most=INFLATED_MAX)
    try:
        with pa.ipc.open_stream(body) as reader:
            if reader.schema != _SCHEMA:
                raise InvalidError([("", f"columns are not {', '.join(_SCHEMA.names)}")])
            yield from _counted(list(reader))
    except (pa.ArrowException, OSError) as error:
        raise InvalidError([("", f"is not an Arrow IPC stream: {error}")]) from error


def _counted(batches: Sequence[pa.RecordBatch]) -> Iterator[dict[str, Any]]:
    count = sum(batch.num_rows for batch in batches)
    if count > ROWS_MAX:
        raise TooLargeError(f"{count} rows, at most {ROWS_MAX}: send a shorter segment")
    for batch in batches:
        batch.validate(full=True)
        for field, column in zip(_SCHEMA, batch.columns, strict=True):
            if column.null_count and not field.nullable:
                raise InvalidError([(f"/{field.name}", "holds a null")])
        yield from batch.to_pylist()
