"""The journal's file: SQLite, WAL, synchronous=FULL, one writer."""

import fcntl
import sqlite3
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Final, TextIO

import msgspec

from gateway.engine.outcome import Outcome
from gateway.errors import JournalError, JournalWriteError
from gateway.journal.entry import GENESIS, Entry, Refused, chain
from gateway.journal.reader import JournalReader
from gateway.journal.rewriting import Rewriting

FORMAT: Final = 2
"""Of the entries' bodies; `PRAGMA user_version` of the file. An entry is read back as arrays whose
columns and types it does not name, so one of another format would be read as nonsense."""

_BUSY_TIMEOUT_S: Final = 10.0
_TRIM_STEP: Final = 500


class Journal(JournalReader):
    """Append, read, trim. Not for use by several threads: open one each."""

    def __init__(self, path: Path, *, writable: bool) -> None:
        """Open the journal; a writable one is made when it is not there.

        Raises:
            JournalError: The file cannot be opened, is no journal, or another process writes it.
        """
        self.path = path
        self._lock = _lock_of(path) if writable else None
        try:
            self._db = sqlite3.connect(
                path if writable else f"{path.absolute().as_uri()}?mode=ro",
                uri=not writable,
                timeout=_BUSY_TIMEOUT_S,
                isolation_level=None,
                check_same_thread=False,
            )
            if writable:
                self._db.execute("PRAGMA journal_mode = WAL")
                self._db.execute("PRAGMA synchronous = FULL")
                # What is destroyed or trimmed shall not lie on in pages that nobody needs.
                self._db.execute("PRAGMA secure_delete = ON")
                self._db.executescript(files("gateway.journal").joinpath("schema.sql").read_text())
            newest: tuple[int, bytes] | None = self._db.execute(
                "SELECT seq, digest FROM entry ORDER BY seq DESC LIMIT 1"
            ).fetchone()
            if newest is not None:
                self._check_format()
            elif writable:
                self._db.execute(f"PRAGMA user_version = {FORMAT}")
        except (sqlite3.Error, JournalError) as error:
            if self._lock is not None:
                self._lock.close()
            raise JournalError(f"journal {path}: {error}") from error
        self.last_seq, self.last_digest = newest or (0, GENESIS)

    def close(self) -> None:
        """Close the file."""
        self._db.close()
        if self._lock is not None:
            self._lock.close()

    def sync_settings(self) -> tuple[str, int]:
        """Return the journal mode and the synchronous level in force (2 is FULL)."""
        mode = self._db.execute("PRAGMA journal_mode").fetchone()[0]
        level = self._db.execute("PRAGMA synchronous").fetchone()[0]
        return str(mode), int(level)

    def append(
        self,
        kind: str,
        at_us: int,
        body: bytes,
        *,
        rows: int = 0,
        outcomes: Sequence[Outcome] = (),
        refused: Sequence[Refused] = (),
        quarantine_max: int = 0,
    ) -> Entry:
        """Write an entry and what came of it in one durable transaction, and return it.

        Raises:
            JournalWriteError: Nothing was written; the same call may be made again.
        """
        (entry,) = self.chained([(kind, body)], at_us, rows=rows)
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._insert(entry, outcomes)
            if refused:
                self._quarantine(refused, quarantine_max)
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            raise JournalWriteError(f"journal {self.path}: {error}") from error
        self.last_seq, self.last_digest = entry.seq, entry.digest
        return entry

    def chained(
        self, bodies: Sequence[tuple[str, bytes]], at_us: int, *, rows: int = 0
    ) -> list[Entry]:
        """Return the next entries, by kind and body, as they would be written now."""
        entries: list[Entry] = []
        seq, digest = self.last_seq, self.last_digest
        for kind, body in bodies:
            seq += 1
            digest = chain(digest, seq=seq, kind=kind, at_us=at_us, body=body)
            made = Entry(seq=seq, kind=kind, at_us=at_us, rows=rows, body=body, digest=digest)
            entries.append(made)
        return entries

    def rewrite(
        self, entries: Sequence[Entry], outcomes: Sequence[Outcome], change: Rewriting
    ) -> None:
        """Write entries, and what the last of them destroys, in one durable transaction.

        Args:
            entries: The next ones, as `chained` gives them.
            outcomes: What came of the first of them.
            change: What becomes of older entries.

        Raises:
            JournalWriteError: Nothing was written; the same call may be made again.
        """
        last = entries[-1]
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._insert(entries[0], outcomes)
            for entry in entries[1:]:
                self._insert(entry, ())
            change.apply(self._db, by=last.seq)
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            raise JournalWriteError(f"journal {self.path}: {error}") from error
        self.last_seq, self.last_digest = last.seq, last.digest

    def scrub(self) -> bool:
        """Empty the write-ahead log, where older pages lie; return whether nobody was in the way.

        Raises:
            JournalWriteError: The file cannot be written.
        """
        try:
            row = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.Error as error:
            raise JournalWriteError(f"journal {self.path}: {error}") from error
        return int(row[0]) == 0

    def trim(self, through: int, before_us: int) -> int:
        """Delete old entries and their outcomes, a bounded number; return how many.

        The newest entry always stays: the numbers go on from it.

        Args:
            through: Never beyond this entry (confirmed by the server, covered by a snapshot).
            before_us: Only entries older than this.

        Raises:
            JournalWriteError: Nothing was deleted.
        """
        try:
            row = self._db.execute(
                "SELECT max(seq) FROM (SELECT seq FROM entry WHERE seq <= ? AND at_us < ?"
                " ORDER BY seq LIMIT ?)",
                (min(through, self.last_seq - 1), before_us, _TRIM_STEP),
            ).fetchone()
            if row[0] is None:
                return 0
            self._db.execute("BEGIN IMMEDIATE")
            gone = self._db.execute("DELETE FROM entry WHERE seq <= ?", row).rowcount
            self._db.execute("DELETE FROM outcome WHERE seq <= ?", row)
            self._db.execute("DELETE FROM rewritten WHERE seq <= ?", row)
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            raise JournalWriteError(f"journal {self.path}: {error}") from error
        return gone

    def _check_format(self) -> None:
        found = int(self._db.execute("PRAGMA user_version").fetchone()[0])
        if found != FORMAT:
            raise JournalError(
                f"its entries have format {found}, this program reads and writes {FORMAT}: let the "
                "version of the program that wrote it hand everything to the server (/metrics: "
                "guitu_gateway_confirmed_entries), then begin a new folder under a new gateway name"
            )

    def _insert(self, entry: Entry, outcomes: Sequence[Outcome]) -> None:
        self._db.execute(
            "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?)",
            (entry.seq, entry.kind, entry.at_us, entry.rows, entry.body, entry.digest),
        )
        bodies = [(entry.seq, n, msgspec.msgpack.encode(one)) for n, one in enumerate(outcomes)]
        self._db.executemany("INSERT INTO outcome VALUES (?, ?, ?)", bodies)

    def _quarantine(self, refused: Sequence[Refused], most: int) -> None:
        self._db.executemany(
            "INSERT INTO quarantine (at_us, reason, topic, detail, size, payload)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            [(r.at_us, r.reason, r.topic, r.detail, r.size, r.payload) for r in refused],
        )
        self._db.execute(
            "DELETE FROM quarantine WHERE id <= (SELECT max(id) FROM quarantine) - ?", (most,)
        )

    def _roll_back(self) -> None:
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")


def _lock_of(path: Path) -> TextIO:
    # The kernel lets go of it when the process ends, however it ends.
    try:
        file = path.with_suffix(".lock").open("a")
    except OSError as error:
        raise JournalError(f"journal {path}: {error}") from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise JournalError(
            f"journal {path} is written by another process: each gateway has a folder of its own"
        ) from error
    return file
