"""Requests over connections that are kept, each of which was looked at when it was made."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from server.notifications.egress import Egress, networks_of, web_address
from server.notifications.errors import RefusedSendError, SendError
from server.notifications.posting import Poster

TAKEN = b"HTTP/1.1 204 No Content\r\n\r\n"
HERE = "127.0.0.0/8"


class _Receiver:
    """Answers requests; counts connections and requests."""

    def __init__(self, *, answer: bytes = TAKEN, hangs_up_after: int | None = None) -> None:
        self.connections = 0
        self.requests = 0
        self.hosts: list[bytes] = []
        self._answer = answer
        self._hangs_up_after = hangs_up_after

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with_this = 0
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                fields = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:-2])
                await reader.readexactly(int(fields[b"Content-Length"]))
                self.requests += 1
                self.hosts.append(fields[b"Host"])
                if with_this == self._hangs_up_after:
                    return
                with_this += 1
                writer.write(self._answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()


@asynccontextmanager
async def _heard(receiver: _Receiver, networks: str = HERE) -> AsyncIterator[tuple[Poster, str]]:
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    poster = Poster(Egress(networks_of(networks)), timeout_s=10, most=8)
    try:
        yield poster, f"http://127.0.0.1:{port}/x?y=z"
    finally:
        await poster.close()
        server.close()


async def test_one_request_after_another_goes_over_one_connection():
    receiver = _Receiver()
    async with _heard(receiver) as (poster, url):
        for _ in range(5):
            await poster.post(web_address(url), b"{}", {})
    assert (receiver.connections, receiver.requests) == (1, 5)
    assert set(receiver.hosts) == {url.split("/")[2].encode()}


async def test_requests_at_once_have_a_connection_each_up_to_the_bound():
    receiver = _Receiver()
    async with _heard(receiver) as (poster, url):
        await asyncio.gather(*(poster.post(web_address(url), b"{}", {}) for _ in range(40)))
    assert (receiver.connections <= 8, receiver.requests) == (True, 40)


async def test_a_kept_connection_that_the_receiver_hangs_up_costs_no_attempt():
    receiver = _Receiver(hangs_up_after=1)
    async with _heard(receiver) as (poster, url):
        for _ in range(3):
            await poster.post(web_address(url), b"{}", {})
    # The second and third came twice each: the same key.
    assert (receiver.connections, receiver.requests) == (3, 5)


async def test_a_new_connection_that_is_hung_up_is_a_failure():
    receiver = _Receiver(hangs_up_after=0)
    async with _heard(receiver) as (poster, url):
        with pytest.raises(SendError, match=r"no sound answer \(RemoteProtocolError\)"):
            await poster.post(web_address(url), b"{}", {})
    assert receiver.requests == 1


async def test_another_name_of_the_same_place_has_a_connection_of_its_own():
    receiver = _Receiver()
    async with _heard(receiver) as (poster, url):
        await poster.post(web_address(url), b"{}", {})
        await poster.post(web_address(url.replace("127.0.0.1", "0x7f000001")), b"{}", {})
    assert receiver.connections == 2


async def test_in_clear_text_nothing_leaves_the_own_networks():
    async with _heard(_Receiver()) as (poster, _):
        with pytest.raises(RefusedSendError, match="only https"):
            await poster.post(web_address("http://8.8.8.8/"), b"{}", {})


async def test_no_connection_is_made_to_what_is_not_public():
    receiver = _Receiver()
    async with _heard(receiver, networks="") as (poster, url):
        with pytest.raises(RefusedSendError, match="does not send to"):
            await poster.post(web_address(url), b"{}", {})
    assert receiver.connections == 0


@pytest.mark.parametrize(
    ("answer", "error", "text"),
    [
        (b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n", RefusedSendError, "answered 410"),
        (b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n", SendError, "302"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 70_000, SendError, "more than 65536 bytes"),
        (b"\x00\xff rubbish\r\n\r\n", SendError, "no sound answer"),
    ],
)
async def test_what_is_no_taking_is_said(answer, error, text):
    async with _heard(_Receiver(answer=answer)) as (poster, url):
        with pytest.raises(error, match=text) as caught:
            await poster.post(web_address(url), b"{}", {})
        assert type(caught.value) is error
        assert "127.0.0.1" not in str(caught.value)
