"""Holds a journal to what it says: every digest, and every outcome that can be computed again."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway.engine.engine import Engine
from gateway.engine.history.segments import MemoryLog
from gateway.journal.entry import DESTRUCTION, GENESIS, Entry, chain
from gateway.journal.snapshot import Snapshot
from gateway.journal.store import Journal
from gateway.recovery import (
    HISTORY,
    OTHERWISE,
    apply,
    blind_of,
    decided,
    destructions,
    engine_of,
    readable_snapshots,
    recorded,
    require_reach,
)
from geofence.kernel import signed_distances


@dataclass(frozen=True, slots=True)
class Verified:
    """What a verification found.

    Attributes:
        first_seq: Entry after which it began: 0, or that of the oldest snapshot.
        entries: Entries whose digests chain.
        outcomes: Outcomes compared.
        unreplayed: Of the entries, those that were not computed again: from the first of which
            something was destroyed to the snapshot after the destruction.
        fault: The first difference, or None.
    """

    first_seq: int
    entries: int
    outcomes: int
    unreplayed: int
    fault: str | None


def verify(journal: Journal, folder: Path) -> Verified:
    """Replay the journal from its beginning, or from the oldest snapshot once it was trimmed.

    Every entry's digest must chain to the one before, and the replay must give the recorded
    outcomes byte for byte; their explanations, which are made of them, may be worded anew. Of an
    entry that a destruction rewrote the body must be the one that the destruction left.
    """
    first = next(journal.entries(), None)
    if first is None:
        return Verified(0, 0, 0, 0, None)
    while True:
        newest = journal.newest_seq()
        snapshots = readable_snapshots(folder)
        oldest = None if first.seq == 1 else next(iter(snapshots), None)
        require_reach(journal, oldest.seq if oldest else 0)
        found = _Verification(journal, folder, snapshots, oldest).run()
        # A gateway that runs may have destroyed something while we read.
        if found.fault is None or not journal.read_kind(DESTRUCTION, newest + 1, 1 << 62):
            return found


class _Verification:
    def __init__(
        self, journal: Journal, folder: Path, snapshots: list[Snapshot], oldest: Snapshot | None
    ) -> None:
        self._journal, self._folder = journal, folder
        self._log = MemoryLog(folder / HISTORY)
        self._engine, self._begin = self._from(oldest)
        self._digest = oldest.digest if oldest else GENESIS
        self._left = {
            seq: left for _, said in destructions(journal) for seq, left in said.left.items()
        }
        blind = blind_of(journal)
        after = (one for one in snapshots if one.seq + 1 >= blind.stop)
        self._resume = next(after, None)
        # What the snapshot holds is not computed again either: it is where the replay goes on.
        self._blind = range(blind.start, self._resume.seq + 1) if self._resume else blind
        if not blind or self._begin + 1 >= self._blind.stop:
            self._blind = range(0)
        self._compared = self._unreplayed = 0

    def run(self) -> Verified:
        seq = self._begin
        for entry in self._journal.entries(after=seq):
            if entry.seq != seq + 1:
                return self._found(seq, f"entry {seq + 1} is missing")
            seq = entry.seq
            fault = self._fault_of(entry)
            if fault is not None:
                return self._found(seq, f"entry {seq} {fault}")
        return self._found(seq, None)

    def _fault_of(self, entry: Entry) -> str | None:
        if not _is_sound(entry, self._digest, self._left):
            return "was changed"
        self._digest = entry.digest
        if entry.seq in self._blind:
            return self._pass_over(entry)
        self._engine, found = apply(self._engine, entry, signed_distances, self._log)
        if decided(found) != decided(recorded(self._journal, entry.seq)):
            return OTHERWISE
        self._compared += len(found)
        return None

    def _pass_over(self, entry: Entry) -> str | None:
        self._unreplayed += 1
        if entry.seq + 1 < self._blind.stop:
            return None
        if self._resume is None:
            return "is a destruction, and no readable snapshot was taken after it"
        if self._resume.digest != entry.digest:
            return "is not the one that the snapshot after it was taken of"
        self._log = MemoryLog(self._folder / HISTORY)
        self._engine, _ = self._from(self._resume)
        return None

    def _from(self, snapshot: Snapshot | None) -> tuple[Engine | None, int]:
        return engine_of(snapshot, signed_distances, self._log)

    def _found(self, seq: int, fault: str | None) -> Verified:
        entries = seq - self._begin
        return Verified(self._begin, entries, self._compared, self._unreplayed, fault)


def _is_sound(entry: Entry, previous: bytes, left: Mapping[int, tuple[bytes, bytes]]) -> bool:
    if entry.seq in left:
        # Its digest is that of a body that is gone: the destruction's entry vouches for both.
        return (entry.digest, hashlib.sha256(entry.body).digest()) == left[entry.seq]
    made = chain(previous, seq=entry.seq, kind=entry.kind, at_us=entry.at_us, body=entry.body)
    return made == entry.digest
