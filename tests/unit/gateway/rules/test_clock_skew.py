"""Clock skew: against an oracle, and in cases."""

from gateway.engine.rules.clock_skew import CLOCK_SKEW
from tests.oracles.condition import clock_skew
from tests.unit.gateway.rules.reporting import explained, judge, law, report


def minutes(count, **said):
    return [report(60 * k, **said) for k in range(count)]


def skewed(rows):
    return max(judge(CLOCK_SKEW, rows).decisions()) > 0


test_it_agrees_with_the_oracle_however_rows_are_cut = law(CLOCK_SKEW, clock_skew)


def test_it_says_that_it_depends_on_arrival():
    assert CLOCK_SKEW.by_arrival


def test_a_clock_ahead_of_ours_is_wrong():
    assert judge(CLOCK_SKEW, minutes(3, delay_s=-90)).decisions() == [1, 1, 1]


def test_half_a_minute_ahead_is_allowed():
    assert judge(CLOCK_SKEW, minutes(3, delay_s=-30)).decisions() == [-1, -1, -1]


def test_live_reports_ten_minutes_old_at_their_own_pace_are_a_clock_behind():
    assert judge(CLOCK_SKEW, minutes(4, delay_s=600)).decisions() == [0, 1, 1, 1]


def test_what_a_link_held_back_comes_at_once_and_is_no_skew():
    assert not skewed([report(60 * k, delay_s=1_200 - 60 * k) for k in range(12)])


def test_a_backlog_that_the_device_calls_one_is_no_skew():
    assert judge(CLOCK_SKEW, minutes(4, delay_s=600, backlog=True)).decisions() == [0] * 4


def test_words_tell_how_far_ahead_and_what_is_allowed():
    words = explained(CLOCK_SKEW, minutes(2, delay_s=-90))
    assert words.zh == "设备时钟比平台快1分30秒（允许1分钟）"
    assert words.en == "the device's clock is 1 min 30 s ahead of ours (allowed 1 min)"


def test_words_tell_how_old_live_reports_are():
    words = explained(CLOCK_SKEW, minutes(2, delay_s=600))
    assert "10分" in words.zh
    assert "允许5分" in words.zh
    assert "10 min old" in words.en
