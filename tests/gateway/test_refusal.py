"""Bad input is refused, kept where the law allows, and counted; the stream goes on.

One gateway takes every case; the tests look at what it left.
"""

import asyncio
import json
from dataclasses import dataclass

import pytest
from click.testing import CliRunner

from gateway.journal.entry import Refused
from guitu.cli import main
from tests.gateway.life import running
from tests.gateway.place import (
    DAY_MS,
    directory_body,
    give_directory,
    journal_of,
    let_in_anybody,
    make_settings,
    now_ms,
    report,
    topic,
)
from tests.services.broker import NatsService
from tests.services.mqtt_client import TestClient

# Places that occur nowhere else, as a number and as text.
LAWFUL = (119.9000123, 28.4000321)
SECRET = (119.1234567, 28.7654321)
HIDDEN = {"lon": SECRET[0], "lat": SECRET[1]}
PHONE = json.dumps(
    {"_type": "location", "tst": now_ms() // 1_000, "lon": SECRET[0], "lat": SECRET[1]}
).encode()

CASES = {
    "garbage": (topic("wb-1"), b"\xff\x00 garbage"),
    "half": (topic("wb-1"), report(1)[:40]),
    "oversized": (topic("wb-1"), b"[" + b" " * 70_000),
    "wrong type": (topic("wb-1"), report(2, bat="full")),
    "other codec": (topic("wb-1", codec="morse"), b"..."),
    "future": (topic("wb-1"), report(3, at_ms=now_ms() + DAY_MS)),
    "unknown device": (topic("wb-9"), report(4, **HIDDEN)),
    "wrong kind": (topic("wb-1", kind="recorder"), report(5, **HIDDEN)),
    "no kind": (topic("wb-1", kind="toaster"), b"{}"),
    "subject's phone": ("owntracks/ph-2/app", PHONE),
    "worn by nobody": (topic("wb-3"), report(6, **HIDDEN)),
    "half, without order": (topic("wb-2"), report(7, **HIDDEN)[:-1]),
    "future, without order": (topic("wb-2"), report(8, at_ms=now_ms() + DAY_MS, **HIDDEN)),
    "without order": (topic("wb-2"), report(9, **HIDDEN)),
    "alarm without order": (
        topic("wb-2", channel="up-urgent"),
        report(10, alarms=["strap"], **HIDDEN),
    ),
    "duplicate": (topic("wb-1"), report(11, at_ms=now_ms() - 1_000)),
    "good": (topic("wb-1"), report(12, lon=LAWFUL[0], lat=LAWFUL[1])),
}
REFUSED = {
    "garbage": ("syntax", True),
    "half": ("syntax", True),
    "oversized": ("oversized", True),
    "wrong type": ("field", True),
    "other codec": ("codec", True),
    "future": ("future", True),
    "unknown device": ("unknown_device", False),
    "wrong kind": ("wrong_device", False),
    "no kind": ("topic", False),
    "subject's phone": ("phone_of_subject", False),
    "worn by nobody": ("unbound", False),
    "half, without order": ("syntax", False),
    "future, without order": ("future", False),
}


@dataclass
class Left:
    """What the gateway left behind."""

    settings: object
    metrics: dict[str, float]
    quarantine: list[Refused]
    outcomes: list
    reports: int
    bytes: bytes

    def of(self, case):
        name, payload = CASES[case]
        return [q for q in self.quarantine if (q.topic, q.size) == (name, len(payload))]


@pytest.fixture(scope="module")
def left(tmp_path_factory):
    folder = tmp_path_factory.mktemp("refusal")
    broker = NatsService(folder / "broker")
    broker.start()
    try:
        settings = make_settings(folder, broker)
        give_directory(settings)
        with TestClient(broker, let_in_anybody(broker)) as client:
            metrics = asyncio.run(_play(settings, client))
    finally:
        broker.stop()
    with journal_of(settings) as journal:
        return Left(
            settings,
            metrics,
            journal.quarantined(1_000),
            [outcome for _, outcome in journal.outcomes(0, 10_000)],
            journal.tally().reports,
            b"".join(p.read_bytes() for p in settings.data_dir.rglob("*") if p.is_file()),
        )


async def _play(settings, client):
    async with running(settings) as gateway:
        for case, (name, payload) in CASES.items():
            client.publish_all(name, [payload] * (2 if case == "duplicate" else 1))
        await gateway.until_kept(3)
        return await gateway.metrics()


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_is_quarantined_with_its_reason(left, case):
    assert [q.reason for q in left.of(case)] == [REFUSED[case][0]]


@pytest.mark.parametrize("case", REFUSED)
def test_its_bytes_are_kept_only_where_the_law_allows(left, case):
    (row,) = left.of(case)
    payload = CASES[case][1][: left.settings.quarantine_payload_bytes]
    assert row.payload == (payload if REFUSED[case][1] else None)


def test_every_refusal_is_counted_by_reason(left):
    wanted: dict[str, float] = {"no_order": 1, "repeated": 1}
    for reason, _ in REFUSED.values():
        wanted[reason] = wanted.get(reason, 0) + 1
    name = "guitu_gateway_refused_total"
    assert {r: left.metrics[f"{name}{{{r}}}"] for r in wanted} == wanted


def test_the_stream_goes_on_after_bad_messages(left):
    assert left.reports == 3  # good, the duplicate once, the alarm
    assert left.metrics["guitu_gateway_reports_total"] == 3
    assert left.metrics["guitu_gateway_messages_total"] == len(CASES) + 1


def test_a_position_without_an_order_is_ordinary_life_and_only_counted(left):
    assert "no_order" not in {row.reason for row in left.quarantine}


def _forms(place):
    lon, lat = place
    return [
        form
        for degrees in (lon, lat)
        for form in (
            str(degrees).encode(),
            str(degrees).encode().hex().encode(),
            str(round(degrees * 1e7)).encode(),
            round(degrees * 1e7).to_bytes(4, "little"),
        )
    ]


def test_coordinates_outside_an_order_are_nowhere_on_the_disk(left):
    assert [form for form in _forms(SECRET) if form in left.bytes] == []


def test_the_same_search_finds_lawful_coordinates(left):
    assert [form for form in _forms(LAWFUL) if form in left.bytes] != []


def test_an_alarm_outside_an_order_alerts_all_the_same(left):
    strap = [o for o in left.outcomes if o.rule == "strap"]
    assert [(o.change, o.subject) for o in strap] == [("raised", "s-2")]
    assert "longitude_deg" not in json.dumps(strap[0].evidence)


def test_the_command_lists_the_quarantine_as_json(left):
    data = ["--data", str(left.settings.data_dir)]
    listed = CliRunner().invoke(main, ["quarantine", *data, "--json"])
    rows = [json.loads(line) for line in listed.output.splitlines()]
    assert len(rows) == len(REFUSED)
    assert {row["reason"] for row in rows} == {reason for reason, _ in REFUSED.values()}
    (garbage,) = [row for row in rows if row["topic"] == topic("wb-1") and row["size"] == 10]
    assert bytes.fromhex(garbage["payload_hex"]) == CASES["garbage"][1]


def test_the_command_lists_the_quarantine_for_people(left):
    listed = CliRunner().invoke(main, ["quarantine", "--data", str(left.settings.data_dir)])
    assert f"syntax {topic('wb-1')} (10 bytes)" in listed.output
    assert "no bytes kept" in listed.output


async def test_the_quarantine_is_bounded_and_the_oldest_make_room(broker, anybody, tmp_path):
    settings = make_settings(tmp_path, broker, quarantine_max=10)
    give_directory(settings)
    async with running(settings) as gateway:
        anybody.publish_all(topic("wb-1"), [b"%03d" % n for n in range(40)])
        anybody.publish_all(topic("wb-1"), [report(1)])
        await gateway.until_kept(1)
    with journal_of(settings) as journal:
        assert len(journal.quarantined(100)) == 10
        assert journal.quarantined(100)[0].payload == b"039"


async def test_an_order_judges_by_fix_time_not_by_arrival(broker, anybody, tmp_path):
    begin_ms = now_ms() - 3_600_000
    settings = make_settings(tmp_path, broker)
    give_directory(settings, directory_body(order_from_ms=begin_ms))
    async with running(settings) as gateway:
        before = [report(n, at_ms=begin_ms - n, **HIDDEN) for n in (1, 2)]
        anybody.publish_all(topic("wb-1"), [*before, report(3, at_ms=begin_ms)])
        await gateway.until_kept(1)
        assert (await gateway.metrics())["guitu_gateway_refused_total{no_order}"] == 2
    raw = b"".join(p.read_bytes() for p in settings.data_dir.rglob("*") if p.is_file())
    assert [form for form in _forms(SECRET) if form in raw] == []


async def test_a_refused_report_keeps_no_other_reports_position_that_has_no_order(
    broker, anybody, tmp_path
):
    """A backlog from before the order and a report of the future come in one message."""
    begin_ms = now_ms() - 3_600_000
    settings = make_settings(tmp_path, broker)
    give_directory(settings, directory_body(order_from_ms=begin_ms))
    before = {"seq": 1, "t": begin_ms - 1, **HIDDEN}
    future = {"seq": 2, "t": now_ms() + DAY_MS}
    mixed = json.dumps({"v": 1, "boot": 1, "reports": [before, future]}).encode()
    async with running(settings) as gateway:
        anybody.publish_all(topic("wb-1"), [mixed, report(3)])
        await gateway.until_kept(1)
    raw = b"".join(p.read_bytes() for p in settings.data_dir.rglob("*") if p.is_file())
    assert [form for form in _forms(SECRET) if form in raw] == []


async def test_a_wrong_topic_keeps_no_position_that_may_have_no_order(broker, anybody, tmp_path):
    settings = make_settings(tmp_path, broker)
    give_directory(settings)
    async with running(settings) as gateway:
        anybody.publish_all(topic("wb-2", kind="toaster"), [report(1, **HIDDEN)])
        anybody.publish_all(topic("wb-1"), [report(2)])
        await gateway.until_kept(1)
    raw = b"".join(p.read_bytes() for p in settings.data_dir.rglob("*") if p.is_file())
    assert [form for form in _forms(SECRET) if form in raw] == []
