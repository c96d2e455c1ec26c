"""What is asked of a journal's file; nothing here writes."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from gateway.engine.outcome import Outcome
from gateway.journal.entry import BATCH, Entry, Extent, Refused, Tally

_PAGE: Final = 64
"""An entry may have half a megabyte."""


class JournalReader:
    """The questions. Not for use by several threads: open one each."""

    path: Path
    _db: sqlite3.Connection

    def read(self, after: int, limit: int) -> list[Entry]:
        """Return up to `limit` entries after `after`, in order."""
        found = self._db.execute(
            "SELECT seq, kind, at_us, rows, body, digest FROM entry WHERE seq > ?"
            " ORDER BY seq LIMIT ?",
            (after, limit),
        )
        return [_entry(row) for row in found]

    def read_kind(self, kind: str, first: int, last: int) -> list[Entry]:
        """Return the entries of one kind from `first` to `last`, in order."""
        found = self._db.execute(
            "SELECT seq, kind, at_us, rows, body, digest FROM entry"
            " WHERE seq BETWEEN ? AND ? AND kind = ? ORDER BY seq",
            (first, last, kind),
        )
        return [_entry(row) for row in found]

    def sizes(self, after: int, limit: int) -> list[tuple[int, int]]:
        """Return (seq, reports) of up to `limit` entries after `after`, without their bodies."""
        return self._db.execute(
            "SELECT seq, rows FROM entry WHERE seq > ? ORDER BY seq LIMIT ?", (after, limit)
        ).fetchall()

    def extents(self, after: int, limit: int) -> list[Extent]:
        """Return the extents of up to `limit` entries after `after`, without their bodies."""
        found = self._db.execute(
            "SELECT seq, kind, at_us, rows, length(body) FROM entry WHERE seq > ?"
            " ORDER BY seq LIMIT ?",
            (after, limit),
        )
        return [Extent(*row) for row in found]

    def span(self, begin_us: int, end_us: int) -> tuple[int, int] | None:
        """Return the first and the last entry written in [begin_us, end_us); None without any."""
        row = self._db.execute(
            "SELECT min(seq), max(seq) FROM entry WHERE at_us >= ? AND at_us < ?",
            (begin_us, end_us),
        ).fetchone()
        return None if row[0] is None else (int(row[0]), int(row[1]))

    def raw_outcomes(self, first: int, last: int) -> list[tuple[int, int, bytes]]:
        """Return (entry seq, number in it, body) of the entries from `first` to `last`."""
        return self._db.execute(
            "SELECT seq, nth, body FROM outcome WHERE seq BETWEEN ? AND ? ORDER BY seq, nth",
            (first, last),
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

    def naming(self, holder: str, from_us: int) -> Iterator[Entry]:
        """Yield the batches, written from `from_us` on, in whose bytes a holder is named."""
        found = self._db.execute(
            "SELECT seq, kind, at_us, rows, body, digest FROM entry"
            " WHERE at_us >= ? AND kind = ? AND instr(body, ?) ORDER BY seq",
            (from_us, BATCH, holder.encode()),
        )
        yield from map(_entry, found)

    def outcomes_naming(self, holder: str, from_us: int) -> Iterator[tuple[int, int, Outcome]]:
        """Yield (entry seq, number in it, outcome) of those in whose bytes a holder is named."""
        found = self._db.execute(
            "SELECT seq, nth, body FROM outcome WHERE instr(body, ?) AND seq >="
            " (SELECT min(seq) FROM entry WHERE at_us >= ?) ORDER BY seq, nth",
            (holder.encode(), from_us),
        )
        for seq, nth, body in found:
            yield seq, nth, msgspec.msgpack.decode(body, type=Outcome)

    def refused_bytes(self, device: str, from_us: int) -> list[int]:
        """Return the refused messages of a device, by id, of which bytes are kept."""
        found = self._db.execute(
            "SELECT id FROM quarantine WHERE at_us >= ? AND payload IS NOT NULL"
            " AND instr(topic, ?) ORDER BY id",
            (from_us, f"/{device}/"),
        )
        return [number for (number,) in found]

    def rewritten(self, first: int, last: int) -> dict[int, bytes]:
        """Return SHA-256 of the bodies that destructions left, by entry, `first` to `last`."""
        found = self._db.execute(
            "SELECT seq, left_sha256 FROM rewritten WHERE seq BETWEEN ? AND ?", (first, last)
        )
        return dict(found.fetchall())

    def newest_destruction(self) -> int:
        """Return the newest destruction of which something is left in older entries; 0: none."""
        row = self._db.execute("SELECT coalesce(max(destroyed_by), 0) FROM rewritten").fetchone()
        return int(row[0])

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

    def tally(self) -> Tally:
        """Return what the journal holds."""
        entries = self._db.execute("SELECT kind, count(*) FROM entry GROUP BY kind ORDER BY kind")
        quarantined = self._db.execute(
            "SELECT reason, count(*) FROM quarantine GROUP BY reason ORDER BY reason"
        )
        first, last, oldest_us, newest_us, reports = self._db.execute(
            "SELECT min(seq), max(seq), min(at_us), max(at_us), coalesce(sum(rows), 0) FROM entry"
        ).fetchone()
        outcomes = self._db.execute("SELECT count(*) FROM outcome").fetchone()[0]
        log = self.path.with_name(f"{self.path.name}-wal")
        return Tally(
            first_seq=first,
            last_seq=last,
            oldest_at_us=oldest_us,
            newest_at_us=newest_us,
            entries=dict(entries),
            reports=reports,
            outcomes=outcomes,
            quarantined=dict(quarantined),
            size_bytes=sum(p.stat().st_size for p in (self.path, log) if p.exists()),
        )


def _entry(row: tuple[int, str, int, int, bytes, bytes]) -> Entry:
    seq, kind, at_us, rows, body, digest = row
    return Entry(seq=seq, kind=kind, at_us=at_us, rows=rows, body=body, digest=digest)
