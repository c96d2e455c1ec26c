"""Terminals over TCP: who comes in, what is answered when, what becomes of bad frames."""

import asyncio
import sqlite3
import stat
from contextlib import contextmanager

import pytest

from firmware_protocols.catalog import CODECS
from gateway.directory.snapshot import compile_directory
from tests.gateway.life import reports_kept, running, until
from tests.gateway.place import give_directory, journal_of, make_settings, now_ms
from tests.gateway.terminals import (
    NUMBERS,
    connection,
    fix,
    logged_in,
    tcp_settings,
    terminal_directory,
)
from tests.gateway.tiny import TINY

SECRET = "119.1234567"


@pytest.fixture(autouse=True)
def _tiny(monkeypatch):
    monkeypatch.setitem(CODECS, "watch", TINY)


@pytest.fixture
def settings(broker, tmp_path):
    made = tcp_settings(make_settings(tmp_path, broker))
    give_directory(made, terminal_directory())
    return made


@contextmanager
def journal_held(settings):
    other = sqlite3.connect(settings.data_dir / "journal.db", isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        yield
    finally:
        other.close()


def quarantine(settings):
    with journal_of(settings) as journal:
        return journal.quarantined(1_000)


def outcomes(settings):
    with journal_of(settings) as journal:
        return [(o.rule, o.change, o.subject) for _, o in journal.outcomes(0, 10_000)]


def on_disk(settings) -> bytes:
    return b"".join(p.read_bytes() for p in settings.data_dir.rglob("*") if p.is_file())


async def test_data_is_acknowledged_after_the_commit_and_a_heartbeat_at_once(settings):
    async with running(settings) as gateway, logged_in(settings) as terminal:
        with journal_held(settings):
            terminal.say(fix(1))
            await gateway.until(lambda s: s["held_messages"] == 1, "it is held")
            terminal.say("beat")
            await terminal.hears("beat")
            assert reports_kept(settings) == 0
        await terminal.hears("kept 1")
        assert reports_kept(settings) == 1


async def test_an_urgent_frame_goes_first_and_alerts(settings):
    async with running(settings) as gateway, logged_in(settings) as terminal:
        with journal_held(settings):
            terminal.say(*(fix(n) for n in range(1, 6)))
            await gateway.until(lambda s: s["held_messages"] == 5, "they are held")
            terminal.say(fix(6), fix(7, alarm="removed"))
            await gateway.until(lambda s: s["held_messages"] == 7, "they are held")
        heard = [await terminal.hear() for _ in range(7)]
        assert heard.index("kept 7") < heard.index("kept 6")
    assert outcomes(settings) == [("removed", "raised", "s-1")]


async def test_an_unknown_terminal_is_counted_and_nothing_of_it_is_kept(settings):
    async with running(settings) as gateway:
        async with connection(settings) as terminal:
            terminal.say("login 13800138000")
            await terminal.hears("who?")
            terminal.say(*[f"fix 1 {now_ms()} {SECRET} 28.4"] * 4)
            await terminal.ends()
        async with logged_in(settings) as known:
            known.say(fix(1))
            await known.hears("kept 1")
        counted = await gateway.metrics()
        assert counted["guitu_gateway_tcp_refused_total{watch,unknown_terminal}"] == 1
        assert counted["guitu_gateway_tcp_refused_total{watch,field}"] == 4
        assert counted["guitu_gateway_tcp_closed_total{watch,login_tries}"] == 1
    assert {(q.topic, q.reason, q.detail, q.payload) for q in quarantine(settings)} == {
        ("tcp/watch", "unknown_terminal", "terminal ...8000", None),
        ("tcp/watch", "field", "terminal ...8000", None),
    }
    assert SECRET.encode() not in on_disk(settings)
    assert b"13800138000" not in on_disk(settings)


async def test_rows_about_strangers_are_bounded_and_their_count_is_not(settings):
    began_s = asyncio.get_running_loop().time()
    async with running(settings) as gateway:
        for _ in range(10):
            async with connection(settings) as terminal:
                terminal.say(*["login 999"] * 5)
                await terminal.ends()
        counted = await gateway.metrics()
        assert counted["guitu_gateway_tcp_refused_total{watch,unknown_terminal}"] == 50
        await until(lambda: len(quarantine(settings)) >= 20, "the first of them are journaled")
    spent_s = asyncio.get_running_loop().time() - began_s
    assert len(quarantine(settings)) <= min(50, 20 + spent_s)


async def test_a_bad_frame_is_quarantined_and_costs_the_next_one_nothing(settings):
    async with running(settings), logged_in(settings) as terminal:
        terminal.say("garbage", "g" * 1_000, fix(1))
        await terminal.hears("kept 1")
    rows = {(q.reason, q.payload) for q in quarantine(settings)}
    assert rows == {("field", b"garbage\n"), ("syntax", b"g" * 1_000 + b"\n")}


async def test_without_an_order_neither_bytes_nor_what_quotes_them_are_kept(settings):
    async with running(settings) as gateway, logged_in(settings, NUMBERS["wb-2"]) as terminal:
        terminal.say(f"fix x {now_ms()} {SECRET}", f"fix 1 {now_ms()} {SECRET} 28.4")
        await terminal.hears("kept 1")
        counted = await gateway.metrics()
        assert counted["guitu_gateway_refused_total{no_order}"] == 1
    assert [(q.reason, q.payload) for q in quarantine(settings)] == [("field", None)]
    assert SECRET.encode() not in on_disk(settings)


async def test_a_message_that_nobody_knows_is_quarantined_and_acknowledged(settings):
    async with running(settings), logged_in(settings) as terminal:
        terminal.say("odd")
        await terminal.hears("kept odd")
    assert [(q.reason, q.payload) for q in quarantine(settings)] == [("unknown_message", b"odd\n")]


async def test_a_heartbeat_with_a_state_is_a_report_of_its_arrival(settings):
    async with running(settings) as gateway, logged_in(settings) as terminal:
        terminal.say("beat", "alive 12")
        assert [await terminal.hear(), await terminal.hear()] == ["beat", "alive"]
        await gateway.until_kept(1)
        assert (await gateway.metrics())["guitu_gateway_signals_total{heartbeat}"] == 1
    assert outcomes(settings) == [("low_battery", "raised", "s-1")]


async def test_a_terminal_that_comes_back_takes_over_and_is_flagged(settings):
    async with running(settings) as gateway, logged_in(settings) as older:
        async with connection(settings) as stranger:
            stranger.say("login 999")
            await stranger.hears("who?")
            older.say("beat")
            await older.hears("beat")
        async with logged_in(settings) as newer:
            await older.ends()
            newer.say(fix(1))
            await newer.hears("kept 1")
            state = await gateway.state()
            assert state["tcp"]["watch"]["terminals"] == 1
        assert (await gateway.metrics())["guitu_gateway_tcp_duplicates_total{watch}"] == 1
    found = [q for q in quarantine(settings) if q.reason == "duplicate_terminal"]
    assert [(q.payload, q.size) for q in found] == [(None, 0)]


async def test_what_a_lost_connection_brought_is_kept_once_when_it_comes_again(settings):
    frame = fix(1)
    async with running(settings) as gateway:
        with journal_held(settings):
            async with logged_in(settings) as terminal:
                terminal.say(frame)
                await gateway.until(lambda s: s["held_messages"] == 1, "it is held")
            async with logged_in(settings) as terminal:
                terminal.say(frame)
                await gateway.until(lambda s: s["held_messages"] >= 2, "it came again")
        async with logged_in(settings) as terminal:
            terminal.say(frame)
            await terminal.hears("kept 1")
        assert (await gateway.metrics())["guitu_gateway_refused_total{repeated}"] == 2
    assert reports_kept(settings) == 1


async def test_a_connection_speaks_for_one_terminal(settings):
    async with running(settings), logged_in(settings) as terminal:
        terminal.say("as 1000000002")
        await terminal.ends()
        await until(lambda: quarantine(settings), "it is journaled")
    assert [(q.reason, q.payload) for q in quarantine(settings)] == [("identity_changed", None)]


async def test_a_connection_cannot_log_in_as_another_terminal(settings):
    async with running(settings), logged_in(settings) as terminal:
        terminal.say(f"login {NUMBERS['wb-2']}", fix(1))
        assert [await terminal.hear(), await terminal.hear()] == ["welcome", "kept 1"]
        async with logged_in(settings, NUMBERS["wb-2"]) as other:
            other.say("beat")
            await other.hears("beat")
    with journal_of(settings) as journal:
        assert journal.tally().reports == 1


async def test_a_terminal_that_the_directory_drops_is_disconnected(settings):
    without = {"wb-2": NUMBERS["wb-2"]}
    async with (
        running(settings) as gateway,
        logged_in(settings) as gone,
        logged_in(settings, NUMBERS["wb-2"]) as stays,
    ):
        directory = compile_directory(terminal_directory(version=2, numbers=without))
        await gateway.gateway._take_directory(directory)
        await gone.ends()
        stays.say("beat")
        await stays.hears("beat")


async def test_a_registration_must_show_the_registered_serial(broker, tmp_path):
    settings = tcp_settings(make_settings(tmp_path, broker))
    give_directory(settings, terminal_directory(serial="A1"))
    async with running(settings) as gateway, connection(settings) as terminal:
        terminal.say("login 1000000001", "login 1000000001 B2", "login 1000000001 A1")
        assert [await terminal.hear() for _ in range(3)] == ["who?", "who?", "welcome"]
        counted = await gateway.metrics()
        assert counted["guitu_gateway_tcp_refused_total{watch,wrong_serial}"] == 2


async def test_the_secret_of_the_codes_is_made_once_and_for_its_owner(settings):
    file = settings.data_dir / "terminal-secret"
    async with running(settings):
        secret = file.read_bytes()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    async with running(settings):
        assert file.read_bytes() == secret


async def test_without_a_port_there_is_no_listener_and_no_secret(broker, tmp_path):
    settings = make_settings(tmp_path, broker)
    give_directory(settings)
    async with running(settings) as gateway:
        assert (await gateway.state())["tcp"] == {}
    assert not (settings.data_dir / "terminal-secret").exists()


async def test_the_state_lists_ports_and_terminals(settings):
    async with running(settings) as gateway, logged_in(settings), connection(settings):
        state = await gateway.until(lambda s: s["tcp"]["watch"]["connections"] == 2, "two are in")
        port = settings.tcp_watch_port
        assert state["tcp"]["watch"] == {
            "port": port,
            "listening": True,
            "connections": 2,
            "terminals": 1,
        }
        counted = await gateway.metrics()
        assert counted["guitu_gateway_tcp_sessions{watch}"] == 2


async def test_a_fault_of_ours_costs_one_connection_and_no_neighbour(settings, caplog):
    async with running(settings) as gateway, logged_in(settings, NUMBERS["wb-2"]) as neighbour:
        async with logged_in(settings) as terminal:
            terminal.say("crash", fix(1))
            await terminal.ends()
        neighbour.say("beat")
        await neighbour.hears("beat")
        counted = await gateway.metrics()
        assert counted["guitu_gateway_tcp_closed_total{watch,fault}"] == 1
    assert "as a bug would" in caplog.text


async def test_a_stopping_gateway_hangs_up(settings):
    async with running(settings):
        reader, writer = await asyncio.open_connection(settings.tcp_host, settings.tcp_watch_port)
    assert await reader.read() == b""
    writer.close()
