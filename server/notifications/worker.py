"""Drains the outbox: woken by the database, with a timer as a net; many processes side by side."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import psycopg
from psycopg import AsyncConnection

from server.db import Database, client_dsn
from server.metrics import Metrics
from server.notifications import terminal, worker_store
from server.notifications.claiming import Claim, Taken
from server.notifications.errors import RefusedSendError, SendError
from server.notifications.noting import Noting
from server.notifications.sending import Sender
from server.notifications.timing import Patience
from server.notifications.window import Place, Windows

CHANNEL: Final = "guitu_notification"
"""What migration 0024 notifies."""
_LOOK_EVERY_S: Final = 0.01
_UNNOTED: Final = 4
"""No more is taken up while so many times what may be under way waits for being written."""
_TRIM_EVERY_S: Final = 3_600.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """What the worker needs of the server's settings."""

    patience: Patience
    attempt_s: float
    poll_s: float
    most_at_once: int
    keep_days: int

    @property
    def lease_s(self) -> float:
        """How long a message is this process's: an attempt, and time to note what became of it."""
        return 2 * self.attempt_s + 1.0


class Worker:
    """One process's part in telling."""

    def __init__(
        self,
        database: Database,
        sender: Sender,
        settings: WorkerSettings,
        metrics: Metrics,
        clock: Callable[[], datetime],
    ) -> None:
        """Take the parts; nothing runs yet."""
        self._database = database
        self._sender = sender
        self._settings = settings
        self._metrics = metrics
        self._clock = clock
        self._claim = Claim(settings.patience, settings.lease_s)
        self._noting = Noting(database, settings.patience, metrics)
        self._windows = Windows(settings.most_at_once)
        self._wake = asyncio.Event()
        self._sending: set[asyncio.Task[None]] = set()

    @property
    def works(self) -> dict[str, Callable[[], Awaitable[None]]]:
        """What is to be kept running, by name: an error ends one, who called starts it again."""
        return {
            "notifications": self._drain,
            "notifications-heard": self._listen,
            "notifications-kept": self._trim,
        }

    @property
    def sending(self) -> tuple[asyncio.Task[None], ...]:
        """What is under way; broken off, it goes out again when its lease has ended."""
        return tuple(self._sending)

    async def close(self) -> None:
        """Close what is sent with."""
        await self._sender.close()

    async def _listen(self) -> None:
        dsn = client_dsn(self._database.worker_dsn, name="guitu-notifications")
        connection = await AsyncConnection.connect(dsn, autocommit=True)
        try:
            await connection.execute(f"LISTEN {CHANNEL}".encode())
            self._wake.set()
            async for _ in connection.notifies():
                self._wake.set()
        finally:
            await connection.close()

    async def _drain(self) -> None:
        while True:
            self._wake.clear()
            has_more = await self._start_due()
            # Not at every message that ends: a look costs as much for one as for twenty.
            await asyncio.sleep(_LOOK_EVERY_S)
            if has_more:
                continue
            with suppress(TimeoutError):
                # Not wait_for: it may take a cancellation for the answer that came with it.
                async with asyncio.timeout(self._settings.poll_s):
                    await self._wake.wait()

    async def _start_due(self) -> bool:
        """Start what is due; return whether there may be more."""
        windows = self._windows
        if windows.free <= 0 or len(self._sending) >= _UNNOTED * self._settings.most_at_once:
            return False
        async with self._database.work() as connection:
            found = await self._claim.round(
                connection, self._clock(), room=windows.room, most=windows.free
            )
        self._metrics.notifications_dead.inc(found.given_up)
        for taken in found.taken:
            self._start(taken)
        # Each channel has what it may: the next look is when a message ends or another comes.
        return found.has_more

    def _start(self, taken: Taken) -> None:
        if taken.handed_over_s is not None:
            self._metrics.notification_handoff_seconds.observe(max(0.0, taken.handed_over_s))
        channel_id = taken.channel.id
        place = self._windows.begins(channel_id, taken.channel.kind)
        task = asyncio.create_task(self._send(taken, place))
        self._sending.add(task)
        task.add_done_callback(lambda ended: self._ended(ended, place, channel_id))

    def _ended(self, task: asyncio.Task[None], place: Place, channel_id: str) -> None:
        self._sending.discard(task)
        place.ends()
        if not task.cancelled() and (error := task.exception()) is not None:
            # It is tried again when its lease has ended.
            _log.warning(
                "notification_not_noted channel=%s error=%s", channel_id, type(error).__name__
            )
        self._wake.set()

    async def _send(self, taken: Taken, place: Place) -> None:
        channel, failed = taken.channel, None
        try:
            if channel.kind == "terminal":
                count = await self._to_terminal(taken)
                self._metrics.notifications.labels(channel.kind, "delivered").inc(count)
                return
            await self._sender.attempt(channel, taken.message)
        except SendError as error:
            failed = error
        # A receiver that says no answers all the same.
        well = failed is None or isinstance(failed, RefusedSendError)
        place.went(well=well)
        self._wake.set()
        await self._noting.note(taken, failed)

    async def _to_terminal(self, taken: Taken) -> int:
        async with self._database.work() as connection:
            held = await worker_store.leased(connection, taken.lease)
            if not held:
                return 0
            command_id = await terminal.send(
                connection, taken.channel.id, taken.channel.login, taken.message
            )
            await worker_store.deliver_by_command(connection, taken.lease, command_id)
            await worker_store.count_success(connection, [taken.channel.id])
        return len(held)

    async def _trim(self) -> None:
        while True:
            with suppress(psycopg.errors.LockNotAvailable):
                async with self._database.work() as connection:
                    count = await worker_store.trim(connection, self._settings.keep_days)
                if count:
                    _log.info("notifications_trimmed rows=%d", count)
                    continue
            await asyncio.sleep(_TRIM_EVERY_S)
