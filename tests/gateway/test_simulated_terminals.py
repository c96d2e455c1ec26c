"""Simulated terminals through a running gateway: report, go dark, resend, obey; kill -9 included.

Unlike the scripted conversations of `test_tcp_conversations.py`, nobody tells these what to do
next: they live by their feed, come back by themselves and keep what was not acknowledged.
"""

import asyncio
import sqlite3
from contextlib import asynccontextmanager, closing

import pytest

from device_sims.clock import SimClock
from device_sims.coverage import Spell
from device_sims.feed import Emission, Identity
from device_sims.schedule import Schedule
from device_sims.surroundings import Counts, Surroundings
from device_sims.tcp import link
from device_sims.tcp.link import LinkedTerminal
from device_sims.terminal import PROTOCOLS, terminal_of
from firmware_protocols.message import Report
from guitu.embedded.ports import free_port
from tests.gateway.life import WAIT_S, process, until
from tests.gateway.officer import site
from tests.gateway.place import HOME, give_directory, journal_of, make_settings, now_ms
from tests.gateway.terminals import terminal_directory
from tests.gateway.test_tcp_conversations import positions
from tests.services.broker import HOST

TERMINALS = {protocol: terminal_of(nth, nth + 1) for nth, protocol in enumerate(PROTOCOLS)}
SCALE = 10.0
AGE_MS = 300_000
"""The simulated clock starts so long ago, and needs thirty seconds to catch up."""

each = pytest.mark.parametrize("terminal", TERMINALS.values(), ids=TERMINALS)


def ports():
    return {f"tcp_{protocol}_port": free_port() for protocol in PROTOCOLS}


class Walk:
    """A position each second of simulated time, east of HOME; without link in one spell.

    Attributes:
        made: Fix times of what was reported.
    """

    def __init__(self, terminal, device, start_ms, *, interval_ms=1_000, dark_s=None, sos_at=None):
        self.identity = Identity(device, "county", "wristband", terminal)
        self.schedule = Schedule(start_ms, interval_ms, 0)
        self.made = []
        self._start_s = start_ms / 1_000
        self._dark_s = dark_s
        self._sos_at = sos_at

    @property
    def told(self):
        """Fix times as the protocols can say them: whole seconds."""
        return {time_ms // 1_000 * 1_000 for time_ms in self.made}

    def spell(self, time_s):
        if self._dark_s is None:
            return None
        begin_s, end_s = (self._start_s + second for second in self._dark_s)
        return Spell(begin_s, end_s, is_newest_first=False) if begin_s <= time_s < end_s else None

    def emissions(self):
        for time_ms in self.schedule.times_ms():
            seq = len(self.made)
            is_sos = seq == self._sos_at
            yield Emission(
                Report(
                    device=self.identity.device,
                    kind="fix",
                    fix_time_ms=time_ms,
                    boot=1,
                    seq=seq,
                    longitude_deg=HOME[0],
                    latitude_deg=HOME[1],
                    datum="WGS84",
                    speed_mps=0.0,
                    heading_deg=90.0,
                    satellites=9,
                    battery_pct=80,
                    alarms=("sos",) if is_sos else (),
                ),
                is_urgent=is_sos,
            )
            self.made.append(time_ms)


@asynccontextmanager
async def alive(walk, settings, *, scale=SCALE, start_ms):
    """Let a terminal live; it leaves at the end."""
    around = Surroundings(
        host=HOST,
        port=settings.broker_port,
        site_key=b"",
        clock=SimClock(start_ms, scale),
        counts=Counts(),
        tcp={protocol: (HOST, port) for protocol, port in settings.tcp_ports.items()},
        resend_after_s=2.0,
    )
    around.clock.begin()
    linked = LinkedTerminal(walk, around, walk.identity.terminal)
    task = asyncio.create_task(linked.run())
    try:
        yield linked, around.counts
    finally:
        linked.leave()
        await task


@pytest.fixture
def place(make_place, database):
    """Three more wristbands of the subject under an order, one for each protocol."""

    def change(known):
        band, binding = known["devices"][0], known["bindings"][0]
        for protocol, terminal in TERMINALS.items():
            device = {"device": f"tm-{protocol}"}
            on_the_wire = {"protocol": protocol, "number": terminal.number}
            on_the_wire |= {"model": terminal.model, "serial": terminal.serial}
            known["devices"].append(band | device | {"terminal": on_the_wire})
            known["bindings"].append(binding | device)

    made = make_place(database, change)
    made.gateway = made.gateway.model_copy(update=ports())
    return made


@each
async def test_a_terminal_lives_through_a_dark_spell_and_obeys_an_interval(place, terminal):
    start_ms = now_ms() // 1_000 * 1_000 - AGE_MS
    walk = Walk(terminal, f"tm-{terminal.protocol}", start_ms, dark_s=(5, 12))
    async with site(place) as (_, desk):
        async with alive(walk, place.gateway, start_ms=start_ms) as (linked, counts):
            await until(lambda: len(walk.made) > 15 and not linked.memory, "it came back")
            assert counts.connected == 2
            command = await desk.enter(
                walk.identity.device,
                {"name": "set_interval", "interval_s": 7, "purpose": "减少上报间隔"},
            )
            await desk.until_steps(command, "queued", "sent", "answered")
            obeyed = len(walk.made)
            await until(lambda: len(walk.made) >= obeyed + 3, "it reports at its new interval")
            await until(lambda: not linked.memory, "all of it is acknowledged")
        last = (walk.identity.device, max(walk.told))
        await until(lambda: last in positions(place.gateway), "the last one is kept")
        kept = {time_ms for _, time_ms in positions(place.gateway)}
        lost = walk.told - kept
        await place.until_rows("position_report", len(kept), "lon_e7 IS NOT NULL")
    made = walk.made
    assert [b - a for a, b in zip(made[-3:], made[-2:], strict=False)] == [7_000, 7_000]
    assert len(positions(place.gateway)) == len(kept)
    # A watch's position has no acknowledgement: the one on its way when the link broke may be lost.
    may_be_lost = {start_ms + 4_000} if terminal.protocol == "watch" else set()
    assert lost <= may_be_lost
    assert kept <= walk.told


async def test_a_terminal_with_nothing_to_report_keeps_its_connection(place, monkeypatch):
    monkeypatch.setattr(link, "BEAT_S", 0.05)
    terminal, start_ms = TERMINALS["jt808"], now_ms()
    walk = Walk(terminal, "tm-jt808", start_ms, interval_ms=3_600_000)
    place.gateway = place.gateway.model_copy(update={"tcp_idle_s": 1.0})
    async with (
        site(place) as (gateway, _),
        alive(walk, place.gateway, start_ms=start_ms, scale=1.0) as (_, counts),
    ):
        await until(lambda: counts.connected, "it is let in")
        beats = "guitu_gateway_signals_total{heartbeat}"
        async with asyncio.timeout(WAIT_S):
            # So many take longer than an idle connection is kept.
            while (await gateway.metrics()).get(beats, 0) < 50:  # noqa: ASYNC110
                await asyncio.sleep(0.03)
        assert counts.connected == 1


@pytest.fixture
def settings(broker, tmp_path, terminal):
    made = make_settings(tmp_path, broker).model_copy(update=ports())
    known = {"model": terminal.model, "serial": terminal.serial}
    numbers = {"wb-1": terminal.number}
    give_directory(made, terminal_directory(terminal.protocol, numbers=numbers, **known))
    return made


def alarms_kept(settings):
    with journal_of(settings) as journal:
        return [(o.rule, o.change) for _, o in journal.outcomes(0, 1_000)]


@each
async def test_a_kill_between_frame_and_commit_loses_nothing_and_doubles_nothing(
    settings, terminal
):
    start_ms = now_ms() // 1_000 * 1_000 - AGE_MS
    walk = Walk(terminal, "wb-1", start_ms, sos_at=3)
    with process(settings) as gateway:
        await gateway.until_ready()
        with closing(
            sqlite3.connect(settings.data_dir / "journal.db", isolation_level=None)
        ) as held:
            held.execute("BEGIN IMMEDIATE")
            async with alive(walk, settings, start_ms=start_ms) as (linked, counts):
                await gateway.until(lambda s: s["held_messages"] >= 5, "they wait for the disk")
                gateway.kill()
                held.close()
                assert positions(settings) == []
                sent = len(walk.made)
                with process(settings) as again:
                    await again.until_ready()
                    await until(lambda: counts.connected == 2, "it comes back by itself")
                    await until(lambda: len(walk.made) > sent + 5, "it goes on")
                    await until(lambda: not linked.memory, "all of it is acknowledged")
                    made = list(walk.made)
                    await until(lambda: made[-1] <= positions(settings)[-1][1], "it is kept")
    times = [time_ms for _, time_ms in positions(settings)]
    assert len(times) == len(set(times))
    if terminal.protocol == "watch":  # positions without an alarm have no acknowledgement
        assert start_ms + 3_000 in times
    else:
        assert set(made) <= set(times)
    assert alarms_kept(settings).count(("sos", "raised")) == 1
