"""Gatherings: who hangs together, for how long, and what they are called by."""

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.engine.account import Account
from gateway.engine.encounters.crowd import Crowd, GatheringLimits, Whereabouts
from gateway.engine.encounters.gathering import Gatherings
from gateway.engine.encounters.nearness import MOST_OF_CELL, groups
from gateway.engine.rules.gathering import GATHERING
from tests.oracles.encounters import groups as obvious
from tests.unit.gateway.placing_world import HOME, M_PER_DEGREE, fence, placement, site
from tests.unit.gateway.rules.building import HOUR_MS, MINUTE_MS, START_MS

LIMITS = GatheringLimits(people=3, radius_m=50, lasting_ms=30 * MINUTE_MS, gap_ms=5 * MINUTE_MS)


def e7(metres_east, metres_north=0.0):
    lon = (HOME[0] + np.asarray(metres_east) / M_PER_DEGREE) * 10**7
    lat = (HOME[1] + np.asarray(metres_north) / 110_800.0) * 10**7
    return np.rint(lon).astype(np.int64), np.rint(lat).astype(np.int64) + 0 * np.rint(lon).astype(
        np.int64
    )


@pytest.mark.parametrize(
    ("metres", "expected"),
    [
        ((0, 49, 98), [0, 0, 0]),
        ((0, 51, 102), [0, 1, 2]),
        ((0, 400, 30, 420), [0, 1, 0, 1]),
        ((), []),
        ((7,), [0]),
    ],
)
def test_people_hang_together_by_steps_within_the_radius(metres, expected):
    lon_e7, lat_e7 = e7(np.array(metres, float))
    assert groups(lon_e7, lat_e7, 50).tolist() == expected


@given(
    st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), max_size=30),
    st.sampled_from([20, 50, 130]),
    st.integers(-60, 60),
)
@settings(deadline=None, max_examples=60)
def test_groups_are_those_of_the_obvious_way(metres, radius_m, lat_deg):
    lon_e7 = np.array([east * 90 for east, _ in metres], np.int64) + 1_199_000_000
    lat_e7 = np.array([north * 90 for _, north in metres], np.int64) + lat_deg * 10**7
    places = list(zip(lon_e7.tolist(), lat_e7.tolist(), strict=True))
    assert groups(lon_e7, lat_e7, radius_m).tolist() == obvious(places, radius_m)


def test_groups_far_apart_in_latitude_are_found_alike():
    lon_e7 = np.array([1_000_000_000, 1_000_004_000, 1_000_000_000, 1_000_006_000])
    lat_e7 = np.array([180_000_000, 180_000_000, 530_000_000, 530_000_000])
    assert groups(lon_e7, lat_e7, 50).tolist() == [0, 0, 2, 2]


def test_a_crowd_in_one_place_is_bounded_work_and_one_group():
    lon_e7, lat_e7 = e7(np.linspace(0, 20, 20 * MOST_OF_CELL))
    assert set(groups(lon_e7, lat_e7, 50).tolist()) == {0}


def crowd(*companies, household=None):
    """Groups of subjects, each its own household unless said otherwise."""
    rows = sorted((s, number) for number, members in enumerate(companies) for s in members)
    subject = np.array([s for s, _ in rows], np.int64)
    homes = [(household or {}).get(s, -2 - s) for s, _ in rows]
    return Crowd(subject, np.array([g for _, g in rows], np.int64), np.array(homes, np.int64))


def minute(number):
    return START_MS + number * MINUTE_MS


def lived(found, gatherings=None):
    """Give a gathering's crowds minute by minute; return (minute, change)."""
    gatherings = gatherings or Gatherings()
    out = []
    for number, here in found:
        out += [(number, c) for c in gatherings.step(here, minute(number), LIMITS)]
    return out


def test_three_for_half_an_hour_are_told_once():
    ((at, change),) = lived((k, crowd([1, 2, 3])) for k in range(60))
    assert at == 30
    assert change.founders == change.members == (1, 2, 3)
    assert (change.begin_ms, change.end_ms) == (minute(0), None)


@pytest.mark.parametrize("people", [[1, 2], [1]])
def test_fewer_are_no_gathering(people):
    assert lived((k, crowd(people)) for k in range(60)) == []


def test_people_of_one_household_count_as_one():
    same = {1: 7, 2: 7}
    assert lived((k, crowd([1, 2, 3], household=same)) for k in range(60)) == []
    assert len(lived((k, crowd([1, 2, 3, 4], household=same)) for k in range(60))) == 1


def test_half_an_hour_less_a_minute_is_none():
    assert lived((k, crowd([1, 2, 3]) if k < 30 else crowd()) for k in range(60)) == []


def test_a_cafe_where_people_come_and_go_is_none():
    assert lived((k, crowd([k // 10, k // 10 + 1, k // 10 + 2])) for k in range(200)) == []


def test_out_of_sight_for_a_few_minutes_is_no_break():
    found = [(k, crowd() if k % 10 in (5, 6, 7) else crowd([1, 2, 3])) for k in range(40)]
    ((at, change),) = lived(found)
    assert (at, change.begin_ms) == (30, minute(0))


def test_out_of_sight_for_longer_begins_anew():
    found = [(k, crowd() if 10 <= k < 16 else crowd([1, 2, 3])) for k in range(60)]
    ((at, change),) = lived(found)
    assert (at, change.begin_ms) == (46, minute(16))


def test_it_ends_when_as_many_were_last_together():
    found = [(k, crowd([1, 2, 3]) if k <= 40 else crowd()) for k in range(60)]
    (_, raised), (at, ended) = lived(found)
    assert at == 45
    assert ended == raised._replace(end_ms=minute(40))


def test_who_comes_and_goes_does_not_rename_it():
    found = [
        (k, crowd([1, 2, 3] if k < 20 else [1, 2, 3, 4, 5] if k < 60 else [2, 4, 5]))
        for k in range(120)
    ]
    ((at, change),) = lived(found)
    assert (at, change.founders) == (30, (1, 2, 3))
    assert change.members == (1, 2, 3, 4, 5)


def test_one_that_divides_goes_on_where_most_are():
    found = [(k, crowd([1, 2, 3, 4, 5, 6, 7])) for k in range(40)]
    found += [(k, crowd([1, 2, 3], [4, 5, 6, 7])) for k in range(40, 110)]
    changes = lived(found)
    assert [at for at, _ in changes] == [30, 70]
    assert changes[0][1].founders == (1, 2, 3)
    assert changes[1][1].founders == (1, 2, 3)
    assert changes[1][1].begin_ms == minute(40)


def test_two_places_are_two_gatherings():
    changes = lived((k, crowd([1, 2, 3], [7, 8, 9])) for k in range(40))
    assert [change.founders for _, change in changes] == [(1, 2, 3), (7, 8, 9)]


@given(
    st.lists(
        st.lists(st.sets(st.integers(0, 8), max_size=5), max_size=3), min_size=10, max_size=80
    ),
    st.integers(0, 60),
)
@settings(deadline=None, max_examples=50)
def test_what_is_carried_can_be_stored_at_any_minute(drawn, cut):
    found = []
    for k, sets in enumerate(drawn):
        seen, apart = set(), []
        for one in sets:
            apart.append(one - seen)
            seen |= one
        found.append((k, crowd(*apart)))
    first, second = Gatherings(), Gatherings()
    head = lived(found[:cut], first)
    second.load(msgspec.msgpack.decode(msgspec.msgpack.encode(first.dump())))
    assert head + lived(found[cut:], second) == lived(found)


def seen_at(whereabouts, metres, time_ms=START_MS, accuracy_m=10.0):
    lon_e7, lat_e7 = e7(np.array(metres, float))
    count = len(metres)
    accuracy_mm = np.full(count, round(accuracy_m * 1_000))
    whereabouts.saw(np.arange(count), np.full(count, time_ms), lon_e7, lat_e7, accuracy_mm)


NAMES = [f"s-{k}" for k in range(8)]
AREA = fence("area", "inclusion", radius_m=90_000.0, subjects=NAMES)


def together(metres, *fences, sites=(), now_ms=START_MS + MINUTE_MS, **said):
    whereabouts = Whereabouts()
    seen_at(whereabouts, metres, **said)
    placed = placement(AREA, *fences, sites=sites)
    return whereabouts.crowd(now_ms, LIMITS, placed, NAMES).subject.tolist()


def test_three_in_a_place_are_a_crowd():
    assert together([0, 20, 40, 900]) == [0, 1, 2]


def test_at_an_official_place_nobody_counts():
    assert together([0, 20, 40], sites=[site("office", 20, official=True)]) == []


def test_a_sensitive_site_excuses_nobody():
    assert together([0, 20, 40], sites=[site("school", 20)]) == [0, 1, 2]


def test_the_host_at_home_does_not_count():
    home = fence("home", "curfew", radius_m=10.0, subjects=["s-0"], schedule="night")
    assert together([0, 20, 40], home) == [1, 2]


@pytest.mark.parametrize(
    "said",
    [{"now_ms": START_MS + 6 * MINUTE_MS}, {"now_ms": START_MS - 1}, {"accuracy_m": 51.0}],
    ids=["old", "of the future", "coarse"],
)
def test_a_fix_that_tells_nothing_does_not_count(said):
    assert together([0, 20, 40], **said) == []


def test_two_who_live_together_are_of_one_household():
    home = fence("home", "curfew", 5_000, radius_m=10.0, subjects=NAMES[:2], schedule="night")
    whereabouts = Whereabouts()
    seen_at(whereabouts, [0, 20, 40])
    found = whereabouts.crowd(START_MS, LIMITS, placement(AREA, home), NAMES)
    assert found.household[0] == found.household[1] != found.household[2]


@given(
    st.permutations(
        [
            (0, START_MS, 0, 10.0),
            (0, START_MS, 90, 5.0),
            (0, START_MS - HOUR_MS, 300, 5.0),
            (1, START_MS - 1, 40, 5.0),
            (1, START_MS, 20, 5.0),
            (0, START_MS, 50, 10.0),
        ]
    ),
    st.integers(1, 6),
)
def test_the_newest_fix_counts_whatever_order_it_came_in(fixes, size):
    whereabouts = Whereabouts()
    for begin in range(0, len(fixes), size):
        subject, time_ms, metres, accuracy_m = zip(*fixes[begin : begin + size], strict=True)
        lon_e7, lat_e7 = e7(np.array(metres, float))
        accuracy_mm = np.array(accuracy_m) * 1_000
        whereabouts.saw(np.array(subject), np.array(time_ms), lon_e7, lat_e7, accuracy_mm)
    copy = Whereabouts()
    copy.load(msgspec.msgpack.decode(msgspec.msgpack.encode(whereabouts.dump())))
    expected = Whereabouts()
    lon_e7, lat_e7 = e7(np.array([90.0, 20.0]))
    expected.saw(np.arange(2), np.full(2, START_MS), lon_e7, lat_e7, np.full(2, 5_000))
    assert copy.dump() == expected.dump()


def test_the_explanation_has_the_numbers_of_the_record():
    record = {
        "confirmed_ms": START_MS + 30 * MINUTE_MS,
        "members": ["s-1", "s-2", "s-3"],
        "parameters": {
            "gathering_people": 3,
            "gathering_radius_m": 50,
            "gathering_s": 1_800,
            "gathering_gap_s": 300,
        },
    }
    words = GATHERING.explain(Account(START_MS, None, record))
    for part in ("3名", "s-1、s-2、s-3", "30分", "50米", "2026-11-22 10:00:00"):
        assert part in words.zh
    for part in ("3 supervised people", "s-1, s-2, s-3", "30 min", "50 m"):
        assert part in words.en
