"""A wristband's charge over the days."""

import itertools

from device_sims.battery import LOW_PCT, Battery, Neglect
from tests.device_sims.setting import START_S


def levels(battery, neglect=None, hours=72):
    return [battery.level(START_S + 60 * minute, neglect) for minute in range(hours * 60)]


def test_a_daily_charge_keeps_the_battery_well_above_low():
    for number in range(40):
        charges = [level for level, _ in levels(Battery(3, f"wb-{number}"))]
        assert min(charges) > LOW_PCT + 10
        assert max(charges) <= 100


def test_the_charge_never_jumps():
    battery = Battery(3, "wb-1")
    neglect = Neglect(START_S + 5_000, START_S + 6_500)
    for charges in (levels(battery), levels(battery, neglect)):
        steps = [b - a for (a, _), (b, _) in itertools.pairwise(charges)]
        assert -4.5 < min(steps) < 0 < max(steps) < 1.5


def test_a_failing_battery_is_low_from_begin_to_end_and_is_then_charged():
    battery = Battery(3, "wb-1")
    neglect = Neglect(START_S + 5_000, START_S + 6_500)
    assert battery.level(START_S + 4_990, neglect)[0] > LOW_PCT
    assert battery.level(START_S + 5_000, neglect)[0] <= LOW_PCT
    assert battery.level(START_S + 6_499, neglect) < (LOW_PCT, False)
    level, is_charging = battery.level(START_S + 8_000, neglect)
    assert level > LOW_PCT + 10
    assert is_charging
