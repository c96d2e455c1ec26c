"""Wires the gateway's parts on one event loop.

Threads: the loop (sessions, decode, evaluate, health, directory), one for the journal, one per
uplink stream. Shutdown goes the way of the data: sessions first, then the batch in work,
a last snapshot, the uplink.
"""

import asyncio
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

import httpx

from firmware_protocols.message import Reply
from firmware_protocols.topics import BULK_FILTERS, URGENT_FILTERS
from gateway.assembly import broker_session, command_desk, server_access, uplink_stream
from gateway.collect import Collector
from gateway.config import GatewaySettings
from gateway.device_acks import DeviceAcks
from gateway.directory.snapshot import Directory
from gateway.directory.sync import DirectorySync
from gateway.engine.outcome import Outcome
from gateway.errors import GatewayError
from gateway.health import HealthServer, health_server
from gateway.intake.received import Received
from gateway.intake.session import BrokerSession
from gateway.metrics import Metrics
from gateway.pipeline import Committed, Pipeline
from gateway.tcp.gate import TcpGate
from gateway.uplink.batch import Stream
from gateway.uplink.stream import UplinkStream

log = logging.getLogger("guitu.gateway")

_UPLINK_STOP_S: Final = 5.0


def clock_us() -> int:
    """Return our clock, microseconds since 1970 UTC."""
    return time.time_ns() // 1_000


class Gateway:
    """The edge program.

    Attributes:
        committed_reports: Reports that entered the journal since the start.
    """

    def __init__(self, settings: GatewaySettings) -> None:
        """Open the journal and prepare every part; `run` starts them."""
        self._settings = settings
        self._metrics = Metrics()
        self._stopping = threading.Event()
        self.committed_reports = 0
        self._journal_trouble: str | None = None
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._pipeline = Pipeline(
            settings,
            clock_us=clock_us,
            stopping=self._stopping,
            on_trouble=self._on_journal_trouble,
        )
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._pipeline_turn = asyncio.Lock()
        server = server_access(settings)
        self._uplink_client, self._client = httpx.Client(**server), httpx.AsyncClient(**server)
        self._streams = [self._stream("outcomes"), self._stream("telemetry")]
        self._uplink_ended = asyncio.Event()
        self._have_directory = asyncio.Event()
        if self._pipeline.directory is not None:
            self._have_directory.set()
        self._collector = Collector(
            age_s=settings.batch_age_ms / 1_000,
            batch_max=settings.batch_messages_max,
            held_max=settings.held_messages_max,
            pause=self._pause,
            resume=self._resume,
        )
        self._sessions = self._broker_sessions()
        self._device_acks = DeviceAcks(self._sessions[0].publish)
        self._gate = TcpGate(
            settings,
            metrics=self._metrics,
            directory=lambda: self._pipeline.directory,
            clock_us=clock_us,
            deliver=self._collector.add,
            replied=self._replied,
        )
        self._desk = command_desk(
            settings,
            self._client,
            directory=lambda: self._pipeline.directory,
            by_session=self._gate.command,
            publish=self._sessions[0].publish,
            metrics=self._metrics,
            clock_us=clock_us,
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; a part that dies is the program's death, loudly."""
        loop = asyncio.get_running_loop()
        threads = [
            threading.Thread(target=self._drain, args=(stream, loop), daemon=True)
            for stream in self._streams
        ]
        for thread in threads:
            thread.start()
        settings = self._settings
        health = health_server(settings.http_host, settings.http_port, self._metrics, self._state)
        try:
            async with self._client:
                await self._serve_until(stop, self._directory_sync(), health)
        finally:
            await self._shut_down(threads)

    async def _serve_until(
        self, stop: asyncio.Event, sync: DirectorySync, health: HealthServer
    ) -> None:
        stopped = asyncio.create_task(stop.wait())
        parts = [
            *(session.run() for session in self._sessions),
            sync.run(),
            self._work(),
            self._tick(),
            self._device_acks.run(),
            self._let_terminals_in(),
            self._desk.run(),
            self._watch_uplink(),
            health.serve(),
        ]
        tasks = [asyncio.create_task(part) for part in parts]
        done, _ = await asyncio.wait([stopped, *tasks], return_when=asyncio.FIRST_COMPLETED)
        log.info("stopping")
        self._stopping.set()
        for task in (*tasks, stopped):
            task.cancel()
        await asyncio.gather(*tasks, stopped, return_exceptions=True)
        for task in done - {stopped}:
            task.result()

    def _drain(self, stream: UplinkStream, loop: asyncio.AbstractEventLoop) -> None:
        try:
            stream.run()
        finally:
            if not self._stopping.is_set():
                loop.call_soon_threadsafe(self._uplink_ended.set)

    async def _watch_uplink(self) -> None:
        await self._uplink_ended.wait()
        raise GatewayError("a stream of the uplink ended by itself; its trace is above")

    async def _shut_down(self, threads: list[threading.Thread]) -> None:
        self._stopping.set()
        for stream in self._streams:
            stream.wake()
        await asyncio.to_thread(self._thread.shutdown)
        self._pipeline.close()
        for thread in threads:
            await asyncio.to_thread(thread.join, _UPLINK_STOP_S)
        self._uplink_client.close()

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        await self._have_directory.wait()
        while True:
            batch = await self._collector.batch()
            began_s = time.perf_counter()
            async with self._pipeline_turn:
                # Evaluated here, where nobody competes for the interpreter; only the disk is
                # waited for elsewhere, while the next batch gathers.
                evaluated = self._pipeline.evaluate(batch)
                commit = self._pipeline.commit
                committed = await loop.run_in_executor(self._thread, commit, evaluated)
            self._metrics.batch_seconds.observe(time.perf_counter() - began_s)
            for message in batch:
                message.source.acknowledge(message)
            self._collector.done()
            self._note(batch, committed)

    def _note(self, batch: list[Received], committed: Committed) -> None:
        self._device_acks.add(committed.acknowledge)
        self._desk.heard(committed.acknowledge)
        for device, reply in committed.replies:
            self._desk.replied(device, reply)
        for kind, count in committed.signals.items():
            self._metrics.signals.labels(kind).inc(count)
        self.committed_reports += committed.accepted
        self._metrics.messages.inc(len(batch))
        self._metrics.reports.inc(committed.accepted)
        for reason, count in committed.counts.items():
            self._metrics.refused.labels(reason).inc(count)
        if committed.accepted:
            self._streams[1].wake()
        self._tell(committed.outcomes)

    def _tell(self, outcomes: list[Outcome]) -> None:
        for outcome in outcomes:
            self._metrics.outcomes.labels(outcome.rule, outcome.change).inc()
            log.info(
                "outcome change=%s rule=%s subject=%s late=%s",
                outcome.change,
                outcome.rule,
                outcome.subject,
                outcome.late,
            )
        if outcomes:
            self._streams[0].wake()

    async def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        await self._have_directory.wait()
        while True:
            await asyncio.sleep(self._settings.tick_s)
            confirmed = min(stream.confirmed_seq or 0 for stream in self._streams)
            async with self._pipeline_turn:
                self._tell(await loop.run_in_executor(self._thread, self._pipeline.tick))
                await loop.run_in_executor(self._thread, self._pipeline.housekeep, confirmed)

    async def _let_terminals_in(self) -> None:
        await self._have_directory.wait()
        if self._pipeline.directory is not None:
            self._gate.take_directory(self._pipeline.directory)
        await self._gate.run()

    async def _take_directory(self, directory: Directory) -> None:
        loop = asyncio.get_running_loop()
        set_directory = self._pipeline.set_directory
        async with self._pipeline_turn:
            outcomes = await loop.run_in_executor(self._thread, set_directory, directory)
        self._gate.take_directory(directory)
        self._have_directory.set()
        self._tell(outcomes)

    def _replied(self, device: str, reply: Reply) -> None:
        self._desk.replied(device, reply)

    def _directory_sync(self) -> DirectorySync:
        return DirectorySync(
            self._client,
            poll_s=self._settings.directory_poll_s,
            metrics=self._metrics,
            take=self._take_directory,
            in_force=self._pipeline.directory,
        )

    def _broker_sessions(self) -> list[BrokerSession]:
        session = partial(
            broker_session,
            self._settings,
            clock_us=clock_us,
            deliver=self._collector.add,
            on_forgotten=self._metrics.sessions_forgotten.inc,
        )
        return [
            session("bulk", BULK_FILTERS, urgent=False),
            session("urgent", URGENT_FILTERS, urgent=True),
        ]

    def _stream(self, name: Stream) -> UplinkStream:
        began_seq, client = self._pipeline.journal.last_seq, self._uplink_client
        return uplink_stream(
            self._settings, name, began_seq=began_seq, client=client, stopping=self._stopping
        )

    def _pause(self) -> None:
        # Never the urgent session: a flood of backlog must not hold up an SOS. What it can bring
        # is bounded by its own window at the broker.
        self._sessions[0].pause()
        self._gate.pause()

    def _resume(self) -> None:
        self._sessions[0].resume()
        self._gate.resume()

    def _on_journal_trouble(self, trouble: str | None) -> None:
        self._journal_trouble = trouble

    def _state(self) -> dict[str, object]:
        directory = self._pipeline.directory
        self._metrics.held.set(self._collector.held)
        self._metrics.journal_seq.set(self._pipeline.journal.last_seq)
        for stream in self._streams:
            newest_seq = self._pipeline.journal.last_seq
            self._metrics.show_uplink(stream, newest_seq=newest_seq, now_us=clock_us())
        self._metrics.directory_version.set(directory.version if directory else 0)
        broker = all(session.connected for session in self._sessions)
        return {
            "ready": broker
            and directory is not None
            and self._journal_trouble is None
            and self._gate.is_listening,
            "broker": broker,
            "directory_version": directory.version if directory else None,
            "journal": self._journal_trouble,
            "uplink": {stream.name: stream.trouble for stream in self._streams},
            "held_messages": self._collector.held,
            "tcp": self._gate.state(),
            "commands_open": self._desk.book.open_count,
        }
