"""The listener's connection dies between hearing of a change and reading it: nothing is missed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import httpx
import psycopg
import pytest

from tests.server.conftest import TOKEN, post_outcomes, until
from tests.server.events import outcome, post_telemetry, report
from tests.server.live_server import serving, stream

NOW_MS = int(datetime.now(UTC).timestamp() * 1000)
ANNOUNCE = {
    "alert": "SELECT announce(org_id, 'alert', id) FROM alert",
    "latest_position": "UPDATE latest_position SET feed_id = announce(org_id, 'positions', '')",
}


@pytest.fixture
async def live(site):
    site.rows(
        "UPDATE positioning_order SET approved_at = now() - interval '2 days',"
        " valid_from = now() - interval '1 day', valid_to = now() + interval '1 day'"
    )
    async with serving(site.settings(live_heartbeat_s=0.2)) as started:
        yield started


@pytest.fixture
async def sender(live):
    async with httpx.AsyncClient(base_url=live.base, trust_env=False) as client:
        client.headers["Authorization"] = f"Bearer {TOKEN}"
        yield client


async def waiting(site, condition: str) -> int:
    """The pid of the connection that waits for a lock and fits the condition."""

    async def found():
        rows = site.rows(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"  # noqa: S608
            f" AND wait_event_type = 'Lock' AND {condition}"
        )
        return [row["pid"] for row in rows]

    return (await until(found))[0]


@asynccontextmanager
async def listener_killed_at(site, table: str) -> AsyncIterator[None]:
    """Announce what is in the table and kill the listener while it reads it."""
    async with (
        await psycopg.AsyncConnection.connect(site.database.owner_dsn) as writing,
        await psycopg.AsyncConnection.connect(site.database.owner_dsn) as locking,
    ):
        await writing.execute(f"LOCK TABLE {table} IN ROW EXCLUSIVE MODE".encode())
        await writing.execute(ANNOUNCE[table].encode())
        # It stands in the queue already when the listener hears of the change.
        lock = asyncio.create_task(locking.execute(f"LOCK TABLE {table}".encode()))
        await waiting(site, "query LIKE 'LOCK TABLE %'")
        await writing.commit()
        await lock
        pid = await waiting(site, "application_name = 'guitu-live'")
        site.rows("SELECT pg_terminate_backend(%s)", (pid,))
        await locking.rollback()
    yield


async def test_an_alert_that_could_not_be_read_comes_after_the_reconnect(live, sender, site):
    secret, _ = site.open_session("officer")
    async with stream(live.base, secret) as events:
        await events.until("hello")
        await post_outcomes(sender, [outcome()])
        first = await events.until("alert")
        async with listener_killed_at(site, "alert"):
            again = await events.until("alert")
        assert (again.data["id"], again.id) == (first.data["id"], first.id + 1)


async def test_positions_that_could_not_be_read_come_after_the_reconnect(live, sender, site):
    secret, _ = site.open_session("officer")
    async with stream(live.base, secret) as events:
        await events.until("hello")
        await post_telemetry(sender, [report(fix_time_ms=NOW_MS)])
        first = await events.until("pos")
        async with listener_killed_at(site, "latest_position"):
            again = await events.until("pos")
        assert (again.data["device"], again.id) == (first.data["device"], first.id + 1)
