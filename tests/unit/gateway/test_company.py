"""Gatherings through the engine, and homes and leaves in what it judges."""

import msgspec
import numpy as np
import pytest

from gateway.columns import DEGREE_E7
from gateway.directory.moment import to_text
from gateway.directory.snapshot import compile_directory
from gateway.engine.engine import Engine
from gateway.engine.episode import SlotKey
from gateway.engine.ground import Grounds
from gateway.engine.placing.lists import NONE
from gateway.engine.placing.placement import Placement
from geofence.datum import from_wgs84
from geofence.kernel import signed_distances
from tests.unit.gateway.engine_world import (
    HOME,
    T0_MS,
    circle,
    directory_json,
    feed,
    make_engine,
    make_report,
    text,
)
from tests.unit.gateway.placing_world import directory, fence, leave
from tests.unit.gateway.rules.building import DAY_MS, HOUR_MS, START_MS

PARK_M = 700.0


def minute_by_minute(engine, people, *, minutes, first=0, metres=PARK_M):
    found = []
    for k in range(first, first + minutes):
        reports = [
            make_report(k * 60 + n, subject=who, metres_east=metres + 8 * n)
            for n, who in enumerate(people)
        ]
        found += feed(engine, reports, at_s=k * 60 + 30)
        at_ms = T0_MS + k * 60_000 + 45_000
        if engine.tick_due(at_ms):
            found += engine.tick(at_ms)
    return [one for one in found if one.rule == "gathering"]


def test_three_in_the_park_for_half_an_hour_are_a_notice_about_the_organisation():
    engine = make_engine(subjects=4)
    (raised,) = minute_by_minute(engine, [0, 1, 3], minutes=40)
    assert (raised.change, raised.subject, raised.device) == ("raised", "", "")
    assert (raised.org, raised.fence) == ("county", None)
    assert raised.evidence["members"] == ["s-0", "s-1", "s-3"]
    assert "s-0、s-1、s-3" in raised.explanation.zh
    assert not any("longitude_deg" in key for key in raised.evidence)


def test_it_ends_when_they_part_and_the_next_one_is_another():
    engine = make_engine(subjects=3)
    minute_by_minute(engine, [0, 1, 2], minutes=40)
    (cleared,) = minute_by_minute(engine, [0, 1], minutes=10, first=40, metres=9_000.0)
    assert cleared.change == "cleared"
    assert cleared.end_ms is not None
    (again,) = minute_by_minute(engine, [0, 1, 2], minutes=40, first=50)
    assert again.change == "raised"
    assert again.episode != cleared.episode


def test_founders_who_leave_one_and_begin_another_have_two_at_once():
    engine = make_engine(subjects=10)
    (first,) = minute_by_minute(engine, range(6), minutes=45)
    assert first.evidence["founders"] == ["s-0", "s-1", "s-2"]
    found = []
    for k in range(45, 140):
        # 3, 4 and 5 stay until minute 110; 0, 1 and 2 meet others, who go on at 55.
        near = {3: 0.0, 4: 10.0, 5: 20.0} if k < 110 else {3: 0.0, 4: 5_000.0, 5: 9_000.0}
        far = {0: 40.0, 1: 50.0, 2: 60.0} if k < 130 else {0: 40.0, 1: 5_000.0, 2: 9_000.0}
        far |= {n: 10.0 * n - 60 for n in range(6, 10)} if k < 55 else {}
        if k < 50:
            near |= {0: 30.0, 1: 30.0, 2: 30.0}
            far = {n: place for n, place in far.items() if n > 5}
        places = {n: PARK_M + m for n, m in near.items()} | {n: 40_000 + m for n, m in far.items()}
        reports = [make_report(k * 60, subject=n, metres_east=m) for n, m in places.items()]
        found += feed(engine, reports, at_s=k * 60 + 30)
    told = [one for one in found if one.rule == "gathering"]
    assert [one.change for one in told] == ["raised", "cleared", "cleared"]
    assert told[0].evidence["founders"] == first.evidence["founders"]
    assert told[0].episode != first.episode
    assert [one.episode for one in told[1:]] == [first.episode, told[0].episode]


def test_two_are_none():
    assert minute_by_minute(make_engine(subjects=3), [0, 1], minutes=60) == []


def test_an_organisation_that_does_not_want_to_know_is_not_told():
    engine = make_engine(subjects=3, parameters={"gathering_enabled": 0})
    assert minute_by_minute(engine, [0, 1, 2], minutes=60) == []


def test_a_minute_is_looked_at_once_and_only_when_enough_people_were_seen():
    engine = make_engine(subjects=3)
    engine.tick(T0_MS)
    assert not engine.tick_due(T0_MS + 59_000)
    feed(engine, [make_report(n, subject=n) for n in range(2)], at_s=3)
    assert not engine.tick_due(T0_MS + 70_000)
    feed(engine, [make_report(5, subject=2)], at_s=6)
    assert engine.tick_due(T0_MS + 70_000)
    engine.tick(T0_MS + 70_000)
    assert not engine.tick_due(T0_MS + 71_000)


def test_a_restart_in_the_midst_changes_nothing():
    lasting, stopped = make_engine(subjects=3), make_engine(subjects=3)
    for engine in (lasting, stopped):
        minute_by_minute(engine, [0, 1, 2], minutes=20)
    stored = msgspec.msgpack.decode(msgspec.msgpack.encode(stopped.dump()))
    restored = Engine(compile_directory(directory_json(subjects=3)), log=stopped.history.log)
    restored.load(stored)
    expected = minute_by_minute(lasting, [0, 1, 2], minutes=40, first=20)
    assert expected
    assert minute_by_minute(restored, [0, 1, 2], minutes=40, first=20) == expected


def homes_at(placed, who, *times_ms):
    number = np.full(len(times_ms), placed.person(who))
    found = placed.residences.at(number, np.array(times_ms))
    if found[0] is None:
        return None
    lon_deg, lat_deg = (each / DEGREE_E7 for each in found)
    return [round((float(lon) - HOME[0]) * 97_970) for lon in lon_deg], lat_deg


def test_the_home_is_the_curfews_and_neither_an_area_nor_a_district():
    area = fence("f-area", "inclusion", 500.0, radius_m=1_500.0, subjects=["s-0", "s-1"])
    house = fence("f-house", "curfew", 40.0, radius_m=800.0, subjects=["s-0"], schedule="night")
    large = fence("f-large", "curfew", 0.0, radius_m=30_000.0, subjects=["s-2"], schedule="night")
    placed = Placement(directory(area, house, large), signed_distances)
    people = np.array([placed.person("s-0"), placed.person("s-1"), placed.person("s-2"), NONE])
    lon_e7, _ = placed.residences.at(people, np.full(4, START_MS))
    assert lon_e7 is not None
    assert homes_at(placed, "s-0", START_MS)[0] == [40]
    assert lon_e7[1:].tolist() == [-(1 << 31)] * 3


def test_an_area_hardly_larger_than_a_house_is_the_home_where_no_curfew_says_one():
    small = fence("f-small", "inclusion", 40.0, radius_m=120.0, subjects=["s-0", "s-1"])
    by_day = fence("f-work", "inclusion", 90.0, radius_m=60.0, subjects=["s-2"], schedule="night")
    house = fence("f-house", "curfew", 0.0, radius_m=800.0, subjects=["s-1"], schedule="night")
    placed = Placement(directory(small, by_day, house), signed_distances)
    assert homes_at(placed, "s-0", START_MS)[0] == [40]
    assert homes_at(placed, "s-1", START_MS)[0] == [0]
    nobody = np.array([placed.person("s-2")])
    assert placed.residences.at(nobody, np.array([START_MS]))[0].tolist() == [-(1 << 31)]


def test_who_moves_house_has_each_home_in_its_time():
    old = fence("f-old", "curfew", 0.0, schedule="night", valid_to=to_text(START_MS))
    new = fence("f-new", "curfew", 700.0, schedule="night", valid_from=to_text(START_MS + DAY_MS))
    placed = Placement(directory(old, new), signed_distances)
    times_ms = (START_MS - 1, START_MS, START_MS + DAY_MS)
    lon_e7, _ = placed.residences.at(np.full(3, placed.person("s-0")), np.array(times_ms))
    assert lon_e7[1] == -(1 << 31)
    assert homes_at(placed, "s-0", times_ms[0], times_ms[2])[0] == [0, 700]


def test_a_later_directory_moves_the_home():
    placed = Placement(
        directory(fence("f-home", "curfew", 0.0, schedule="night")), signed_distances
    )
    later = placed.moved_to(directory(fence("f-home-2", "curfew", 300.0, schedule="night")))
    assert homes_at(later, "s-0", START_MS)[0] == [300]


def test_without_small_fences_nobody_has_a_home():
    placed = Placement(directory(fence("f", "exclusion")), signed_distances)
    assert placed.residences.at(np.array([0]), np.array([START_MS])) == (None, None)


def shifted(seconds, **fields):
    lon, lat = from_wgs84(np.array([HOME[0]]), np.array([HOME[1]]), "GCJ02")
    report = make_report(seconds, **fields)
    return msgspec.structs.replace(report, longitude_deg=float(lon[0]), latitude_deg=float(lat[0]))


def night_engine(*, knows_home=True):
    start = text(T0_MS - 10**9)
    home = circle("f-home", "curfew", HOME, radius_m=300.0, people=["s-0"], start=start)
    night = {"start": "22:00", "end": "06:00", "days": [0, 1, 2, 3, 4, 5, 6, 7]}
    if not knows_home:
        return make_engine(order_to_ms=T0_MS + 10**9)
    schedule = {"schedule": "night", "zone": "Asia/Shanghai", "windows": [night]}
    return make_engine(
        fences=[home | {"schedule": "night"}], schedules=[schedule], order_to_ms=T0_MS + 10**9
    )


def nights(make, *, count=3):
    """A report every ten minutes from 00:00 to 05:00 in Beijing, night after night."""
    midnight_s = (-(T0_MS + 8 * HOUR_MS) % DAY_MS) / 1_000
    return [
        make(midnight_s + night * 86_400 + k * 600) for night in range(count) for k in range(30)
    ]


@pytest.mark.parametrize(("make", "told"), [(shifted, True), (make_report, False)])
def test_nights_that_are_shifted_from_home_are_a_datum_mistake(make, told):
    engine = night_engine()
    found = [o for report in nights(make) for o in feed(engine, [report])]
    assert ("datum_mistake" in {one.rule for one in found}) == told


def test_nights_that_are_shifted_from_earlier_nights_are_one_where_no_home_is_known():
    engine = night_engine(knows_home=False)
    for report in nights(make_report, count=1):
        feed(engine, [report])
    later = nights(shifted, count=4)[30:]
    found = [one for report in later for one in feed(engine, [report])]
    told = [one for one in found if one.rule == "datum_mistake"]
    assert [one.change for one in told] == ["raised"]
    assert "此前夜间" in told[0].explanation.zh


def test_rows_of_an_approved_leave_are_known():
    absence = leave("l", START_MS, START_MS + DAY_MS)
    placed = Placement(directory(fence("f-home", "inclusion"), leaves=[absence]), signed_distances)
    number = np.array([placed.person("s-0"), placed.person("s-0"), NONE])
    times_ms = np.array([START_MS - 1, START_MS, START_MS])
    assert placed.on_leave(number, times_ms).tolist() == [False, True, False]
    assert placed.on_leave(number[2:], times_ms[2:]) is None


def until(at_ms, *, leaves, fences, rule, target):
    under = directory(*fences, leaves=leaves)
    grounds = Grounds(under, Placement(under, signed_distances))
    key = SlotKey(rule, "s-0", "wb-0", target)
    return grounds._fence(key)[0] if at_ms is None else grounds.of(key, START_MS, at_ms)


def test_a_route_that_nobody_lists_holds_for_as_long_as_its_trip():
    trip = leave("l", START_MS, START_MS + HOUR_MS, kind="trip", to="f-way")
    way = fence("f-way", "route", subjects=[])
    asked = {"leaves": [trip], "fences": [way], "rule": "route", "target": "f-way"}
    assert until(None, **asked) == START_MS + HOUR_MS
    assert until(None, **asked | {"leaves": []}) == 0


def test_a_long_stay_has_no_fence_that_could_end():
    asked = {"leaves": [], "fences": [], "rule": "dwell", "target": ""}
    assert until(None, **asked) == 0
