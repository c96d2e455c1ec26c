"""A thread that hands what the server has confirmed to its archive, segment by segment.

The server's mark is the truth: nothing is kept here about it, so that a kill at any moment only
sends again what the server has, which it stores once.
"""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Final

import httpx
import msgspec

from gateway.archive.segment import Segment, encode_segment, next_segment
from gateway.errors import UplinkError, UplinkRefusedError
from gateway.journal.store import Journal
from gateway.uplink.call import call, decoded
from gateway.uplink.pace import Pace

log = logging.getLogger("guitu.gateway.archive")

PATH: Final = "/api/v1/gateway/archive"
CONTENT_TYPE: Final = "application/vnd.apache.arrow.stream"
ENTRIES_MAX: Final = 2_000
_IDLE_S: Final = 1.0


class _Through(msgspec.Struct):
    through: int


class _Refused(msgspec.Struct):
    """What is told of an entry that the archive refused: nothing of what it holds."""

    kind: str
    at_us: int
    rows: int
    digest: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Suspect:
    """Entries up to `last`, of which at least one is refused; `most` of them are tried at once."""

    last: int
    most: int


class Archiver:
    """Archives a journal.

    Attributes:
        confirmed_seq: The archive has everything up to this entry; None before the server said so.
        trouble: Why nothing is archived at the moment, or None.
        refused: Entries that the archive refused by themselves, since the start.
    """

    name: Final = "archive"

    def __init__(
        self,
        *,
        open_journal: Callable[[], Journal],
        uplinked_seq: Callable[[], int],
        client: httpx.Client,
        age_s: float,
        clock_us: Callable[[], int],
        stopping: threading.Event,
    ) -> None:
        """Prepare the archiver.

        Args:
            open_journal: Opens the journal for reading, in the archiver's own thread.
            uplinked_seq: Through which entry the server has both streams of the uplink.
            client: HTTP client with base address and credentials.
            age_s: A segment that is not full is sent when its first entry is so old.
            clock_us: Our clock.
            stopping: Set when the gateway shuts down.
        """
        self.confirmed_seq: int | None = None
        self.trouble: str | None = None
        self.refused = 0
        self._suspect: _Suspect | None = None
        self._open_journal = open_journal
        self._uplinked_seq = uplinked_seq
        self._client = client
        self._age_s = age_s
        self._clock_us = clock_us
        self._stopping = stopping
        self._pace = Pace("telemetry", rows_max=ENTRIES_MAX)

    def run(self) -> None:
        """Archive until stopped; whatever the server does, the journal keeps what it has not."""
        with closing(self._open_journal()) as journal:
            while not self._stopping.is_set():
                try:
                    wait_s = self._step(journal)
                    self._well()
                except UplinkError as error:
                    self._report(error)
                    wait_s = self._pace.refused(
                        is_too_large=error.is_too_large, retry_after_s=error.retry_after_s
                    )
                self._stopping.wait(wait_s)

    def _step(self, journal: Journal) -> float:
        """Send the next segment if there is one; return how long to rest, seconds."""
        if self.confirmed_seq is None:
            self.confirmed_seq = decoded(call(self._client, "GET", PATH), _Through).through
        if self._suspect is not None and self.confirmed_seq >= self._suspect.last:
            self._suspect = None
        suspect = self._suspect
        segment = next_segment(
            journal,
            after=self.confirmed_seq,
            through=self._uplinked_seq() if suspect is None else suspect.last,
            entries_max=self._pace.most if suspect is None else suspect.most,
            age_s=self._age_s if suspect is None else 0,
            now_us=self._clock_us(),
        )
        if segment is None:
            return _IDLE_S
        began_s = time.monotonic()
        try:
            self._send(journal, segment)
        except UplinkRefusedError as error:
            if not (error.is_unsound or error.is_too_large):
                raise
            return self._narrow(journal, segment, error)
        return self._pace.taken(took_s=time.monotonic() - began_s, is_full=segment.is_full)

    def _narrow(self, journal: Journal, segment: Segment, error: UplinkRefusedError) -> float:
        """Look for the entry that makes a segment refused; go on behind it once it is found."""
        count = segment.last - segment.first + 1
        if count > 1:
            last = segment.last if self._suspect is None else self._suspect.last
            self._suspect = _Suspect(last, count // 2)
            return 0.0
        (entry,) = journal.read(segment.first - 1, 1)
        told = _Refused(entry.kind, entry.at_us, entry.rows, entry.digest.hex(), str(error)[:500])
        query = f"entry={entry.seq}" + ("&begins=true" if segment.begins else "")
        headers = {"Content-Type": "application/json"}
        content = msgspec.json.encode(told)
        answer = call(
            self._client, "POST", f"{PATH}/refused?{query}", content=content, headers=headers
        )
        self.confirmed_seq = decoded(answer, _Through).through
        self.refused += 1
        log.error("archive_refused entry=%d reason=%s", entry.seq, error)
        if self._suspect is not None:
            self._suspect = _Suspect(self._suspect.last, self._pace.most)
        return 0.0

    def _send(self, journal: Journal, segment: Segment) -> None:
        query = f"first={segment.first}&last={segment.last}"
        if segment.begins:
            log.warning("archive_gap first=%d: what was before is trimmed", segment.first)
            query += "&begins=true"
        headers = {"Content-Type": CONTENT_TYPE}
        content = encode_segment(journal, segment)
        answer = call(self._client, "POST", f"{PATH}?{query}", content=content, headers=headers)
        self.confirmed_seq = decoded(answer, _Through).through

    def _well(self) -> None:
        if self.trouble is not None:
            log.info("archive_resumed")
            self.trouble = None

    def _report(self, error: UplinkError) -> None:
        if self.trouble != str(error):
            self.trouble = str(error)
            level = logging.ERROR if isinstance(error, UplinkRefusedError) else logging.WARNING
            log.log(level, "archive_waiting reason=%s", error)
