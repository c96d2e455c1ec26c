"""Impossible speed: against an oracle, and in cases."""

from gateway.engine.rules.impossible_speed import IMPOSSIBLE_SPEED
from tests.oracles.truth import impossible_speed
from tests.unit.gateway.rules.reporting import explained, judge, law, report


def going(mps, **said):
    return [report(60 * k, east_m=60.0 * k * mps, **said) for k in range(5)]


test_it_agrees_with_the_oracle_however_rows_are_cut = law(
    IMPOSSIBLE_SPEED, impossible_speed, parameters={"impossible_speed_mps": 40}
)


def test_fixes_50_km_apart_every_minute_are_impossible():
    assert judge(IMPOSSIBLE_SPEED, going(833, accuracy_m=5)).decisions() == [0, 1, 1, 1, 1]


def test_the_fastest_train_is_possible():
    assert judge(IMPOSSIBLE_SPEED, going(119, accuracy_m=5)).decisions() == [0, -1, -1, -1, -1]


def test_two_devices_under_one_name_are_left_to_their_own_rule():
    rows = [row | {"seq": 500 * (k % 2) + k} for k, row in enumerate(going(833, accuracy_m=5))]
    assert judge(IMPOSSIBLE_SPEED, rows).decisions() == [0, 1, 0, 0, 0]


def test_error_circles_are_taken_off_first():
    rows = [report(k, east_m=3_000.0 * (k % 2), accuracy_m=500) for k in range(5)]
    assert judge(IMPOSSIBLE_SPEED, rows).decisions() == [0, -1, -1, -1, -1]


def test_fixes_of_the_same_second_are_given_a_second():
    rows = [report(0, seq=k, east_m=140.0 * k, accuracy_m=5) for k in range(3)]
    assert judge(IMPOSSIBLE_SPEED, rows).decisions() == [0, -1, -1]


def test_a_status_between_two_fixes_changes_nothing():
    rows = going(833, accuracy_m=5)
    rows.insert(2, report(90))
    assert judge(IMPOSSIBLE_SPEED, rows).decisions() == [0, 1, 0, 1, 1, 1]


def test_words_tell_distance_time_error_and_limit():
    words = explained(IMPOSSIBLE_SPEED, going(833, accuracy_m=10))
    assert words.zh == (
        "相邻定位相距50.0公里，间隔1分1秒；扣除定位误差60米，"
        "速度仍不低于818米/秒（地面交通上限120米/秒），乘坐飞机或定位数据不可信"
    )
    assert "50.0 km apart within 1 min 1 s" in words.en
    assert (
        "at least 818 m/s (limit 120 m/s, above all transport on the ground): an aircraft"
        in words.en
    )
