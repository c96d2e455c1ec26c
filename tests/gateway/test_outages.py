"""Server, database or broker away: the gateway says which, goes on, and catches up once."""

import asyncio
import logging

import httpx
import psycopg
import pytest

from server.migrate import migrate
from tests.gateway.life import process, running, until
from tests.gateway.place import directory_body, journal_of, report, topic, walk
from tests.gateway.sites import serving
from tests.services.database import PASSWORDS, Database

OUT_AND_BACK = [0.0, 0.0, 1_000.0, 1_000.0, 1_000.0, 1_000.0, 0.0, 0.0, 0.0]


async def test_the_whole_way_from_a_message_to_an_alert(place, anybody):
    async with serving(place.server), running(place.gateway):
        anybody.publish_all(topic("wb-1"), walk(OUT_AND_BACK))
        await place.until_rows("position_report", len(OUT_AND_BACK))
        await place.until_rows("alert", 1)
    assert place.site.one("SELECT rule FROM alert") == "inclusion"


async def test_without_the_server_it_evaluates_on_and_says_so(place, anybody):
    async with serving(place.server), running(place.gateway):
        pass
    async with running(place.gateway) as gateway:
        anybody.publish_all(topic("wb-1"), walk(OUT_AND_BACK))
        await gateway.until_kept(len(OUT_AND_BACK))
        state = await gateway.until(lambda s: all(s["uplink"].values()), "the uplink says why")
        assert state["uplink"]["outcomes"].startswith("server unreachable")
        assert state["ready"] is True
        metrics = await gateway.metrics()
        assert metrics["guitu_gateway_outcomes_total{raised,inclusion}"] == 1
        assert metrics["guitu_gateway_confirmed_entries{telemetry}"] == 0
        async with serving(place.server):
            await place.until_rows("position_report", len(OUT_AND_BACK))
            await place.until_rows("alert", 1)
            await gateway.until(lambda s: not any(s["uplink"].values()), "the uplink is well")


async def test_a_gateway_without_any_directory_is_not_ready_and_loses_nothing(place, anybody):
    async with running(place.gateway, ready=False) as gateway:
        state = await gateway.until(lambda s: s["broker"], "the broker is there")
        assert (state["ready"], state["directory_version"], state["status"]) == (False, None, 503)
        anybody.publish_all(topic("wb-1"), walk(OUT_AND_BACK))
        await gateway.until(lambda s: s["held_messages"] == len(OUT_AND_BACK), "held")
        async with serving(place.server):
            await gateway.until_kept(len(OUT_AND_BACK))


async def test_a_database_outage_ends_by_itself(make_place, private_database, anybody):
    dsn = private_database.dsn()
    migrate(dsn, **PASSWORDS)
    place = make_place(Database(dsn))
    async with serving(place.server), running(place.gateway) as gateway:
        anybody.publish_all(topic("wb-1"), [report(1)])
        await place.until_rows("position_report", 1)
        private_database.kill()
        anybody.publish_all(topic("wb-1"), walk(OUT_AND_BACK, first_seq=2))
        state = await gateway.until(lambda s: s["uplink"]["outcomes"], "the uplink says why")
        assert "503" in state["uplink"]["outcomes"]
        await asyncio.to_thread(private_database.start)
        await place.until_rows("position_report", 1 + len(OUT_AND_BACK))
        await place.until_rows("alert", 1)


async def test_without_the_broker_it_is_not_ready_and_comes_back(broker, settings, caplog):
    async with running(settings) as gateway:
        broker.kill()
        state = await gateway.until(lambda s: not s["broker"], "the broker's absence")
        assert state["status"] == httpx.codes.SERVICE_UNAVAILABLE
        for name in ("bulk", "urgent"):
            told = f"broker_disconnected session=gw-1-{name}"
            await until(lambda told=told: told in caplog.text, "the log says which session")
        broker.start()
        await gateway.until_ready()
        assert (await gateway.metrics())["guitu_gateway_sessions_forgotten_total"] == 0


@pytest.mark.parametrize("stream", ["outcomes", "telemetry"])
async def test_a_kill_between_commit_and_answer_repeats_nothing(place, anybody, stream):
    async with serving(place.server) as door:
        with process(place.gateway) as gateway:
            await gateway.until_ready()
            door.swallow = f"/api/v1/gateway/{stream}"
            anybody.publish_all(topic("wb-1"), walk(OUT_AND_BACK))
            async with asyncio.timeout(30):
                await door.swallowed.wait()
            gateway.kill()
        door.swallow = None
        async with running(place.gateway) as again:
            anybody.publish_all(topic("wb-1"), [report(100)])
            await place.until_rows("position_report", len(OUT_AND_BACK) + 1)
            await place.until_rows("outcome", 2)
            await again.until(lambda s: not any(s["uplink"].values()), "the uplink is well")
    assert place.count("alert") == 1
    with journal_of(place.gateway) as journal:
        assert journal.tally().outcomes == 2


async def test_a_replaced_journal_is_refused_loudly(place, anybody, caplog):
    place.site.rows(
        "INSERT INTO gateway_mark (gateway_id, org_id, stream, through_seq)"
        " VALUES ('gw-1', 'county', 'telemetry', 500)"
    )
    async with serving(place.server), running(place.gateway) as gateway:
        anybody.publish_all(topic("wb-1"), [report(1)])
        await gateway.until_kept(1)
        state = await gateway.until(lambda s: s["uplink"]["telemetry"], "it is refused")
    assert "up to entry 500 of another journal" in state["uplink"]["telemetry"]
    assert "under a new name" in state["uplink"]["telemetry"]
    assert place.count("position_report") == 0
    loud = [r for r in caplog.records if r.levelno == logging.ERROR]
    assert {r.name for r in loud} == {"guitu.gateway.uplink"}


async def test_a_replaced_journal_is_refused_even_when_it_has_grown_past_the_mark(place, anybody):
    mark = "UPDATE gateway_mark SET through_seq = %s WHERE stream = 'telemetry'"
    place.site.rows(
        "INSERT INTO gateway_mark (gateway_id, org_id, stream, through_seq)"
        " VALUES ('gw-1', 'county', 'telemetry', 50)"
    )
    async with serving(place.server):
        async with running(place.gateway) as gateway:
            await gateway.until(lambda s: s["uplink"]["telemetry"], "it is refused")
        place.site.rows(mark, (1,))
        async with running(place.gateway) as gateway:
            anybody.publish_all(topic("wb-1"), [report(1)])
            await gateway.until_kept(1)
            await gateway.until(lambda s: s["uplink"]["telemetry"], "it is still refused")
    assert place.count("position_report") == 0


async def test_a_broken_directory_is_refused_whole_with_the_place_of_the_fault(place, caplog):
    good = directory_body(version=7)
    broken = good.replace(b'"radius_m": 200.0', b'"radius_m": -1')
    assert broken != good
    async with serving(place.server) as door, running(place.gateway, ready=False) as gateway:
        door.directory = good
        await gateway.until(lambda s: s["directory_version"] == 7, "the good one is taken")
        door.directory = broken
        await until(lambda: "directory refused" in caplog.text, "the broken one is refused")
        assert "fences[1].geometry (f-school)" in caplog.text
        assert (await gateway.state())["directory_version"] == 7
        assert (await gateway.metrics())["guitu_gateway_directory_refused_total"] >= 1
        door.directory = directory_body(version=8)
        await gateway.until(lambda s: s["directory_version"] == 8, "the mended one is taken")


async def test_the_last_good_directory_works_from_disk(place, anybody):
    async with serving(place.server), running(place.gateway):
        pass
    with psycopg.connect(place.site.database.owner_dsn) as connection:
        connection.execute("DELETE FROM directory_version")
    async with running(place.gateway) as gateway:
        anybody.publish_all(topic("wb-1"), walk(OUT_AND_BACK))
        await gateway.until_kept(len(OUT_AND_BACK))
    with journal_of(place.gateway) as journal:
        rules = [(o.change, o.rule) for _, o in journal.outcomes(0, 1_000)]
    assert rules == [("raised", "inclusion"), ("cleared", "inclusion")]
