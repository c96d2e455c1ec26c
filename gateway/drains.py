"""Everything that carries the journal to the server, each in a thread of its own."""

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Final

import httpx

from gateway.archive.archiver import Archiver
from gateway.assembly import archiver, uplink_stream
from gateway.config import GatewaySettings
from gateway.errors import GatewayError
from gateway.metrics import Metrics
from gateway.uplink.batch import Stream
from gateway.uplink.stream import UplinkStream

_STOP_S: Final = 5.0


class Drains:
    """The streams of outcomes and telemetry, and the archive behind them."""

    def __init__(
        self,
        settings: GatewaySettings,
        client: httpx.Client,
        *,
        began_seq: int,
        clock_us: Callable[[], int],
        stopping: threading.Event,
    ) -> None:
        """Prepare the drains; `start` starts them.

        Args:
            settings: The gateway's settings.
            client: For the server; closed when the drains have stopped.
            began_seq: The journal's newest entry at the start.
            clock_us: Our clock.
            stopping: Set when the gateway shuts down.
        """
        self._client = client
        self._clock_us = clock_us
        self._stopping = stopping

        def stream(name: Stream) -> UplinkStream:
            return uplink_stream(
                settings, name, began_seq=began_seq, client=client, stopping=stopping
            )

        self._outcomes, self._telemetry = stream("outcomes"), stream("telemetry")
        self._archiver = archiver(
            settings, self._streams, client=client, clock_us=clock_us, stopping=stopping
        )
        self._threads: list[threading.Thread] = []
        self._ended = asyncio.Event()

    @property
    def confirmed_seq(self) -> int:
        """Newest entry that the server has whole."""
        return min(drain.confirmed_seq or 0 for drain in self._all)

    @property
    def outcomes_confirmed_seq(self) -> int | None:
        """Newest entry of which the server has the outcomes; None before it said so."""
        return self._outcomes.confirmed_seq

    @property
    def outcomes_refused_s(self) -> float:
        """How long outcomes have been offered and none was taken; 0: nothing is offered."""
        offered_s = self._outcomes.offered_s
        return 0.0 if offered_s is None else time.monotonic() - offered_s

    @property
    def oldest_at_us(self) -> int | None:
        """When the oldest entry that waits for the server was written; None: none waits."""
        waiting = [one.oldest_at_us for one in self._streams if one.oldest_at_us is not None]
        return min(waiting, default=None)

    @property
    def uplinked_seq(self) -> int:
        """Newest entry of which the server has outcomes and telemetry."""
        return min(stream.confirmed_seq or 0 for stream in self._streams)

    @property
    def trouble(self) -> dict[str, str | None]:
        """What keeps each drain from its work; None: nothing."""
        return {drain.name: drain.trouble for drain in self._all}

    def wake(self, *, outcomes: bool, telemetry: bool) -> None:
        """Tell that there is something new."""
        if outcomes:
            self._outcomes.wake()
        if telemetry:
            self._telemetry.wake()

    def show(self, metrics: Metrics, newest_seq: int) -> None:
        """Set the drains' metrics."""
        for stream in self._streams:
            metrics.show_uplink(stream, newest_seq=newest_seq, now_us=self._clock_us())
        if self._archiver is not None:
            metrics.archived_seq.set(self._archiver.confirmed_seq or 0)
            metrics.archive_refused.set(self._archiver.refused)

    def start(self) -> None:
        """Start the threads."""
        loop = asyncio.get_running_loop()
        self._threads = [
            threading.Thread(target=self._run, args=(drain, loop), daemon=True)
            for drain in self._all
        ]
        for thread in self._threads:
            thread.start()

    async def watch(self) -> None:
        """Wait until a drain has ended by itself, which none may.

        Raises:
            GatewayError: It has.
        """
        await self._ended.wait()
        raise GatewayError("a stream of the uplink ended by itself; its trace is above")

    async def stop(self) -> None:
        """Wait for the threads, which end when the gateway shuts down."""
        for thread in self._threads:
            await asyncio.to_thread(thread.join, _STOP_S)
        self._client.close()

    @property
    def _streams(self) -> list[UplinkStream]:
        return [self._outcomes, self._telemetry]

    @property
    def _all(self) -> list[UplinkStream | Archiver]:
        return [*self._streams, *([self._archiver] if self._archiver else [])]

    def _run(self, drain: UplinkStream | Archiver, loop: asyncio.AbstractEventLoop) -> None:
        try:
            drain.run()
        finally:
            if not self._stopping.is_set():
                loop.call_soon_threadsafe(self._ended.set)
