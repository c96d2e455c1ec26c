"""What one connection may take, and what all of them together may."""

import asyncio
import socket
from typing import Any

import pytest

from firmware_protocols.catalog import CODECS
from gateway.app import Gateway
from gateway.errors import ListenError
from gateway.intake.bucket import TokenBucket
from tests.gateway.life import reports_kept, running
from tests.gateway.place import give_directory, make_settings
from tests.gateway.terminals import (
    NUMBERS,
    connection,
    fix,
    logged_in,
    tcp_settings,
    terminal_directory,
)
from tests.gateway.test_tcp_sessions import journal_held, outcomes
from tests.gateway.tiny import TINY


@pytest.fixture(autouse=True)
def _tiny(monkeypatch):
    monkeypatch.setitem(CODECS, "watch", TINY)


@pytest.fixture
def limited(broker, tmp_path):
    def make(**changed):
        settings = tcp_settings(make_settings(tmp_path, broker), **changed)
        give_directory(settings, terminal_directory())
        return settings

    return make


async def closed(gateway, reason):
    name = f"guitu_gateway_tcp_closed_total{{watch,{reason}}}"
    return (await gateway.metrics()).get(name, 0)


async def refused(gateway, reason):
    name = f"guitu_gateway_tcp_refused_total{{watch,{reason}}}"
    return (await gateway.metrics()).get(name, 0)


async def test_a_connection_that_does_not_log_in_is_closed(limited):
    settings = limited(tcp_login_s=0.1)
    async with running(settings) as gateway, connection(settings) as terminal:
        await terminal.ends()
        assert await closed(gateway, "no_login") == 1


async def test_a_connection_that_brings_nothing_is_closed(limited):
    settings = limited(tcp_idle_s=1.0)
    async with running(settings) as gateway, logged_in(settings) as terminal:
        await terminal.ends()
        assert await closed(gateway, "idle") == 1


async def test_connections_are_bounded_per_address(limited):
    settings = limited(tcp_connections_per_address_max=2)
    async with running(settings) as gateway:
        async with logged_in(settings), connection(settings), connection(settings) as third:
            await third.ends()
            assert await refused(gateway, "connections_of_address") == 1
        await gateway.until(lambda s: s["tcp"]["watch"]["connections"] == 0, "all are gone")
        async with logged_in(settings):
            pass  # room again


async def test_connections_are_bounded_together(limited):
    settings = limited(tcp_connections_max=1)
    async with running(settings) as gateway, logged_in(settings):
        async with connection(settings) as second:
            await second.ends()
        assert await refused(gateway, "connections") == 1


async def test_frames_faster_than_allowed_wait_and_none_is_lost(limited):
    settings = limited(tcp_frames_per_s=200, tcp_burst_frames=10)
    async with running(settings), logged_in(settings) as terminal:
        terminal.say(*(fix(n) for n in range(1, 101)))
        heard = {await terminal.hear() for _ in range(100)}
    assert heard == {f"kept {n}" for n in range(1, 101)}


def test_a_bucket_gives_its_burst_at_once_and_then_its_rate():
    bucket = TokenBucket(per_s=10, burst=3, now_s=0)
    assert [bucket.take(0) for _ in range(5)] == pytest.approx([0, 0, 0, 0.1, 0.2])
    assert bucket.take(0.3) == 0
    assert not bucket.try_take(0.3)
    assert [bucket.try_take(100) for _ in range(4)] == [True, True, True, False]


async def test_a_terminal_that_reads_nothing_is_disconnected(limited):
    settings = limited(tcp_write_buffer_bytes=65_536)
    async with running(settings) as gateway:
        raw = socket.socket()
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        raw.setblocking(False)  # noqa: FBT003
        loop = asyncio.get_running_loop()
        await loop.sock_connect(raw, (settings.tcp_host, settings.tcp_watch_port))
        await loop.sock_sendall(raw, b"login 1000000001\n" + b"big 1000000\n" * 20)
        await gateway.until(lambda s: s["tcp"]["watch"]["connections"] == 0, "it is gone")
        assert await closed(gateway, "reads_nothing") == 1
        raw.close()


async def test_a_terminal_that_stops_reading_a_little_is_disconnected_in_the_end(limited):
    settings = limited(tcp_write_buffer_bytes=16_000_000, tcp_drain_s=0.1)
    async with running(settings) as gateway, logged_in(settings) as terminal:
        transport: Any = terminal.writer.transport
        transport.pause_reading()
        terminal.say(*["big 2000000"] * 6)
        await gateway.until(lambda s: s["tcp"]["watch"]["connections"] == 0, "it is gone")
        assert await closed(gateway, "reads_nothing") == 1


async def test_while_the_journal_is_behind_a_flood_waits_and_an_sos_gets_in(limited):
    settings = limited(held_messages_max=100, batch_messages_max=50, tcp_in_flight_max=1_000)
    async with running(settings) as gateway, logged_in(settings) as flood:
        with journal_held(settings):
            flood.say(*(fix(n) for n in range(1, 401)))
            await gateway.until(lambda s: s["held_messages"] >= 100, "it is full")
            async with logged_in(settings, NUMBERS["wb-2"]) as other:
                held = (await gateway.state())["held_messages"]
                assert held == 100
                other.say(fix(1, alarm="sos"))
                await gateway.until(lambda s: s["held_messages"] == 101, "the SOS is in")
        await gateway.until_kept(401)
        for number in range(1, 401):
            await flood.hears(f"kept {number}")
    assert reports_kept(settings) == 401
    assert ("sos", "raised", "s-2") in outcomes(settings)


async def test_a_session_holds_no_more_than_its_share_unacknowledged(limited):
    settings = limited(tcp_in_flight_max=5)
    async with running(settings) as gateway, logged_in(settings) as terminal:
        with journal_held(settings):
            terminal.say(*(fix(n) for n in range(1, 21)))
            await gateway.until(lambda s: s["held_messages"] == 5, "its share is held")
            async with logged_in(settings, NUMBERS["wb-2"]) as other:
                other.say("beat")
                await other.hears("beat")
                assert (await gateway.state())["held_messages"] == 5
        for number in range(1, 21):
            await terminal.hears(f"kept {number}")


async def test_a_port_that_is_taken_ends_the_start_with_its_name(limited):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        settings = limited(tcp_watch_port=taken.getsockname()[1])
        with pytest.raises(ListenError, match=rf"127.0.0.1:{settings.tcp_watch_port} for watch"):
            await Gateway(settings).run(asyncio.Event())
