"""A device on the broker.

A device of ours frees its memory only on the gateway's down-link acknowledgement; the broker's
PUBACK says no more than that the broker has the message.
"""

import asyncio
import contextlib
import logging
from collections import deque
from typing import Final

import aiomqtt
from aiomqtt.exceptions import MqttConnectError

from device_sims.attention import Attention
from device_sims.errand import way_of
from device_sims.feed import Feed
from device_sims.life import Ending, Life
from device_sims.memory import Outgoing
from device_sims.speech import Retained, Speech, speech_of
from device_sims.surroundings import Surroundings
from firmware_protocols.command import Command
from firmware_protocols.credential import device_password
from firmware_protocols.errors import DecodeError
from firmware_protocols.local_alert import LocalAlert
from firmware_protocols.message import Reply, Report

log = logging.getLogger(__name__)

_TIMEOUT_S: Final = 30.0
_KEEPALIVE_S: Final = 60
_MS_PER_S: Final = 1_000
_REPLIES_HELD: Final = 64
"""Answers that wait for the link; a gateway gives up on a command long before so many came."""


class Device(Life):
    """One device over MQTT."""

    def __init__(self, feed: Feed, around: Surroundings) -> None:
        """Take what it says, and where it is."""
        self._speech: Speech = speech_of(feed.identity, round(around.clock.now_ms()) // _MS_PER_S)
        super().__init__(feed, around, message_reports=self._speech.message_reports)
        is_terminal = feed.identity.kind == "terminal"
        self._attention = Attention(feed.identity.device) if is_terminal else None
        self._replies: deque[bytes] = deque(maxlen=_REPLIES_HELD)
        self._client: aiomqtt.Client

    async def _visit(self) -> Ending:
        ending: Ending = "left"
        try:
            async with contextlib.AsyncExitStack() as stack:
                async with self._around.connecting:
                    self._client = await stack.enter_async_context(self._make_client())
                self._note_link()
                await self._converse()
        except* aiomqtt.MqttError as failure:
            is_refused = isinstance(failure.exceptions[0], MqttConnectError)
            ending = "refused" if is_refused else "lost"
        return ending

    def _make_client(self) -> aiomqtt.Client:
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

    async def _converse(self) -> None:
        async with asyncio.TaskGroup() as group:
            listening = group.create_task(self._listen())
            if self._speech.down_topic is not None:
                await self._client.subscribe(self._speech.down_topic, qos=0)
            await self._retain(self._speech.birth)
            await self._send()
            await self._retain(self._speech.will)
            listening.cancel()

    async def _listen(self) -> None:
        async for message in self._client.messages:
            if not isinstance(message.payload, bytes):
                continue
            try:
                heard = self._speech.heard(message.payload)
            except DecodeError as error:
                log.warning("bad_down_link device=%s %s", self._feed.identity.device, error)
                continue
            if isinstance(heard, Command):
                self._take(heard)
            elif isinstance(heard, LocalAlert):
                self._show(heard)
            else:
                now_s = self._around.clock.real_s()
                freed = self.memory.acknowledge(heard, now_s)
                self._around.counts.acknowledged_by_gateway += freed
            self._wake.set()

    def _take(self, command: Command) -> None:
        """Obey, answer, and let the officer go where a task sends."""
        is_new = not self._obedience.knows(command)
        reply = self._obey(command)
        self._say(reply)
        if command.name != "task" or not is_new or not reply.ok:
            return
        identity = self._feed.identity
        loop, scale = asyncio.get_running_loop(), self._around.clock.scale
        for step in way_of(identity.device, command.id):
            said = Reply(
                device=identity.device,
                to=command.id,
                ok=True,
                text=step.text,
                step=step.name,
                finding=step.finding,
            )
            loop.call_later(step.after_s / scale, self._say, said)

    def _show(self, alert: LocalAlert) -> None:
        """Show an alert that the gateway tells by itself; whoever carries this sees it."""
        if self._attention is None or alert.withdrawn:
            return
        after_s = self._attention.shown(alert.id)
        if after_s is not None:
            loop = asyncio.get_running_loop()
            loop.call_later(after_s / self._around.clock.scale, self._see, alert.id)

    def _see(self, alert: str) -> None:
        if self._attention is not None:
            self._attention.saw(alert)
        self._say(Reply(device=self._feed.identity.device, to=alert, ok=True, step="seen"))

    def _say(self, reply: Reply) -> None:
        payload = self._speech.reply(reply)
        if payload is not None:
            self._replies.append(payload)
            self._wake.set()

    async def _answer(self) -> None:
        topic = self._speech.topic(is_urgent=False)
        while self._replies:
            await self._client.publish(topic, self._replies[0], qos=1)
            self._replies.popleft()

    async def _publish(self, outgoing: Outgoing) -> None:
        counts = self._around.counts
        topic = self._speech.topic(is_urgent=outgoing.is_urgent)
        payload = self._speech.payload(outgoing.reports)
        for _ in range(outgoing.copies):
            counts.published += 1
            await self._client.publish(topic, payload, qos=1)
            counts.acknowledged_by_broker += 1
        counts.resent += len(outgoing.reports) if outgoing.is_resend else 0
        now_s = self._around.clock.real_s()
        self.memory.mark_sent(outgoing.reports, now_s)
        if self._speech.down_topic is None:
            self.memory.acknowledge(_names(outgoing.reports), now_s)

    async def _retain(self, message: Retained | None) -> None:
        if message is not None:
            topic, payload = message
            await self._client.publish(topic, payload, qos=1, retain=True)


def _names(reports: list[Report]) -> list[tuple[int, int, int]]:
    return [(report.boot, report.seq, report.seq) for report in reports]
