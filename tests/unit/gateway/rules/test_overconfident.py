"""Overconfident: against an oracle, and in cases."""

import pytest

from gateway.engine.rules.overconfident import OVERCONFIDENT
from tests.oracles.truth import overconfident
from tests.unit.gateway.rules.reporting import explained, judge, law, report
from tests.unit.gateway.test_field_cases import TRACELET_294

LIMIT = 6


def violations(rows):
    return sum(decision > 0 for decision in judge(OVERCONFIDENT, rows).decisions())


def scatter(count, claim_m, **said):
    return [
        report(60 * k, east_m=100.0 * (k * 7 % 4), accuracy_m=claim_m, **said) for k in range(count)
    ]


test_it_agrees_with_the_oracle_however_rows_are_cut = law(OVERCONFIDENT, overconfident)


def test_scatter_of_hundreds_of_metres_while_it_says_that_it_stands_refutes_two_metres():
    assert violations(scatter(12, 1.9, speed_mps=0)) >= LIMIT


def test_the_same_scatter_under_an_honest_claim_refutes_nothing():
    assert violations(scatter(12, 100, speed_mps=0)) == 0


def test_the_same_places_while_it_walks_or_drives_refute_nothing():
    assert violations(scatter(12, 1.9, speed_mps=5)) == 0
    walk = [row | {"steps": 100 * k} for k, row in enumerate(scatter(12, 1.9, speed_mps=0))]
    assert violations(walk) == 0


def test_a_jam_in_which_a_car_often_stands_is_broken_by_its_motion():
    rows = [
        report(60 * k, east_m=120.0 * k, accuracy_m=3, speed_mps=0 if k % 3 else 4)
        for k in range(60)
    ]
    decisions = judge(OVERCONFIDENT, rows).decisions()
    between = "".join("+" if d > 0 else "-" if d < 0 else "" for d in decisions).split("-")
    assert max(map(len, between)) < LIMIT


def test_the_published_jumps_of_200_m_at_a_claimed_1_9_m_are_seen_and_stay_below_the_limit():
    rows = [report(s, east_m=place, accuracy_m=claim) for s, place, claim in TRACELET_294]
    assert 3 <= violations(rows) < LIMIT


def test_the_published_jumps_twice_over_refute_the_receiver():
    rows = [
        report(s + again, east_m=place, accuracy_m=claim)
        for again in (0, 1_200)
        for s, place, claim in TRACELET_294
    ]
    assert violations(rows) >= LIMIT


def test_a_device_that_claims_no_accuracy_is_not_judged():
    rows = [report(60 * k, east_m=300.0 * (k % 2), speed_mps=0) for k in range(12)]
    assert violations(rows) == 0


def test_somebody_who_cycles_out_and_back_is_not_judged_by_a_device_without_speed():
    rows = [report(60 * k, east_m=300.0 * (k % 2), accuracy_m=5) for k in range(12)]
    assert violations(rows) == 0


def test_words_tell_distance_and_both_claims():
    rows = [report(60 * k, east_m=200.0 * k, accuracy_m=1.9, speed_mps=0) for k in range(2)]
    words = explained(OVERCONFIDENT, rows)
    assert "至少6次；最近一次1分1秒内相距200米，而自报精度为1.9米和1.9米" in words.zh
    assert "lie 200 m apart within 1 min 1 s at claims of 1.9 m and 1.9 m" in words.en
    assert "at most 30 m" in words.en


def test_a_leap_to_a_far_better_claim_refutes_the_claims_that_follow():
    rows = [report(60 * k, east_m=0, accuracy_m=20, speed_mps=0) for k in range(3)]
    rows += [report(60 * k, east_m=250, accuracy_m=1.9, speed_mps=0) for k in range(3, 10)]
    rows += [report(60 * k, east_m=0, accuracy_m=20, speed_mps=0) for k in range(10, 12)]
    found = judge(OVERCONFIDENT, rows).decisions()
    assert [k for k, said in enumerate(found) if said > 0] == [*range(3, 11)]
    assert "1/3" in explained(OVERCONFIDENT, rows).en


@pytest.mark.parametrize(
    "better",
    [
        {"speed_mps": 6.0},  # it drove there
        {"accuracy_m": 8.0},  # an ordinary claim
    ],
)
def test_a_leap_that_speed_explains_or_that_claims_nothing_refutes_nothing(better):
    rows = [report(0, east_m=0, accuracy_m=20, speed_mps=0)]
    said = {"accuracy_m": 1.9, "speed_mps": 0.0} | better
    rows += [report(60 * k, east_m=250, **said) for k in range(1, 9)]
    assert violations(rows) <= 1


def test_coming_out_of_a_metro_into_the_open_refutes_nothing():
    rows = [report(0, east_m=0, accuracy_m=20, speed_mps=0), report(60), report(120)]
    rows += [report(180 + 60 * k, east_m=2_000, accuracy_m=4, speed_mps=1.3) for k in range(9)]
    assert violations(rows) == 0
