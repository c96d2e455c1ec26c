"""Tells terminals on duty what the server cannot be told, until somebody has seen it.

The journal is the queue: what the server has not confirmed is read from it, what a terminal was
told and answered is written to it, so that a gateway that is killed goes on where it was.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Iterable
from contextlib import closing
from typing import Final, Protocol

from firmware_protocols.message import Reply
from firmware_protocols.topics import device_topic
from firmware_protocols.wristband_json.command import encode_alert
from gateway.commands.courier import DEFAULT_CODEC
from gateway.directory.compiled import Device
from gateway.directory.snapshot import Directory
from gateway.engine.outcome import Outcome
from gateway.journal.entry import LOCAL
from gateway.journal.store import Journal
from gateway.journal.telling import Telling, decode_tellings
from gateway.local_alerts.book import LocalBook, Waiting
from gateway.local_alerts.on_duty import recipients, stations
from gateway.metrics import Metrics

log = logging.getLogger("guitu.gateway.local_alerts")

_LOOK_EVERY_S: Final = 1.0
TAKEN_WITHIN_S: Final = 5.0
"""A broker that says nothing for so long has not got it."""

_AT_ONCE: Final = 50
"""Alerts told in one round: a broker takes hundreds in a second, terminals on duty show one."""

_PAGE: Final = 2_000
_EPISODE: Final = re.compile(r"[0-9a-f]{32}\Z")
_US_PER_MS: Final = 1_000


class Uplink(Protocol):
    """What is known of the outcomes' way to the server; see Drains."""

    @property
    def outcomes_confirmed_seq(self) -> int | None:
        """Newest entry of which the server has the outcomes."""

    @property
    def outcomes_refused_s(self) -> float:
        """How long outcomes have been offered and none was taken."""


class Herald:
    """Tells terminals on duty, while the server does not take outcomes."""

    def __init__(
        self,
        *,
        after_s: float,
        mark: int,
        uplink: Uplink,
        newest_seq: Callable[[], int],
        open_journal: Callable[[], Journal],
        directory: Callable[[], Directory | None],
        deliver: Callable[[str, bytes], Awaitable[bool]],
        record: Callable[[list[Telling]], Awaitable[None]],
        keep_mark: Callable[[int], None],
        metrics: Metrics,
        clock_us: Callable[[], int],
    ) -> None:
        """Take up what the journal says; `run` works.

        Args:
            after_s: The server is waited for so long.
            mark: How far it had confirmed outcomes when we last knew.
            uplink: The outcomes' way to it.
            newest_seq: Newest entry of the journal.
            open_journal: Opens it for reading.
            directory: Gives the directory in force.
            deliver: Publishes to a topic; whether the broker has it.
            record: Writes tellings into the journal; returns when they are on the disk.
            keep_mark: Keeps the mark for the next life.
            metrics: Counts.
            clock_us: Our clock.
        """
        self._after_s = after_s
        self._uplink = uplink
        self._newest_seq = newest_seq
        self._open_journal = open_journal
        self._directory = directory
        self._deliver = deliver
        self._record = record
        self._keep_mark = keep_mark
        self._metrics = metrics
        self._clock_us = clock_us
        self._wake = asyncio.Event()
        with closing(open_journal()) as journal:
            newest = journal.newest_seq()
            entries = journal.read_kind(LOCAL, 1, newest)
        # A mark of another journal than this one hides nothing that comes.
        self._mark = self._cursor = min(mark, newest)
        self.book = LocalBook(one for entry in entries for one in decode_tellings(entry.body))

    def wake(self) -> None:
        """Say that the journal has outcomes that it had not."""
        self._wake.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                async with asyncio.timeout(_LOOK_EVERY_S):
                    await self._wake.wait()
            except TimeoutError:
                pass
            self._wake.clear()
            await self._round()
            self._metrics.local_waiting.set(self.book.waiting_count)

    def seen(self, replies: Iterable[tuple[str, Reply]]) -> list[Telling]:
        """Return what terminals answer that the journal has not: it is to be recorded."""
        directory = self._directory()
        found = []
        for name, reply in replies:
            device = None if directory is None else directory.devices.get(name)
            if reply.step != "seen" or device is None or device.kind != "terminal":
                continue
            # Whatever this life knows of it: the one before may have told it and been killed.
            if not _EPISODE.match(reply.to):
                log.info("seen_unmatched device=%s", name)
                continue
            telling = Telling(reply.to, device.org, name, "seen", self._now_ms())
            if self.book.note(telling):
                found.append(telling)
                log.info("alert_seen alert=%s device=%s", reply.to, name)
        self._metrics.local_alerts.labels("seen").inc(len(found))
        return found

    async def _round(self) -> None:
        confirmed = self._uplink.outcomes_confirmed_seq
        if confirmed is not None and confirmed > self._mark:
            self._mark = confirmed
            self._keep_mark(confirmed)
            self.book.confirm(confirmed)
        directory = self._directory()
        if directory is None or self._uplink.outcomes_refused_s < self._after_s:
            return
        self._cursor = max(self._cursor, self._mark)
        if self._cursor < self._newest_seq():
            self._take(await asyncio.to_thread(self._unconfirmed))
        await self._withdraw(directory)
        due = self.book.due(self._now_ms(), _AT_ONCE)
        told = [one for some in await self._tell_all(due, directory) for one in some]
        fresh = [one for one in told if self.book.note(one)]
        if fresh:
            await self._record(fresh)
            self._metrics.local_alerts.labels("told").inc(len(fresh))

    def _unconfirmed(self) -> tuple[int, list[tuple[int, Outcome]]]:
        """Return the journal's end and the outcomes up to it that were not read before."""
        first, nth, found = self._cursor + 1, 0, []
        with closing(self._open_journal()) as journal:
            last = journal.newest_seq()
            while page := journal.outcomes_from(first, nth, last, _PAGE):
                found += page
                seq = page[-1][0]
                nth = sum(1 for one, _ in page if one == seq) + (nth if seq == first else 0)
                first = seq
        return last, found

    def _take(self, found: tuple[int, list[tuple[int, Outcome]]]) -> None:
        last, outcomes = found
        for seq, outcome in outcomes:
            if not self.book.offer(seq, outcome):
                self._cursor = seq - 1
                return
        self._cursor = last

    async def _tell_all(self, due: list[Waiting], directory: Directory) -> list[list[Telling]]:
        return await asyncio.gather(*(self._tell(one, directory) for one in due))

    async def _tell(self, waiting: Waiting, directory: Directory) -> list[Telling]:
        alert, now_ms = waiting.alert, self._now_ms()
        devices = recipients(stations(directory, alert.org, now_ms), waiting.tries)
        if not devices and not waiting.tries:
            log.error("alert_reaches_nobody alert=%s rule=%s", alert.id, alert.rule)
        waiting.tried(now_ms)
        payload, told = encode_alert(alert), []
        for name in devices:
            device = directory.devices[name]
            if await self._deliver(_down(device, name), payload):
                told.append(Telling(alert.id, device.org, name, "told", self._now_ms()))
        log.warning(
            "alert_told_locally alert=%s rule=%s tries=%d terminals=%d taken=%d",
            *(alert.id, alert.rule, waiting.tries, len(devices), len(told)),
        )
        return told

    async def _withdraw(self, directory: Directory) -> None:
        """Tell terminals what is nothing after all; what the broker does not take comes again."""
        for one in self.book.withdrawals(_AT_ONCE):
            device = directory.devices.get(one.device)
            if device is None or await self._deliver(
                _down(device, one.device), encode_alert(one.alert)
            ):
                self.book.took(one)
                log.info("alert_withdrawn_locally alert=%s device=%s", one.alert.id, one.device)

    def _now_ms(self) -> int:
        return self._clock_us() // _US_PER_MS


def _down(device: Device, name: str) -> str:
    return device_topic(device.org, device.kind, name, "down", DEFAULT_CODEC)
