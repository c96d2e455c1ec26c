"""Rates of devices and organisations: what is over them waits or is shed; never the urgent."""

from collections import Counter

import pytest

from gateway.intake import rate
from gateway.intake.rate import HELD_MAX, HELD_OF_DEVICE_MAX, RateGate
from gateway.intake.received import Received
from gateway.intake.urgency import carries_urgent
from tests.gateway.life import running, until
from tests.gateway.place import journal_of, make_settings, report, topic
from tests.services.broker import NatsService


class NoOne:
    def acknowledge(self, _message): ...


class Desk:
    """A gate with a clock of its own, and what came through it."""

    def __init__(self, settings):
        self.now_s = 1_000.0
        self.passed: list[Received] = []
        self.delayed = 0
        self.gate = RateGate(
            settings,
            deliver=self.passed.append,
            is_urgent=carries_urgent,
            on_delay=self._delay,
            now_s=lambda: self.now_s,
        )

    def _delay(self):
        self.delayed += 1

    def send(self, device, count=1, *, org="county", payload=None, urgent=False):
        name = topic(device).replace("county", org)
        for n in range(count):
            body = payload or report(n)
            self.gate.take(Received(name, body, 1, urgent, NoOne(), 1, n + 1))

    def wait(self, seconds):
        self.now_s += seconds
        self.gate._release()

    @property
    def taken(self):
        return Counter(m.topic.split("/")[4] for m in self.passed if m.fault is None)

    @property
    def shed(self):
        return Counter(m.topic.split("/")[4] for m in self.passed if m.fault is not None)


@pytest.fixture
def make_desk(tmp_path):
    def made(**rates):
        return Desk(make_settings(tmp_path, NatsService(tmp_path / "broker"), **rates))

    return made


@pytest.fixture
def desk(make_desk):
    return make_desk(device_per_s=10.0, device_burst=5)


async def test_a_burst_goes_through_at_once_and_the_rest_waits_its_turn(desk):
    desk.send("wb-1", 8)
    assert (desk.taken["wb-1"], desk.gate.held, desk.delayed) == (5, 3, 3)
    desk.wait(0.2)
    assert (desk.taken["wb-1"], desk.gate.held) == (7, 1)
    desk.wait(10.0)
    assert (desk.taken["wb-1"], desk.gate.held, desk.shed) == (8, 0, {})


async def test_what_waits_keeps_its_order(desk):
    desk.send("wb-1", 8)
    desk.wait(10.0)
    assert [message.packet_id for message in desk.passed] == list(range(1, 9))


async def test_another_device_does_not_wait(desk):
    desk.send("wb-1", 100)
    desk.send("wb-2", 5)
    assert desk.taken["wb-2"] == 5


async def test_more_than_can_wait_is_shed_and_says_why(desk):
    desk.send("wb-1", 5 + HELD_OF_DEVICE_MAX + 7)
    assert (desk.taken["wb-1"], desk.gate.held, desk.shed["wb-1"]) == (5, HELD_OF_DEVICE_MAX, 7)
    fault = desk.passed[-1].fault
    assert (fault.reason, fault.keep_bytes) == ("rate", False)
    assert "10 messages/s of the device" in fault.detail


async def test_a_flood_has_few_rows_in_quarantine_however_long(desk):
    desk.send("wb-1", 5 + HELD_OF_DEVICE_MAX + 500)
    assert sum(m.fault.has_row for m in desk.passed if m.fault is not None) == 20


async def test_what_waits_of_all_devices_is_bounded(desk, monkeypatch):
    monkeypatch.setattr(rate, "HELD_MAX", 20)
    for n in range(6):
        desk.send(f"wb-{n}", 5 + 4)
    assert desk.gate.held == 20 < HELD_MAX
    assert sum(desk.shed.values()) == 4


async def test_what_waits_is_bounded_in_bytes(desk, monkeypatch):
    monkeypatch.setattr(rate, "_HELD_BYTES_MAX", 1_000)
    desk.send("wb-1", 5 + 4, payload=bytes(400))
    assert (desk.gate.held, desk.shed["wb-1"]) == (2, 2)
    desk.wait(10.0)
    desk.send("wb-1", 5 + 2, payload=bytes(400))
    assert desk.gate.held == 2


@pytest.mark.parametrize("alarm", ["sos", "strap", "case", "removed"])
async def test_an_urgent_alarm_in_a_flood_passes_and_goes_first(desk, alarm):
    desk.send("wb-1", 1_000)
    desk.send("wb-1", payload=report(9_000, alarms=[alarm]))
    assert desk.passed[-1].urgent
    assert desk.passed[-1].fault is None


async def test_an_alarm_that_is_not_urgent_waits(desk):
    desk.send("wb-1", 5)
    desk.send("wb-1", payload=report(9_000, alarms=["low_battery"]))
    assert desk.gate.held == 1


async def test_the_urgent_topic_has_no_rate(desk):
    desk.send("wb-1", 1_000, urgent=True)
    assert desk.taken["wb-1"] == 1_000


async def test_an_organisation_has_a_rate_of_its_own(make_desk):
    desk = make_desk(device_per_s=10.0, device_burst=5, org_per_s=10.0, org_burst=8)
    desk.send("wb-1", 5)
    desk.send("wb-2", 5)
    assert (desk.taken["wb-2"], desk.gate.held) == (3, 2)
    desk.send("wb-3", 5, org="another")
    assert desk.taken["wb-3"] == 5
    desk.wait(0.2)
    assert (desk.taken["wb-2"], desk.gate.held) == (5, 0)


async def test_waiting_for_the_organisation_does_not_cost_the_device(make_desk):
    desk = make_desk(device_per_s=1.0, device_burst=5, org_per_s=10.0, org_burst=1)
    desk.send("wb-1", 5)
    assert desk.taken["wb-1"] == 1
    for _ in range(4):
        desk.wait(0.1)
    assert (desk.taken["wb-1"], desk.gate.held) == (5, 0)


async def test_devices_that_are_quiet_are_forgotten(desk, monkeypatch):
    monkeypatch.setattr(rate, "_DEVICES_MAX", 50)
    for n in range(500):
        desk.send(f"wb-{n}")
        desk.now_s += 1.0
    assert len(desk.gate._senders) <= 50


async def test_owntracks_topics_are_counted_by_device(desk):
    for n in range(7):
        desk.gate.take(Received("owntracks/ph-1/phone", b"{}", 1, False, NoOne(), 1, n))  # noqa: FBT003
    assert desk.gate.held == 2


@pytest.mark.parametrize(
    "message",
    [(topic("wb-1"), b"\xff{"), ("nonsense", b""), (topic("wb-1", codec="none"), report(1))],
    ids=["bytes", "topic", "codec"],
)
def test_what_cannot_be_understood_is_not_urgent(message):
    where, payload = message
    assert not carries_urgent(Received(where, payload, 1, False, NoOne(), 1, 1))  # noqa: FBT003


def outcomes(settings):
    with journal_of(settings) as journal:
        return [(outcome.rule, outcome.device) for _, outcome in journal.outcomes(0, 10_000)]


async def test_one_flooding_device_delays_nobody_and_is_counted(settings, anybody):
    calm = settings.model_copy(update={"device_per_s": 100.0, "device_burst": 10})
    flood = 10 + HELD_OF_DEVICE_MAX + 300
    async with running(calm) as here:
        anybody.publish_all(topic("wb-1"), [report(n) for n in range(flood)])
        await here.until(lambda state: state["over_rate_messages"] > 0, "it is held back")
        anybody.publish_all(topic("wb-1"), [report(9_000, alarms=["sos"])])
        anybody.publish_all(topic("wb-2", channel="up-urgent"), [report(1, alarms=["sos"])])
        anybody.publish_all(topic("ph-1", kind="phone"), [report(1)])
        await until(
            lambda: {("sos", "wb-1"), ("sos", "wb-2")} <= set(outcomes(calm)), "both SOS are found"
        )
        await here.until(lambda state: state["over_rate_messages"] == 0, "the rest went through")
        metrics = await here.metrics()
        shed = metrics["guitu_gateway_refused_total{rate}"]
        await until(lambda: here.gateway.committed_reports + shed == flood + 3, "all is kept")
    assert shed > 0
    with journal_of(calm) as journal:
        tally = journal.tally()
    assert tally.reports + shed == flood + 3, "nothing is lost unseen"
    assert 0 < tally.quarantined["rate"] <= 20 + 10
    assert metrics["guitu_gateway_delayed_total"] >= HELD_OF_DEVICE_MAX
