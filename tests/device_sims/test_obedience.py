"""Commands to simulated devices: what changes, what is answered, and once only."""

from itertools import islice

import pytest

from device_sims.device import Device
from device_sims.feed import Identity
from device_sims.load import LoadBand, Profile
from device_sims.obedience import REMEMBERED, Obedience
from device_sims.schedule import Schedule
from device_sims.wristband import Wristband
from firmware_protocols.command import Command
from firmware_protocols.message import Reply
from tests.device_sims.gateway_stand_in import listening
from tests.device_sims.setting import START_S
from tests.device_sims.test_device import BEGIN_MS, running, surroundings

INTERVAL = Command(id="c-1", name="set_interval", interval_s=2)


def test_a_schedule_goes_on_from_what_was_asked_for():
    schedule = Schedule(1_000, 100, 30)
    assert list(islice(schedule.times_ms(), 3)) == [1_030, 1_130, 1_230]
    # The third was offered and not taken: it comes again.
    schedule.locate(1_200)
    assert list(islice(schedule.times_ms(), 3)) == [1_200, 1_230, 1_330]
    schedule.set_interval(1_000, 1_300)
    assert list(islice(schedule.times_ms(), 2)) == [2_300, 3_300]


def test_a_command_is_obeyed_once_and_answered_as_often_as_it_comes():
    schedule = Schedule(0, 60_000, 0)
    obedience = Obedience("wb-1", schedule)
    done = Reply(device="wb-1", to="c-1", ok=True)
    assert obedience.obey(INTERVAL, 5_000) == (done, True)
    assert obedience.obey(INTERVAL, 50_000) == (done, False)
    assert list(islice(schedule.times_ms(), 2)) == [7_000, 9_000]


def test_what_is_remembered_is_bounded():
    obedience = Obedience("wb-1", Schedule(0, 60_000, 0))
    for number in range(REMEMBERED + 1):
        obedience.obey(Command(id=f"c-{number}", name="locate"), 0)
    assert obedience.obey(Command(id="c-1", name="locate"), 0)[1] is False
    assert obedience.obey(Command(id="c-0", name="locate"), 0)[1] is True


@pytest.mark.parametrize("name", ["restart", "power_off", "close_radio"])
def test_what_is_not_played_is_refused(name):
    reply, is_replanned = Obedience("wb-1", Schedule(0, 1, 0)).obey(Command(id="c-1", name=name), 0)
    assert (reply.ok, is_replanned) == (False, False)
    assert reply.text == f"{name} is not simulated"


def test_a_device_without_a_schedule_refuses_to_change_it():
    reply, _ = Obedience("wb-1", None).obey(INTERVAL, 0)
    assert reply.ok is False


def emissions_of(band, count):
    return [(e.report.fix_time_ms, e.report.seq) for e in islice(band.emissions(), count)]


def county_band(cast, script):
    wearer = next(w for w in cast.wearers if not script.acts_near(w, START_S))
    return Wristband(cast, wearer, script, interval_ms=60_000, boot=1)


def load_band(start_ms=BEGIN_MS, interval_ms=60_000):
    profile = Profile(1, devices=1)
    wearer = profile.wearers[0]
    return LoadBand(profile, wearer, start_ms=start_ms, interval_ms=interval_ms, boot=1)


@pytest.mark.parametrize("kind", ["county", "load"])
def test_a_band_keeps_its_numbers_without_gap_when_its_plan_changes(kind, cast, script):
    band = county_band(cast, script) if kind == "county" else load_band()
    before = emissions_of(band, 3)
    now_ms = before[1][0] + 5_000
    band.schedule.locate(now_ms)
    assert emissions_of(band, 3) == [
        (now_ms, 2),
        (before[2][0], 3),
        (before[2][0] + 60_000, 4),
    ]
    band.schedule.set_interval(10_000, now_ms + 1_000)
    assert emissions_of(band, 2) == [(now_ms + 11_000, 4), (now_ms + 21_000, 5)]


async def test_a_wristband_obeys_and_answers_over_the_broker(broker):
    identity = Identity("wb-000009", "office-1", "wristband")
    broker.add_device(identity.device)
    band = load_band(BEGIN_MS, 3_600_000)
    band.identity = identity
    band.schedule = Schedule(BEGIN_MS, 3_600_000, 0)
    async with listening(broker) as gateway:
        gateway.is_acknowledging = True
        around = surroundings(broker, scale=1.0)
        async with running(Device(band, around)):
            await gateway.until(lambda: len(gateway.reports) == 1)
            # It listens, and its next report by itself is an hour away.
            await gateway.command(identity, Command(id="c-7", name="locate"))
            await gateway.until(lambda: len(gateway.replies) == 1 and len(gateway.reports) == 2)
            await gateway.command(identity, Command(id="c-8", name="set_interval", interval_s=1))
            await gateway.until(lambda: len(gateway.reports) >= 5)
            await gateway.command(identity, Command(id="c-9", name="restart"))
            await gateway.until(lambda: len(gateway.replies) == 3)
            assert around.counts.commands == 3
        assert [(reply.to, reply.ok) for reply in gateway.replies] == [
            ("c-7", True),
            ("c-8", True),
            ("c-9", False),
        ]
        assert [report.seq for report in gateway.reports][:5] == [0, 1, 2, 3, 4]
        times_ms = [report.fix_time_ms for report in gateway.reports]
        assert times_ms[3] - times_ms[2] == times_ms[4] - times_ms[3] == 1_000
