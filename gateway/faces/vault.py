"""The side store of faces (faces.db beside the journal): templates, pictures that wait, past ones.

Everything that shows a face is sealed. The journal has digests and verdicts only.
"""

import hashlib
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np

from gateway.errors import FaceVaultError, JournalWriteError
from gateway.faces.engine import Template
from gateway.faces.gallery import Gallery
from gateway.faces.sealing import OfficeKeys
from gateway.faces.shown import Shown

FILE: Final = "faces.db"
WAITING_MAX: Final = 5_000
"""Attempts that wait for a verdict, of at most 256 kB each; beyond it new ones are refused."""
FILING_THRESHOLD: Final = 100_000
"""From this many people's faces on, whoever keeps them files that with the authorities
(人脸识别技术应用安全管理办法, in force 2025-06-01)."""

ISSUED_MAX: Final = 100
"""Challenges of one kiosk that are kept; with another one the oldest is forgotten."""

_DTYPE: Final = "<f8"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """One template to be kept.

    Attributes:
        org: Office that enrols; only its attempts are compared with it.
        subject: Pseudonym.
        engine: Engine that made it.
        basis: Legal basis.
        notice: Reference of the notice that the person was given.
        at_us: Our clock.
    """

    org: str
    subject: str
    engine: str
    basis: str
    notice: str
    at_us: int


class Enrolled(NamedTuple):
    """Who a token stands for.

    Attributes:
        subject: Pseudonym.
        org: Office of the enrolment.
        templates: Those of the engine that was asked for, shape (n, 128); n may be 0.
    """

    subject: str
    org: str
    templates: np.ndarray[tuple[int, int], np.dtype[np.float64]]


class Past(NamedTuple):
    """What was shown before."""

    kiosk: str
    attempt: str
    capture: bytes
    likeness: bytes


class Issued(NamedTuple):
    """A challenge of our own."""

    kiosk: str
    kind: str
    until_us: int


class Vault:
    """The side store; one lock, whichever thread."""

    def __init__(self, folder: Path, keys: OfficeKeys) -> None:
        """Open or make the store.

        Raises:
            FaceVaultError: It cannot be opened.
        """
        self._keys = keys
        self._lock = threading.Lock()
        try:
            self._db = sqlite3.connect(
                folder / FILE, timeout=30, isolation_level=None, check_same_thread=False
            )
            (folder / FILE).chmod(0o600)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            # What was destroyed is overwritten, not only unlinked.
            self._db.execute("PRAGMA secure_delete = ON")
            self._db.executescript(files("gateway.faces").joinpath("vault.sql").read_text())
        except (sqlite3.Error, OSError) as error:
            raise FaceVaultError(f"{folder / FILE}: {error}") from error

    def close(self) -> None:
        """Close it."""
        self._db.close()

    def enrol(self, token: str, one: Enrolment, templates: Iterable[Template]) -> int:
        """Keep templates of a person under a token; return how many the person has now."""
        with self._writing() as db:
            for template in templates:
                content = np.asarray(template, dtype=_DTYPE).tobytes()
                sealed = self._keys.seal(one.org, content, _of_template(one.subject, one.engine))
                db.execute(
                    "INSERT INTO template (org, subject, token_hash, engine, basis, notice,"
                    " enrolled_at_us, sealed) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (one.org, one.subject, _hash(token), one.engine, one.basis, one.notice,
                     one.at_us, sealed),
                )  # fmt: skip
            counted = "SELECT count(*) FROM template WHERE subject = ?"
            return int(db.execute(counted, (one.subject,)).fetchone()[0])

    def enrolled(self, token: str, engine: str) -> Enrolled | None:
        """Return whom a token stands for; None: nobody."""
        rows = self._read(
            "SELECT org, subject, engine, sealed FROM template WHERE token_hash = ? ORDER BY id",
            (_hash(token),),
        )
        if not rows:
            return None
        org, subject = rows[0][0], rows[0][1]
        context = _of_template(subject, engine)
        own = [self._keys.open(org, sealed, context) for *_, made, sealed in rows if made == engine]
        return Enrolled(subject, org, np.frombuffer(b"".join(own), _DTYPE).reshape(len(own), -1))

    def gallery(self, org: str, engine: str) -> Gallery:
        """Return everybody of an office whose templates are of an engine.

        Opened anew each time: faces of a whole office do not lie open in memory between attempts.
        """
        rows = self._read(
            "SELECT subject, sealed FROM template WHERE org = ? AND engine = ?"
            " ORDER BY subject, id",
            (org, engine),
        )
        begins = [n for n, row in enumerate(rows) if n == 0 or row[0] != rows[n - 1][0]]
        opened = (self._keys.open(org, sealed, _of_template(who, engine)) for who, sealed in rows)
        held = np.frombuffer(b"".join(opened), _DTYPE)
        return Gallery(
            [rows[begin][0] for begin in begins],
            np.array(begins, np.int64),
            held.reshape(len(rows), -1) if rows else held.reshape(0, 0),
        )

    def people(self) -> int:
        """Return how many people's faces are kept."""
        return int(self._read("SELECT count(DISTINCT subject) FROM template")[0][0])

    def listed(self) -> list[tuple[str, str, str, str, int, int]]:
        """Return subject, office, basis, notice, templates and newest enrolment, by person."""
        return self._read(
            "SELECT subject, org, basis, notice, count(*), max(enrolled_at_us) FROM template"
            " GROUP BY 1, 2, 3, 4 ORDER BY 1, 2"
        )

    def forget(self, subject: str) -> int:
        """Destroy everything of a person; return how many templates there were."""
        with self._writing() as db:
            count = db.execute("DELETE FROM template WHERE subject = ?", (subject,)).rowcount
            db.execute("DELETE FROM past WHERE subject = ?", (subject,))
            db.execute("DELETE FROM kept WHERE subject = ?", (subject,))
        return count

    def subjects(self) -> list[str]:
        """Return of whom there is anything."""
        rows = self._read("SELECT subject FROM template UNION SELECT subject FROM kept")
        return [row[0] for row in rows]

    def hold(self, attempts: Sequence[Shown]) -> None:
        """Keep attempts until there is a verdict. One that waits already is not kept twice.

        Raises:
            JournalWriteError: The disk did not take them.
        """
        try:
            with self._writing() as db:
                for one in attempts:
                    content = msgspec.msgpack.encode(one)
                    kiosk, attempt = one.said.device, one.said.attempt
                    sealed = self._keys.seal(one.org, content, _of_waiting(kiosk, attempt))
                    db.execute(
                        "INSERT INTO waiting (kiosk, attempt, org, sealed) VALUES (?, ?, ?, ?)"
                        " ON CONFLICT (kiosk, attempt) DO NOTHING",
                        (kiosk, attempt, one.org, sealed),
                    )
        except FaceVaultError as error:
            raise JournalWriteError(str(error)) from error

    def waiting(self, most: int, after: int = 0) -> list[tuple[int, Shown]]:
        """Return the attempts that have waited longest, by their number, after a number."""
        rows = self._read(
            "SELECT id, kiosk, attempt, org, sealed FROM waiting WHERE id > ? ORDER BY id LIMIT ?",
            (after, most),
        )
        return [
            (number, msgspec.msgpack.decode(
                self._keys.open(org, sealed, _of_waiting(kiosk, attempt)), type=Shown))
            for number, kiosk, attempt, org, sealed in rows
        ]  # fmt: skip

    def has_room(self) -> bool:
        """Return whether more attempts may wait."""
        return self.waiting_count() < WAITING_MAX

    def waiting_count(self) -> int:
        """Return how many attempts wait."""
        return int(self._read("SELECT count(*) FROM waiting")[0][0])

    def past(self, subject: str, since_us: int) -> list[Past]:
        """Return what was shown for a person since then."""
        rows = self._read(
            "SELECT kiosk, attempt, capture, likeness FROM past WHERE subject = ? AND at_us >= ?",
            (subject, since_us),
        )
        return [Past(*row) for row in rows]

    def has_nonce(self, nonce: str, kiosk: str, attempt: str) -> bool:
        """Return whether another attempt came with a nonce."""
        rows = self._read(
            "SELECT 1 FROM past WHERE nonce = ? AND nonce <> '' AND (kiosk, attempt) <> (?, ?)"
            " LIMIT 1",
            (nonce, kiosk, attempt),
        )
        return bool(rows)

    def issue(self, nonce: str, one: Issued) -> None:
        """Keep a challenge; the oldest of the kiosk go where there are too many."""
        with self._writing() as db:
            db.execute(
                "INSERT INTO issued (nonce, kiosk, kind, until_us) VALUES (?, ?, ?, ?)",
                (nonce, *one),
            )
            db.execute(
                "DELETE FROM issued WHERE nonce IN (SELECT nonce FROM issued WHERE kiosk = ?"
                " ORDER BY until_us DESC, nonce LIMIT -1 OFFSET ?)",
                (one.kiosk, ISSUED_MAX),
            )

    def issued(self, nonce: str) -> Issued | None:
        """Return the challenge of a nonce; None: it is none of ours, or was long ago."""
        rows = self._read("SELECT kiosk, kind, until_us FROM issued WHERE nonce = ?", (nonce,))
        return Issued(*rows[0]) if rows else None

    def settle(
        self, number: int, one: Shown, subject: str | None, *, seen: Past | None, keep_us: int
    ) -> None:
        """Let an attempt go whose verdict is in the journal.

        Args:
            number: Its number among those that wait.
            one: The attempt.
            subject: Whose it was to be; None: nobody's, nothing of it stays.
            seen: What makes its picture known again.
            keep_us: Until when its picture is kept for a person to look at, our clock; 0: not at
                all.
        """
        kiosk, attempt = one.said.device, one.said.attempt
        with self._writing() as db:
            db.execute("DELETE FROM waiting WHERE id = ?", (number,))
            if subject is None or seen is None:
                return
            nonce = str(one.said.extra.get("nonce", ""))
            db.execute(
                "INSERT INTO past (kiosk, attempt, subject, capture, likeness, nonce, at_us)"
                " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (kiosk, attempt) DO NOTHING",
                (kiosk, attempt, subject, seen.capture, seen.likeness, nonce, one.received_at_us),
            )
            if keep_us and one.said.image is not None:
                sealed = self._keys.seal(one.org, one.said.image, _of_kept(kiosk, attempt))
                db.execute(
                    "INSERT INTO kept (kiosk, attempt, subject, org, until_us, sealed)"
                    " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (kiosk, attempt) DO NOTHING",
                    (kiosk, attempt, subject, one.org, keep_us, sealed),
                )

    def picture(self, kiosk: str, attempt: str) -> bytes | None:
        """Return the picture of an attempt that a person has to look at; None: none is kept."""
        rows = self._read(
            "SELECT org, sealed FROM kept WHERE kiosk = ? AND attempt = ?", (kiosk, attempt)
        )
        return self._keys.open(rows[0][0], rows[0][1], _of_kept(kiosk, attempt)) if rows else None

    def expire(self, now_us: int, past_before_us: int) -> int:
        """Destroy what is kept no longer; return how many pictures that were."""
        with self._writing() as db:
            count = db.execute("DELETE FROM kept WHERE until_us <= ?", (now_us,)).rowcount
            db.execute("DELETE FROM past WHERE at_us < ?", (past_before_us,))
            db.execute("DELETE FROM issued WHERE until_us < ?", (past_before_us,))
        return count

    def _read(self, sql: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        with self._lock:
            try:
                return self._db.execute(sql, values).fetchall()
            except sqlite3.Error as error:
                raise FaceVaultError(f"the vault of faces cannot be read: {error}") from error

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                with self._db:  # commits, or rolls back
                    self._db.execute("BEGIN IMMEDIATE")
                    yield self._db
            except sqlite3.Error as error:
                raise FaceVaultError(f"the vault of faces cannot be written: {error}") from error


def _hash(token: str) -> bytes:
    # A token is 128 random bits: nothing slower is needed to keep it from being guessed.
    return hashlib.sha256(token.encode()).digest()


def _of_template(subject: str, engine: str) -> str:
    return f"template/{subject}/{engine}"


def _of_waiting(kiosk: str, attempt: str) -> str:
    return f"waiting/{kiosk}/{attempt}"


def _of_kept(kiosk: str, attempt: str) -> str:
    return f"kept/{kiosk}/{attempt}"
