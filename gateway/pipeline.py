"""Decode, evaluate, commit: the only place where the journal grows.

The order is the promise: nothing that this returns may be acknowledged before it returns, and
everything that it returns is on the disk.
"""

import logging
import os
import sys
import threading
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Any, Final

import numpy as np

from gateway.attempt import Attempt
from gateway.committed import Committed, Evaluated
from gateway.config import GatewaySettings
from gateway.directory.lifted import Span, devices_of, lifted_spans
from gateway.directory.snapshot import Directory
from gateway.engine.duties.budget import Nuisance
from gateway.engine.engine import Engine
from gateway.engine.history.segments import DiskLog
from gateway.engine.memory import LastFix
from gateway.engine.outcome import Outcome
from gateway.errors import JournalWriteError
from gateway.faces.vault import Vault
from gateway.insistence import Insistence, StoppedError
from gateway.intake.decode import Decoder
from gateway.intake.received import Received
from gateway.journal.announced import encode_announced
from gateway.journal.destruction import encode_destruction, find
from gateway.journal.entry import (
    BATCH,
    CHECKIN,
    DESTRUCTION,
    DIRECTORY,
    LOCAL,
    MEDIA,
    SALT_BYTES,
    START,
    TICK,
    encode_attempts,
    encode_batch,
    encode_start,
)
from gateway.journal.snapshot import Snapshot, drop_snapshots, oldest_seq, write_snapshot
from gateway.journal.store import Journal
from gateway.journal.telling import Telling, encode_tellings
from gateway.recovery import HISTORY, recover
from geofence.kernels import KernelName, load_kernel

log = logging.getLogger("guitu.gateway.journal")

_US_PER_MS: Final = 1_000
_US_PER_S: Final = 1_000_000
_US_PER_H: Final = 3_600_000_000
_SNAPSHOT_US: Final = 2 * _US_PER_H
"""Where little comes, a snapshot is written this often: the history that an older one would need is
let go after some hours (engine/retention.py)."""


class Pipeline:
    """Journal and engine, kept in step. One call at a time, from whichever thread."""

    def __init__(
        self,
        settings: GatewaySettings,
        *,
        clock_us: Callable[[], int],
        stopping: threading.Event,
        on_trouble: Callable[[str | None], None],
        vault: Vault | None = None,
    ) -> None:
        """Open the journal and bring the engine to where it ended.

        Args:
            settings: The gateway's settings.
            clock_us: Our clock.
            stopping: Set when the gateway shuts down.
            on_trouble: Told what keeps the journal from growing, and None when it grows again.
            vault: Where attempts to check in wait for a verdict; None: they are refused.
        """
        self._vault = vault
        self._settings = settings
        self._clock_us = clock_us
        self._insistence = Insistence(stopping, on_trouble)
        self.journal = Journal(settings.data_dir / "journal.db", writable=True)
        self._kernel = load_kernel(settings.kernel)
        self._log = DiskLog(settings.data_dir / HISTORY)
        # Written for a destruction that was not committed.
        drop_snapshots(settings.data_dir, after=self.journal.last_seq)
        recovered = recover(self.journal, settings.data_dir, self._kernel, self._log)
        self._engine = recovered.engine
        self._last_at_us = recovered.at_us
        self._snapshot_seq = recovered.snapshot_seq
        self.recovery_fault = recovered.fault
        if recovered.fault is not None:
            log.error("recovery_differs %s", recovered.fault)
        self._snapshot_at_us = 0
        self._decoder: Decoder | None = None
        self._is_ahead = False
        self._finish_destruction()
        self._append(START, encode_start(versions(settings.kernel)))

    @property
    def directory(self) -> Directory | None:
        """The directory in force; None until the first one."""
        return self._engine.directory if self._engine else None

    @property
    def nuisance(self) -> dict[str, Nuisance]:
        """The alerts of the last 24 hours by organisation; nothing before the first directory."""
        if self._engine is None:
            return {}
        return self._engine.nuisance(self._last_at_us // _US_PER_MS)

    def whereabouts(self, subject: str) -> list[LastFix]:
        """Return where the wristbands of a person were last; nothing before the first fix."""
        return [] if self._engine is None else self._engine.newest_fixes(subject)

    def set_directory(self, directory: Directory) -> list[Outcome]:
        """Put a directory in force, as a journal entry like any other."""
        at_us, before = self._now_us(), self.directory
        if self._engine is None:
            self._engine = Engine(directory, self._kernel, self._log)
        self._is_ahead = True
        outcomes = self._engine.set_directory(directory, at_us // _US_PER_MS)
        lifted = [] if before is None else lifted_spans(before, directory)
        if not (lifted and self._destroy(self._engine, lifted, outcomes, at_us)):
            self._append(DIRECTORY, directory.body, at_us=at_us, outcomes=outcomes)
        return outcomes

    def _destroy(
        self, engine: Engine, lifted: Sequence[Span], outcomes: Sequence[Outcome], at_us: int
    ) -> bool:
        """Commit the directory in force with what it makes unlawful; False: there is nothing."""
        directory = engine.directory
        change, said = find(
            self.journal,
            lifted,
            devices=devices_of(directory, lifted),
            tolerance_us=self._settings.future_tolerance_s * _US_PER_S,
            directory_version=directory.version,
        )
        if not change and not engine.holds_places(lifted):
            return False
        engine.destroy(lifted, at_us // _US_PER_MS)
        bodies = [(DIRECTORY, directory.body), (DESTRUCTION, encode_destruction(said))]
        entries = self.journal.chained(bodies, at_us)
        last = entries[-1]
        # Before the journal: a state from before the destruction is never gone back to after it.
        self._insistence.until_written(lambda: self._write_snapshot(engine, last.seq, last.digest))
        self._insistence.until_written(lambda: self.journal.rewrite(entries, outcomes, change))
        log.info(
            "destroyed directory=%d reports=%d outcomes=%d refused=%d",
            said.directory_version,
            said.reports,
            said.outcomes,
            said.refused,
        )
        self._is_ahead = False
        self._finish_destruction()
        return True

    def _finish_destruction(self) -> None:
        """Remove from the disk what the newest destruction left behind; may be repeated."""
        drop_snapshots(self._settings.data_dir, before=self.journal.newest_destruction())
        if self._engine is not None:
            self._engine.history.erase()
        self._scrub()

    def _scrub(self) -> None:
        try:
            self._is_scrubbed = self.journal.scrub()
        except JournalWriteError as error:
            log.warning("scrub_failed error=%s", error)
            self._is_scrubbed = False

    def evaluate(self, messages: Sequence[Received]) -> Evaluated:
        """Decode and evaluate a batch; what comes out must be committed before anything else.

        Raises:
            StoppedError: There is no directory yet.
        """
        engine = self._ready_engine()
        decoded = self._decoder_under(engine.directory).decode(messages)
        fresh = engine.fresh(decoded.columns, decoded.parties)
        columns = decoded.columns
        if repeated := int(np.count_nonzero(~fresh)):
            columns = columns.take(fresh)
            decoded.counts["repeated"] = repeated
        at_us = self._now_us()
        self._is_ahead = True
        outcomes = engine.step(columns, decoded.parties, at_us // _US_PER_MS)
        return Evaluated(decoded, columns, outcomes, at_us)

    def commit(self, batch: Evaluated) -> Committed:
        """Make a batch durable and return what may be acknowledged now. Waits for the disk.

        Raises:
            StoppedError: The gateway is shutting down and the journal cannot be written.
        """
        decoded = batch.decoded
        if len(batch.columns) or decoded.counts:
            self._append(
                BATCH,
                encode_batch(
                    decoded.parties,
                    batch.columns,
                    decoded.counts,
                    os.urandom(SALT_BYTES * len(batch.columns)),
                ),
                at_us=batch.at_us,
                rows=len(batch.columns),
                outcomes=batch.outcomes,
                refused=decoded.refused,
            )
        self._is_ahead = False
        vault = self._vault
        if decoded.shown and vault is not None:
            self._insistence.until_written(lambda: vault.hold(decoded.shown))
        if decoded.announced:
            self._append(MEDIA, encode_announced(decoded.announced))
        return Committed(
            decoded.acknowledge,
            batch.outcomes,
            len(batch.columns),
            decoded.counts,
            decoded.replies,
            decoded.signals,
            len(decoded.announced),
            len(decoded.shown),
            decoded.asked,
        )

    def record(self, tellings: Sequence[Telling]) -> None:
        """Write whom we told of alerts ourselves, and who has seen them. Waits for the disk.

        Raises:
            StoppedError: The gateway is shutting down and the journal cannot be written.
        """
        self._append(LOCAL, encode_tellings(tellings))

    def check_in(self, attempts: Sequence[Attempt]) -> list[Outcome]:
        """Write attempts to check in with their verdicts, and what follows. Waits for the disk.

        Raises:
            StoppedError: There is no directory yet, or the gateway is shutting down.
        """
        engine, at_us = self._ready_engine(), self._now_us()
        self._is_ahead = True
        outcomes = engine.check_in(attempts, at_us // _US_PER_MS)
        self._append(CHECKIN, encode_attempts(attempts), at_us=at_us, outcomes=outcomes)
        return outcomes

    @property
    def is_behind(self) -> bool:
        """Whether backlogs are left that the last tick had no room for."""
        at_ms = self._last_at_us // _US_PER_MS
        return self._engine is not None and self._engine.is_behind(at_ms)

    def tick(self) -> list[Outcome]:
        """Let time pass; an entry only when that changes anything."""
        at_us = self._now_us()
        if self._engine is None or not self._engine.tick_due(at_us // _US_PER_MS):
            return []
        self._is_ahead = True
        outcomes = self._engine.tick(at_us // _US_PER_MS)
        self._append(TICK, b"", at_us=at_us, outcomes=outcomes)
        return outcomes

    def housekeep(self, confirmed_seq: int) -> None:
        """Write a snapshot when one is due; trim what is confirmed, snapshotted and old."""
        entries = self.journal.last_seq - self._snapshot_seq
        is_old = self._now_us() - self._snapshot_at_us >= _SNAPSHOT_US
        if entries >= self._settings.snapshot_entries or (entries and is_old):
            self.snapshot()
        if not self._is_scrubbed:
            self._scrub()
        before_us = self._now_us() - self._settings.journal_keep_h * _US_PER_H
        through = min(confirmed_seq, oldest_seq(self._settings.data_dir))
        try:
            self.journal.trim(through, before_us)
        except JournalWriteError as error:
            log.warning("trim_failed error=%s", error)

    def snapshot(self) -> None:
        """Write a snapshot now; a failure is logged, for the journal has everything."""
        # A state that holds more than the journal would pass what comes again for repeated.
        if self._engine is None or self._is_ahead:
            return
        try:
            self._write_snapshot(self._engine, self.journal.last_seq, self.journal.last_digest)
        except OSError as error:
            log.warning("snapshot_failed error=%s", error)

    def close(self) -> None:
        """Write a last snapshot and close the journal."""
        self.snapshot()
        self.journal.close()
        self._log.close()

    def _write_snapshot(self, engine: Engine, seq: int, digest: bytes) -> None:
        snapshot = Snapshot(
            seq=seq,
            digest=digest,
            directory=engine.directory.body,
            state=engine.dump(),
        )
        write_snapshot(self._settings.data_dir, snapshot)
        self._snapshot_seq, self._snapshot_at_us = snapshot.seq, self._now_us()

    def _decoder_under(self, directory: Directory) -> Decoder:
        if self._decoder is None or self._decoder.directory is not directory:
            self._decoder = Decoder(
                directory,
                future_tolerance_s=self._settings.future_tolerance_s,
                payload_bytes_max=self._settings.quarantine_payload_bytes,
                room_for_faces=self._vault.has_room if self._vault else None,
            )
        return self._decoder

    def _ready_engine(self) -> Engine:
        if self._engine is None:
            raise StoppedError("no directory yet")
        return self._engine

    def _now_us(self) -> int:
        # A clock set back must not make time run backwards in the journal.
        self._last_at_us = max(self._clock_us(), self._last_at_us)
        return self._last_at_us

    def _append(self, kind: str, body: bytes, *, at_us: int | None = None, **rest: Any) -> None:
        at_us = self._now_us() if at_us is None else at_us
        most = self._settings.quarantine_max
        # The engine has moved on already: this entry must be written, or nothing ever again.
        self._insistence.until_written(
            lambda: self.journal.append(kind, at_us, body, quarantine_max=most, **rest)
        )
        self._is_ahead = False


def versions(kernel: KernelName) -> dict[str, str]:
    """Return the kernel and versions that decide, for the journal."""
    return {
        "kernel": kernel,
        "guitu": version("guitu"),
        "numpy": version("numpy"),
        "shapely": version("shapely"),
        "python": ".".join(map(str, sys.version_info[:3])),
    }
