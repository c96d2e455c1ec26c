"""Late positions are merged by the day; positions end with their legal basis."""

import pytest

from tests.server.events import post_telemetry, report
from tests.server.keeping import DAY_MS, SUBJECT, now_ms, order, taking
from tests.vectors.uplink.make import T0_MS

OFFICERS = {"device": "ph-0001", "holder_kind": "officer", "holder": "officer-1"}


def seqs(site, table):
    rows = site.rows(f"SELECT seq FROM {table} ORDER BY seq")  # noqa: S608 - a name from here
    return [row["seq"] for row in rows]


@pytest.fixture
def basis(site):
    """No order but those of the test."""
    site.rows("DELETE FROM positioning_order")
    return site


async def test_late_rows_wait_and_are_merged_a_day_at_a_time(basis):
    begin_ms = now_ms() // DAY_MS * DAY_MS - 30 * DAY_MS
    order(basis, "o-1", begin_ms, begin_ms + 31 * DAY_MS)
    rows = [
        report(seq=1, fix_time_ms=begin_ms),
        report(seq=2, fix_time_ms=begin_ms + 1000),
        report(seq=3, fix_time_ms=begin_ms + DAY_MS),
        report(seq=4, fix_time_ms=now_ms()),
    ]
    async with taking(basis, late_after_days=7) as (gateway, upkeep):
        answer = await post_telemetry(gateway, rows)
        assert answer.json() == {"through": 1}
        assert (seqs(basis, "position_late"), seqs(basis, "position_report")) == ([1, 2, 3], [4])
        # The same again, late: it changes nothing, before the merge and after it.
        await post_telemetry(gateway, rows[:1], first=2)
        await upkeep.round()
        await post_telemetry(gateway, rows[:1], first=3)
        await upkeep.round()
        metrics = (await gateway.get("/metrics")).text
    assert (seqs(basis, "position_late"), seqs(basis, "position_report")) == ([], [1, 2, 3, 4])
    assert 'guitu_upkeep_rows_total{work="merged_late"} 3.0' in metrics


async def test_a_track_shows_what_still_waits_and_each_report_once(basis, people):
    order(basis, "o-1", T0_MS - DAY_MS, T0_MS + DAY_MS)
    async with taking(basis) as (gateway, _):
        await post_telemetry(gateway, [report(seq=1), report(seq=2, fix_time_ms=T0_MS + 1000)])
    basis.rows("INSERT INTO position_late SELECT * FROM position_report")
    basis.rows("DELETE FROM position_report WHERE seq = 1")
    track = await people("officer").get(
        f"/api/v1/subjects/{SUBJECT}/track?from=2026-11-22T00:00:00Z&to=2026-11-22T02:00:00Z"
        f"&purpose=supervision&ref={SUBJECT}"
    )
    assert track.json()["fix_time_ms"] == [T0_MS, T0_MS + 1000]


async def test_reports_go_with_their_order_and_a_record_stays(basis):
    # The first order ended long ago, the second went on from there and ended yesterday.
    ended_ms = now_ms() - 40 * DAY_MS
    order(basis, "old", ended_ms - 20 * DAY_MS, ended_ms)
    order(basis, "new", ended_ms, now_ms() - DAY_MS)
    rows = [
        report(seq=1, fix_time_ms=ended_ms - 2 * DAY_MS),
        report(seq=2, fix_time_ms=ended_ms - 3 * DAY_MS, lon_e7=None, lat_e7=None, battery_pct=9),
        report(seq=3, fix_time_ms=ended_ms),
        report(seq=4, fix_time_ms=now_ms() - 2 * DAY_MS),
    ]
    async with taking(basis, position_keep_days=30) as (gateway, upkeep):
        await post_telemetry(gateway, rows)
        for _ in range(2):
            await upkeep.round()
    assert seqs(basis, "position_report") == [3, 4]
    record = basis.rows("SELECT order_id, reason, report_count FROM position_destruction")
    assert record == [{"order_id": "old", "reason": "retention", "report_count": 2}]


async def test_the_time_that_positions_are_kept_is_a_setting(basis):
    ended_ms = now_ms() - 40 * DAY_MS
    order(basis, "old", ended_ms - 20 * DAY_MS, ended_ms)
    async with taking(basis, position_keep_days=41) as (gateway, upkeep):
        await post_telemetry(gateway, [report(fix_time_ms=ended_ms - DAY_MS)])
        await upkeep.round()
    assert seqs(basis, "position_report") == [1]
    async with taking(basis, position_keep_days=39) as (_, upkeep):
        await upkeep.round()
    assert seqs(basis, "position_report") == []
    assert basis.one("SELECT count(*) FROM latest_position") == 0


async def test_a_lifting_that_is_told_late_takes_the_places_that_came_after_it(basis):
    begin_ms, lifted_ms = now_ms() - 5 * DAY_MS, now_ms() - 2 * DAY_MS
    order(basis, "o-1", begin_ms, begin_ms + 20 * DAY_MS)
    rows = [
        report(seq=1, fix_time_ms=lifted_ms - 1000),
        report(seq=2, fix_time_ms=lifted_ms),
        report(seq=3, fix_time_ms=lifted_ms + DAY_MS),
    ]
    async with taking(basis) as (gateway, upkeep):
        await post_telemetry(gateway, rows)
        basis.rows("UPDATE positioning_order SET lifted_at = to_timestamp(%s)", (lifted_ms / 1000,))
        for _ in range(2):
            await upkeep.round()
    places = basis.rows("SELECT seq, lon_e7, accuracy_mm FROM position_report ORDER BY seq")
    assert [(row["lon_e7"], row["accuracy_mm"]) for row in places] == [
        (1_201_000_000, 8000),
        (None, None),
        (None, None),
    ]
    assert basis.one("SELECT lon_e7 FROM latest_position") is None
    record = basis.rows("SELECT order_id, reason, report_count FROM position_destruction")
    assert record == [{"order_id": "o-1", "reason": "lifted", "report_count": 2}]


async def test_what_no_order_holds_goes_after_the_same_time(basis):
    old_ms = now_ms() // DAY_MS * DAY_MS - 40 * DAY_MS
    order(basis, "o-1", old_ms, now_ms() + DAY_MS)
    rows = [
        report(seq=1, fix_time_ms=old_ms + 1000),
        report(seq=2, fix_time_ms=old_ms - 1000, lon_e7=None, lat_e7=None),  # before the order
        report(seq=3, fix_time_ms=old_ms + 1000, **OFFICERS),
        report(seq=4, fix_time_ms=now_ms() - 20 * DAY_MS, **OFFICERS),
    ]
    async with taking(basis, position_keep_days=30) as (gateway, upkeep):
        await post_telemetry(gateway, rows)
        await upkeep.round()
    assert seqs(basis, "position_report") == [1, 4]
    assert basis.one("SELECT sum(report_count) FROM position_sweep") == 2
    hours = basis.rows("SELECT holder_kind, report_count FROM position_hour ORDER BY hour")
    assert [tuple(row.values()) for row in hours] == [("subject", 1), ("officer", 1)]


async def test_days_without_any_report_are_dropped(basis):
    ended_ms = now_ms() - 40 * DAY_MS
    order(basis, "old", ended_ms - 20 * DAY_MS, ended_ms)
    async with taking(basis, position_keep_days=30) as (gateway, upkeep):
        await post_telemetry(gateway, [report(seq=1, fix_time_ms=ended_ms - DAY_MS)])
        basis.rows("SELECT merge_late_positions()")
        assert basis.one("SELECT count(*) FROM position_days_stored()") == 1
        await upkeep.round()
        assert basis.one("SELECT count(*) FROM position_days_stored()") == 0
        # And made again where something comes for it.
        await post_telemetry(gateway, [report(seq=2, fix_time_ms=now_ms())], first=2)
    assert seqs(basis, "position_report") == [2]


async def test_the_quarantine_keeps_the_newest_of_each_gateway(basis):
    async with taking(basis, quarantine_rows_max=100) as (gateway, upkeep):
        rows = [report(seq=n, device="wb-unknown") for n in range(130)]
        await post_telemetry(gateway, rows)
        await upkeep.round()
    kept = basis.rows("SELECT (content ->> 'seq')::int AS seq FROM ingest_quarantine ORDER BY id")
    assert [row["seq"] for row in kept] == list(range(30, 130))
