"""No-contact orders: minute by minute, whatever order the reports come in."""

import json

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.directory.moment import to_text
from gateway.engine.account import Account
from gateway.engine.encounters.contact import (
    ContactLimits,
    Terms,
    advance,
    fresh_state,
    moved_state,
    no_contact,
)
from gateway.engine.encounters.duties import Duties
from gateway.engine.encounters.sightings import sightings
from gateway.engine.rules.no_contact import NO_CONTACT
from tests.oracles.encounters import contacts as obvious
from tests.unit.gateway.placing_world import directory, east
from tests.unit.gateway.rules.building import DAY_MS, MINUTE_MS, START_MS

LIMITS = {
    "stale_ms": 180_000,
    "drift_mmps": 1_000,
    "violation_ppm": 950_000,
    "compliant_ppm": 500_000,
}


def order(pair, subject, other, *, distance_m=200.0, from_ms=START_MS - DAY_MS, to_ms=None):
    return {
        "pair": pair,
        "subject": subject,
        "other": other,
        "distance_m": distance_m,
        "valid_from": to_text(from_ms),
        "valid_to": None if to_ms is None else to_text(to_ms),
    }


def duties_of(*orders):
    return Duties(directory(no_contact=list(orders)))


ONE = (order("p-1", "s-0", "v-0"),)


def limits_at(duty, time_ms):
    assert len(duty) == len(time_ms)
    return ContactLimits(**{name: np.full(len(duty), value) for name, value in LIMITS.items()})


TERMS = Terms(limits_at, LIMITS["stale_ms"])


def fix(seconds, metres_east, accuracy_m=8.0):
    longitude_deg, latitude_deg = east(metres_east)
    return (
        START_MS + round(seconds * 1_000),
        round(longitude_deg * 10**7),
        round(latitude_deg * 10**7),
        round(accuracy_m * 1_000),
    )


def seen_of(duties, fixes_of):
    rows = [(duties.people.of(who), *one) for who, fixes in fixes_of.items() for one in fixes]
    return sightings(*np.array(rows, np.int64).reshape(-1, 5).T)


def told(duties, fixes_of):
    """Return (seconds, decision) of the first order."""
    found = no_contact(duties, seen_of(duties, fixes_of), TERMS)
    mine = found.duty == 0
    seconds = (found.time_ms[mine] - START_MS) // 1_000
    return list(zip(seconds.tolist(), found.decision[mine].tolist(), strict=True))


LATER = fix(600, 50_000)
"""Closes the minutes before it."""


def test_nearer_than_allowed_violates():
    fixes = {"s-0": [fix(0, 0), LATER], "v-0": [fix(10, 50)]}
    assert told(duties_of(*ONE), fixes) == [(10, 1)]


def test_farther_than_allowed_does_not():
    fixes = {"s-0": [fix(0, 0), LATER], "v-0": [fix(10, 400)]}
    assert told(duties_of(*ONE), fixes) == [(10, -1)]


def test_at_the_limit_it_cannot_tell():
    fixes = {"s-0": [fix(0, 0), LATER], "v-0": [fix(10, 195)]}
    assert told(duties_of(*ONE), fixes) == [(10, 0)]


def test_a_place_that_is_old_says_nothing():
    fixes = {"s-0": [fix(0, 0), LATER], "v-0": [fix(200, 0)]}
    assert told(duties_of(*ONE), fixes) == [(0, 0), (200, 0)]


def test_a_minute_in_which_only_one_was_seen_is_judged_by_the_last_place_of_the_other():
    fixes = {"s-0": [fix(0, 0), LATER], "v-0": [fix(50, 10), fix(70, 10)]}
    assert told(duties_of(*ONE), fixes) == [(50, 1), (70, 1)]


def test_the_older_the_other_place_the_less_it_says():
    near_limit = {"s-0": [fix(0, 0), LATER], "v-0": [fix(100, 150)]}
    assert told(duties_of(*ONE), near_limit)[-1] == (100, 0)
    assert told(duties_of(*ONE), {**near_limit, "v-0": [fix(1, 150)]})[-1] == (1, 1)


def test_an_order_that_is_over_is_not_broken():
    over = order("p-1", "s-0", "v-0", to_ms=START_MS)
    fixes = {"s-0": [fix(-30, 0), fix(30, 0), LATER], "v-0": [fix(-20, 0), fix(40, 0)]}
    assert told(duties_of(over), fixes) == [(-20, 1), (40, -1)]


def test_the_last_minute_is_not_judged_yet():
    assert told(duties_of(*ONE), {"s-0": [fix(0, 0)], "v-0": [fix(10, 0)]}) == []


def test_of_two_devices_at_one_time_the_more_accurate_counts():
    fixes = {"s-0": [fix(0, 0), LATER], "v-0": [fix(10, 5_000, 90.0), fix(10, 50, 5.0)]}
    assert told(duties_of(*ONE), fixes) == [(10, 1)]


people = ["s-0", "v-0", "s-1"]
THREE = (
    order("p-1", "s-0", "v-0"),
    order("p-2", "s-1", "v-0", distance_m=90.0, to_ms=START_MS + 5 * MINUTE_MS),
    order("p-3", "s-0", "s-1", distance_m=500.0),
)
fixes_of_somebody = st.tuples(
    st.sampled_from(people),
    st.integers(0, 9 * 60).map(float),
    st.sampled_from([0.0, 30.0, 80.0, 150.0, 250.0, 480.0, 900.0]),
    st.sampled_from([5.0, 20.0, 120.0]),
)
many = st.lists(fixes_of_somebody, max_size=25)


def by_person(rows):
    out = {}
    for who, *said in rows:
        out.setdefault(who, []).append(fix(*said))
    return out


def lines(found):
    return sorted(zip(*(getattr(found, name).tolist() for name in found.__slots__), strict=True))


@given(many)
@settings(deadline=None, max_examples=80)
def test_decisions_are_those_of_the_obvious_way(rows):
    duties, fixes = duties_of(*THREE), by_person(rows)
    found = no_contact(duties, seen_of(duties, fixes), TERMS)
    for number in range(3):
        mine = found.duty == number
        asked = (
            duties.people.keys[duties.first[number]],
            duties.people.keys[duties.second[number]],
            int(duties.distance_mm[number]),
            int(duties.from_ms[number]),
            int(duties.to_ms[number]),
        )
        pairs = zip(found.time_ms[mine].tolist(), found.decision[mine].tolist(), strict=True)
        assert list(pairs) == obvious(asked, fixes, **LIMITS)


@given(many, st.randoms(use_true_random=False), st.lists(st.integers(1, 6), max_size=8))
@settings(deadline=None, max_examples=80)
def test_batches_in_any_order_end_in_the_same_decisions(rows, random, sizes):
    duties = duties_of(*THREE)
    whole = seen_of(duties, by_person(rows))
    random.shuffle(rows)
    state, standing, arrived = fresh_state(duties), {}, []
    while rows:
        size = sizes.pop() if sizes else len(rows)
        batch, rows = rows[:size], rows[size:]
        arrived += batch
        state, found, late = advance(duties, state, seen_of(duties, by_person(batch)), TERMS)
        history = seen_of(duties, by_person(arrived))
        again = no_contact(duties, history, TERMS, to_bucket=state.judged)
        for line in lines(found):
            standing[line[0], line[1] // MINUTE_MS] = line
        for duty in late.tolist():
            standing = {key: line for key, line in standing.items() if key[0] != duty}
            standing |= {(n[0], n[1] // MINUTE_MS): n for n in lines(again) if n[0] == duty}
    assert sorted(standing.values()) == lines(no_contact(duties, whole, TERMS))


@given(many, many)
@settings(deadline=None, max_examples=40)
def test_a_later_directory_goes_on_where_the_earlier_was(first, then):
    before, after = duties_of(*THREE), duties_of(*reversed(THREE))
    after.people.of("s-9")
    state, _, _ = advance(before, fresh_state(before), seen_of(before, by_person(first)), TERMS)
    moved = moved_state(state, before, after)
    told = advance(before, state, seen_of(before, by_person(then)), TERMS)
    found = advance(after, moved, seen_of(after, by_person(then)), TERMS)
    for duties, (_, contacts, late) in ((before, told), (after, found)):
        contacts.duty[:] = [int(duties.questions[d].target[-1]) for d in contacts.duty.tolist()]
        late[:] = [int(duties.questions[d].target[-1]) for d in late.tolist()]
    assert lines(found[1]) == lines(told[1])
    assert sorted(found[2].tolist()) == sorted(told[2].tolist())


def test_an_order_that_is_gone_leaves_nothing_behind():
    before, after = duties_of(*ONE), duties_of()
    seen = seen_of(before, {"s-0": [fix(0, 0)]})
    state, _, _ = advance(before, fresh_state(before), seen, TERMS)
    moved = moved_state(state, before, after)
    assert len(moved.seen) == len(moved.judged) == 0


def test_what_is_carried_does_not_grow():
    duties = duties_of(*ONE)
    state = fresh_state(duties)
    for minute in range(500):
        fresh = seen_of(duties, {"s-0": [fix(60 * minute, 0)]})
        state, _, late = advance(duties, state, fresh, TERMS)
        assert not len(late)
        assert len(state.seen) <= 5


def test_the_explanation_has_the_numbers_of_the_record():
    limit = dict.fromkeys(NO_CONTACT.parameters, 0)
    record = {
        "confirmed_ms": START_MS + 120_000,
        "parameters": limit | {"violation_ppm": 950_000, "contact_stale_s": 180},
        "other": "v-7",
        "limit_m": 200.0,
        "reports": [
            {"distance_m": 40.2, "violation_ppm": 998_765},
            {"distance_m": 61.0, "violation_ppm": 999_999},
            {"distance_m": 300.0, "violation_ppm": 1_000},
        ],
    }
    words = NO_CONTACT.explain(Account(START_MS, None, json.loads(json.dumps(record))))
    for part in ("v-7", "40米至61米", "99.87%", "2个时段", "200米", "2026-11-22 10:00:00"):
        assert part in words.zh
    for part in ("v-7", "40 m to 61 m", "99.87%", "2 minutes", "200 m"):
        assert part in words.en
