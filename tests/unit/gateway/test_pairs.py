"""No-contact orders through the engine: live, late, restarted, and what is told of whom."""

import random

import msgspec
import pytest

from gateway.directory.snapshot import compile_directory
from gateway.engine.history.segments import DiskLog, MemoryLog
from gateway.engine.rules.catalogue import RULES
from tests.unit.gateway.engine_world import METRES_PER_DEGREE_LON, T0_MS, standing
from tests.unit.gateway.pair_world import (
    MINUTE_S,
    PROTECTED,
    body,
    feed,
    make_engine,
    pair,
    pairs_standing,
    reloaded,
    seen,
)


def walk(who, places, *, first=0, offset_s=0, **fields):
    """One report a minute."""
    return [
        seen(who, (first + k) * MINUTE_S + offset_s, metres, **fields)
        for k, metres in enumerate(places)
    ]


def a_meeting(*, minutes=20, near=range(5, 12)):
    """Somebody at home whom the protected person comes near in some minutes."""
    there = [50.0 if k in near else 2_000.0 for k in range(minutes)]
    return walk(0, [0.0] * minutes) + walk(PROTECTED, there, offset_s=20)


def one_by_one(engine, reports):
    found = []
    for report in sorted(reports, key=lambda r: r.fix_time_ms):
        found += feed(engine, [report])
    return found


def of_pairs(outcomes):
    return [one for one in outcomes if one.rule == "no_contact"]


def test_a_meeting_is_raised_and_ends():
    raised, cleared = of_pairs(one_by_one(make_engine(), a_meeting()))
    assert (raised.change, cleared.change) == ("raised", "cleared")
    assert (raised.subject, raised.device, raised.org) == ("s-0", "", "county")
    assert raised.begin_ms == T0_MS + (5 * MINUTE_S + 20) * 1_000
    assert cleared.end_ms == T0_MS + (12 * MINUTE_S + 20) * 1_000
    assert cleared.episode == raised.episode


def test_two_minutes_together_are_none():
    assert of_pairs(one_by_one(make_engine(), a_meeting(near=range(5, 7)))) == []


def test_its_record_has_the_distance_and_no_place_of_the_other():
    raised = of_pairs(one_by_one(make_engine(), a_meeting()))[0]
    record = raised.evidence
    assert (record["other"], record["limit_m"]) == (PROTECTED, 200.0)
    assert len(record["reports"]) == 3
    for report in record["reports"]:
        assert report["distance_m"] == 60.0  # 50 m and a little, told in steps of ten
        assert report["violation_ppm"] > 950_000
        assert report["longitude_deg"] == pytest.approx(119.9, abs=1e-6)
    assert record["other_kind"] == "protected"
    for part in ("受保护人v-0（禁止接触令", "200米", "60米"):
        assert part in raised.explanation.zh
    east = 119.9 + 50.0 / METRES_PER_DEGREE_LON
    assert f"{east:.5f}" not in msgspec.json.encode(raised).decode()


def test_a_protected_person_is_never_judged_nor_named_as_a_subject():
    engine = make_engine()
    reports = walk(0, [0.0] * 30) + walk(PROTECTED, [9_000.0] * 30, alarms=("sos", "strap"))
    found = one_by_one(engine, reports)
    found += engine.tick(T0_MS + 20 * 3_600_000)
    assert PROTECTED not in {one.subject for one in found}
    assert "pb-0" not in {one.device for one in found}
    assert {one.rule for one in found} == {"silence"}


def test_the_alarms_of_a_protected_person_that_come_too_late_alert_nobody():
    engine = make_engine()
    engine.tick(T0_MS)
    feed(engine, walk(0, [0.0] * 2))
    old = seen(PROTECTED, -80 * 3_600, 0.0, alarms=("sos",))
    assert [one.rule for one in feed(engine, [old], at_s=60)] == []


def test_what_comes_late_raises_and_supersedes():
    reports = sorted(a_meeting(), key=lambda r: r.fix_time_ms)
    mine = [r for r in reports if r.device == "wb-0"]
    others = [r for r in reports if r.device != "wb-0"]
    engine = make_engine()
    assert of_pairs(feed(engine, mine)) == []
    late = of_pairs(feed(engine, others, at_s=3_600))
    assert [one.change for one in late] == ["raised", "cleared"]
    assert all(one.late for one in late)
    # A fix between says that the person was far away after all.
    doubt = walk(0, [5_000.0] * 12, first=4, offset_s=40)
    gone = of_pairs(feed(engine, doubt, at_s=3_700))
    assert [one.change for one in gone] == ["superseded"]
    assert gone[0].episode == late[0].episode


def test_the_revision_of_the_subject_leaves_the_pair_as_it_is():
    engine = make_engine()
    reports = [r for r in a_meeting(minutes=10) if r.fix_time_ms < T0_MS + 9 * 60_000 + 30_000]
    one_by_one(engine, reports)
    assert [one[-1] for one in pairs_standing(engine)] == [-1]
    status = seen(0, 30, 0.0, seq=99_999)
    late = msgspec.structs.replace(
        status, kind="status", longitude_deg=None, latitude_deg=None, datum=None, accuracy_m=None
    )
    before = pairs_standing(engine)
    assert of_pairs(feed(engine, [late], at_s=600)) == []
    assert pairs_standing(engine) == before
    goes_on = walk(0, [0.0] * 4, first=10) + walk(PROTECTED, [2_000.0] * 4, first=10, offset_s=20)
    assert [one.change for one in of_pairs(one_by_one(engine, goes_on))] == ["cleared"]


def test_the_end_of_the_order_ends_the_alert():
    end_ms = T0_MS + 30 * 60_000
    engine = make_engine(orders=[pair("nc-1", "s-0", PROTECTED, to_ms=end_ms)])
    one_by_one(engine, a_meeting(minutes=28, near=range(5, 28)))
    assert engine.tick_due(end_ms)
    (cleared,) = of_pairs(engine.tick(end_ms))
    assert (cleared.end_ms, cleared.evidence["ended_by"]) == (end_ms, "date")


def test_an_order_that_is_taken_out_ends_its_alert():
    engine = make_engine()
    one_by_one(engine, a_meeting(minutes=12, near=range(5, 12)))
    at_ms = T0_MS + 13 * 60_000
    engine.set_directory(compile_directory(body(orders=[])), at_ms)
    (cleared,) = of_pairs(engine.tick(at_ms))
    assert cleared.evidence["ended_by"] == "directory"
    assert cleared.subject == "s-0"


def test_a_late_report_after_the_end_of_an_order_changes_nothing():
    end_ms = T0_MS + 15 * 60_000
    orders = [pair("nc-1", "s-0", PROTECTED, to_ms=end_ms)]
    reports = a_meeting(minutes=30, near=range(5, 30))
    first = make_engine(orders=orders)
    one_by_one(first, reports)
    first.tick(T0_MS + 3_600_000)
    late = make_engine(orders=orders)
    late.tick(T0_MS + 3_600_000)
    for report in sorted(reports, key=lambda r: -r.fix_time_ms):
        feed(late, [report], at_s=3_600)
    assert pairs_standing(late) == pairs_standing(first)
    assert pairs_standing(first)[0][-1] == 15 * 60_000


def a_day_of(seed, *, hours=10):
    """Three people whose ways cross, one of them protected, one under both orders."""
    dice = random.Random(seed)  # noqa: S311 - noise
    found = []
    for who in (0, 1, PROTECTED):
        places = [0.0, 40.0, 120.0, 210.0, 900.0, None]
        place, until = places[0], 0
        for k in range(hours * 60):
            if k >= until:
                place = dice.choice(places)
                until = k + dice.randint(2, 40)
            if place is not None:
                # Devices that send twice a minute, once, or every other minute.
                times = {0: (0, 31), 1: (7,), PROTECTED: (12,) if k % 2 else ()}[who]
                found += [
                    seen(
                        who,
                        k * 60 + s,
                        place + dice.uniform(-15, 15),
                        accuracy_m=dice.choice([4.0, 9.0, 60.0]),
                        battery_pct=80,
                    )
                    for s in times
                ]
    return found


def end(engine, hours=10):
    engine.tick(T0_MS + (hours + 30) * 3_600_000)
    return [one for one in standing(engine) if not RULES[one[0]].by_arrival]


def in_order(reports):
    engine = make_engine()
    feed(engine, sorted(reports, key=lambda r: r.fix_time_ms), at_s=36_000)
    return end(engine)


@pytest.mark.parametrize("seed", range(4))
def test_any_order_of_arrival_of_both_ends_in_the_same_alerts(seed, tmp_path):
    reports = a_day_of(seed)
    expected = in_order(reports)
    assert len([one for one in expected if one[0] == "no_contact"]) >= 3
    dice = random.Random(seed + 100)  # noqa: S311 - noise
    arrival = reports + dice.sample(reports, len(reports) // 5)
    arrival.sort(
        key=lambda r: r.fix_time_ms + dice.choice([0, 0, 0, 90_000, 3_600_000, 20_000_000])
    )
    engine = make_engine(DiskLog(tmp_path / "log"))
    while arrival:
        size = dice.choice([1, 7, 40, 200])
        feed(engine, arrival[:size], at_s=36_000)
        arrival = arrival[size:]
        if dice.random() < 0.2:
            engine = reloaded(engine, DiskLog(tmp_path / "log"))
    assert end(engine) == expected


@pytest.mark.parametrize("seed", range(2))
def test_newest_first_ends_as_in_order(seed):
    reports = a_day_of(seed + 7)
    engine = make_engine()
    newest_first = sorted(reports, key=lambda r: -r.fix_time_ms)
    for start in range(0, len(newest_first), 25):
        feed(engine, newest_first[start : start + 25], at_s=36_000)
    assert end(engine) == in_order(reports)


def test_one_report_at_a_time_gives_the_same_standing_alerts_as_all_at_once():
    reports = sorted(a_day_of(20, hours=4), key=lambda r: r.fix_time_ms)
    engine = make_engine()
    for report in reports:
        feed(engine, [report], at_s=36_000)
    assert end(engine) == in_order(reports)


def test_a_restart_in_the_midst_of_a_meeting_changes_no_outcome():
    reports = sorted(a_meeting(), key=lambda r: r.fix_time_ms)
    log = MemoryLog()
    lasting, stopped = make_engine(), make_engine(log)
    half = len(reports) // 2
    for engine in (lasting, stopped):
        one_by_one(engine, reports[:half])
    restored = reloaded(stopped, log)
    expected, found = one_by_one(lasting, reports[half:]), one_by_one(restored, reports[half:])
    assert msgspec.msgpack.encode(found) == msgspec.msgpack.encode(expected)
    assert of_pairs(found)


def test_the_parameters_decide_how_many_minutes_it_takes():
    strict = {"contact_reports": 2, "contact_s": 0}
    engine = make_engine(parameters=strict)
    raised = of_pairs(one_by_one(engine, a_meeting(near=range(5, 7))))[0]
    assert raised.evidence["parameters"]["contact_reports"] == 2
