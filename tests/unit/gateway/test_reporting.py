"""What a gateway says of itself, in the form of the golden reports."""

import json
from pathlib import Path

import httpx
import pytest

from gateway.reporting import Condition, HealthReporter

VECTORS = Path(__file__).parent.parent.parent / "vectors" / "uplink" / "health.json"
NOW_US = 1_795_000_000_000_000
WELL = Condition(broker=True, journal=None, newest_seq=12, confirmed_seq=12, oldest_at_us=None)
AWAY = Condition(
    broker=False,
    journal="no space",
    newest_seq=12,
    confirmed_seq=2,
    oldest_at_us=NOW_US - 90_000_000,
)


@pytest.fixture
async def reporter(tmp_path):
    now = [WELL]
    async with httpx.AsyncClient() as client:
        made = HealthReporter(
            client,
            data_dir=tmp_path,
            every_s=1.0,
            condition=lambda: now[0],
            clock_us=lambda: NOW_US,
        )
        yield made, now


async def test_a_report_has_the_members_of_the_golden_one(reporter):
    golden = json.loads(VECTORS.read_text())["reports"][0]["body"]
    said = reporter[0].report(100.0)
    assert set(said) == set(golden)
    steady = {"broker_down_s", "journal", "unconfirmed_entries", "oldest_unconfirmed_s", "format"}
    assert {name: said[name] for name in steady} == {name: golden[name] for name in steady}


async def test_the_time_without_a_broker_counts_from_its_loss_and_ends_with_it(reporter):
    made, now = reporter
    assert made.report(100.0)["broker_down_s"] == 0.0
    now[0] = AWAY
    assert made.report(110.0)["broker_down_s"] > 0
    assert made.report(145.0)["broker_down_s"] == 35.0
    now[0] = WELL
    assert made.report(150.0)["broker_down_s"] == 0.0


async def test_what_waits_for_the_server_is_said_with_its_age(reporter):
    made, now = reporter
    now[0] = AWAY
    said = made.report(100.0)
    assert (said["unconfirmed_entries"], said["oldest_unconfirmed_s"]) == (10, 90.0)
    assert said["journal"] == "no space"
