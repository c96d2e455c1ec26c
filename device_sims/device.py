"""A device on the broker: connects, sends, keeps until acknowledged, sends again, comes back.

A device of ours frees its memory only on the gateway's down-link acknowledgement; the broker's
PUBACK says no more than that the broker has the message.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import aiomqtt
from aiomqtt.exceptions import MqttConnectError

from device_sims.clock import SimClock
from device_sims.dice import Dice
from device_sims.feed import Emission, Feed
from device_sims.memory import MAX_MESSAGE_REPORTS, Memory, Outgoing
from device_sims.obedience import Obedience
from device_sims.speech import Retained, speech_of
from firmware_protocols.command import Command
from firmware_protocols.credential import device_password
from firmware_protocols.errors import DecodeError
from firmware_protocols.message import Report

log = logging.getLogger(__name__)

BACKOFF_S: Final = (0.5, 30.0)
"""First and longest wait before the next attempt to connect; half of it is random."""

_TIMEOUT_S: Final = 30.0
_KEEPALIVE_S: Final = 60
_MS_PER_S: Final = 1_000
_REPLIES_HELD: Final = 64
"""Answers that wait for the link; a gateway gives up on a command long before so many came."""


@dataclass
class Counts:
    """What happened, summed over all devices of a run."""

    reports: int = 0
    published: int = 0
    acknowledged_by_broker: int = 0
    acknowledged_by_gateway: int = 0
    resent: int = 0
    forgotten: int = 0
    connected: int = 0
    lost_links: int = 0
    refused: int = 0
    commands: int = 0


@dataclass(frozen=True)
class Surroundings:
    """What all devices of a run share.

    Attributes:
        host: Broker.
        port: Its MQTT port.
        site_key: Devices' passwords are derived from it.
        clock: Simulated time.
        counts: Where to count.
        stop_ms: No report is made from this simulated time on; None: no end.
        resend_after_s: How long to wait for the gateway, real seconds.
        message_reports: Reports in one message at most.
        may_report: Asked before each report; False ends the device's reports.
        connecting: Limits how many connect at once.
    """

    host: str
    port: int
    site_key: bytes
    clock: SimClock
    counts: Counts
    stop_ms: float | None = None
    resend_after_s: float = 30.0
    message_reports: int = MAX_MESSAGE_REPORTS
    may_report: Callable[[], bool] = lambda: True
    connecting: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(32))


class Device:
    """One device; `run` ends when it has been told to leave, or has nothing left to do."""

    def __init__(self, feed: Feed, around: Surroundings) -> None:
        """Take what it says, and where it is."""
        self._feed = feed
        self._around = around
        self._speech = speech_of(feed.identity, round(around.clock.now_ms()) // _MS_PER_S)
        self.memory = Memory(
            resend_after_s=around.resend_after_s,
            message_reports=min(around.message_reports, self._speech.message_reports),
        )
        self._dice = Dice(0, feed.identity.device, "backoff")
        self._obedience = Obedience(feed.identity.device, feed.schedule)
        self._replies: deque[bytes] = deque(maxlen=_REPLIES_HELD)
        self._reporting: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._dark_until_ms: float | None = None
        self._is_newest_first = False
        self._is_linked = True
        self._is_leaving = False
        self.has_reported_all = False

    def leave(self) -> None:
        """Say good-bye to the broker and end, whatever is still in memory."""
        self._is_leaving = True
        self._wake.set()

    async def run(self) -> None:
        """Live."""
        async with asyncio.TaskGroup() as group:
            making = group.create_task(self._make())
            try:
                await self._stay_linked()
            finally:
                making.cancel()
                if self._timer is not None:
                    self._timer.cancel()

    async def _make(self) -> None:
        """Report as the feed says; ask it again whenever a command has changed its times."""
        while not self.has_reported_all:
            self._reporting = asyncio.create_task(self._report())
            try:
                await asyncio.wait({self._reporting})
            finally:
                self._reporting.cancel()
            if not self._reporting.cancelled():
                self._reporting.result()

    async def _report(self) -> None:
        around = self._around
        for emission in self._feed.emissions():
            time_ms = emission.report.fix_time_ms
            if around.stop_ms is not None and time_ms >= around.stop_ms:
                break
            await around.clock.sleep_until(time_ms)
            if not around.may_report():
                break
            self._keep(emission)
        self.has_reported_all = True
        self._wake.set()

    def _keep(self, emission: Emission) -> None:
        spell = self._feed.spell(emission.report.fix_time_ms / _MS_PER_S)
        if spell is not None:
            self._dark_until_ms = spell.end_s * _MS_PER_S
            self._is_newest_first = spell.is_newest_first
        forgotten = self.memory.forgotten
        self.memory.add(emission, is_backlog=spell is not None or not self._is_linked)
        self._around.counts.reports += 1
        self._around.counts.forgotten += self.memory.forgotten - forgotten
        self._wake.set()

    async def _stay_linked(self) -> None:
        attempt = 0
        while not self._is_leaving:
            if self._dark_until_ms is not None:
                await self._around.clock.sleep_until(self._dark_until_ms)
                self._dark_until_ms = None
            try:
                async with contextlib.AsyncExitStack() as stack:
                    async with self._around.connecting:
                        client = await stack.enter_async_context(self._client())
                    attempt = 0
                    self._is_linked = True
                    self._around.counts.connected += 1
                    await self._converse(client)
            except* aiomqtt.MqttError as failure:
                attempt += 1
                await self._pause(attempt, failure)

    async def _pause(self, attempt: int, failure: BaseExceptionGroup[aiomqtt.MqttError]) -> None:
        self._is_linked = False
        counts = self._around.counts
        if isinstance(failure.exceptions[0], MqttConnectError):
            counts.refused += 1
        else:
            counts.lost_links += 1
        first_s, longest_s = BACKOFF_S
        wait_s = min(first_s * 2 ** min(attempt - 1, 10), longest_s)
        wait_s *= self._dice.uniform(counts.lost_links + attempt, 0.5, 1.0)
        log.debug("link_down device=%s wait_s=%.1f", self._feed.identity.device, wait_s)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                while not self._is_leaving:
                    self._wake.clear()
                    await self._wake.wait()

    def _client(self) -> aiomqtt.Client:
        identity, around = self._feed.identity, self._around
        topic, payload = self._speech.will
        return aiomqtt.Client(
            around.host,
            around.port,
            username=identity.device,
            password=device_password(around.site_key, identity.device),
            identifier=identity.device,
            clean_session=True,
            will=aiomqtt.Will(topic, payload, qos=1, retain=True),
            keepalive=_KEEPALIVE_S,
            timeout=_TIMEOUT_S,
        )

    async def _converse(self, client: aiomqtt.Client) -> None:
        async with asyncio.TaskGroup() as group:
            listening = group.create_task(self._listen(client))
            if self._speech.down_topic is not None:
                await client.subscribe(self._speech.down_topic, qos=0)
            await self._retain(client, self._speech.birth)
            await self._send(client)
            await self._retain(client, self._speech.will)
            listening.cancel()

    async def _listen(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            if not isinstance(message.payload, bytes):
                continue
            try:
                heard = self._speech.heard(message.payload)
            except DecodeError as error:
                log.warning("bad_down_link device=%s %s", self._feed.identity.device, error)
                continue
            if isinstance(heard, Command):
                self._obey(heard)
            else:
                now_s = self._around.clock.real_s()
                freed = self.memory.acknowledge(heard, now_s)
                self._around.counts.acknowledged_by_gateway += freed
            self._wake.set()

    def _obey(self, command: Command) -> None:
        reply, is_replanned = self._obedience.obey(command, round(self._around.clock.now_ms()))
        payload = self._speech.reply(reply)
        if payload is not None:
            self._replies.append(payload)
        if is_replanned and self._reporting is not None:
            self._reporting.cancel()
        self._around.counts.commands += 1

    async def _send(self, client: aiomqtt.Client) -> None:
        """Send what there is until there is a reason to leave."""
        clock = self._around.clock
        while not self._is_leaving and self._dark_until_ms is None:
            self._wake.clear()
            while self._replies:
                await client.publish(self._speech.topic(is_urgent=False), self._replies[0], qos=1)
                self._replies.popleft()
            if self.has_reported_all and not self.memory:
                self._is_leaving = True
                return
            outgoing = self.memory.take(is_newest_first=self._is_newest_first)
            if outgoing is not None:
                await self._publish(client, outgoing)
                continue
            self._is_newest_first = False
            for again in self.memory.due(clock.real_s()):
                await self._publish(client, again)
            self._set_timer()
            await self._wake.wait()

    async def _publish(self, client: aiomqtt.Client, outgoing: Outgoing) -> None:
        counts = self._around.counts
        topic = self._speech.topic(is_urgent=outgoing.is_urgent)
        payload = self._speech.payload(outgoing.reports)
        for _ in range(outgoing.copies):
            counts.published += 1
            await client.publish(topic, payload, qos=1)
            counts.acknowledged_by_broker += 1
        counts.resent += len(outgoing.reports) if outgoing.is_resend else 0
        now_s = self._around.clock.real_s()
        self.memory.mark_sent(outgoing.reports, now_s)
        if self._speech.down_topic is None:
            self.memory.acknowledge(_names(outgoing.reports), now_s)

    async def _retain(self, client: aiomqtt.Client, message: Retained | None) -> None:
        if message is not None:
            topic, payload = message
            await client.publish(topic, payload, qos=1, retain=True)

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        at_s = self.memory.next_resend_s()
        loop = asyncio.get_running_loop()
        self._timer = None if at_s is None else loop.call_at(at_s, self._wake.set)


def _names(reports: list[Report]) -> list[tuple[int, int, int]]:
    return [(report.boot, report.seq, report.seq) for report in reports]
