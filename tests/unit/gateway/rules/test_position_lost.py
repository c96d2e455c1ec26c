"""Position lost: against an oracle, and in cases."""

import pytest

from gateway.engine.rules.position_lost import POSITION_LOST
from tests.oracles.condition import position_lost
from tests.unit.gateway.rules.building import START_MS
from tests.unit.gateway.rules.reporting import explained, judge, law, report


def fixes(first, last):
    return [report(60 * k, east_m=0.0) for k in range(first, last)]


def blind(first, last, **said):
    return [report(60 * k, **said) for k in range(first, last)]


test_it_agrees_with_the_oracle_however_rows_are_cut = law(
    POSITION_LOST,
    position_lost,
    parameters={"position_lost_s": 120, "position_lost_intervals": 2},
)


def test_three_quarters_of_an_hour_of_reports_without_a_fix_is_lost():
    decisions = judge(POSITION_LOST, [*fixes(0, 5), *blind(5, 51)]).decisions()
    assert decisions == [-1] * 5 + [0] * 45 + [1]


def test_a_ride_of_a_quarter_of_an_hour_in_a_metro_is_not():
    rows = [*fixes(0, 5), *blind(5, 20), *fixes(20, 25)]
    assert max(judge(POSITION_LOST, rows).decisions()) <= 0


def test_silence_is_not_counted_as_time_without_a_fix():
    rows = [*fixes(0, 5), *blind(5, 10), *blind(200, 210)]
    assert max(judge(POSITION_LOST, rows).decisions()) <= 0


def test_a_device_that_reports_every_ten_minutes_is_given_five_intervals():
    rows = [report(600 * k) for k in range(7)]
    options = {"expected_interval_ms": 600_000}
    assert judge(POSITION_LOST, rows, **options).decisions() == [0, 0, 0, 0, 0, 1, 1]


def test_a_fix_ends_it():
    assert judge(POSITION_LOST, [*blind(0, 50), *fixes(50, 51)]).decisions()[-1] == -1


@pytest.mark.parametrize(
    ("said", "zh", "en"),
    [
        ({"satellites": 0}, "可见卫星数为0", "it sees no satellite"),
        ({"satellites": 3}, "可见卫星3颗，不足以定位", "it sees 3 satellites, too few for a fix"),
        ({"alarms": ["jamming"]}, "设备自报受到干扰", "the device says that it is jammed"),
        ({"alarms": ["antenna_cut"]}, "天线故障", "a fault of its receiver or antenna"),
        ({}, "原因不明", "cause unknown"),
    ],
)
def test_words_tell_what_is_known_of_the_cause(said, zh, en):
    words = explained(POSITION_LOST, blind(0, 46, **said))
    assert words.zh.startswith("设备在线上报，但已45分钟没有定位；")
    assert zh in words.zh
    assert en in words.en


def test_reports_of_the_very_first_hour_count_from_the_first():
    assert judge(POSITION_LOST, blind(0, 46)).decisions()[-1] == 1
    assert judge(POSITION_LOST, blind(0, 46)).memory["lost_ms"][0] == START_MS
