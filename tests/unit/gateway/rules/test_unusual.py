"""Places that are unusual for one person at a time of day."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.columns import ABSENT
from gateway.engine.account import Account
from gateway.engine.rules.unusual import UNUSUAL
from gateway.parameters import parameters_from
from tests.oracles.unusual import ScalarUnusual
from tests.unit.gateway.rules.building import DAY_MS, HOUR_MS, START_MS, judge_in_cuts, row, same

MIDNIGHT_MS = START_MS - 10 * HOUR_MS + DAY_MS
"""The Monday after the builder's Sunday, 0:00 in Beijing."""

QUARTER_MS = HOUR_MS // 4
HOME = (1_201_000_000, 302_000_000)
WORK = (1_201_800_000, 302_300_000)  # 8.4 km away
MARKET = (1_201_100_000, 302_100_000)  # 1.5 km
FAR_OFF = (1_203_000_000, 303_000_000)  # 22 km
FARTHER = (1_199_000_000, 301_000_000)


def usual_place(day, hour):
    """Return where an ordinary person is."""
    if day % 7 < 5 and 9 <= hour < 18:
        return WORK
    return MARKET if hour == 19 else HOME


def life(days, strange=(), seed=1, place=usual_place):
    """Return a report every quarter of an hour.

    Args:
        days: How many, from a Monday.
        strange: (begin, end, place): hours since the first midnight.
        seed: Of the noise.
        place: Function of (day, hour).
    """
    noise = random.Random(seed)  # noqa: S311 - noise
    rows = []
    for number in range(days * 96):
        hour = number / 4
        lon, lat = place(number // 96, hour % 24)
        for begin, end, elsewhere in strange:
            if begin <= hour < end:
                lon, lat = elsewhere
        at = (lon + round(noise.gauss(0, 300)), lat + round(noise.gauss(0, 300)))
        rows.append(
            row(MIDNIGHT_MS + number * QUARTER_MS, lon_e7=at[0], lat_e7=at[1], accuracy_mm=12_000)
        )
    return rows


def told_at(rows):
    """Return the hours since the first midnight at which a notice begins."""
    decisions = judge_in_cuts(UNUSUAL, [rows]).decisions()
    begun, standing = [], False
    for number, decision in enumerate(decisions):
        if decision > 0 and not standing:
            begun.append(number / 4)
        standing = decision > 0 or (standing and decision == 0)
    return begun


def test_a_night_in_another_district_is_told_once_after_two_hours():
    night = (20 * 24 + 22, 21 * 24 + 6, FAR_OFF)
    assert told_at(life(22, [night])) == [21 * 24]


def test_seven_weeks_of_routine_are_silent():
    assert told_at(life(49)) == []


def test_the_first_fortnight_is_silent():
    night = (12 * 24 + 22, 13 * 24 + 6, FAR_OFF)
    assert told_at(life(14, [night])) == []


def test_a_way_of_an_hour_and_a_half_is_silent():
    assert told_at(life(24, [(20 * 24 + 7, 20 * 24 + 8.5, FAR_OFF)])) == []


def test_a_place_within_a_walk_is_silent():
    assert told_at(life(24, [(20 * 24 + 20, 21 * 24 + 6, MARKET)])) == []


def test_a_night_at_work_is_told_though_the_place_is_known():
    assert told_at(life(24, [(21 * 24, 21 * 24 + 6, WORK)])) == [21 * 24 + 2]


def test_two_outings_on_one_day_are_one_notice():
    first, second = (21 * 24 + 9, 21 * 24 + 12), (21 * 24 + 14, 21 * 24 + 18)
    assert len(told_at(life(23, [(*first, FAR_OFF), (*second, FARTHER)]))) == 1


def test_the_second_outing_of_a_day_is_told_when_it_goes_on_the_next():
    first, second = (21 * 24 + 9, 21 * 24 + 12), (21 * 24 + 19, 22 * 24 + 7)
    rows = life(24, [(*first, FAR_OFF), (*second, FARTHER)])
    assert told_at(rows) == [21 * 24 + 11, 22 * 24]


def test_a_journey_of_three_days_is_one_notice():
    assert len(told_at(life(26, [(21 * 24 + 10, 24 * 24, FAR_OFF)]))) == 1


def test_who_is_elsewhere_every_weekend_is_told_nothing_about_weekends():
    outings = random.Random(3)  # noqa: S311 - noise

    def roaming(day, hour):
        if day % 7 >= 5 and 9 <= hour < 20:
            outings.seed(day)
            return (HOME[0] + outings.randint(-9, 9) * 500_000, HOME[1] + 900_000)
        return usual_place(day, hour)

    assert told_at(life(49, place=roaming)) == []


def test_a_removal_is_told_and_then_forgotten():
    def moved(day, hour):
        if day >= 28:
            return FAR_OFF
        return usual_place(day, hour)

    begun = told_at(life(63, place=moved))
    assert begun[0] == 28 * 24 + 2
    assert all(hour < 42 * 24 for hour in begun)
    decisions = judge_in_cuts(UNUSUAL, [life(63, place=moved)]).decisions()
    assert set(decisions[-96:]) == {-1}


def told_with_leave(rows, begin_h, end_h):
    leave = (MIDNIGHT_MS + round(begin_h * HOUR_MS), MIDNIGHT_MS + round(end_h * HOUR_MS))
    return judge_in_cuts(UNUSUAL, [rows], leaves=[leave]).decisions()


def test_an_approved_leave_is_nothing_unusual():
    rows = life(26, [(21 * 24 + 10, 24 * 24, FAR_OFF)])
    assert 1 not in told_with_leave(rows, 21 * 24 + 10, 24 * 24)


def test_who_stays_on_after_a_leave_is_told_two_hours_after_its_end():
    rows = life(26, [(21 * 24 + 10, 24 * 24 + 12, FAR_OFF)])
    assert told_with_leave(rows, 21 * 24 + 10, 24 * 24).index(1) == (24 * 24 + 2) * 4


def test_where_a_leave_leads_does_not_become_usual():
    rows = life(42, [(21 * 24, 31 * 24, FAR_OFF), (39 * 24 + 20, 40 * 24 + 6, FAR_OFF)])
    assert 1 in told_with_leave(rows, 21 * 24, 31 * 24)[39 * 96 :]


def test_a_coarse_fix_says_nothing():
    rows = life(21)
    rows[-1] = rows[-1] | {"lon_e7": FAR_OFF[0], "accuracy_mm": 300_001}
    rows.append(row(rows[-1]["fix_time_ms"] + 1))
    assert judge_in_cuts(UNUSUAL, [rows]).decisions()[-2:] == [0, 0]


def test_the_facts_count_the_days_and_measure_the_distance():
    facts = judge_in_cuts(UNUSUAL, [life(22, [(21 * 24, 22 * 24, FAR_OFF)])]).facts()
    assert facts["distance_mm"] == pytest.approx(22_200_000, rel=0.02)
    assert facts["is_weekend"] == 0
    assert facts["like_days"] == 15
    assert facts["usual_days"] in (13, 14, 15)
    assert facts["away_s"] == 7_200


def test_the_explanation_has_its_numbers_from_the_record():
    facts = judge_in_cuts(UNUSUAL, [life(22, [(21 * 24, 22 * 24, FAR_OFF)])]).facts()
    evidence = {"facts": facts, "parameters": dict(parameters_from({}))}
    words = UNUSUAL.explain(Account(START_MS, None, evidence))
    assert "2小时" in words.zh
    assert f"{facts['distance_mm'] / 1e6:.1f}公里" in words.zh
    assert "工作日" in words.zh
    assert f"{facts['distance_mm'] / 1e6:.1f} km" in words.en
    assert f"of {facts['like_days']} workdays" in words.en


def test_what_it_keeps_fits_in_three_hundred_bytes():
    size = sum(np.dtype(kept.dtype).itemsize * kept.width for kept in UNUSUAL.carry.values())
    assert size <= 300


PLACES = [HOME, (HOME[0] + 40_000, HOME[1]), WORK, FAR_OFF, FARTHER, MARKET, None]
PLACES += [(HOME[0] + n * 700_000, HOME[1]) for n in range(3, 9)]
SMALL = {
    "unusual_history_days": 7,
    "unusual_regular_days": 2,
    "unusual_regular_pct": 50,
    "unusual_s": 3_600,
}


def wanderings(seed, steps, coarse):
    """Return a life of habits with exceptions, gaps and bad fixes."""
    noise = random.Random(seed)  # noqa: S311 - noise
    hours = [0.3, 1.0, 2.5, 2.5, 3.0, 3.0, 26.0, 24.0 * 20] if coarse else [0.3, 1.0, 2.5, 3.0]
    time_ms, rows, stay, at = MIDNIGHT_MS, [], 0, None
    for _ in range(steps):
        weights = [8 if gap < 20 else 0.05 for gap in hours]
        time_ms += round(noise.choices(hours, weights)[0] * HOUR_MS) + noise.randint(0, 1)
        favoured = 0 if time_ms % DAY_MS < DAY_MS / 2 else 2
        stay -= 1
        if stay < 0:
            is_strange = noise.random() < 0.2
            stay = noise.randint(1, 4) if is_strange else 0
            at = noise.choice(PLACES) if is_strange else PLACES[favoured]
        said = {"accuracy_mm": noise.choice([ABSENT, 5_000, 5_000, 301_000])}
        if at is not None:
            said |= {"lon_e7": at[0], "lat_e7": at[1]}
        rows.append(row(time_ms, **said))
    return rows


@settings(max_examples=20, deadline=None)
@given(
    st.integers(0, 10_000),
    st.booleans(),
    st.sets(st.integers(1, 239), max_size=12),
    st.sampled_from([(), ((9, 11), (14, 14.5))]),
)
def test_it_judges_as_the_slow_oracle_in_any_cut(seed, coarse, cuts, days_away):
    rows = [wanderings(seed + n, 240 - 80 * n, coarse) for n in range(2)]
    leaves = [tuple(round(MIDNIGHT_MS + day * DAY_MS) for day in one) for one in days_away]
    options = {"parameters": SMALL, "leaves": leaves}
    found = judge_in_cuts(UNUSUAL, rows, **options)
    assert same(found, judge_in_cuts(UNUSUAL, rows, sorted(cuts), **options))
    for wearer, of_wearer in enumerate(rows):
        oracle = ScalarUnusual(leaves, **SMALL)
        for (decision, facts), one in zip(found.rows[wearer], of_wearer, strict=True):
            expected, told = oracle.feed(one)
            assert decision == expected
            if told is not None:
                assert {name: facts[name] for name in told} == told


def test_the_wanderings_have_violations_to_compare():
    rows = [wanderings(seed, 300, coarse=False) for seed in range(5)]
    found = judge_in_cuts(UNUSUAL, rows, parameters=SMALL)
    assert sum(1 in found.decisions(wearer) for wearer in range(5)) >= 3


def test_one_by_one_gives_the_same():
    rows = [life(18, [(17 * 24, 18 * 24, FAR_OFF)])]
    small = SMALL | {"unusual_regular_days": 4}
    whole = judge_in_cuts(UNUSUAL, rows, parameters=small)
    pieces = judge_in_cuts(UNUSUAL, rows, range(1, len(rows[0])), parameters=small)
    assert 1 in whole.decisions()
    assert same(whole, pieces)
