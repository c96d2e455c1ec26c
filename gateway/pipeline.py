"""Decode, evaluate, commit: the only place where the journal grows.

The order is the promise: nothing that this returns may be acknowledged before it returns, and
everything that it returns is on the disk.
"""

import logging
import sys
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final

import numpy as np

from firmware_protocols.message import Reply
from firmware_protocols.topics import Topic
from gateway.columns import ReportColumns
from gateway.config import GatewaySettings
from gateway.directory.snapshot import Directory
from gateway.engine.engine import Engine
from gateway.engine.outcome import Outcome
from gateway.errors import JournalWriteError
from gateway.intake.decode import Decoded, Decoder
from gateway.intake.received import Received
from gateway.journal.entry import BATCH, DIRECTORY, START, TICK, encode_batch, encode_start
from gateway.journal.snapshot import Snapshot, oldest_seq, write_snapshot
from gateway.journal.store import Journal
from gateway.recovery import recover
from geofence.kernels import KernelName, load_kernel

log = logging.getLogger("guitu.gateway.journal")

_US_PER_MS: Final = 1_000
_US_PER_H: Final = 3_600_000_000
_RETRY_FIRST_S: Final = 0.2
_RETRY_MAX_S: Final = 5.0


class StoppedError(Exception):
    """The gateway is shutting down; what was not committed will come again."""


@dataclass(frozen=True, slots=True)
class Committed:
    """What one batch came to, all of it durable.

    Attributes:
        acknowledge: (boot, seq) that devices may forget, by the topic that they came by.
        outcomes: What the engine found.
        accepted: Reports that entered the journal.
        counts: Refused messages and reports by reason, and `repeated`.
        replies: Answers to commands, with the device that gave them.
        signals: Messages that leave no row, by kind.
    """

    acknowledge: dict[Topic, list[tuple[int, int]]]
    outcomes: list[Outcome]
    accepted: int
    counts: Counter[str]
    replies: list[tuple[str, Reply]]
    signals: Counter[str]


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A batch between evaluation and commit: the engine has moved on, the journal not yet."""

    decoded: Decoded
    columns: ReportColumns
    outcomes: list[Outcome]
    at_us: int


class Pipeline:
    """Journal and engine, kept in step. One call at a time, from whichever thread."""

    def __init__(
        self,
        settings: GatewaySettings,
        *,
        clock_us: Callable[[], int],
        stopping: threading.Event,
        on_trouble: Callable[[str | None], None],
    ) -> None:
        """Open the journal and bring the engine to where it ended.

        Args:
            settings: The gateway's settings.
            clock_us: Our clock.
            stopping: Set when the gateway shuts down.
            on_trouble: Told what keeps the journal from growing, and None when it grows again.
        """
        self._settings = settings
        self._clock_us = clock_us
        self._stopping = stopping
        self._on_trouble = on_trouble
        self.journal = Journal(settings.data_dir / "journal.db", writable=True)
        self._kernel = load_kernel(settings.kernel)
        recovered = recover(self.journal, settings.data_dir, self._kernel)
        self._engine = recovered.engine
        self._last_at_us = recovered.at_us
        self._snapshot_seq = recovered.snapshot_seq
        self._is_ahead = False
        self._append(START, encode_start(versions(settings.kernel)))

    @property
    def directory(self) -> Directory | None:
        """The directory in force; None until the first one."""
        return self._engine.directory if self._engine else None

    def set_directory(self, directory: Directory) -> list[Outcome]:
        """Put a directory in force, as a journal entry like any other."""
        at_us = self._now_us()
        if self._engine is None:
            self._engine = Engine(directory, self._kernel)
        self._is_ahead = True
        outcomes = self._engine.set_directory(directory, at_us // _US_PER_MS)
        self._append(DIRECTORY, directory.body, at_us=at_us, outcomes=outcomes)
        return outcomes

    def evaluate(self, messages: Sequence[Received]) -> Evaluated:
        """Decode and evaluate a batch; what comes out must be committed before anything else.

        Raises:
            StoppedError: There is no directory yet.
        """
        engine = self._ready_engine()
        decoder = Decoder(
            engine.directory,
            future_tolerance_s=self._settings.future_tolerance_s,
            payload_bytes_max=self._settings.quarantine_payload_bytes,
        )
        decoded = decoder.decode(messages)
        fresh = engine.fresh(decoded.columns, decoded.parties)
        columns = decoded.columns.take(fresh)
        repeated = int(np.count_nonzero(~fresh))
        if repeated:
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
                encode_batch(decoded.parties, batch.columns, decoded.counts),
                at_us=batch.at_us,
                rows=len(batch.columns),
                outcomes=batch.outcomes,
                refused=decoded.refused,
            )
        self._is_ahead = False
        return Committed(
            decoded.acknowledge,
            batch.outcomes,
            len(batch.columns),
            decoded.counts,
            decoded.replies,
            decoded.signals,
        )

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
        if self.journal.last_seq - self._snapshot_seq >= self._settings.snapshot_entries:
            self.snapshot()
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
        snapshot = Snapshot(
            seq=self.journal.last_seq,
            digest=self.journal.last_digest,
            directory=self._engine.directory.body,
            state=self._engine.dump(),
        )
        try:
            write_snapshot(self._settings.data_dir, snapshot)
        except OSError as error:
            log.warning("snapshot_failed error=%s", error)
        else:
            self._snapshot_seq = snapshot.seq

    def close(self) -> None:
        """Write a last snapshot and close the journal."""
        self.snapshot()
        self.journal.close()

    def _ready_engine(self) -> Engine:
        if self._engine is None:
            raise StoppedError("no directory yet")
        return self._engine

    def _now_us(self) -> int:
        # A clock set back must not make time run backwards in the journal.
        self._last_at_us = max(self._clock_us(), self._last_at_us)
        return self._last_at_us

    def _append(self, kind: str, body: bytes, *, at_us: int | None = None, **rest: Any) -> None:
        # The engine has moved on already: this entry must be written, or nothing ever again.
        at_us = self._now_us() if at_us is None else at_us
        delay_s, failed = _RETRY_FIRST_S, False
        while True:
            try:
                self.journal.append(
                    kind, at_us, body, quarantine_max=self._settings.quarantine_max, **rest
                )
            except JournalWriteError as error:
                failed = True
                log.error("journal_stalled error=%s", error)  # noqa: TRY400  # expected, no trace
                self._on_trouble(str(error))
                if self._stopping.wait(delay_s):
                    raise StoppedError(str(error)) from error
                delay_s = min(delay_s * 2, _RETRY_MAX_S)
            else:
                self._is_ahead = False
                if failed:
                    log.info("journal_resumed seq=%d", self.journal.last_seq)
                    self._on_trouble(None)
                return


def versions(kernel: KernelName) -> dict[str, str]:
    """Return the kernel and versions that decide, for the journal."""
    return {
        "kernel": kernel,
        "guitu": version("guitu"),
        "numpy": version("numpy"),
        "shapely": version("shapely"),
        "python": ".".join(map(str, sys.version_info[:3])),
    }
