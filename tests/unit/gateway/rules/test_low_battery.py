"""Low battery: against an oracle, and beside the critical one."""

from gateway.engine.account import Account
from gateway.engine.explain import explain
from gateway.engine.rules.critical_battery import CRITICAL_BATTERY
from gateway.engine.rules.low_battery import LOW_BATTERY
from tests.oracles.condition import low_battery
from tests.unit.gateway.rules.reporting import judge, law, report

test_it_agrees_with_the_oracle_however_rows_are_cut = law(
    LOW_BATTERY, low_battery, parameters={"low_battery_pct": 40, "critical_battery_pct": 20,
                                          "critical_battery_over_pct": 25,
                                          "recovered_battery_pct": 45}
)  # fmt: skip


def said(rule, *pcts):
    rows = [report(7_200 * k, battery_pct=pct) for k, pct in enumerate(pcts)]
    return judge(rule, rows).decisions()


def test_a_battery_that_becomes_critical_is_not_low_as_well():
    pcts = (21, 20, 15, 11, 10, 9, 9)
    assert said(LOW_BATTERY, *pcts) == [0, 1, 1, 1, -1, -1, -1]
    assert said(CRITICAL_BATTERY, *pcts) == [-1, -1, -1, 0, 1, 1, 1]


def test_it_is_low_again_only_once_the_charge_has_been_up():
    assert said(LOW_BATTERY, 9, 15, 19, 31, 32, 20) == [-1, -1, -1, -1, -1, 1]


def test_a_device_that_is_first_heard_of_between_the_limits_is_low():
    assert said(LOW_BATTERY, 13) == [1]


def test_a_gauge_that_wavers_about_the_upper_limit_ends_nothing():
    rows = [report(60 * k, battery_pct=30 if k % 3 else 29) for k in range(60)]
    assert -1 not in judge(LOW_BATTERY, rows).decisions()
    held = [report(60 * k, battery_pct=30) for k in range(12)]
    assert judge(LOW_BATTERY, held).decisions() == [0] * 10 + [-1] * 2


def test_a_device_that_tells_no_charge_stays_low_by_its_own_bit():
    rows = [report(60 * k, alarms=["low_battery"]) for k in range(3)]
    assert judge(LOW_BATTERY, rows).decisions() == [1] * 3


def test_the_words_of_its_end_do_not_claim_that_it_was_charged():
    account = Account(0, 60_000, {})
    words = explain(LOW_BATTERY, "cleared", account, late=False, backlog=False, ended_by="reports")
    assert "另行告警" in words.zh
    assert "or is now critical" in words.en
