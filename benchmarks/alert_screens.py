"""Officers' screens of the benchmark: live streams that note when each alert came.

They live in a process of their own, which reads frames and builds nothing from them: what it uses
of the machine is told apart from the server's.
"""

import asyncio
import multiprocessing
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any, Final, cast
from urllib.parse import urlsplit

_ALERT: Final = re.compile(rb'\ndata: \{"id":"bench-(\d+)"')
_CARRIED_BYTES: Final = 64
"""More than what the expression matches: a frame may come in two reads."""
_OPEN_S: Final = 120.0
_PATIENCE_S: Final = 180.0


class Screens:
    """So many screens that follow, as the benchmark asks for them.

    Attributes:
        pid: Of their process.
        count: How many they are.
    """

    def __init__(self, pid: int, count: int, pipe: "Connection[Any, Any]") -> None:
        """Take the process that runs them."""
        self.pid = pid
        self.count = count
        self._pipe = pipe

    def seen(self, numbers: Sequence[int]) -> dict[int, list[float]]:
        """Wait until alerts are on every screen; return when, by the performance counter.

        Raises:
            RuntimeError: They do not come, or a stream has ended.
        """
        self._pipe.send(list(numbers))
        if not self._pipe.poll(_PATIENCE_S):
            raise RuntimeError(f"alerts of the benchmark do not come within {_PATIENCE_S:g} s")
        found: dict[int, list[float]] | None = self._pipe.recv()
        if found is None:
            raise RuntimeError("a live stream has ended")
        return found


@contextmanager
def open_screens(url: str, cookie: str, count: int) -> Iterator[Screens]:
    """Yield so many screens, each of which has said hello.

    Raises:
        RuntimeError: The server lets fewer in.
    """
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=_live, args=(theirs, url, cookie, count), daemon=True)
    process.start()
    try:
        is_open = ours.poll(_OPEN_S) and ours.recv()
        if not is_open or process.pid is None:
            raise RuntimeError("the server lets fewer live streams in")
        yield Screens(process.pid, count, ours)
    finally:
        process.terminate()
        process.join()


def _live(pipe: "Connection[Any, Any]", url: str, cookie: str, count: int) -> None:
    asyncio.run(_Wall(pipe, count).live(url, cookie))


class _Wall:
    """All screens of the process, and what is waited for on them."""

    def __init__(self, pipe: "Connection[Any, Any]", count: int) -> None:
        self._pipe = pipe
        self._count = count
        self._at: dict[int, list[float]] = {}
        self._wanted: set[int] = set()
        self._missing = 0
        self._open = 0
        self._all_open = asyncio.Event()

    async def live(self, url: str, cookie: str) -> None:
        place = urlsplit(url)
        host, port = place.hostname or "", place.port or 0
        request = (
            f"GET /api/v1/live HTTP/1.1\r\nHost: {place.netloc}\r\n"
            f"Cookie: guitu_session={cookie}\r\n\r\n"
        ).encode()
        loop = asyncio.get_running_loop()
        for _ in range(self._count):
            await loop.create_connection(lambda: _Screen(self, request), host, port)
        await self._all_open.wait()
        self._pipe.send("open")
        loop.add_reader(self._pipe.fileno(), self._want)
        await asyncio.Event().wait()

    def opened(self) -> None:
        self._open += 1
        if self._open == self._count:
            self._all_open.set()

    def ended(self) -> None:
        self._pipe.send(None)

    def came(self, number: int, at_s: float) -> None:
        self._at.setdefault(number, []).append(at_s)
        if number in self._wanted:
            self._missing -= 1
            self._tell()

    def _want(self) -> None:
        self._wanted = set(self._pipe.recv())
        self._missing = sum(self._count - len(self._at.get(n, ())) for n in self._wanted)
        self._tell()

    def _tell(self) -> None:
        if self._missing == 0 and self._wanted:
            self._pipe.send({number: self._at.pop(number) for number in self._wanted})
            self._wanted = set()


class _Screen(asyncio.Protocol):
    def __init__(self, wall: _Wall, request: bytes) -> None:
        self._wall = wall
        self._request = request
        self._carried = b""
        self._is_open = False
        self._seen: set[int] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast("asyncio.WriteTransport", transport).write(self._request)

    def data_received(self, data: bytes) -> None:
        at_s = time.perf_counter()
        text = self._carried + data
        self._carried = text[-_CARRIED_BYTES:]
        if not self._is_open and b"event: hello" in text:
            self._is_open = True
            self._wall.opened()
        for found in _ALERT.findall(text):
            number = int(found)
            if number not in self._seen:
                self._seen.add(number)
                self._wall.came(number, at_s)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._wall.ended()
