"""Positions by hour and day: what is over is counted, what comes late or goes corrects it."""

import asyncio
import time

import psycopg
import pytest

from server.db import set_scope
from server.migrate import migration_files
from tests.server.events import post_telemetry, report
from tests.server.keeping import DAY_MS, SUBJECT, has_timescale, now_ms, order, taking
from tests.vectors.uplink.make import T0_MS

HOUR_MS = 3_600_000
NOON_MS = now_ms() // DAY_MS * DAY_MS - 2 * DAY_MS + 12 * HOUR_MS
"""Of UTC, two days ago."""


@pytest.fixture
def basis(site):
    """An order over everything, and no other."""
    site.rows("DELETE FROM positioning_order")
    order(site, "o-1", NOON_MS - 45 * DAY_MS, NOON_MS + 40 * DAY_MS)
    return site


def counted(site):
    rows = site.rows(
        "SELECT (extract(epoch FROM hour) * 1000)::bigint AS hour_ms, report_count, place_count,"
        " west_e7, east_e7, battery_min_pct FROM position_hour ORDER BY hour"
    )
    return [tuple(row.values()) for row in rows]


async def ends_as(site, wanted, columns=slice(None)):
    """What is counted in the end: TimescaleDB's policy, made due by a destruction, runs apart."""
    patience_s = 60 if has_timescale(site) else 0
    until = time.monotonic() + patience_s
    while (found := [row[columns] for row in counted(site)]) != wanted:
        assert time.monotonic() < until, found
        await asyncio.sleep(0.2)


def fix(seq, time_ms, lon_e7=1_201_000_000, **fields):
    return report(seq=seq, fix_time_ms=time_ms, lon_e7=lon_e7, **fields)


async def test_hours_that_are_over_are_counted_once(basis):
    rows = [
        fix(1, NOON_MS, battery_pct=80),
        fix(2, NOON_MS + HOUR_MS - 1, 1_201_000_500, battery_pct=79),
        report(seq=3, fix_time_ms=NOON_MS + 5, lon_e7=None, lat_e7=None, battery_pct=70),
        fix(4, NOON_MS + HOUR_MS, battery_pct=60),
        fix(5, now_ms(), battery_pct=50),
    ]
    async with taking(basis) as (gateway, upkeep):
        await post_telemetry(gateway, rows)
        await upkeep.round()
        await post_telemetry(gateway, rows, first=2)
        await upkeep.round()
    # TimescaleDB shows the hour that runs as well, from the rows themselves.
    running = has_timescale(basis)
    assert [row for row in counted(basis) if not (running and row[0] > NOON_MS + DAY_MS)] == [
        (NOON_MS, 3, 2, 1_201_000_000, 1_201_000_500, 70),
        (NOON_MS + HOUR_MS, 1, 1, 1_201_000_000, 1_201_000_000, 60),
    ]


@pytest.mark.parametrize("late_after_days", [4, 30])
async def test_what_comes_late_corrects_its_hour(basis, late_after_days):
    begin_ms = NOON_MS - 10 * DAY_MS
    async with taking(basis, late_after_days=late_after_days) as (gateway, upkeep):
        await post_telemetry(gateway, [fix(1, begin_ms, battery_pct=80)])
        await upkeep.round()
        assert [row[1] for row in counted(basis)] == [1]
        await post_telemetry(gateway, [fix(2, begin_ms + 1, 1_200_999_999)], first=2)
        await upkeep.round()
    assert [row[:5] for row in counted(basis)] == [(begin_ms, 2, 2, 1_200_999_999, 1_201_000_000)]


@pytest.fixture
def counted_here(basis):
    """A database whose hours upkeep counts."""
    if has_timescale(basis):
        pytest.skip("TimescaleDB counts the hours by a policy of its own")
    return basis


async def test_an_hour_is_not_counted_while_its_rows_wait_to_be_merged(counted_here):
    begin_ms = NOON_MS - 10 * DAY_MS
    async with taking(counted_here, late_after_days=4) as (gateway, _):
        await post_telemetry(gateway, [fix(1, begin_ms)])
        assert counted_here.one("SELECT count_due_position_hours(10)") == 0
    assert counted_here.one("SELECT count(*) FROM position_hour_due") == 1


async def test_rows_of_a_transaction_that_is_not_over_are_not_struck_off(counted_here):
    async with taking(counted_here) as (gateway, _):
        await post_telemetry(gateway, [fix(1, NOON_MS)])
    hour = "ARRAY[to_timestamp(%s)]"
    with psycopg.connect(counted_here.database.ingest_dsn) as writer:
        writer.execute(
            f"SELECT note_position_hours(ARRAY['wb-000001'], {hour})",
            (NOON_MS // 1_000,),
        )
        with psycopg.connect(counted_here.database.ingest_dsn) as counting:
            counting.execute("SET lock_timeout = '200ms'")
            with pytest.raises(psycopg.errors.LockNotAvailable):
                counting.execute("SELECT count_due_position_hours(10)")
        writer.commit()
    assert counted_here.one("SELECT count_due_position_hours(10)") == 1


async def test_where_positions_end_so_does_what_was_counted_of_them(basis):
    async with taking(basis) as (gateway, upkeep):
        await post_telemetry(gateway, [fix(1, NOON_MS), fix(2, NOON_MS + HOUR_MS, battery_pct=9)])
        await upkeep.round()
        assert len(counted(basis)) == 2
        lifted_s = NOON_MS // 1_000 + 1_800
        basis.rows("UPDATE positioning_order SET lifted_at = to_timestamp(%s)", (lifted_s,))
        await upkeep.round()
    await ends_as(basis, [(1, 1, 1_201_000_000), (1, 0, None)], slice(1, 4))
    async with taking(basis, position_keep_days=0) as (_, upkeep):
        await upkeep.round()
    await ends_as(basis, [])


WHY = {"purpose": "supervision", "ref": SUBJECT}


async def spans(client, **given):
    query = {"from": "2026-11-20T00:00:00Z", "to": "2026-11-25T00:00:00Z", **WHY}
    return await client.get(f"/api/v1/subjects/{SUBJECT}/positions", params=query | given)


async def test_people_read_hours_and_days_of_beijing_and_say_why(basis, people):
    # 17:30 and 18:30 UTC are one day of Beijing, and 15:30 UTC is the day before.
    begin_ms = T0_MS // DAY_MS * DAY_MS - DAY_MS
    basis.rows("DELETE FROM positioning_order")
    order(basis, "o-2", begin_ms - DAY_MS, begin_ms + 9 * DAY_MS)
    times_ms = [begin_ms + minutes * 60_000 for minutes in (15 * 60 + 30, 17 * 60 + 30, 18 * 60)]
    async with taking(basis, late_after_days=36_500) as (gateway, upkeep):
        await post_telemetry(gateway, [fix(n, at_ms) for n, at_ms in enumerate(times_ms)])
        await upkeep.round()
    officer = people("officer")
    hours = (await spans(officer)).json()
    assert (hours["by"], [span["reports"] for span in hours["spans"]]) == ("hour", [1, 1, 1])
    first = hours["spans"][0]
    assert (first["west"], first["places"]) == (120_100_000, 1)
    days = (await spans(officer, by="day")).json()["spans"]
    assert [span["reports"] for span in days] == [1, 2]
    logged = basis.rows(
        "SELECT act, subject_id, purpose_code FROM access_log ORDER BY id DESC LIMIT 1"
    )
    assert logged == [{"act": "positions", "subject_id": SUBJECT, "purpose_code": "supervision"}]


@pytest.mark.parametrize(
    "given", [{"purpose": "x"}, {"to": "2027-11-25T00:00:00Z"}, {"by": "week"}], ids=str
)
async def test_no_purpose_too_long_and_other_spans_are_refused(people, given):
    assert (await spans(people("officer"), **given)).status_code == 422


async def test_outside_of_the_scope_nothing_was_counted(basis):
    async with taking(basis) as (gateway, upkeep):
        await post_telemetry(gateway, [fix(1, NOON_MS)])
        await upkeep.round()
    query = "SELECT count(*) AS n FROM position_hours(%s, to_timestamp(0), now())"
    async with await psycopg.AsyncConnection.connect(basis.database.worker_dsn) as app:
        for scope, count in (("/county-a/", 1), ("/county-b/", 0)):
            await set_scope(app, scope)
            cursor = await app.execute(query, (SUBJECT,))
            assert await cursor.fetchone() == (count,)


def test_with_timescale_it_is_a_continuous_aggregate_and_else_a_table():
    text = migration_files()["0012_position_hours.sql"]
    assert text.count("WITH (timescaledb.continuous, timescaledb.materialized_only = false)") == 1
    assert text.count("add_continuous_aggregate_policy(''position_hour''") == 1
    assert text.count("EXECUTE 'CREATE TABLE position_hour AS SELECT") == 1
