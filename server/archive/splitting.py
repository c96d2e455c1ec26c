"""A segment to parts, each of one owner."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from server.archive.ownership import DIRECTORY, Orders, Owner
from server.archive.parts import BATCH, NAME, Batch, BatchFrame, Cells, Frame, Part, cut
from server.archive.segment import Entry, EntryOutcome, Segment
from server.errors import InvalidError

_PLAIN: Final = frozenset({"start", "tick"})
"""Kinds whose bodies say nothing about a person."""

_ABSENT: Final = -(1 << 31)

_Numbered = tuple[int, Batch]


class _Told(msgspec.Struct):
    subject: Annotated[str, NAME]
    begin_ms: int


@dataclass(frozen=True, slots=True)
class Split:
    """A segment in parts."""

    frame: Frame
    parts: dict[Owner, Part]


@dataclass(frozen=True, slots=True)
class _Reports:
    """The reports of all batches, n rows.

    Attributes:
        columns: Name and width of each column.
        cells: All bytes, shape (n, sum of the widths).
        party: Index of each row's party among the parties of all batches.
        time_ms: Fix times.
        has_place: The row says a position.
    """

    columns: list[tuple[str, int]]
    cells: Cells
    party: NDArray[np.int64]
    time_ms: NDArray[np.int64]
    has_place: NDArray[np.bool_]


def people_of(segment: Segment) -> set[tuple[str, str]]:
    """Return (holder kind, holder) of everybody whom a segment's batches and outcomes name.

    Raises:
        InvalidError: A body is not what docs/wire/archive-v1.md says.
    """
    named = {(p[2], p[3]) for _, batch in _batches(segment.entries) for p in batch.parties}
    told = {_told(outcome)[0] for outcome in segment.outcomes}
    return named | {("subject", subject) for subject in told if subject}


def split(segment: Segment, gateway: str, orders: Orders) -> Split:
    """Return the parts of a segment.

    Raises:
        InvalidError: A body is not what docs/wire/archive-v1.md says.
    """
    batches = _batches(segment.entries)
    rows = {entry.seq: entry.rows for entry in segment.entries}
    reports = _reports(batches, rows)
    parts: dict[Owner, Part] = {}

    def part_of(owner: Owner) -> Part:
        return parts.setdefault(owner, Part(parties=[], outcomes=[], bodies=[]))

    _split_reports(batches, reports, orders, part_of)
    many = Owner(DIRECTORY, gateway)
    for outcome in segment.outcomes:
        subject, begin_ms = _told(outcome)
        owner = orders.owner_of_outcome(subject, begin_ms) if subject else many
        part_of(owner).outcomes.append((outcome.seq, outcome.nth, outcome.body))
    for entry in segment.entries:
        if entry.kind != BATCH and entry.kind not in _PLAIN:
            part_of(many).bodies.append((entry.seq, entry.body))
    frame = Frame(
        [(entry.seq, entry.kind, entry.at_us, entry.rows) for entry in segment.entries],
        reports.columns,
        [BatchFrame(seq, len(batch.parties), batch.refused) for seq, batch in batches],
        [(entry.seq, entry.body) for entry in segment.entries if entry.kind in _PLAIN],
    )
    return Split(frame, parts)


def _batches(entries: Iterable[Entry]) -> list[_Numbered]:
    found = []
    for entry in entries:
        if entry.kind == BATCH:
            try:
                found.append((entry.seq, msgspec.msgpack.decode(entry.body, type=Batch)))
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise InvalidError([("/body", f"batch {entry.seq}: {error}")]) from error
    return found


def _told(outcome: EntryOutcome) -> tuple[str, int]:
    """Return whom an outcome is about, empty for the organisation, and when it began."""
    try:
        said = msgspec.msgpack.decode(outcome.body, type=_Told)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        detail = f"outcome {outcome.nth} of entry {outcome.seq} has no subject and begin_ms"
        raise InvalidError([("/body", detail)]) from error
    return said.subject, said.begin_ms


def _reports(batches: list[_Numbered], rows: dict[int, int]) -> _Reports:
    columns, total = _columns(batches, rows), sum(rows[seq] for seq, _ in batches)
    stacked = [
        np.frombuffer(b"".join(batch.columns[name] for _, batch in batches), np.uint8).reshape(
            total, width
        )
        for name, width in columns
    ]
    cells = np.concatenate(stacked, axis=1) if stacked else np.zeros((total, 0), np.uint8)
    named = dict(cut(columns, cells))
    counts = [rows[seq] for seq, _ in batches]
    sizes = np.repeat([len(batch.parties) for _, batch in batches], counts)
    begins = np.cumsum([0, *(len(batch.parties) for _, batch in batches)])[:-1]
    party = _numbers(named, "party", "<i4", total).astype(np.int64)
    if ((party < 0) | (party >= sizes)).any():
        raise InvalidError([("/body", "a report is of a party that its batch does not have")])
    return _Reports(
        columns,
        cells,
        party + np.repeat(begins, counts).astype(np.int64),
        _numbers(named, "fix_time_ms", "<i8", total).astype(np.int64),
        _numbers(named, "lon_e7", "<i4", total) != _ABSENT,
    )


def _columns(batches: list[_Numbered], rows: dict[int, int]) -> list[tuple[str, int]]:
    """Return the names and widths that all batches share."""
    names = list(batches[0][1].columns) if batches else []
    widths: list[int] | None = None
    for seq, batch in batches:
        sizes = [len(column) for column in batch.columns.values()]
        if rows[seq] > 0 and widths is None:
            widths = [size // rows[seq] for size in sizes]
        wanted = [width * rows[seq] for width in widths or [0] * len(names)]
        if list(batch.columns) != names or sizes != wanted:
            raise InvalidError([("/body", f"batch {seq} has columns of another shape")])
    return list(zip(names, widths or [0] * len(names), strict=True))


def _numbers(columns: dict[str, Cells], name: str, kind: str, count: int) -> NDArray[Any]:
    if count == 0:
        return np.zeros(0, kind)
    if name not in columns or columns[name].shape[1] != np.dtype(kind).itemsize:
        raise InvalidError([("/body", f"the batches have no column {name} of type {kind}")])
    return np.ascontiguousarray(columns[name]).view(kind).reshape(-1)


def _split_reports(
    batches: list[_Numbered], reports: _Reports, orders: Orders, part_of: Callable[[Owner], Part]
) -> None:
    table = [(seq, n, one) for seq, batch in batches for n, one in enumerate(batch.parties)]
    holders: dict[tuple[str, str], int] = {}
    number = np.array(
        [holders.setdefault((p[2], p[3]), len(holders)) for _, _, p in table], np.int64
    )
    holder_of = number[reports.party] if table else reports.party
    by_holder = np.argsort(holder_of, kind="stable")
    borders = np.searchsorted(holder_of[by_holder], np.arange(len(holders) + 1))
    owned: dict[Owner, list[NDArray[np.int64]]] = {}
    for (kind, holder), nth in holders.items():
        mine = by_holder[borders[nth] : borders[nth + 1]]
        for owner, mask in orders.owners_of_rows(
            kind, holder, reports.time_ms[mine], reports.has_place[mine]
        ):
            owned.setdefault(owner, []).append(mine[mask])
    for owner, pieces in owned.items():
        rows = np.sort(np.concatenate(pieces))
        part = part_of(owner)
        part.rows = rows.astype("<u4").tobytes()
        part.cells = reports.cells[rows].tobytes()
        part.parties += [table[index] for index in np.unique(reports.party[rows])]
    # A party whose reports were all repeated ones stands in the table without any.
    for index in np.setdiff1d(np.arange(len(table)), reports.party):
        kind, holder = table[index][2][2:]
        part_of(orders.owner_without_order(kind, holder)).parties.append(table[index])
