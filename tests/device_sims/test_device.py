"""Devices on the real broker."""

import asyncio
import contextlib
import dataclasses

import pytest

from device_sims.clock import SimClock
from device_sims.coverage import Spell
from device_sims.device import Device
from device_sims.feed import Emission, Identity
from device_sims.surroundings import Counts, Surroundings
from firmware_protocols.message import Report
from tests.device_sims.gateway_stand_in import listening

BEGIN_MS = 1_795_309_320_000
WRISTBAND = Identity("wb-000001", "office-1", "wristband")
PHONE = Identity("ph-0001", "office-1", "phone")


class ShortFeed:
    """A report every second, `count` of them; without link in one spell."""

    schedule = None

    def __init__(self, identity, count, *, spell=None, urgent=()):
        self.identity = identity
        self._count = count
        self._spell = spell
        self._urgent = urgent

    def spell(self, time_s):
        spell = self._spell
        return spell if spell and spell.begin_s <= time_s < spell.end_s else None

    def emissions(self):
        for seq in range(self._count):
            time_ms = BEGIN_MS + 1_000 * seq
            report = Report(
                device=self.identity.device,
                kind="fix",
                fix_time_ms=time_ms,
                boot=0 if self.identity.kind == "phone" else 5,
                seq=time_ms // 1_000 if self.identity.kind == "phone" else seq,
                longitude_deg=119.9,
                latitude_deg=28.4,
                datum="WGS84",
            )
            yield Emission(report, is_urgent=seq in self._urgent)


class WatchedCounts(Counts):
    """Counts whose changes can be awaited."""

    def __init__(self):
        self.changed = asyncio.Event()
        super().__init__()

    def __setattr__(self, name, value):
        super().__setattr__(name, value)
        self.changed.set()

    async def until(self, name, value):
        async with asyncio.timeout(20):
            while getattr(self, name) < value:
                self.changed.clear()
                await self.changed.wait()


def surroundings(broker, *, scale=20.0, resend_after_s=30.0):
    return Surroundings(
        host=broker.host,
        port=broker.port,
        site_key=broker.site_key,
        clock=SimClock(BEGIN_MS, scale),
        counts=WatchedCounts(),
        resend_after_s=resend_after_s,
    )


@contextlib.asynccontextmanager
async def running(device, *, connects=True):
    """A living device; its time begins when it has connected."""
    task = asyncio.create_task(device.run())
    if connects:
        await device._around.counts.until("connected", 1)
    device._around.clock.begin()
    yield task
    device.leave()
    await asyncio.wait_for(task, 20)


@pytest.fixture
def wristband(broker):
    broker.add_device(WRISTBAND.device)
    return broker


async def test_a_device_keeps_its_reports_until_the_gateway_has_them(wristband):
    async with listening(wristband) as gateway:
        device = Device(ShortFeed(WRISTBAND, 5), surroundings(wristband))
        async with running(device) as task:
            await gateway.until(lambda: len(gateway.reports) == 5)
            assert len(device.memory) == 5
            topic, _ = gateway.messages[0]
            await gateway.acknowledge(topic, gateway.reports)
            await asyncio.wait_for(asyncio.shield(task), 20)  # nothing left to do: it leaves
        assert len(device.memory) == 0
        assert [report.seq for report in gateway.reports] == [0, 1, 2, 3, 4]


async def test_a_device_sends_again_what_the_gateway_does_not_acknowledge(wristband):
    async with listening(wristband) as gateway:
        around = surroundings(wristband, resend_after_s=0.2)
        async with running(Device(ShortFeed(WRISTBAND, 3), around)) as task:
            await gateway.until(lambda: min(times_heard(gateway, 3)) >= 2)
            names = {(report.seq, report.fix_time_ms) for report in gateway.reports}
            assert len(names) == 3  # a repeated report is the same report
            gateway.is_acknowledging = True
            await asyncio.wait_for(asyncio.shield(task), 20)
        assert around.counts.resent >= 3


def times_heard(gateway, count):
    heard = [report.seq for report in gateway.reports]
    return [heard.count(seq) for seq in range(count)]


async def test_urgent_reports_take_the_urgent_topic(wristband):
    async with listening(wristband) as gateway:
        gateway.is_acknowledging = True
        async with running(Device(ShortFeed(WRISTBAND, 3, urgent={1}), surroundings(wristband))):
            await gateway.until(lambda: len(gateway.messages) == 3)
        assert sorted((topic.channel, r[0].seq) for topic, r in gateway.messages) == [
            ("up", 0),
            ("up", 2),
            ("up-urgent", 1),
        ]


async def test_what_a_spell_holds_back_comes_late_flagged_and_newest_first(wristband):
    begin_s = BEGIN_MS / 1_000
    spell = Spell(begin_s + 3.0, begin_s + 12.5, is_newest_first=True)
    async with listening(wristband) as gateway:
        gateway.is_acknowledging = True
        around = surroundings(wristband)
        async with running(Device(ShortFeed(WRISTBAND, 15, spell=spell), around)):
            await gateway.until(lambda: min(times_heard(gateway, 15)) >= 1)
        held = [report.seq for report in gateway.reports if report.backlog]
        assert held == list(range(12, 2, -1))
        assert around.counts.connected == 2


async def test_a_device_comes_back_after_the_broker_died(wristband):
    async with listening(wristband) as gateway:
        # It may be back before anybody listens: what went to nobody is soon said again.
        around = surroundings(wristband, resend_after_s=0.5)
        device = Device(ShortFeed(WRISTBAND, 600), around)
        async with running(device):
            await gateway.until(lambda: len(gateway.reports) >= 10)
            await asyncio.to_thread(wristband.kill)
            await asyncio.to_thread(wristband.start)
            async with listening(wristband) as again:
                again.is_acknowledging = True
                await again.until(lambda: any(report.backlog for report in again.reports))
                assert around.counts.lost_links >= 1
                assert around.counts.connected == 2


async def test_a_phone_speaks_owntracks_and_the_brokers_word_is_enough(broker):
    broker.add_device(PHONE.device, kind="phone")
    async with listening(broker) as gateway:
        device = Device(ShortFeed(PHONE, 3), surroundings(broker))
        async with running(device) as task:
            await asyncio.wait_for(asyncio.shield(task), 20)
        await gateway.until(lambda: len(gateway.reports) == 3)
        assert {topic.codec for topic, _ in gateway.messages} == {"owntracks"}
        assert len(device.memory) == 0


async def test_a_device_with_a_wrong_key_is_refused_and_keeps_trying(wristband):
    around = dataclasses.replace(surroundings(wristband), site_key=b"x" * 32)
    device = Device(ShortFeed(WRISTBAND, 1), around)
    async with running(device, connects=False):
        await around.counts.until("refused", 2)
    assert around.counts.connected == 0
    assert len(device.memory) == 1
