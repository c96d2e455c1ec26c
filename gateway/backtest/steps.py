"""A journal as the steps that an engine takes: directories, ticks, and reports in large pieces."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from gateway.attempt import Attempt
from gateway.columns import Party, ReportColumns
from gateway.errors import BacktestError
from gateway.journal.entry import (
    BATCH,
    CHECKIN,
    DIRECTORY,
    START,
    TICK,
    Entry,
    decode_attempts,
    decode_batches,
)
from gateway.journal.store import Journal
from geofence.arrays import IntArray

ROWS_MAX: Final = 20_000
"""Reports of a step; a step ends sooner at a tick, a directory or a full minute."""

GRID_MS: Final = 60_000
"""How often other rules are asked whether a tick is due."""

_US_PER_MS: Final = 1_000


@dataclass(frozen=True, slots=True)
class NewDirectory:
    """A directory comes into force."""

    body: bytes
    at_ms: int


@dataclass(frozen=True, slots=True)
class Tick:
    """Time passes; one that is only `asked` counts when it changes something."""

    at_ms: int
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Reports:
    """The reports of consecutive batches, in order of arrival.

    Attributes:
        parties: Their party table.
        columns: The reports.
        batch: Number of each one's batch, ascending, shape (n,).
        at_ms: Journal time of it, shape (n,).
    """

    parties: Sequence[Party]
    columns: ReportColumns
    batch: IntArray
    at_ms: IntArray

    def take(self, rows: IntArray) -> tuple[ReportColumns, list[Party]]:
        """Return the given rows and the parties that occur in them."""
        used, party = np.unique(self.columns.party[rows], return_inverse=True)
        taken = replace(self.columns.take(rows), party=party.astype(np.int32))
        return taken, [self.parties[number] for number in used.tolist()]


@dataclass(frozen=True, slots=True)
class Attempts:
    """Attempts to check in."""

    rows: Sequence[Attempt]
    at_ms: int


Step = NewDirectory | Tick | Reports | Attempts


def steps(
    journal: Journal, *, after: int, last: int, until_ms: int | None, asks: bool
) -> Iterator[Step]:
    """Yield the steps of a journal, in order.

    Args:
        journal: The journal; a gateway may be writing it.
        after: Entry after which to begin.
        last: Entry to end with.
        until_ms: Journal time to end before; None: none.
        asks: Put a tick that is only asked at every full minute, except where the gateway was
            down.

    Raises:
        BacktestError: Entries went away while they were read.
    """
    waiting = _Waiting()
    before_ms: int | None = None
    for entry in _entries(journal, after, last):
        at_ms = entry.at_us // _US_PER_MS
        if until_ms is not None and at_ms >= until_ms:
            break
        if asks and before_ms is not None and before_ms // GRID_MS != at_ms // GRID_MS:
            yield from waiting.handed_over()
            if entry.kind != START:
                yield from _asked(before_ms, at_ms)
        before_ms = at_ms
        if entry.kind == BATCH:
            if entry.rows:
                waiting.add(entry)
            if waiting.rows < ROWS_MAX:
                continue
        yield from waiting.handed_over()
        step = _single(entry, at_ms)
        if step is not None:
            yield step
    yield from waiting.handed_over()


class _Waiting:
    """Batches that are not a step yet."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self.rows = 0

    def add(self, entry: Entry) -> None:
        self._entries.append(entry)
        self.rows += entry.rows

    def handed_over(self) -> Iterator[Reports]:
        if not self._entries:
            return
        entries, self._entries, self.rows = self._entries, [], 0
        parties, columns = decode_batches([entry.body for entry in entries])
        at_ms = np.array([entry.at_us // _US_PER_MS for entry in entries], np.int64)
        batch = np.repeat(np.arange(len(entries)), [entry.rows for entry in entries])
        yield Reports(parties, columns, batch, at_ms[batch])


def _single(entry: Entry, at_ms: int) -> Step | None:
    """Return an entry that is a step by itself."""
    if entry.kind == DIRECTORY:
        return NewDirectory(entry.body, at_ms)
    if entry.kind == TICK:
        return Tick(at_ms)
    if entry.kind == CHECKIN:
        return Attempts(decode_attempts(entry.body), at_ms)
    return None


def _asked(from_ms: int, to_ms: int) -> Iterator[Tick]:
    for minute in range(from_ms // GRID_MS + 1, to_ms // GRID_MS + 1):
        yield Tick(minute * GRID_MS, asked=True)


def _entries(journal: Journal, after: int, last: int) -> Iterator[Entry]:
    for entry in journal.entries(after):
        if entry.seq > last:
            return
        if entry.seq != after + 1:
            raise BacktestError(
                f"journal {journal.path}: entry {after + 1} went away while it was read, the "
                "gateway trims what is old and confirmed: begin again, or replay a copy of the "
                "folder"
            )
        after = entry.seq
        yield entry
