"""Terminals of the real protocols: register, report, go dark, resend, obey."""

import sqlite3

import msgspec
import pytest

from firmware_protocols.jt808.uplink_write import encode_batch
from gateway.journal.entry import BATCH, decode_batch
from guitu.embedded.ports import free_port
from tests.gateway.field_terminals import KINDS, position
from tests.gateway.life import process, reports_kept, running, until
from tests.gateway.officer import site
from tests.gateway.place import give_directory, journal_of, make_settings, now_ms
from tests.gateway.terminals import terminal_directory
from tests.gateway.test_commands import INTERVAL

PROTOCOLS = sorted(KINDS)


def ports():
    return {f"tcp_{protocol}_port": free_port() for protocol in PROTOCOLS}


@pytest.fixture
def place(make_place, database):
    """Three more wristbands of the subject under an order, each speaking its protocol."""

    def change(known):
        band, binding = known["devices"][0], known["bindings"][0]
        for protocol, kind in KINDS.items():
            device = {"device": f"tm-{protocol}"}
            terminal = {"protocol": protocol, "number": kind.number, "model": ""}
            terminal |= {"serial": None, "utc_offset_min": None}
            known["devices"].append(band | device | {"terminal": terminal})
            known["bindings"].append(binding | device)

    made = make_place(database, change)
    made.gateway = made.gateway.model_copy(update=ports())
    return made


def positions(settings):
    """Every kept position as (device, fix time)."""
    found = []
    with journal_of(settings) as journal:
        for entry in journal.entries():
            if entry.kind == BATCH:
                parties, columns = decode_batch(entry.body)
                found += zip(
                    [parties[n].device for n in columns.party],
                    columns.fix_time_ms.tolist(),
                    (columns.source_datum >= 0).tolist(),
                    strict=True,
                )
    return sorted((device, time_ms) for device, time_ms, is_placed in found if is_placed)


async def until_positions(settings, count):
    await until(lambda: len(positions(settings)) >= count, f"{count} positions kept")


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_terminal_reports_goes_dark_resends_and_obeys(place, protocol):
    device, start_ms = f"tm-{protocol}", now_ms() // 1_000 * 1_000 - 600_000
    live = [position(start_ms + n * 10_000, 10.0 * n) for n in range(3)]
    dark = [position(start_ms + n * 10_000, 10.0 * n, backlog=True) for n in range(3, 8)]
    async with site(place) as (_, desk):
        terminal = KINDS[protocol](place.gateway)
        await terminal.connect()
        for report in live:
            terminal.send(terminal.report(report))
            await terminal.acknowledged()
        await until_positions(place.gateway, len(live))
        terminal.go_dark()

        await terminal.connect()
        repeated = msgspec.structs.replace(live[-1], backlog=True)
        terminal.send(terminal.backlog([repeated, *dark]))
        await until_positions(place.gateway, len(live + dark))

        command = await desk.enter(device, INTERVAL)
        assert await terminal.obey() == INTERVAL["interval_s"]
        await desk.until_steps(command, "queued", "sent", "answered")
        await place.until_rows("position_report", len(live + dark), "lon_e7 IS NOT NULL")
        terminal.go_dark()
    assert positions(place.gateway) == [(device, r.fix_time_ms) for r in live + dark]


@pytest.fixture
def settings(broker, tmp_path):
    made = make_settings(tmp_path, broker).model_copy(update=ports())
    numbers = {"wb-1": KINDS["jt808"].number}
    give_directory(made, terminal_directory("jt808", numbers=numbers))
    return made


async def test_a_kill_between_frame_and_commit_loses_nothing_and_doubles_nothing(settings):
    terminal = KINDS["jt808"](settings)
    sos = position(now_ms() - 5_000, alarms=("sos",))
    with process(settings) as gateway:
        await gateway.until_ready()
        await terminal.connect()
        other = sqlite3.connect(settings.data_dir / "journal.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        terminal.send(terminal.report(sos))
        await gateway.until(lambda s: s["held_messages"] == 1, "it waits for the disk")
        gateway.kill()
        other.close()
        terminal.go_dark()
    assert reports_kept(settings) == 0
    with process(settings) as gateway:
        await gateway.until_ready()
        await terminal.connect()  # with the code of the first life
        for _ in range(2):
            terminal.send(terminal.report(sos))
            await terminal.acknowledged()
        assert gateway.stop() == 0
        terminal.go_dark()
    assert reports_kept(settings) == 1
    with journal_of(settings) as journal:
        found = [(o.rule, o.change) for _, o in journal.outcomes(0, 1_000)]
    assert found == [("sos", "raised")]


async def test_a_wrong_code_keeps_a_terminal_out(settings):
    terminal = KINDS["jt808"](settings)
    terminal.code = "0000000000000000"
    async with running(settings) as gateway:
        with pytest.raises(AssertionError):
            await terminal.connect()
        counted = await gateway.metrics()
        assert counted["guitu_gateway_tcp_refused_total{jt808,wrong_code}"] == 1
        terminal.go_dark()
    assert reports_kept(settings) == 0


async def test_the_parts_of_a_message_are_acknowledged_when_all_of_it_is_kept(settings):
    terminal = KINDS["jt808"](settings)
    start_ms = now_ms() - 3_600_000
    backlog = [position(start_ms + n * 10_000, backlog=True) for n in range(80)]
    async with running(settings) as gateway:
        await terminal.connect()
        batch = encode_batch(backlog, terminal.address, 1_000, is_blind_area=True)
        assert len(batch) > 1
        terminal.send(*batch[:-1])
        terminal.send(terminal.report(position(now_ms() - 2_000)))
        await terminal.acknowledged()
        assert reports_kept(settings) == 1
        terminal.send(batch[-1])
        replies = [(await terminal.hear())[0] for _ in batch]
        assert [(r.to_serial, r.result) for r in replies] == [
            (1_000 + n, 0) for n in range(len(batch))
        ]
        await gateway.until_kept(1 + len(backlog))
        terminal.go_dark()
