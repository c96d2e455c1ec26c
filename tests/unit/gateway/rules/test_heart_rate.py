"""Pulse that calls for care."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_protocols.alarm import ALARM_BITS
from gateway.columns import ABSENT, ABSENT_8, ABSENT_16
from gateway.engine.account import Account
from gateway.engine.rules.heart_rate import HEART_RATE
from gateway.parameters import parameters_from
from tests.oracles.body import ScalarHeart
from tests.unit.gateway.rules.building import MINUTE_MS, START_MS, judge_in_cuts, row, same

LIMITS = dict(parameters_from({}))


def after_a_rest(**said):
    """Return the decision of a report a quarter of an hour after the last step."""
    worn = {"skin_contact": 1, "steps": 500}
    rows = [row(START_MS + n * MINUTE_MS, **worn) for n in range(15)]
    rows.append(row(START_MS + 15 * MINUTE_MS, **worn | said))
    return judge_in_cuts(HEART_RATE, [rows]).decisions()[-1]


@pytest.mark.parametrize(("bpm", "decision"), [(131, 1), (130, -1), (41, -1), (40, 1)])
def test_a_pulse_at_rest_calls_for_care_beyond_the_limits(bpm, decision):
    assert after_a_rest(heart_rate_bpm=bpm) == decision


@pytest.mark.parametrize("bpm", [0, 24, 231, ABSENT_16])
def test_an_implausible_pulse_says_nothing(bpm):
    assert after_a_rest(heart_rate_bpm=bpm) == 0


def test_a_high_pulse_after_steps_says_nothing():
    assert after_a_rest(heart_rate_bpm=150, steps=501) == 0


def test_a_pulse_off_the_skin_says_nothing():
    assert after_a_rest(heart_rate_bpm=150, skin_contact=0) == 0


@pytest.mark.parametrize(("speed", "decision"), [(100, 1), (1_400, 0), (ABSENT, 0)])
def test_without_a_step_counter_speed_tells_rest(speed, decision):
    rows = [row(START_MS, heart_rate_bpm=150, speed_mmps=speed)]
    assert judge_in_cuts(HEART_RATE, [rows]).decisions() == [decision]


def test_the_device_may_judge_the_pulse_itself():
    rows = [row(START_MS, alarms=ALARM_BITS["heart_rate"])]
    found = judge_in_cuts(HEART_RATE, [rows])
    assert found.decisions() == [1]
    assert HEART_RATE.explain(Account(START_MS, None, {"facts": found.facts()})).zh


def test_the_explanation_tells_the_reading_and_the_limit():
    evidence = {"facts": {"heart_rate_bpm": 141, "since_steps_s": 720}, "parameters": LIMITS}
    words = HEART_RATE.explain(Account(START_MS, None, evidence))
    assert "141" in words.zh
    assert "131" in words.zh
    assert "12分" in words.zh
    assert "141" in words.en
    assert "12 min" in words.en


def test_it_is_care_and_minor():
    assert (HEART_RATE.category, HEART_RATE.severity) == ("care", "minor")


REPORT = st.fixed_dictionaries(
    {
        "gap_ms": st.sampled_from([1, 60_000, 600_000, 600_001]),
        "steps": st.sampled_from([ABSENT, 0, 0, 7]),
        "skin_contact": st.sampled_from([ABSENT_8, 0, 1]),
        "heart_rate_bpm": st.sampled_from([ABSENT_16, 0, 40, 41, 130, 131, 231]),
        "speed_mmps": st.sampled_from([ABSENT, 499, 500]),
        "alarms": st.sampled_from([0, 0, ALARM_BITS["heart_rate"]]),
    }
)


def reports(drawn):
    time_ms, rows = START_MS, []
    for one in drawn:
        said = dict(one)
        time_ms += said.pop("gap_ms")
        rows.append(row(time_ms, **said))
    return rows


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(REPORT, min_size=1, max_size=20), min_size=1, max_size=3),
    st.sets(st.integers(1, 19)),
)
def test_it_judges_as_the_slow_oracle_in_any_cut(drawn, cuts):
    rows = [reports(of_wearer) for of_wearer in drawn]
    longest = max(map(len, rows))
    within = sorted(cut for cut in cuts if cut < longest)
    found = judge_in_cuts(HEART_RATE, rows, within)
    for wearer, of_wearer in enumerate(rows):
        oracle = ScalarHeart()
        assert found.decisions(wearer) == [oracle.feed(one) for one in of_wearer]
    assert same(found, judge_in_cuts(HEART_RATE, rows))
