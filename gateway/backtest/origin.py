"""Where a replay begins: at a journal's first entry, or the oldest snapshot once it is trimmed."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway.backtest.rule_set import RuleSet, with_rules
from gateway.directory.snapshot import compile_directory
from gateway.engine.engine import Engine
from gateway.engine.history.segments import Log
from gateway.engine.layout import layout
from gateway.errors import BacktestError
from gateway.journal.entry import DIRECTORY
from gateway.journal.snapshot import Snapshot, read_snapshots
from gateway.journal.store import Journal
from geofence.kernel import Kernel

JOURNAL: Final = "journal.db"

_US_PER_MS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Extent:
    """What of a journal is replayed.

    Attributes:
        after: Entry after which it begins; 0, or that of a snapshot.
        last: Entry with which it ends.
        from_ms: Journal time of the first entry.
        to_ms: Of the last.
    """

    after: int
    last: int
    from_ms: int
    to_ms: int


def extent_of(folder: Path) -> Extent:
    """Return what can be replayed of the journal in a gateway's data folder.

    Raises:
        BacktestError: There is no journal, it is empty, or nothing reaches what is left of it.
    """
    if not (folder / JOURNAL).exists():
        raise BacktestError(f"{folder} holds no {JOURNAL}: name a gateway's data folder")
    journal = Journal(folder / JOURNAL, writable=False)
    try:
        first = next(iter(journal.read(0, 1)), None)
        if first is None:
            raise BacktestError(f"journal {journal.path} is empty")
        last = journal.newest_seq()
        after = 0 if first.seq == 1 else _reaching(folder, first.seq).seq
        begin, end = (journal.written_at_us(seq) for seq in (max(after, first.seq), last))
    finally:
        journal.close()
    if begin is None or end is None:
        raise BacktestError(f"journal {folder / JOURNAL} is being trimmed: begin again")
    return Extent(after, last, begin // _US_PER_MS, end // _US_PER_MS)


def first_engine(
    folder: Path, extent: Extent, rules: RuleSet | None, kernel: Kernel, log: Log
) -> Engine | None:
    """Return the engine before the extent; None: it begins with the journal's first directory.

    Other rules than the snapshot's hold for reports from its time on.

    Raises:
        BacktestError: The snapshot went away.
    """
    if extent.after == 0:
        return None
    snapshot = _snapshot(folder, extent.after)
    engine = Engine(compile_directory(snapshot.directory), kernel, log)
    engine.load(snapshot.state)
    if rules is not None:
        replaced = compile_directory(with_rules(snapshot.directory, rules))
        engine.set_directory(replaced, extent.from_ms)
    return engine


def first_directory(folder: Path, extent: Extent) -> bytes:
    """Return the body of the first directory that is in force in the extent.

    Raises:
        BacktestError: There is none.
    """
    if extent.after:
        return _snapshot(folder, extent.after).directory
    journal = Journal(folder / JOURNAL, writable=False)
    try:
        for entry in journal.entries():
            if entry.kind == DIRECTORY:
                return entry.body
    finally:
        journal.close()
    raise BacktestError(f"journal {folder / JOURNAL} has no directory: nobody is watched in it")


def _snapshot(folder: Path, seq: int) -> Snapshot:
    for snapshot in _usable(folder):
        if snapshot.seq == seq:
            return snapshot
    raise BacktestError(f"the snapshot of entry {seq} went away: begin again")


def _reaching(folder: Path, seq: int) -> Snapshot:
    for snapshot in _usable(folder):
        if snapshot.seq + 1 >= seq:
            return snapshot
    raise BacktestError(
        f"the journal in {folder} begins at entry {seq}, and no snapshot that this version of the "
        "program reads reaches it: replay it with the version that wrote it"
    )


def _usable(folder: Path) -> list[Snapshot]:
    return [s for s in read_snapshots(folder) if s.state.get("layout") == layout()]
