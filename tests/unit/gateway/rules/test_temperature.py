"""Skin temperature that calls for care."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.columns import ABSENT, ABSENT_8, ABSENT_16
from gateway.engine.account import Account
from gateway.engine.rules.temperature import TEMPERATURE
from gateway.parameters import parameters_from
from tests.oracles.body import temperature_decision
from tests.unit.gateway.rules.building import START_MS, judge_in_cuts, row, same

LIMITS = dict(parameters_from({}))


@pytest.mark.parametrize(
    ("cc", "decision"),
    [
        *((3_620, 1), (3_619, 0), (3_580, 0), (3_579, -1)),
        *((2_001, -1), (2_000, 1), (4_501, 0), (ABSENT, 0)),
    ],
)
def test_skin_temperature_calls_for_care_beyond_the_limits(cc, decision):
    rows = [row(START_MS, skin_contact=1, heart_rate_bpm=60, skin_temperature_cc=cc)]
    assert judge_in_cuts(TEMPERATURE, [rows]).decisions() == [decision]


@pytest.mark.parametrize(
    ("skin", "bpm", "decision"),
    [(1, ABSENT_16, 1), (ABSENT_8, 70, 1), (ABSENT_8, 0, 0), (0, 70, 0)],
)
def test_a_hot_device_that_nobody_is_seen_to_wear_says_nothing(skin, bpm, decision):
    said = {"skin_contact": skin, "heart_rate_bpm": bpm, "skin_temperature_cc": 3_900}
    assert judge_in_cuts(TEMPERATURE, [[row(START_MS, **said)]]).decisions() == [decision]


def test_a_covered_sensor_in_a_cold_room_is_no_cold_person():
    rows = [row(START_MS, skin_contact=1, heart_rate_bpm=0, skin_temperature_cc=1_900)]
    assert judge_in_cuts(TEMPERATURE, [rows]).decisions() == [0]


def test_the_explanation_tells_the_reading_and_the_limit():
    evidence = {"facts": {"skin_temperature_cc": 1_850}, "parameters": LIMITS}
    words = TEMPERATURE.explain(Account(START_MS, None, evidence))
    assert "18.5" in words.zh
    assert "20.0" in words.zh
    assert "18.5" in words.en
    assert "20.0" in words.en


def test_it_is_care_and_minor():
    assert (TEMPERATURE.category, TEMPERATURE.severity) == ("care", "minor")


REPORT = st.fixed_dictionaries(
    {
        "skin_contact": st.sampled_from([ABSENT_8, 0, 1]),
        "heart_rate_bpm": st.sampled_from([ABSENT_16, 0, 24, 25]),
        "skin_temperature_cc": st.sampled_from([ABSENT, -1, 2_000, 2_001, 3_600, 3_620, 4_501]),
    }
)


@settings(max_examples=60, deadline=None)
@given(st.lists(REPORT, min_size=1, max_size=20), st.sets(st.integers(1, 19)))
def test_it_judges_as_the_slow_oracle_in_any_cut(drawn, cuts):
    rows = [[row(START_MS + n * 1_000, **said) for n, said in enumerate(drawn)]]
    within = sorted(cut for cut in cuts if cut < len(drawn))
    found = judge_in_cuts(TEMPERATURE, rows, within)
    assert found.decisions() == [temperature_decision(one) for one in rows[0]]
    assert same(found, judge_in_cuts(TEMPERATURE, rows))
