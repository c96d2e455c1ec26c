"""A terminal on its connection to the gateway."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Final

from device_sims.errors import ScenarioError
from device_sims.feed import Feed
from device_sims.life import Ending, Life
from device_sims.memory import Outgoing
from device_sims.surroundings import Surroundings
from device_sims.tcp.gt06 import Gt06Talk
from device_sims.tcp.jt808 import Jt808Talk
from device_sims.tcp.talk import Heard, Name, Talk
from device_sims.tcp.watch import WatchTalk
from device_sims.terminal import Terminal

log = logging.getLogger(__name__)

BEAT_S: Final = 60.0
"""Seconds between signs of life; gateways drop a connection that is silent for minutes.

Only where simulated time is real time: a platform dates what they say by their arrival.
"""

_CONNECT_S: Final = 10.0
_LOGIN_S: Final = 60.0
"""A gateway that does not let a terminal in hangs up after half a minute."""

_READ_BYTES: Final = 4_096

TALKS: Final[Mapping[str, Callable[[Terminal], Talk]]] = {
    "jt808": Jt808Talk,
    "gt06": Gt06Talk,
    "watch": WatchTalk,
}


class LinkedTerminal(Life):
    """One terminal over TCP."""

    def __init__(self, feed: Feed, around: Surroundings, terminal: Terminal) -> None:
        """Take what it says, where it is, and what it is on the wire.

        Raises:
            ScenarioError: Nobody said where its protocol is spoken.
        """
        if terminal.protocol not in around.tcp:
            raise ScenarioError(
                f"{feed.identity.device} speaks {terminal.protocol}: say where the gateway listens "
                f"with --tcp {terminal.protocol}=HOST:PORT"
            )
        self._address = around.tcp[terminal.protocol]
        self._talk = TALKS[terminal.protocol](terminal)
        super().__init__(feed, around, message_reports=self._talk.message_reports)
        self._writer: asyncio.StreamWriter
        self._replies: list[bytes] = []

    async def _visit(self) -> Ending:
        try:
            async with self._around.connecting, asyncio.timeout(_CONNECT_S):
                reader, self._writer = await asyncio.open_connection(*self._address)
        except OSError:  # a TimeoutError among them
            return "lost"
        try:
            return await self._converse(reader)
        finally:
            # Going dark is no farewell; what is still on its way is lost with the connection.
            self._writer.transport.abort()
            self._replies.clear()
            taken_back = self.memory.take_back()
            self._around.counts.resent += 0 if self._is_leaving else taken_back

    async def _converse(self, reader: asyncio.StreamReader) -> Ending:
        admitted = asyncio.Event()
        self._writer.write(self._talk.connect())
        listening = asyncio.create_task(self._listen(reader, admitted))
        speaking = asyncio.create_task(self._speak(admitted))
        try:
            await asyncio.wait((listening, speaking), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (listening, speaking):
                task.cancel()
            ended = await asyncio.gather(listening, speaking, return_exceptions=True)
        for failure in ended:
            is_known = isinstance(failure, OSError | asyncio.CancelledError)
            if isinstance(failure, BaseException) and not is_known:
                raise failure
        heard, said = ended
        if isinstance(said, str):
            return "left"
        return "refused" if heard == "refused" else "lost"

    async def _speak(self, admitted: asyncio.Event) -> str:
        async with asyncio.timeout(_LOGIN_S):
            await admitted.wait()
        self._note_link()
        beating = asyncio.create_task(self._beat())
        try:
            await self._send()
        finally:
            beating.cancel()
        if self._is_leaving:
            self._writer.write(self._talk.leave())
            self._writer.close()
            await self._writer.wait_closed()
        return "left"

    async def _beat(self) -> None:
        while self._around.clock.is_real:
            await asyncio.sleep(BEAT_S)
            self._writer.write(self._talk.beat())

    async def _listen(self, reader: asyncio.StreamReader, admitted: asyncio.Event) -> str:
        while data := await reader.read(_READ_BYTES):
            for heard in self._talk.hear(data):
                if heard.is_refusal:
                    log.warning("refused device=%s", self._feed.identity.device)
                    return "refused"
                self._take(heard)
            if self._talk.is_admitted:
                admitted.set()
        return "lost"

    def _take(self, heard: Heard) -> None:
        self._writer.write(heard.say)
        if heard.kept:
            self._around.counts.acknowledged_by_gateway += self._let_go(heard.kept)
        if heard.command is not None:
            self._replies.append(self._talk.reply(self._obey(heard.command)))
        self._wake.set()

    async def _answer(self) -> None:
        self._writer.write(b"".join(self._replies))
        self._replies.clear()
        await self._writer.drain()

    async def _publish(self, outgoing: Outgoing) -> None:
        counts = self._around.counts
        for _ in range(outgoing.copies):
            said = self._talk.say(outgoing.reports)
            counts.published += 1
            self._writer.write(said.data)
            await self._writer.drain()
        counts.resent += len(outgoing.reports) if outgoing.is_resend else 0
        self.memory.mark_sent(outgoing.reports, self._around.clock.real_s())
        self._let_go(said.kept)

    def _let_go(self, names: tuple[Name, ...]) -> int:
        ranges = [(boot, seq, seq) for boot, seq in names]
        return self.memory.acknowledge(ranges, self._around.clock.real_s())
