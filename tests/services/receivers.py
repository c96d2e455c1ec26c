"""Receivers of notifications on real sockets, which answer as they are told to."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def answer(status: int, body: Any = "") -> bytes:
    """Return an answer of HTTP; a body that is no text goes as JSON."""
    content = (body if isinstance(body, str) else json.dumps(body)).encode()
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (status, len(content), content)


@dataclass
class Request:
    """What came in."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def key(self) -> str:
        return self.headers["webhook-id"]


@dataclass
class Receiver:
    """What listens on a port of this machine.

    `answers` are given one after the other, the last one from then on; None hangs until the end.
    """

    port: int = 0
    answers: list[bytes | None] = field(default_factory=lambda: [OK])
    requests: list[Request] = field(default_factory=list)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    came: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?token=secret-of-the-receiver"

    async def received(self, count: int, timeout_s: float = 30.0) -> list[Request]:
        """Wait for so many requests."""
        async with asyncio.timeout(timeout_s), self.came:
            await self.came.wait_for(lambda: len(self.requests) >= count)
        return self.requests

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            line, *rest = head.strip().split("\r\n")
            headers = {
                name.lower(): value for name, _, value in (one.partition(": ") for one in rest)
            }
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            given = self.answers[min(len(self.requests), len(self.answers) - 1)]
            async with self.came:
                self.requests.append(Request(line, headers, body))
                self.came.notify_all()
            if given is None:
                await self.ended.wait()
            else:
                writer.write(given)
                await writer.drain()
        writer.close()


@dataclass
class MailServer:
    """A mail server that takes everything, or hangs."""

    port: int = 0
    hangs: bool = False
    mails: list[str] = field(default_factory=list)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    came: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def received(self, count: int, timeout_s: float = 30.0) -> list[str]:
        """Wait for so many mails."""
        async with asyncio.timeout(timeout_s), self.came:
            await self.came.wait_for(lambda: len(self.mails) >= count)
        return self.mails

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            if self.hangs:
                await self.ended.wait()
            else:
                await self._talk(reader, writer)
        writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail\r\n")
        while line := (await reader.readline()).strip().upper():
            if line == b"DATA":
                writer.write(b"354 go on\r\n")
                mail = await reader.readuntil(b"\r\n.\r\n")
                async with self.came:
                    self.mails.append(mail.decode())
                    self.came.notify_all()
            writer.write(b"221 bye\r\n" if line == b"QUIT" else b"250 taken\r\n")
            await writer.drain()
            if line == b"QUIT":
                return


@asynccontextmanager
async def listening(one: Any) -> AsyncIterator[Any]:
    """Give a receiver its port; what hangs is let go at the end."""
    handler: Callable[..., Any] = one.serve
    server = await asyncio.start_server(handler, "127.0.0.1", 0)
    one.port = server.sockets[0].getsockname()[1]
    async with server:
        yield one
        one.ended.set()
