"""The position store on a real TimescaleDB, given by GUITU_TEST_DSN."""

import asyncio
import time

import psycopg
import pytest

from tests.server.events import post_telemetry, report
from tests.server.keeping import DAY_MS, SUBJECT, has_timescale, now_ms, order, taking

OLD_MS = now_ms() // DAY_MS * DAY_MS - 30 * DAY_MS


@pytest.fixture
def basis(site):
    """An order over a month, on a database with the extension."""
    if not has_timescale(site):
        pytest.skip("no TimescaleDB: name a server that has it in GUITU_TEST_DSN")
    site.rows("DELETE FROM positioning_order")
    order(site, "o-1", OLD_MS, OLD_MS + 31 * DAY_MS)
    return site


def chunks(site):
    """Whether the chunk of each day is compressed, oldest first."""
    rows = site.rows(
        "SELECT is_compressed FROM timescaledb_information.chunks"
        " WHERE hypertable_name = 'position_report' ORDER BY range_start"
    )
    return [row["is_compressed"] for row in rows]


def refresh(site):
    with psycopg.connect(site.database.owner_dsn, autocommit=True) as owner:
        owner.execute("CALL refresh_continuous_aggregate('position_hour', NULL, NULL)")


def counts(site):
    rows = site.rows("SELECT report_count, place_count FROM position_hour ORDER BY hour")
    return [tuple(row.values()) for row in rows]


async def test_an_old_day_is_compressed_opened_for_late_rows_and_compressed_again(basis):
    async with taking(basis, late_after_days=7) as (gateway, upkeep):
        await post_telemetry(gateway, [report(seq=1, fix_time_ms=OLD_MS), report(seq=2)])
        await upkeep.round()
        assert chunks(basis)[0] is True
        late = [report(seq=seq, fix_time_ms=OLD_MS + seq) for seq in (3, 4)]
        await post_telemetry(gateway, late, first=2)
        await post_telemetry(gateway, late, first=3)
        await upkeep.round()
    assert chunks(basis)[0] is True
    day = basis.rows(
        "SELECT seq FROM position_report WHERE fix_time < to_timestamp(%s) ORDER BY seq",
        ((OLD_MS + DAY_MS) / 1000,),
    )
    assert [row["seq"] for row in day] == [1, 3, 4]


async def test_a_track_reads_a_compressed_day(basis):
    async with taking(basis, late_after_days=7) as (gateway, upkeep):
        await post_telemetry(gateway, [report(seq=1, fix_time_ms=OLD_MS)])
        await upkeep.round()
    assert chunks(basis) == [True]
    with psycopg.connect(basis.database.worker_dsn) as app:
        app.execute("SELECT set_config('guitu.scope', '/', true)")
        rows = app.execute(
            "SELECT count(*) FROM track(%s, 'epoch', 'infinity', 10)", (SUBJECT,)
        ).fetchone()
    assert rows == (1,)


async def test_chunks_and_what_is_counted_are_closed_to_people(basis):
    async with taking(basis, late_after_days=7) as (gateway, upkeep):
        await post_telemetry(gateway, [report(seq=1, fix_time_ms=OLD_MS), report(seq=2)])
        await upkeep.round()
    refresh(basis)
    stored = basis.rows(
        "SELECT c.oid::regclass::text AS name,"
        " has_table_privilege('guitu_app', c.oid, 'SELECT, INSERT, UPDATE, DELETE')"
        "   OR has_any_column_privilege('guitu_app', c.oid, 'SELECT') AS is_open"
        " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = '_timescaledb_internal' AND c.relkind IN ('r', 'p', 'v', 'm')"
        " AND c.relname ~ '_[0-9]+(_chunk)?$'"
    )
    assert len(stored) >= 5
    assert [row["name"] for row in stored if row["is_open"]] == []


async def test_late_rows_and_destruction_correct_what_was_counted(basis):
    async with taking(basis, late_after_days=7) as (gateway, upkeep):
        await post_telemetry(gateway, [report(seq=1, fix_time_ms=OLD_MS)])
        await upkeep.round()
        refresh(basis)
        assert counts(basis) == [(1, 1)]
        await post_telemetry(gateway, [report(seq=2, fix_time_ms=OLD_MS + 1)], first=2)
        await upkeep.round()
        refresh(basis)
        assert counts(basis) == [(2, 2)]
        basis.rows(
            "UPDATE positioning_order SET lifted_at = to_timestamp(%s)", ((OLD_MS + 1) / 1000,)
        )
        await upkeep.round()
        # The policy is run by the database itself, at once.
        limit_s = time.monotonic() + 60
        while counts(basis) != [(2, 1)]:
            assert time.monotonic() < limit_s, counts(basis)
            await asyncio.sleep(0.2)


async def test_a_day_without_reports_is_dropped_with_its_chunk(basis):
    async with taking(basis, late_after_days=7) as (gateway, upkeep):
        await post_telemetry(gateway, [report(seq=1, fix_time_ms=OLD_MS)])
        await upkeep.round()
    assert len(chunks(basis)) == 1
    basis.rows("DELETE FROM positioning_order")
    async with taking(basis, position_keep_days=4, late_after_days=4) as (_, upkeep):
        await upkeep.round()
    assert chunks(basis) == []
