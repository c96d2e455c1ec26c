"""Wires the gateway's parts on one event loop.

Threads: the loop (sessions, decode, evaluate, health, directory), one for the journal, one per
uplink stream. Shutdown goes the way of the data: sessions first, then the batch in work,
a last snapshot, the uplink.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

import httpx

from firmware_protocols.message import Reply
from firmware_protocols.topics import BULK_FILTERS, URGENT_FILTERS
from gateway.assembly import (
    broker_session,
    command_desk,
    drain_client,
    face_desk,
    face_vault,
    herald,
    server_access,
)
from gateway.attempt import Attempt
from gateway.collect import Collector
from gateway.commands.desk import CommandDesk
from gateway.committed import Committed
from gateway.config import GatewaySettings
from gateway.device_acks import DeviceAcks
from gateway.directory.signature import read_keys
from gateway.directory.snapshot import Directory
from gateway.directory.sync import DirectorySync
from gateway.drains import Drains
from gateway.engine.outcome import Outcome
from gateway.faces.desk import FaceDesk
from gateway.health import HealthServer, health_server
from gateway.intake.rate import RateGate
from gateway.intake.received import Received
from gateway.intake.session import BrokerSession
from gateway.intake.urgency import carries_urgent
from gateway.journal.telling import Telling
from gateway.local_alerts.herald import Herald
from gateway.metrics import Metrics
from gateway.pipeline import Pipeline
from gateway.reporting import Condition, HealthReporter
from gateway.tcp.gate import TcpGate

log = logging.getLogger("guitu.gateway")

_Found = TypeVar("_Found")


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
        self._vault = face_vault(settings)
        self._pipeline = Pipeline(
            settings,
            clock_us=clock_us,
            stopping=self._stopping,
            on_trouble=self._on_journal_trouble,
            vault=self._vault,
        )
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._pipeline_turn = asyncio.Lock()
        server = server_access(settings)
        self._client = httpx.AsyncClient(**server)
        self._drains = Drains(
            settings,
            drain_client(settings),
            began_seq=self._pipeline.journal.last_seq,
            clock_us=clock_us,
            stopping=self._stopping,
        )
        self._have_directory = asyncio.Event()
        self._collector = Collector(
            age_s=settings.batch_age_ms / 1_000,
            batch_max=settings.batch_messages_max,
            held_max=settings.held_messages_max,
            pause=self._pause,
            resume=self._resume,
        )
        self._rates = RateGate(
            settings,
            deliver=self._collector.add,
            is_urgent=carries_urgent,
            on_delay=self._metrics.delayed.inc,
            now_s=time.monotonic,
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
        self._desk = self._command_desk()
        self._herald = self._make_herald()
        self._sync = self._directory_sync()
        self._faces = self._face_desk()

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; a part that dies is the program's death, loudly."""
        self._drains.start()
        if self._pipeline.directory is not None:
            self._have_directory.set()
        settings = self._settings
        health = health_server(settings.http_host, settings.http_port, self._metrics, self._state)
        try:
            async with self._client:
                await self._serve_until(stop, health)
        finally:
            await self._shut_down()

    async def _serve_until(self, stop: asyncio.Event, health: HealthServer) -> None:
        stopped = asyncio.create_task(stop.wait())
        parts = [
            *(session.run() for session in self._sessions),
            self._sync.run(),
            self._reporter().run(),
            self._work(),
            self._tick(),
            self._device_acks.run(),
            self._let_terminals_in(),
            self._desk.run(),
            self._herald.run(),
            self._drains.watch(),
            *([] if self._faces is None else [self._check_faces(self._faces)]),
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

    async def _shut_down(self) -> None:
        self._stopping.set()
        self._drains.wake(outcomes=True, telemetry=True)
        await asyncio.to_thread(self._thread.shutdown)
        self._pipeline.close()
        if self._vault is not None:
            self._vault.close()
        await self._drains.stop()

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
            await self._keep_answers(committed)
            for message in batch:
                message.source.acknowledge(message)
            self._collector.done()
            self._note(batch, committed)

    async def _keep_answers(self, committed: Committed) -> None:
        """Bring answers to the disk: the batch's entry has none, and nobody says them again."""
        if not committed.replies:
            return
        seen = self._herald.seen(committed.replies)
        if seen:
            await self._record(seen)
        for device, reply in committed.replies:
            if reply.step != "seen":
                self._desk.replied(device, reply)
        await self._desk.saved()

    async def _record(self, tellings: list[Telling]) -> None:
        await self._in_turn(partial(self._pipeline.record, tellings))
        self._drains.wake(outcomes=True, telemetry=False)

    def _note(self, batch: list[Received], committed: Committed) -> None:
        self._device_acks.add(committed.acknowledge)
        self._desk.heard(committed.acknowledge)
        for kind, count in committed.signals.items():
            self._metrics.signals.labels(kind).inc(count)
        self.committed_reports += committed.accepted
        self._metrics.messages.inc(len(batch))
        self._metrics.reports.inc(committed.accepted)
        for reason, count in committed.counts.items():
            self._metrics.refused.labels(reason).inc(count)
        self._drains.wake(outcomes=committed.announced > 0, telemetry=committed.accepted > 0)
        if self._faces is not None and (committed.shown or committed.asked):
            self._faces.wake(committed.asked)
        self._tell(committed.outcomes)

    async def _check_faces(self, desk: FaceDesk) -> None:
        await self._have_directory.wait()
        await desk.run()

    async def _check_in(self, attempts: list[Attempt]) -> None:
        outcomes = await self._in_turn(partial(self._pipeline.check_in, attempts))
        self._drains.wake(outcomes=True, telemetry=False)
        self._tell(outcomes)

    async def _in_turn(self, call: Callable[[], _Found]) -> _Found:
        """Do one thing with the pipeline, which waits for the disk, while nothing else does."""
        async with self._pipeline_turn:
            return await asyncio.get_running_loop().run_in_executor(self._thread, call)

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
        self._drains.wake(outcomes=bool(outcomes), telemetry=False)
        if outcomes:
            self._herald.wake()

    async def _tick(self) -> None:
        await self._have_directory.wait()
        while True:
            # What is left of a great backlog goes on after the live batches that wait.
            await asyncio.sleep(0 if self._pipeline.is_behind else self._settings.tick_s)
            confirmed = self._drains.confirmed_seq
            self._tell(await self._in_turn(self._pipeline.tick))
            await self._in_turn(partial(self._pipeline.housekeep, confirmed))

    async def _let_terminals_in(self) -> None:
        await self._have_directory.wait()
        if self._pipeline.directory is not None:
            self._gate.take_directory(self._pipeline.directory)
        await self._gate.run()

    async def _take_directory(self, directory: Directory) -> None:
        outcomes = await self._in_turn(partial(self._pipeline.set_directory, directory))
        self._gate.take_directory(directory)
        self._have_directory.set()
        self._tell(outcomes)

    def _replied(self, device: str, reply: Reply) -> None:
        self._desk.replied(device, reply)

    def _command_desk(self) -> CommandDesk:
        return command_desk(
            self._settings,
            self._client,
            directory=lambda: self._pipeline.directory,
            by_session=self._gate.command,
            publish=self._sessions[0].publish,
            metrics=self._metrics,
            clock_us=clock_us,
        )

    def _make_herald(self) -> Herald:
        # By the urgent session: a flood of backlog does not hold it up.
        return herald(
            self._settings,
            self._sessions[1],
            uplink=self._drains,
            newest_seq=lambda: self._pipeline.journal.last_seq,
            directory=lambda: self._pipeline.directory,
            record=self._record,
            metrics=self._metrics,
            clock_us=clock_us,
        )

    def _face_desk(self) -> FaceDesk | None:
        if self._vault is None:
            return None
        return face_desk(
            self._settings,
            self._vault,
            record=self._check_in,
            publish=self._sessions[0].publish,
            directory=lambda: self._pipeline.directory,
            whereabouts=lambda one: self._in_turn(partial(self._pipeline.whereabouts, one)),
            metrics=self._metrics,
            clock_us=clock_us,
        )

    def _directory_sync(self) -> DirectorySync:
        key_file = self._settings.directory_key_file
        return DirectorySync(
            self._client,
            pause_s=self._settings.directory_poll_s,
            wait_s=self._settings.directory_wait_s,
            keys=None if key_file is None else read_keys(key_file),
            metrics=self._metrics,
            take=self._take_directory,
            in_force=self._pipeline.directory,
        )

    def _reporter(self) -> HealthReporter:
        return HealthReporter(
            self._client,
            data_dir=self._settings.data_dir,
            every_s=self._settings.health_s,
            condition=self._condition,
            clock_us=clock_us,
        )

    def _condition(self) -> Condition:
        return Condition(
            broker=all(session.connected for session in self._sessions),
            journal=self._journal_trouble,
            newest_seq=self._pipeline.journal.last_seq,
            confirmed_seq=self._drains.uplinked_seq,
            oldest_at_us=self._drains.oldest_at_us,
        )

    def _broker_sessions(self) -> list[BrokerSession]:
        session = partial(
            broker_session,
            self._settings,
            clock_us=clock_us,
            deliver=self._rates.take,
            on_forgotten=self._metrics.sessions_forgotten.inc,
        )
        return [
            session("bulk", BULK_FILTERS, urgent=False),
            session("urgent", URGENT_FILTERS, urgent=True),
        ]

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
        self._metrics.over_rate.set(self._rates.held)
        self._metrics.journal_seq.set(self._pipeline.journal.last_seq)
        self._metrics.recovery_differs.set(self._pipeline.recovery_fault is not None)
        self._drains.show(self._metrics, self._pipeline.journal.last_seq)
        nuisance = self._pipeline.nuisance
        self._metrics.show_nuisance(nuisance)
        self._metrics.directory_version.set(directory.version if directory else 0)
        broker = all(session.connected for session in self._sessions)
        return {
            "ready": broker
            and directory is not None
            and self._journal_trouble is None
            and self._gate.is_listening,
            "broker": broker,
            "directory_version": directory.version if directory else None,
            "directory": self._sync.trouble,
            "journal": self._journal_trouble,
            "recovery": self._pipeline.recovery_fault,
            "uplink": self._drains.trouble,
            "held_messages": self._collector.held,
            "over_rate_messages": self._rates.held,
            "tcp": self._gate.state(),
            "commands_open": self._desk.book.open_count,
            "local_alerts_waiting": self._herald.book.waiting_count,
            "nuisance": {org: one._asdict() for org, one in nuisance.items()},
        }
