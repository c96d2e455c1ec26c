"""The journal's file: SQLite, WAL, synchronous=FULL, one writer."""

import fcntl
import sqlite3
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Final, TextIO

import msgspec

from gateway.engine.outcome import Outcome
from gateway.errors import JournalError, JournalWriteError
from gateway.journal.entry import GENESIS, Entry, Refused, chain

FORMAT: Final = 2
"""Of the entries' bodies; `PRAGMA user_version` of the file. An entry is read back as arrays whose
columns and types it does not name, so one of another format would be read as nonsense."""

_BUSY_TIMEOUT_S: Final = 10.0
_TRIM_STEP: Final = 500
_PAGE: Final = 64
"""An entry may have half a megabyte."""


class Journal:
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
        seq = self.last_seq + 1
        digest = chain(self.last_digest, seq=seq, kind=kind, at_us=at_us, body=body)
        entry = Entry(seq=seq, kind=kind, at_us=at_us, rows=rows, body=body, digest=digest)
        bodies = [(seq, nth, msgspec.msgpack.encode(o)) for nth, o in enumerate(outcomes)]
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute(
                "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?)",
                (seq, kind, at_us, rows, body, digest),
            )
            self._db.executemany("INSERT INTO outcome VALUES (?, ?, ?)", bodies)
            if refused:
                self._quarantine(refused, quarantine_max)
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            raise JournalWriteError(f"journal {self.path}: {error}") from error
        self.last_seq, self.last_digest = seq, digest
        return entry

    def read(self, after: int, limit: int) -> list[Entry]:
        """Return up to `limit` entries after `after`, in order."""
        found = self._db.execute(
            "SELECT seq, kind, at_us, rows, body, digest FROM entry WHERE seq > ?"
            " ORDER BY seq LIMIT ?",
            (after, limit),
        )
        return [
            Entry(seq=s, kind=k, at_us=a, rows=r, body=b, digest=d) for s, k, a, r, b, d in found
        ]

    def sizes(self, after: int, limit: int) -> list[tuple[int, int]]:
        """Return (seq, reports) of up to `limit` entries after `after`, without their bodies."""
        return self._db.execute(
            "SELECT seq, rows FROM entry WHERE seq > ? ORDER BY seq LIMIT ?", (after, limit)
        ).fetchall()

    def entries(self, after: int = 0) -> Iterator[Entry]:
        """Yield all entries after `after`, in order, a page at a time."""
        while page := self.read(after, _PAGE):
            yield from page
            after = page[-1].seq

    def outcomes(self, first: int, last: int) -> list[tuple[int, Outcome]]:
        """Return (entry seq, outcome) of the entries from `first` to `last`, in order."""
        found = self._db.execute(
            "SELECT seq, body FROM outcome WHERE seq BETWEEN ? AND ? ORDER BY seq, nth",
            (first, last),
        )
        return [(seq, msgspec.msgpack.decode(body, type=Outcome)) for seq, body in found]

    def outcomes_from(
        self, first: int, nth: int, last: int, limit: int
    ) -> list[tuple[int, Outcome]]:
        """Return up to `limit` outcomes of the entries to `last`, from the nth of entry `first`."""
        found = self._db.execute(
            "SELECT seq, body FROM outcome WHERE (seq, nth) >= (?, ?) AND seq <= ?"
            " ORDER BY seq, nth LIMIT ?",
            (first, nth, last, limit),
        )
        return [(seq, msgspec.msgpack.decode(body, type=Outcome)) for seq, body in found]

    def newest_seq(self) -> int:
        """Return the number of the newest entry, as the file says now; 0 without any."""
        row = self._db.execute("SELECT coalesce(max(seq), 0) FROM entry").fetchone()
        return int(row[0])

    def written_at_us(self, seq: int) -> int | None:
        """Return our clock when an entry was written; None when it is not there."""
        row = self._db.execute("SELECT at_us FROM entry WHERE seq = ?", (seq,)).fetchone()
        return None if row is None else int(row[0])

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
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            raise JournalWriteError(f"journal {self.path}: {error}") from error
        return gone

    def quarantined(self, limit: int) -> list[Refused]:
        """Return the newest refused messages, newest first."""
        found = self._db.execute(
            "SELECT at_us, reason, topic, detail, size, payload FROM quarantine"
            " ORDER BY id DESC LIMIT ?",
            (limit,),
        )
        return [
            Refused(at_us=a, reason=r, topic=t, detail=d, size=s, payload=p)
            for a, r, t, d, s, p in found
        ]

    def counts(self) -> dict[str, int]:
        """Return the number of entries by kind, of reports, outcomes and refused messages."""
        found = {
            f"entries_{kind}": int(count)
            for kind, count in self._db.execute(
                "SELECT kind, count(*) FROM entry GROUP BY kind ORDER BY kind"
            )
        }
        for name, query in (
            ("reports", "SELECT coalesce(sum(rows), 0) FROM entry"),
            ("outcomes", "SELECT count(*) FROM outcome"),
            ("quarantined", "SELECT count(*) FROM quarantine"),
        ):
            found[name] = int(self._db.execute(query).fetchone()[0])
        return found

    def _check_format(self) -> None:
        found = int(self._db.execute("PRAGMA user_version").fetchone()[0])
        if found != FORMAT:
            raise JournalError(
                f"its entries have format {found}, this program reads and writes {FORMAT}: let the "
                "version of the program that wrote it hand everything to the server (/metrics: "
                "guitu_gateway_confirmed_entries), then begin a new folder under a new gateway name"
            )

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
