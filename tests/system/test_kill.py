"""Any part may be killed at any time, and nothing is lost and nothing happens twice.

550 devices in scaled time send at least 50,000 messages into a whole site, while gateway, server,
broker and database are killed (SIGKILL) in turn and then at random. At the end every report that
was published is in the database once, every outcome exists once, and the journal replayed from
zero gives the recorded outcomes byte for byte.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from gateway.journal.store import Journal
from tests.services.site import Site, await_that, site_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(420)]

DEVICES = 550
REPORTS = 60_500
INTERVAL_S = 10
SCALE = 10
PARTS = ("gateway", "server", "broker", "database")
PAUSE_S = (3.0, 6.0)
SEED = 20_261_122
KILLING_S = 100.0
LOAD_LIMIT_S = 150.0
START_S = 20.0
SETTLE_S = 120.0


@pytest.fixture
def site() -> Iterator[Site]:
    with site_of("--no-sims") as running:
        yield running


def guitu(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "guitu", *arguments]


def load_people(site: Site) -> None:
    """Register the load profile's devices, and wait until gateway and broker know them."""
    file = site.data / "load.json"
    subprocess.run(
        guitu("sim", "registry", "load", "--devices", str(DEVICES), "--out", str(file)), check=True
    )
    registry = json.loads(file.read_bytes())
    registry["orgs"][0]["parent"] = "site"  # the root of a site without a demonstration county
    with site.signed_in("admin") as client:
        client.timeout = 60
        taken = client.post("/api/v1/registry", json=registry)
        assert taken.status_code == httpx.codes.OK, taken.text
    known = f"guitu_gateway_directory_version {directory_version(site)}.0"
    await_that(lambda: known in gateway_metrics(site), "the gateway has the directory", START_S)
    configuration = site.data / "broker" / "nats.conf"
    await_that(lambda: f"wb-{DEVICES:06d}" in configuration.read_text(), "accounts", START_S)


def directory_version(site: Site) -> int:
    with owner(site) as connection:
        return connection.execute("SELECT max(version) FROM directory_version").fetchone()[0]


def gateway_metrics(site: Site) -> str:
    return httpx.get(f"http://127.0.0.1:{site.port + 2}/metrics", trust_env=False).text


def owner(site: Site) -> psycopg.Connection:
    password = (site.data / "secrets" / "database-owner").read_text().strip()
    dsn = make_conninfo(
        host="127.0.0.1", port=site.port + 3, user="guitu_owner", password=password, dbname="guitu"
    )
    return psycopg.connect(dsn, autocommit=True)


def start_load(site: Site) -> subprocess.Popen:
    return subprocess.Popen(
        guitu(
            *("sim", "run", "load", "--devices", str(DEVICES), "--messages", str(REPORTS)),
            *("--broker", f"127.0.0.1:{site.port + 1}", "--scale", str(SCALE)),
            *("--device-key-file", str(site.data / "secrets" / "device_key")),
            *("--interval", str(INTERVAL_S), "--excursions-per-hour", "4"),
            *("--message-reports", "1", "--resend-after", "5", "--drain", "90", "--json"),
        ),
        stdout=subprocess.PIPE,
        text=True,
    )


def kill_newest(site: Site, part: str) -> None:
    """Kill a part, and wait until the supervisor has started it again."""
    before = site.pids(part)
    os.kill(before[-1], signal.SIGKILL)
    await_that(lambda: len(site.pids(part)) > len(before), f"{part} is started again", 60)


def kill_parts_while(site: Site, load: subprocess.Popen) -> list[str]:
    """Kill every part in turn, then at random, until the load ends or the last minute begins."""
    dice = random.Random(SEED)  # noqa: S311  # no secret
    killed: list[str] = []
    time.sleep(PAUSE_S[0])
    end = time.monotonic() + KILLING_S
    while load.poll() is None and time.monotonic() < end:
        part = PARTS[len(killed)] if len(killed) < len(PARTS) else dice.choice(PARTS)
        kill_newest(site, part)
        killed.append(part)
        deadline = time.monotonic() + dice.uniform(*PAUSE_S)
        while load.poll() is None and time.monotonic() < deadline:
            time.sleep(0.1)
    load.wait(LOAD_LIMIT_S)
    return killed


def uplink_is_drained(site: Site) -> bool:
    try:
        journal = Journal(site.data / "gateway" / "journal.db", writable=False)
        with owner(site) as connection:
            found = connection.execute("SELECT stream, through_seq FROM gateway_mark").fetchall()
    except psycopg.OperationalError:
        return False
    outcome_seqs = [seq for seq, _ in journal.outcomes(1, journal.last_seq)]
    batch_seqs = [entry.seq for entry in journal.entries() if entry.rows]
    journal.close()
    marks = dict(found)
    return marks.get("telemetry", 0) >= max(batch_seqs) and marks.get("outcomes", 0) >= max(
        outcome_seqs
    )


def test_nothing_is_lost_or_doubled_whatever_is_killed(site):
    load_people(site)
    with start_load(site) as load:
        killed = kill_parts_while(site, load)
        counts = json.loads(load.stdout.read())
    assert load.returncode == 0
    assert set(killed) == set(PARTS)
    assert counts["published"] >= 50_000
    assert counts["outstanding"] == 0

    await_that(lambda: uplink_is_drained(site), "the uplink is drained", SETTLE_S)
    with owner(site) as connection:
        rows, names = connection.execute(
            "SELECT count(*), count(DISTINCT (device_id, boot, seq)) FROM position_report"
        ).fetchone()
        stored = {row[0] for row in connection.execute("SELECT id FROM outcome")}
    assert (rows, names) == (counts["reports"], counts["reports"])

    journal = Journal(site.data / "gateway" / "journal.db", writable=False)
    found = [outcome.id for _, outcome in journal.outcomes(1, journal.last_seq)]
    journal.close()
    assert len(found) == len(set(found)) > 0
    assert stored == set(found)

    verified = subprocess.run(
        guitu("journal", "verify", "--data", str(site.data / "gateway"), "--json"),
        stdout=subprocess.PIPE,
        check=True,
    )
    replay = json.loads(verified.stdout)
    assert (replay["first"], replay["fault"]) == (0, None)
    assert replay["outcomes"] == len(found)


def test_journal_broker_and_database_reach_the_disk_before_they_answer(site):
    assert "sync_interval: always" in (site.data / "broker" / "nats.conf").read_text()
    with owner(site) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            assert connection.execute(f"SHOW {setting}").fetchone() == ("on",)
    assert site.interrupt() == 0
    journal = Journal(site.data / "gateway" / "journal.db", writable=True)
    assert journal.sync_settings() == ("wal", 2)
    journal.close()
