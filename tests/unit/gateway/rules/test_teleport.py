"""Teleport: against an oracle, and in cases."""

import pytest

from gateway.engine.rules.teleport import TELEPORT
from tests.oracles.truth import teleport
from tests.unit.gateway.rules.reporting import explained, judge, law, report


def path(*places_m, every_s=60, accuracy_m=5):
    return [
        report(every_s * k, east_m=float(place), accuracy_m=accuracy_m)
        for k, place in enumerate(places_m)
    ]


def jumped(rows):
    return max(judge(TELEPORT, rows).decisions()) > 0


test_it_agrees_with_the_oracle_however_rows_are_cut = law(
    TELEPORT, teleport, parameters={"teleport_m": 500, "teleport_mps": 20}
)


def test_a_jump_of_five_kilometres_and_back_is_found_at_its_return():
    decisions = judge(TELEPORT, path(0, 0, 5_000, 0, 0)).decisions()
    assert decisions == [0, -1, -1, 1, 0]


def test_a_jump_that_stays_is_found_once_it_rests():
    decisions = judge(TELEPORT, path(0, 0, 5_000, 5_010, 5_020)).decisions()
    assert decisions == [0, -1, -1, 1, 0]


@pytest.mark.parametrize("mps", [33, 83, 97])
def test_a_train_that_speeds_up_and_brakes_is_no_jump(mps):
    speeds = [0, 0, *(min(mps, 24 * k) for k in range(1, 20)), *([mps] * 20)]
    speeds += [max(mps - 24 * k, 0) for k in range(20)]
    places = [60 * sum(speeds[:k]) for k in range(len(speeds))]
    assert not jumped(path(*places))


def test_a_metro_under_ground_for_a_quarter_of_an_hour_is_no_jump():
    rows = [
        *path(0, 30, 60),
        report(1_100, east_m=14_000.0, accuracy_m=5),
        report(1_160, east_m=14_020.0, accuracy_m=5),
    ]
    assert not jumped(rows)


def test_a_flight_with_the_device_off_is_no_jump():
    rows = [
        *path(0, 30, 60),
        report(9_000, east_m=1_200_000.0, accuracy_m=5),
        report(9_060, east_m=1_200_020.0, accuracy_m=5),
    ]
    assert not jumped(rows)


def test_a_jump_of_720_m_of_an_honest_receiver_is_below_the_limit():
    assert not jumped(path(0, 0, 720, 0, 0, every_s=12))


def test_a_cell_tower_with_an_honest_circle_is_no_jump():
    rows = path(0, 0, 5_000, 0, 0)
    rows[2]["accuracy_mm"] = 2_000_000
    assert not jumped(rows)


def test_two_devices_under_one_name_are_left_to_their_own_rule():
    rows = [row | {"seq": 500 * (k == 2) + k} for k, row in enumerate(path(0, 0, 5_000, 0, 0))]
    assert not jumped(rows)


def test_half_an_hour_without_a_jump_ends_it():
    rows = [*path(0, 0, 5_000, 0), *(report(60 * k, east_m=0.0) for k in range(4, 40))]
    decisions = judge(TELEPORT, rows).decisions()
    assert decisions[4:33] == [0] * 29
    assert decisions[34:] == [-1] * 6


def test_words_tell_how_far_how_fast_and_that_it_came_back():
    words = explained(TELEPORT, path(0, 0, 5_000, 0))
    assert "定位在1分1秒内跳变5.0公里，随即返回原处" in words.zh
    assert "2.0公里、50米/秒" in words.zh
    assert "jumped 5.0 km within 1 min 1 s and was back at once" in words.en


def test_words_tell_that_it_stayed():
    words = explained(TELEPORT, path(0, 0, 5_000, 5_010))
    assert "跳变前后移动缓慢" in words.zh
    assert "slow just before and after" in words.en
