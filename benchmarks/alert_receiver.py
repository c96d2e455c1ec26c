"""Receivers of the benchmark's webhooks: one answers, one hangs, one says rubbish."""

import asyncio
import re
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Final, cast

_KEY: Final = re.compile(rb"\r\nwebhook-id: ([^\r]+)", re.IGNORECASE)
_LENGTH: Final = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
_TAKEN: Final = b"HTTP/1.1 204 No Content\r\n\r\n"
_RUBBISH: Final = b"\x00\xff rubbish\r\n\r\n"
_LOOK_EVERY_S: Final = 0.02


class Receivers:
    """Three ports of this machine.

    Attributes:
        ports: By `answers`, `hangs` and `rubbish`.
        at: When the request of each key came first to who answers, by the performance counter.
    """

    def __init__(self) -> None:
        """Nothing has come yet."""
        self.ports: dict[str, int] = {}
        self.at: dict[str, float] = {}
        self.requests = 0

    def await_all(self, keys: Collection[str], patience_s: float) -> None:
        """Wait until all have come.

        Raises:
            RuntimeError: They do not.
        """
        until_s = time.monotonic() + patience_s
        while not self.at.keys() >= set(keys):
            if time.monotonic() > until_s:
                raise RuntimeError(f"{len(set(keys) - self.at.keys())} notifications do not come")
            time.sleep(_LOOK_EVERY_S)


@contextmanager
def receiving() -> Iterator[Receivers]:
    """Yield receivers that listen, in a thread of their own."""
    found = Receivers()
    loop = asyncio.new_event_loop()
    ready = threading.Event()
    thread = threading.Thread(target=_serve, args=(loop, found, ready), daemon=True)
    thread.start()
    ready.wait()
    try:
        yield found
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _serve(loop: asyncio.AbstractEventLoop, found: Receivers, ready: threading.Event) -> None:
    asyncio.set_event_loop(loop)
    for name, answer in (("answers", _TAKEN), ("hangs", None), ("rubbish", _RUBBISH)):
        server = loop.run_until_complete(
            loop.create_server(lambda answer=answer: _Request(found, answer), "127.0.0.1", 0)  # type: ignore[misc]
        )
        found.ports[name] = server.sockets[0].getsockname()[1]
    ready.set()
    loop.run_forever()


class _Request(asyncio.Protocol):
    def __init__(self, found: Receivers, answer: bytes | None) -> None:
        self._found = found
        self._answer = answer
        self._came = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.WriteTransport", transport)

    def data_received(self, data: bytes) -> None:
        self._came += data
        head, end, body = self._came.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if not end or length is None or len(body) < int(length[1]):
            return
        self._came = body[int(length[1]) :]
        if self._answer is None:
            return
        if self._answer == _TAKEN and (key := _KEY.search(head)):
            self._found.requests += 1
            self._found.at.setdefault(key[1].decode(), time.perf_counter())
        self._transport.write(self._answer)
