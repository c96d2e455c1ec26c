"""Back to where the journal ended: newest snapshot plus the entries after it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from gateway.directory.snapshot import compile_directory
from gateway.engine.engine import Engine
from gateway.engine.outcome import Outcome
from gateway.errors import JournalError
from gateway.journal.entry import BATCH, DIRECTORY, GENESIS, TICK, Entry, chain, decode_batch
from gateway.journal.snapshot import Snapshot, read_snapshots
from gateway.journal.store import Journal
from geofence.kernel import Kernel, signed_distances

_US_PER_MS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Recovered:
    """The engine as the journal left it; None before the first directory."""

    engine: Engine | None
    at_us: int
    snapshot_seq: int


@dataclass(frozen=True, slots=True)
class Verified:
    """What a verification found.

    Attributes:
        first_seq: Entry after which it began: 0, or that of the oldest snapshot.
        entries: Entries replayed.
        outcomes: Outcomes compared.
        fault: The first difference, or None.
    """

    first_seq: int
    entries: int
    outcomes: int
    fault: str | None


def recover(journal: Journal, folder: Path, kernel: Kernel = signed_distances) -> Recovered:
    """Return the engine in the state after the journal's last entry.

    Args:
        journal: The journal.
        folder: Where the snapshots are.
        kernel: What the engine evaluates fences with; whichever wrote the journal.

    Raises:
        JournalError: The journal was trimmed, and no readable snapshot reaches what is left.
    """
    usable = [s for s in read_snapshots(folder) if s.seq <= journal.last_seq]
    newest = usable[-1] if usable else None
    engine, seq = _from_snapshot(newest, kernel)
    _require_reach(journal, seq)
    # The newest entry's time holds even when the snapshot covers it: time never runs backwards.
    at_us = max((entry.at_us for entry in journal.read(journal.last_seq - 1, 1)), default=0)
    for entry in journal.entries(after=seq):
        engine, _ = apply(engine, entry, kernel)
    return Recovered(engine, at_us, seq)


def apply(
    engine: Engine | None, entry: Entry, kernel: Kernel = signed_distances
) -> tuple[Engine | None, list[Outcome]]:
    """Return the engine after an entry, and the outcomes of it."""
    at_ms = entry.at_us // _US_PER_MS
    if entry.kind == DIRECTORY:
        directory = compile_directory(entry.body)
        engine = engine or Engine(directory, kernel)
        return engine, engine.set_directory(directory, at_ms)
    if engine is not None and entry.kind == BATCH:
        parties, columns = decode_batch(entry.body)
        return engine, engine.step(columns, parties, at_ms)
    if engine is not None and entry.kind == TICK:
        return engine, engine.tick(at_ms)
    return engine, []


def verify(journal: Journal, folder: Path) -> Verified:
    """Replay the journal from its beginning, or from the oldest snapshot once it was trimmed.

    Every entry's digest must chain to the one before, and the replay must give the recorded
    outcomes byte for byte.
    """
    first = next(journal.entries(), None)
    if first is None:
        return Verified(0, 0, 0, None)
    oldest = None if first.seq == 1 else next(iter(read_snapshots(folder)), None)
    engine, seq = _from_snapshot(oldest)
    _require_reach(journal, seq)
    digest = oldest.digest if oldest else GENESIS
    begin, compared = seq, 0
    for entry in journal.entries(after=seq):
        if entry.seq != seq + 1:
            return Verified(begin, seq - begin, compared, f"entry {seq + 1} is missing")
        seq = entry.seq
        digest = chain(digest, seq=seq, kind=entry.kind, at_us=entry.at_us, body=entry.body)
        if digest != entry.digest:
            return Verified(begin, seq - begin, compared, f"entry {seq} was changed")
        engine, found = apply(engine, entry)
        recorded = [outcome for _, outcome in journal.outcomes(seq, seq)]
        if msgspec.msgpack.encode(found) != msgspec.msgpack.encode(recorded):
            return Verified(begin, seq - begin, compared, f"entry {seq} gives other outcomes")
        compared += len(found)
    return Verified(begin, seq - begin, compared, None)


def _require_reach(journal: Journal, seq: int) -> None:
    first = next(iter(journal.read(0, 1)), None)
    if first is not None and first.seq > seq + 1:
        raise JournalError(
            f"journal {journal.path} begins at entry {first.seq} and no readable snapshot in its "
            "folder reaches it: restore the folder from a backup, or begin a new one under a new "
            "gateway name"
        )


def _from_snapshot(
    snapshot: Snapshot | None, kernel: Kernel = signed_distances
) -> tuple[Engine | None, int]:
    if snapshot is None:
        return None, 0
    engine = Engine(compile_directory(snapshot.directory), kernel)
    engine.load(snapshot.state)
    return engine, snapshot.seq
