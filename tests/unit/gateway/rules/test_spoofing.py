"""Spoofing: against an oracle, and in cases."""

from gateway.engine.rules.spoofing import SPOOFING
from tests.oracles.truth import spoofing
from tests.unit.gateway.rules.reporting import explained, judge, law, report


def perfect(first, count, *, step_m=100.0, from_m=0.0, **said):
    good = {"accuracy_m": 2.0, "satellites": 12, "speed_mps": 1.7} | said
    return [
        report(60 * k, seq=k, east_m=from_m + step_m * (k - first), **good)
        for k in range(first, first + count)
    ]


def spoofed(rows):
    return max(judge(SPOOFING, rows).decisions()) > 0


test_it_agrees_with_the_oracle_however_rows_are_cut = law(
    SPOOFING,
    spoofing,
    parameters={
        "spoofing_uniform_reports": 3,
        "spoofing_uniform_m": 100,
        "spoofing_disagreements": 2,
        "spoofing_still_mps": 5,
        "spoofing_unwalked_m": 100,
        "teleport_mps": 20,
    },
)


def test_a_jump_into_a_perfect_track_is_spoofed():
    found = judge(SPOOFING, [*perfect(0, 5), *perfect(5, 20, from_m=9_000.0)])
    assert max(found.decisions()) == 1
    assert found.facts() == {
        "uniform": True,
        "disagreement": False,
        "jump": True,
        "unwalked": False,
    }


def test_a_perfect_track_whose_speed_is_not_its_way_is_spoofed():
    rows = perfect(0, 30, step_m=2_000.0, speed_mps=0)
    assert judge(SPOOFING, rows).facts() == {
        "uniform": True,
        "disagreement": True,
        "jump": False,
        "unwalked": False,
    }


def test_a_perfect_track_at_walking_pace_without_a_step_is_spoofed():
    facts = judge(SPOOFING, perfect(0, 30, steps=700)).facts()
    assert facts["uniform"]
    assert facts["unwalked"]


def test_a_perfect_track_with_steps_and_a_ride_without_any_are_not():
    walk = [row | {"steps": 120 * k} for k, row in enumerate(perfect(0, 60))]
    assert not spoofed(walk)
    assert not spoofed(perfect(0, 60, step_m=400.0, speed_mps=7, steps=700))


def test_a_perfect_track_alone_is_not():
    assert not spoofed(perfect(0, 200))


def test_one_jump_alone_is_not():
    rows = [
        report(60 * k, seq=k, east_m=5_000.0 * (k > 5), accuracy_m=5 + k % 3, satellites=8)
        for k in range(20)
    ]
    assert not spoofed(rows)


def test_a_receiver_at_rest_that_repeats_itself_and_strays_once_is_not():
    rows = perfect(0, 60, step_m=0.0, speed_mps=0)
    rows[30] = report(1_800, seq=30, east_m=5_000.0, accuracy_m=2, satellites=7, speed_mps=0)
    assert not spoofed(rows)


def test_a_jump_after_a_gap_in_the_counters_is_no_sign():
    later = [row | {"seq": row["seq"] + 40} for row in perfect(5, 20, from_m=9_000.0)]
    assert not spoofed([*perfect(0, 5), *later])


def test_an_hour_without_a_sign_ends_it():
    rows = [*perfect(0, 5), *perfect(5, 20, from_m=9_000.0)]
    rows += [report(60 * k, east_m=0.0, accuracy_m=5 + k % 3) for k in range(25, 120)]
    decisions = judge(SPOOFING, rows).decisions()
    assert decisions[60] == 0
    assert decisions[-1] == -1


def test_words_name_the_signs_and_the_window():
    words = explained(SPOOFING, [*perfect(0, 5), *perfect(5, 20, from_m=9_000.0)])
    assert words.zh.startswith("60分钟内同时出现：移动中精度与卫星数长时间不变")
    assert "位置由缓行突变" in words.zh
    assert words.en.startswith("within 60 min: accuracy and satellites stay the same")
