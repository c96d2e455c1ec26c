"""The next segment for the archive: consecutive entries with what came of them."""

from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from gateway.archive.withheld import Leaving, leaving
from gateway.journal.entry import Entry, Extent
from gateway.journal.store import Journal

BYTES_MAX: Final = 8 << 20
"""Bodies of one segment before compression; a larger entry travels alone."""

_OUTCOME: Final = "outcome"
_US_PER_S: Final = 1_000_000

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
class Segment:
    """Entries `first` to `last`.

    Attributes:
        first: Its first entry.
        last: Its last entry.
        begins: The journal has no entry before it that the archive lacks: they were trimmed.
        is_full: A bound closed it: more is waiting.
    """

    first: int
    last: int
    begins: bool
    is_full: bool


def next_segment(
    journal: Journal, *, after: int, through: int, entries_max: int, age_s: float, now_us: int
) -> Segment | None:
    """Return the segment after entry `after`; None while it is neither full nor old enough.

    Args:
        journal: Open for reading.
        after: The archive has everything up to this entry.
        through: The server has confirmed everything up to this one.
        entries_max: Most entries in it.
        age_s: Its first entry is this old, or it waits until it is full.
        now_us: Our clock.
    """
    extents = [e for e in journal.extents(after, entries_max) if e.seq <= through]
    if not extents:
        return None
    chosen = _within(extents)
    is_full = len(chosen) < len(extents) or len(extents) == entries_max
    if not is_full and now_us - chosen[0].at_us < age_s * _US_PER_S:
        return None
    first = chosen[0].seq
    return Segment(first, chosen[-1].seq, begins=first > after + 1, is_full=is_full)


def encode_segment(journal: Journal, segment: Segment) -> bytes:
    """Return a segment as an Arrow IPC stream: each entry, and after it its outcomes.

    Where protected people were stays here.
    """
    outcomes: dict[int, list[tuple[int, bytes]]] = {}
    for seq, nth, body in journal.raw_outcomes(segment.first, segment.last):
        outcomes.setdefault(seq, []).append((nth, body))
    rows: list[dict[str, object]] = []
    before = segment.first - 1
    previous = next((e.digest for e in journal.read(before - 1, 1) if e.seq == before), None)
    rewritten = journal.rewritten(segment.first, segment.last)
    for entry in journal.read(segment.first - 1, segment.last - segment.first + 1):
        rows.append(_entry_row(entry, leaving(entry, previous, rewritten.get(entry.seq))))
        previous = entry.digest
        rows += [
            {"kind": _OUTCOME, "seq": entry.seq, "nth": nth, "body": body}
            for nth, body in outcomes.get(entry.seq, ())
        ]
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_stream(sink, _SCHEMA, options=options) as writer:
        writer.write_batch(pa.RecordBatch.from_pylist(rows, schema=_SCHEMA))
    return bytes(sink.getvalue())


def _entry_row(entry: Entry, left: Leaving) -> dict[str, object]:
    return {
        "kind": entry.kind,
        "seq": entry.seq,
        "at_us": entry.at_us,
        "rows": entry.rows,
        "body": left.body,
        "digest": entry.digest,
        "withheld": left.is_withheld,
    }


def _within(extents: list[Extent]) -> list[Extent]:
    total = 0
    for index, extent in enumerate(extents):
        total += extent.size
        if total > BYTES_MAX and index:
            return extents[:index]
    return extents
