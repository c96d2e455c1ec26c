"""Charging neglect: against an oracle, and in cases."""

from gateway.engine.rules.charging_neglect import CHARGING_NEGLECT
from tests.oracles.condition import charging_neglect
from tests.unit.gateway.rules.reporting import explained, judge, law, report

HOUR = 3_600


def at(hour, pct, **said):
    return report(HOUR * hour, battery_pct=pct, **said)


def low(first_h, last_h):
    return [at(hour, 30 - hour % 2) for hour in range(first_h, last_h)]


def neglected(rows):
    return max(judge(CHARGING_NEGLECT, rows).decisions()) > 0


test_it_agrees_with_the_oracle_however_rows_are_cut = law(
    CHARGING_NEGLECT,
    charging_neglect,
    parameters={"charging_neglect_s": 600, "charging_neglect_pct": 50},
)


def test_a_day_without_a_charge_is_neglect():
    assert judge(CHARGING_NEGLECT, low(0, 25)).decisions() == [0] * 24 + [1]


def test_an_evening_that_is_made_up_for_next_day_is_not():
    assert not neglected([*low(0, 24), at(24, 60)])


def test_topping_up_for_minutes_does_not_serve():
    assert neglected([*low(0, 6), at(6, 29, alarms=["charging"]), *low(7, 26)])


def test_whoever_is_charging_is_not_told_to():
    assert not neglected([*low(0, 24), at(24, 29, alarms=["charging"])])


def test_a_charge_that_lasts_begins_anew():
    assert not neglected([*low(0, 6), at(6, 36), *low(7, 26)])


def test_a_wavering_gauge_is_no_charge():
    waver = [at(hour, 30 + (2 if hour % 3 == 0 else 0)) for hour in range(1, 26)]
    assert neglected([at(0, 30), *waver])


def test_a_charge_ends_it():
    assert judge(CHARGING_NEGLECT, [*low(0, 25), at(25, 36)]).decisions()[-2:] == [1, -1]


def test_words_tell_charge_hours_and_limit():
    words = explained(CHARGING_NEGLECT, low(0, 25))
    assert words.zh == "电量降至30%及以下已24小时，其间未充至该值以上，现为30%（时限24小时）"
    assert words.en == (
        "at or below 30 % for 24 h without a charge above it, now 30 % (limit 24 h)"
    )
