"""Back to where the journal ended: newest snapshot plus the entries after it."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
from msgspec.structs import replace

from gateway.directory.snapshot import compile_directory
from gateway.engine.engine import Engine
from gateway.engine.history.segments import Log, MemoryLog
from gateway.engine.layout import layout
from gateway.engine.outcome import Outcome
from gateway.engine.words import Words
from gateway.errors import JournalError
from gateway.journal.destruction import Destruction, decode_destruction
from gateway.journal.entry import (
    BATCH,
    CHECKIN,
    DESTRUCTION,
    DIRECTORY,
    TICK,
    Entry,
    decode_attempts,
    decode_batch,
)
from gateway.journal.snapshot import Snapshot, read_snapshots
from gateway.journal.store import Journal
from geofence.kernel import Kernel, signed_distances

_LOG: Final = logging.getLogger("guitu.gateway.journal")

HISTORY: Final = "history"
"""Folder beside the journal in which the engine's history lies."""

_US_PER_MS: Final = 1_000

OTHERWISE: Final = (
    "gives other outcomes than are recorded: changed, or written by another version of the program"
)
"""What is said of an entry whose replay differs."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """The engine as the journal left it.

    Attributes:
        engine: None before the first directory.
        at_us: Journal time of the newest entry.
        snapshot_seq: Entry of the snapshot that it began from.
        fault: The first entry that gives other outcomes than were recorded, or None.
    """

    engine: Engine | None
    at_us: int
    snapshot_seq: int
    fault: str | None


def recover(
    journal: Journal, folder: Path, kernel: Kernel = signed_distances, log: Log | None = None
) -> Recovered:
    """Return the engine in the state after the journal's last entry.

    Args:
        journal: The journal.
        folder: Where the snapshots are.
        kernel: What the engine evaluates fences with; whichever wrote the journal.
        log: Where the engine keeps its history; None: the folder's is read, and new in memory.

    Raises:
        JournalError: The journal was trimmed, and no readable snapshot reaches what is left.
    """
    log = log or MemoryLog(folder / HISTORY)
    usable = [s for s in readable_snapshots(folder) if s.seq <= journal.last_seq]
    newest = usable[-1] if usable else None
    engine, seq = engine_of(newest, kernel, log)
    require_reach(journal, seq)
    # The newest entry's time holds even when the snapshot covers it: time never runs backwards.
    at_us = max((entry.at_us for entry in journal.read(journal.last_seq - 1, 1)), default=0)
    fault: str | None = None
    blind = blind_of(journal)
    for entry in journal.entries(after=seq):
        engine, found = apply(engine, entry, kernel, log)
        if entry.seq in blind:
            continue
        if fault is None and decided(found) != decided(recorded(journal, entry.seq)):
            fault = f"entry {entry.seq} {OTHERWISE}"
    return Recovered(engine, at_us, seq, fault)


def blind_of(journal: Journal) -> range:
    """Return the entries that cannot be computed again: something of them was destroyed."""
    destroyed = destructions(journal)
    first = min((body.first for _, body in destroyed if body.first), default=0)
    return range(first, max(seq for seq, _ in destroyed) + 1) if first else range(0)


def destructions(journal: Journal) -> list[tuple[int, Destruction]]:
    """Return the destructions that a journal tells of, by entry, in order."""
    entries = journal.read_kind(DESTRUCTION, 1, journal.newest_seq())
    return [(entry.seq, decode_destruction(entry.body)) for entry in entries]


def apply(
    engine: Engine | None,
    entry: Entry,
    kernel: Kernel = signed_distances,
    log: Log | None = None,
) -> tuple[Engine | None, list[Outcome]]:
    """Return the engine after an entry, and the outcomes of it."""
    at_ms = entry.at_us // _US_PER_MS
    if entry.kind == DIRECTORY:
        directory = compile_directory(entry.body)
        engine = engine or Engine(directory, kernel, log)
        return engine, engine.set_directory(directory, at_ms)
    if engine is not None and entry.kind == BATCH:
        parties, columns = decode_batch(entry.body)
        return engine, engine.step(columns, parties, at_ms)
    if engine is not None and entry.kind == CHECKIN:
        return engine, engine.check_in(decode_attempts(entry.body), at_ms)
    if engine is not None and entry.kind == TICK:
        return engine, engine.tick(at_ms)
    if engine is not None and entry.kind == DESTRUCTION:
        engine.destroy(decode_destruction(entry.body).spans, at_ms)
    return engine, []


def recorded(journal: Journal, seq: int) -> list[Outcome]:
    """Return the outcomes that the journal has of an entry."""
    return [outcome for _, outcome in journal.outcomes(seq, seq)]


def decided(outcomes: Sequence[Outcome]) -> bytes:
    """Return outcomes as bytes, without the words that are made of them."""
    silent = Words("", "")
    return msgspec.msgpack.encode([replace(one, explanation=silent) for one in outcomes])


def require_reach(journal: Journal, seq: int) -> None:
    """Refuse a journal that begins after entry `seq` + 1.

    Raises:
        JournalError: It does; says what to do.
    """
    first = next(iter(journal.read(0, 1)), None)
    if first is not None and first.seq > seq + 1:
        raise JournalError(
            f"journal {journal.path} begins at entry {first.seq} and no readable snapshot in its "
            "folder reaches it: restore the folder from a backup, or begin a new one under a new "
            "gateway name"
        )


def readable_snapshots(folder: Path) -> list[Snapshot]:
    """Return the snapshots whose state has the layout of this program's, oldest first."""
    return [s for s in read_snapshots(folder) if s.state.get("layout") == layout()]


def engine_of(snapshot: Snapshot | None, kernel: Kernel, log: Log) -> tuple[Engine | None, int]:
    """Return the engine that a snapshot holds, and the entry after which it was taken."""
    if snapshot is None:
        return None, 0
    engine = Engine(compile_directory(snapshot.directory), kernel, log)
    for name in sorted(engine.load(snapshot.state)):
        _LOG.warning("rule_gone snapshot=%d rule=%s: its memory is left out", snapshot.seq, name)
    return engine, snapshot.seq
