"""Critical battery: against an oracle, and in cases."""

import pytest

from gateway.engine.rules.critical_battery import CRITICAL_BATTERY
from tests.oracles.condition import critical_battery
from tests.unit.gateway.rules.reporting import explained, judge, law, report

MINUTE = 60
HOUR = 3_600


def draining(first_pct, pct_per_h, hours, **said):
    return [
        report(MINUTE * k, battery_pct=round(first_pct - pct_per_h * k / 60), **said)
        for k in range(int(60 * hours))
    ]


def first_violation(rows):
    decisions = judge(CRITICAL_BATTERY, rows).decisions()
    return next((row["battery_pct"] for row, d in zip(rows, decisions, strict=True) if d > 0), None)


test_it_agrees_with_the_oracle_however_rows_are_cut = law(CRITICAL_BATTERY, critical_battery)


def test_a_slow_drain_is_critical_at_ten_per_cent():
    assert first_violation(draining(60, 2.5, 22)) == 10


def test_a_fast_drain_is_critical_before_that():
    assert first_violation(draining(60, 24, 2.4)) == 20


def test_a_fast_drain_of_a_full_battery_is_not_yet():
    assert first_violation(draining(100, 24, 3)) is None


def test_a_device_on_its_charger_is_left_alone():
    rows = [report(MINUTE * k, battery_pct=3 + k, alarms=["charging"]) for k in range(20)]
    assert max(judge(CRITICAL_BATTERY, rows).decisions()) <= 0


def test_between_the_two_limits_it_cannot_tell():
    assert judge(CRITICAL_BATTERY, [report(0, battery_pct=12)]).decisions() == [0]


def test_a_report_without_charge_cannot_tell():
    assert judge(CRITICAL_BATTERY, [report(0)]).decisions() == [0]


def test_the_estimate_is_the_time_to_empty():
    rows = draining(60, 12, 5)
    facts = judge(CRITICAL_BATTERY, rows).facts()
    assert facts["left_min"] == pytest.approx(facts["charge_pct"] * 5, abs=5)


def test_words_tell_charge_limit_and_time_left():
    words = explained(CRITICAL_BATTERY, draining(60, 2.5, 21))
    assert words.zh.startswith("电量10%，不高于10%；按近期放电速度估计3小时48分后耗尽")
    assert words.en.startswith("charge 10 %, at or below 10 %; empty in about 3 h 48 min ")


def test_words_tell_the_limit_of_the_time_left():
    words = explained(CRITICAL_BATTERY, draining(60, 24, 2.4))
    assert words.zh == "电量20%；按近期放电速度估计49分钟后耗尽（预警时限1小时）"
    assert words.en.endswith("empty in about 49 min at the recent rate of discharge (limit 1 h)")


def test_words_say_when_nothing_can_be_estimated():
    words = explained(CRITICAL_BATTERY, [report(0, battery_pct=9)])
    assert words.zh == "电量9%，不高于10%；剩余时间无法估计"
    assert words.en == "charge 9 %, at or below 10 %; time left cannot be estimated"
