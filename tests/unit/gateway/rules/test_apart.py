"""Person and device apart: what is found, what stays silent."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_protocols.alarm import ALARM_BITS
from gateway.columns import ABSENT, ABSENT_8, ABSENT_16
from gateway.engine.account import Account
from gateway.engine.rules.apart import APART
from tests.oracles.apart import ScalarApart
from tests.unit.gateway.rules.building import (
    DAY_MS,
    HOUR_MS,
    MINUTE_MS,
    START_MS,
    judge_in_cuts,
    row,
    same,
)

HOME_E7 = (1_201_000_000, 302_000_000)
MIDNIGHT_MS = START_MS - 10 * HOUR_MS
EVERYTHING = ("steps", "skin_contact", "heart_rate_bpm", "skin_temperature_cc")


class Day:
    """A wristband's reports, hour by hour; what the person does moves its sensors."""

    def __init__(self, sensors=EVERYTHING, seed=1):
        self.sensors, self.random, self.rows = sensors, random.Random(seed), []  # noqa: S311 - noise
        self.steps, self.time_ms, self.place = 4_000, MIDNIGHT_MS, HOME_E7

    def _add(self, minutes, alarms, state):
        for _ in range(round(minutes)):
            said = state()
            jitter = [round(self.random.gauss(0, 80)) for _ in "xy"]
            self.rows.append(
                row(
                    self.time_ms,
                    seq=len(self.rows),
                    alarms=alarms,
                    lon_e7=self.place[0] + jitter[0],
                    lat_e7=self.place[1] + jitter[1],
                    accuracy_mm=8_000,
                    **{name: value for name, value in said.items() if name in self.sensors},
                )
            )
            self.time_ms += MINUTE_MS
        return self

    def worn(self, hours, walks=0.0, pulse=70):
        """Be worn; `walks` is the share of minutes with steps."""

        def state():
            if self.random.random() < walks:
                self.steps += self.random.randint(20, 90)
            return {
                "steps": self.steps,
                "skin_contact": 1,
                "heart_rate_bpm": pulse + self.random.randint(-4, 4),
                "skin_temperature_cc": 3_250 + self.random.randint(-60, 60),
            }

        return self._add(hours * 60, 0, state)

    def left(self, hours, alarms=0, skin=0, pulse=0, cc=2_250):
        """Lie somewhere, not worn."""

        def state():
            return {
                "steps": self.steps,
                "skin_contact": skin,
                "heart_rate_bpm": pulse,
                "skin_temperature_cc": cc + self.random.randint(-20, 20),
            }

        return self._add(hours * 60, alarms, state)

    def dark(self, hours):
        """Send nothing."""
        self.time_ms += round(hours * HOUR_MS)
        return self

    def ride(self, minutes):
        """Go on worn and without steps, 10 m/s northwards."""
        for _ in range(minutes):
            self.place = (self.place[0], self.place[1] + 54_000)
            self.worn(1 / 60)
        return self

    def ordinary(self):
        """Sleep, a working day, an evening."""
        return self.worn(7).worn(11, walks=0.2).worn(5, walks=0.05).worn(1)

    def found_after_h(self, left_ms):
        decisions = judge_in_cuts(APART, [self.rows]).decisions()
        first = next((n for n, decision in enumerate(decisions) if decision > 0), None)
        return None if first is None else (self.rows[first]["fix_time_ms"] - left_ms) / HOUR_MS


def left_at(hour, sensors=EVERYTHING, **how):
    day = Day(sensors).ordinary().worn(min(hour, 7)).worn(hour - min(hour, 7), walks=0.1)
    begin_ms = day.time_ms
    return day.left(30, **how).found_after_h(begin_ms)


@pytest.mark.parametrize("hour", [8, 13, 18, 20, 22, 23])
def test_a_watch_left_at_home_is_found_within_twelve_hours(hour):
    found_h = left_at(hour)
    assert found_h is not None
    assert 3 < found_h < 12


@pytest.mark.parametrize(
    "sensors",
    [
        ("steps", "skin_contact"),
        ("steps", "heart_rate_bpm"),
        ("skin_contact", "heart_rate_bpm"),
        ("steps", "skin_contact", "heart_rate_bpm"),
    ],
    ids="+".join,
)
def test_with_two_sensors_it_is_found_within_twelve_hours_of_the_morning(sensors):
    found_h = left_at(8, sensors)
    assert found_h is not None
    assert found_h < 12


def test_with_a_step_counter_alone_it_takes_more_than_a_day_but_not_a_week():
    found_h = left_at(8, ("steps",))
    assert found_h is not None
    assert 24 < found_h < 48


def test_a_pulse_that_repeats_one_number_is_no_pulse():
    found_h = left_at(8, pulse=71)
    assert found_h is not None
    assert found_h < 12


def test_foil_under_the_skin_sensor_does_not_hide_it_for_a_day():
    found_h = left_at(8, skin=1)
    assert found_h is not None
    assert found_h < 18


def test_in_a_hot_room_it_is_found_without_the_temperature():
    found_h = left_at(8, cc=3_100)
    assert found_h is not None
    assert found_h < 12


def test_a_watch_on_its_charger_for_days_is_found():
    found_h = left_at(8, alarms=ALARM_BITS["charging"])
    assert found_h is not None
    assert found_h < 12


@pytest.mark.parametrize("sensors", [EVERYTHING, ("steps",), ("steps", "skin_contact"), ()])
def test_ordinary_days_stay_silent(sensors):
    day = Day(sensors).ordinary().ordinary().ordinary()
    assert day.found_after_h(MIDNIGHT_MS) is None


def test_deep_sleep_stays_silent():
    day = Day().ordinary().worn(10, pulse=48).worn(2, walks=0.1)
    assert day.found_after_h(MIDNIGHT_MS) is None


@pytest.mark.parametrize("sensors", [EVERYTHING, ("steps",)])
def test_a_day_sick_in_bed_stays_silent(sensors):
    # Without a single step from one evening to the morning after next.
    day = Day(sensors).ordinary().worn(32, pulse=88).worn(2, walks=0.1)
    assert day.found_after_h(MIDNIGHT_MS) is None


@pytest.mark.parametrize("alarms", [0, ALARM_BITS["charging"]], ids=["unsaid", "said"])
def test_an_hour_on_the_charger_stays_silent(alarms):
    day = Day().ordinary().worn(7).worn(2, walks=0.1).left(1, alarms).worn(3, walks=0.1)
    assert day.found_after_h(MIDNIGHT_MS) is None


def test_three_hours_beside_the_bed_stay_silent():
    day = Day().ordinary().worn(22, walks=0.1).left(3).worn(6).worn(2, walks=0.1)
    assert day.found_after_h(MIDNIGHT_MS) is None


def test_a_night_with_a_loose_strap_stays_silent():
    # Off the skin and without a pulse, but as warm as a bed, and put right when getting up.
    day = Day().ordinary().worn(22, walks=0.1).left(8.5, cc=3_300).worn(3, walks=0.1)
    assert day.found_after_h(MIDNIGHT_MS) is None


def test_a_dead_battery_is_no_sign():
    day = Day().ordinary().worn(9, walks=0.1).left(1).dark(14).worn(5, walks=0.1)
    assert day.found_after_h(MIDNIGHT_MS) is None


def test_a_driver_who_takes_no_step_all_day_stays_silent():
    day = Day(("steps",)).ordinary().worn(7).worn(1, walks=0.2)
    assert day.ride(300).worn(0.5, walks=0.2).ride(300).found_after_h(MIDNIGHT_MS) is None


def test_a_carried_watch_off_the_skin_stays_silent():
    # In the pocket: no skin, no pulse, cold, but it walks.
    day = Day().ordinary().worn(7)
    for _ in range(14):
        day.left(0.9).steps += 300
    assert day.found_after_h(MIDNIGHT_MS) is None


def test_a_sensor_that_never_showed_the_person_accuses_nobody():
    silent = {"steps": 0, "skin_contact": 0, "heart_rate_bpm": 0, "skin_temperature_cc": 0}
    rows = [
        row(MIDNIGHT_MS + n * MINUTE_MS, lon_e7=HOME_E7[0], lat_e7=HOME_E7[1], **silent)
        for n in range(3 * 24 * 60)
    ]
    assert set(judge_in_cuts(APART, [rows]).decisions()) == {0}


def test_a_watch_that_is_put_on_again_counts_as_together():
    day = Day().ordinary().worn(8).left(12)
    assert judge_in_cuts(APART, [day.rows]).decisions()[-1] == 1
    day.worn(0.5, walks=0.5)
    assert judge_in_cuts(APART, [day.rows]).decisions()[-1] == -1


def test_a_dead_battery_does_not_end_the_alert():
    day = Day().ordinary().worn(8).left(12).dark(10).left(1)
    decisions = judge_in_cuts(APART, [day.rows]).decisions()
    assert 1 in decisions
    assert -1 not in decisions[decisions.index(1) :]


def test_a_jump_of_the_receiver_does_not_hide_it():
    day = Day().ordinary().worn(8, walks=0.1)
    begin_ms, honest = day.time_ms, day.place
    for _ in range(12):
        day.left(0.95)
        day.place = (honest[0], honest[1] + 18_000)  # 200 m
        day.left(0.05)
        day.place = honest
    found_h = day.found_after_h(begin_ms)
    assert found_h is not None
    assert found_h < 12


def test_the_explanation_tells_every_sign_from_the_record():
    day = Day().ordinary().worn(8, walks=0.3).left(12)
    facts = judge_in_cuts(APART, [day.rows]).facts()
    evidence = {
        "facts": facts,
        "parameters": {
            "apart_raise_mnat": 2_200,
            "apart_prior_mnat": -6_900,
            "apart_wear_most_mnat": 9_500,
        },
    }
    words = APART.explain(Account(START_MS, None, evidence))
    percent = f"{facts['probability_ppm'] / 10_000:.1f}%"
    for text in words:
        assert percent in text
        for name in ("motion", "place", "skin", "pulse", "temperature"):
            assert f"{facts[f'contribution_{name}_mnat'] / 1_000:+.2f}" in text
    assert "人" in words.zh
    assert words.en.isascii()


def test_contributions_add_up_to_the_probability():
    facts = judge_in_cuts(APART, [Day().ordinary().worn(8).left(12).rows]).facts()
    parts = [facts[f"contribution_{name}_mnat"] for name in ("motion", "place", "charging")]
    assert facts["log_odds_mnat"] == -6_900 + sum(parts) + facts["wear_mnat"]
    assert facts["probability_ppm"] >= 900_000


REPORT = st.fixed_dictionaries(
    {
        "gap_ms": st.sampled_from([1, 60_000, 1_200_000, 3_600_000, 7_200_000, 7_200_001, DAY_MS]),
        "steps": st.sampled_from([ABSENT, 0, 1, 4, 500]),
        "skin_contact": st.sampled_from([ABSENT_8, 0, 0, 1]),
        "heart_rate_bpm": st.sampled_from([ABSENT_16, 0, 24, 70, 71]),
        "skin_temperature_cc": st.sampled_from([ABSENT, 2_000, 2_800]),
        "alarms": st.sampled_from([0, ALARM_BITS["charging"]]),
        "place": st.sampled_from([None, (0, 0), (0, 0), (0, 40_000), (40_000, 0)]),
        "accuracy_mm": st.sampled_from([ABSENT, 5_000]),
    }
)


def reports(drawn):
    time_ms, rows = START_MS, []
    for one in drawn:
        said = dict(one)
        time_ms += said.pop("gap_ms")
        place = said.pop("place")
        if place is not None:
            said |= {"lon_e7": HOME_E7[0] + place[0], "lat_e7": HOME_E7[1] + place[1]}
        rows.append(row(time_ms, **said))
    return rows


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(REPORT, min_size=1, max_size=40), min_size=1, max_size=3))
def test_it_judges_as_the_slow_oracle(drawn):
    rows = [reports(of_wearer) for of_wearer in drawn]
    # A low threshold, so that violations are drawn at all.
    overrides = {"apart_raise_mnat": 500, "apart_clear_mnat": -3_000, "apart_prior_mnat": -1_000}
    found = judge_in_cuts(APART, rows, parameters=overrides)
    for wearer, of_wearer in enumerate(rows):
        oracle = ScalarApart(**overrides)
        for (decision, facts), one in zip(found.rows[wearer], of_wearer, strict=True):
            expected, total, signs = oracle.feed(one)
            assert decision == expected
            if facts is not None:
                assert facts["log_odds_mnat"] == total
                assert {name: facts[f"contribution_{name}_mnat"] for name in signs} == signs


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(REPORT, min_size=1, max_size=30), min_size=1, max_size=3),
    st.sets(st.integers(1, 29)),
)
def test_any_cut_gives_the_same(drawn, cuts):
    rows = [reports(of_wearer) for of_wearer in drawn]
    longest = max(map(len, rows))
    within = sorted(cut for cut in cuts if cut < longest)
    low = {"apart_raise_mnat": 500, "apart_clear_mnat": -3_000, "apart_prior_mnat": -1_000}
    whole = judge_in_cuts(APART, rows, parameters=low)
    assert same(whole, judge_in_cuts(APART, rows, within, parameters=low))
