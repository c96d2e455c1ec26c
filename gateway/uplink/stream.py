"""One stream of the uplink: read entries after the mark, send, move the mark when confirmed."""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

import httpx
import msgspec

from gateway.errors import UplinkError, UplinkRefusedError
from gateway.journal.store import Journal
from gateway.uplink.batch import Batch, BatchMaker, Cursor, Stream
from gateway.uplink.call import call, decoded
from gateway.uplink.pace import Pace

log = logging.getLogger("guitu.gateway.uplink")

_IDLE_S: Final = 1.0
_US_PER_S: Final = 1_000_000


class _Marks(msgspec.Struct):
    outcomes: int
    telemetry: int


class _Through(msgspec.Struct):
    through: int
    quarantined: int = 0


class UplinkStream:
    """A thread that drains one stream; the server's mark is the truth.

    Attributes:
        name: Which of the two.
        confirmed_seq: The server has everything up to this entry; None before it said so.
        trouble: Why nothing is sent at the moment, or None.
        offered_s: Since when something is offered and the server has taken nothing, monotonic
            seconds; None: all that was offered is taken.
        oldest_at_us: When the oldest that waits here was written, our clock; None: nothing waits.
        quarantined: Rows or events that the server refused one by one since the start.
    """

    def __init__(
        self,
        stream: Stream,
        *,
        gateway: str,
        open_journal: Callable[[], Journal],
        began_seq: int,
        replaced: Path,
        client: httpx.Client,
        rows_max: int,
        stopping: threading.Event,
    ) -> None:
        """Prepare the stream.

        Args:
            stream: Which of the two.
            gateway: Name of this gateway.
            open_journal: Opens the journal for reading, in the stream's own thread.
            began_seq: The journal's end when the program started.
            replaced: File that says that this journal is not the one that the server knows.
            client: HTTP client with base address and credentials.
            rows_max: Telemetry rows in one request.
            stopping: Set when the gateway shuts down.
        """
        self.confirmed_seq: int | None = None
        self.trouble: str | None = None
        self.offered_s: float | None = None
        self.oldest_at_us: int | None = None
        self.quarantined = 0
        self.name: Stream = stream
        self._gateway = gateway
        self._open_journal = open_journal
        self._began_seq = began_seq
        self._replaced = replaced
        self._client = client
        self._pace = Pace(stream, rows_max=rows_max)
        self._stopping = stopping
        self._grown = threading.Event()

    def wake(self) -> None:
        """Say that the journal has grown."""
        self._grown.set()

    def run(self) -> None:
        """Drain until stopped; whatever the server does, the journal keeps what it has not."""
        self.offered_s = time.monotonic()
        with closing(self._open_journal()) as journal, ThreadPoolExecutor(1) as ahead:
            maker = BatchMaker(self.name, gateway=self._gateway, journal=journal)
            while not self._stopping.is_set():
                try:
                    if self.confirmed_seq is None:
                        self.confirmed_seq = self._ask_mark()
                        self.offered_s = None
                    self._drain(maker, ahead, Cursor(self.confirmed_seq + 1))
                except UplinkError as error:
                    self._report(error)
                    wait_s = self._pace.refused(
                        is_too_large=error.is_too_large, retry_after_s=error.retry_after_s
                    )
                    self._stopping.wait(wait_s)

    def _drain(self, maker: BatchMaker, ahead: ThreadPoolExecutor, cursor: Cursor) -> None:
        """Send from `cursor` on until stopped; while one request is away the next is made."""
        coming = ahead.submit(maker.next, cursor, self._pace.most)
        while not self._stopping.is_set():
            batch = coming.result()
            if batch is None:
                self.oldest_at_us = None
                self._well()
                self._grown.wait(_IDLE_S)
                self._grown.clear()
            else:
                self.oldest_at_us = batch.oldest_at_us
                if batch.is_full:
                    # Else it would be made before what comes meanwhile, and be small.
                    coming = ahead.submit(maker.next, batch.then, self._pace.most)
                began_s = time.monotonic()
                if self.offered_s is None:
                    self.offered_s = began_s
                through = self._send(batch)
                self.confirmed_seq, self.offered_s = through, None
                self._well()
                is_next = through == batch.through
                cursor = batch.then if is_next else Cursor(through + 1)
                took_s = time.monotonic() - began_s
                self._stopping.wait(self._pace.taken(took_s=took_s, is_full=batch.is_full))
                if batch.is_full and is_next:
                    continue
            coming = ahead.submit(maker.next, cursor, self._pace.most)

    def _well(self) -> None:
        if self.trouble is not None:
            log.info("uplink_resumed stream=%s", self.name)
            self.trouble = None

    def _ask_mark(self) -> int:
        answer = call(self._client, "GET", "/api/v1/gateway/marks")
        mark: int = getattr(decoded(answer, _Marks), self.name)
        if mark > self._began_seq or self._replaced.exists():
            # Remembered: the journal will grow past the mark, and its first entries would be
            # taken for sent.
            with suppress(OSError):
                self._replaced.touch()
            raise UplinkRefusedError(
                f"the server has {self.name} up to entry {mark} of another journal than this one, "
                f"which ended at {self._began_seq} when the gateway started: its folder was lost "
                "or replaced. Register the gateway under a new name"
            )
        return mark

    def _send(self, batch: Batch) -> int:
        headers = {
            "Content-Type": batch.content_type,
            "Idempotency-Key": batch.key,
            "Guitu-Behind-Entries": str(max(0, batch.newest_seq - batch.through)),
        }
        if batch.oldest_at_us is not None:
            age_s = time.time_ns() / 1_000 / _US_PER_S - batch.oldest_at_us / _US_PER_S
            headers["Guitu-Oldest-S"] = f"{max(0.0, age_s):.3f}"
        answer = call(self._client, "POST", batch.path, content=batch.body, headers=headers)
        taken = decoded(answer, _Through)
        if taken.quarantined:
            self.quarantined += taken.quarantined
            log.error(
                "uplink_quarantined stream=%s entries=%s count=%s",
                *(self.name, batch.key.rpartition("/")[2], taken.quarantined),
            )
        return taken.through

    def _report(self, error: UplinkError) -> None:
        if self.trouble != str(error):
            self.trouble = str(error)
            level = logging.ERROR if isinstance(error, UplinkRefusedError) else logging.WARNING
            log.log(level, "uplink_waiting stream=%s reason=%s", self.name, error)
