"""Frozen: against an oracle, and in cases."""

from gateway.engine.rules.frozen import FROZEN
from tests.oracles.truth import frozen
from tests.unit.gateway.rules.reporting import explained, judge, law, report


def minutes(count, *, steps_per_min=None, jitter_m=0.0, **said):
    rows = []
    for k in range(count):
        steps = {} if steps_per_min is None else {"steps": 500 + steps_per_min * k}
        rows.append(report(60 * k, east_m=jitter_m * (k % 2), **steps, **said))
    return rows


def is_frozen(rows):
    return max(judge(FROZEN, rows).decisions()) > 0


test_it_agrees_with_the_oracle_however_rows_are_cut = law(
    FROZEN, frozen, parameters={"frozen_s": 180, "frozen_full_s": 60}
)


def test_ten_minutes_of_walking_on_one_centimetre_are_frozen():
    decisions = judge(FROZEN, minutes(12, steps_per_min=100)).decisions()
    assert decisions == [0] * 10 + [1, 1]


def test_ten_minutes_of_claimed_speed_on_one_centimetre_are_frozen():
    assert is_frozen(minutes(12, speed_mps=12))


def test_a_pause_at_a_light_does_not_hide_it():
    steps = [500]
    for k in range(30):
        steps.append(steps[-1] + (0 if k % 5 == 0 else 100))
    assert is_frozen([report(60 * k, east_m=0.0, steps=n) for k, n in enumerate(steps)])


def test_a_sleeper_whose_receiver_holds_its_place_is_not_frozen():
    assert judge(FROZEN, minutes(480, steps_per_min=0, speed_mps=0)).decisions() == [0] * 480


def test_a_receiver_that_holds_its_place_while_its_circle_changes_is_not_frozen():
    rows = [row | {"accuracy_mm": 7_000 + k} for k, row in enumerate(minutes(60, steps_per_min=90))]
    assert not is_frozen(rows)


def test_a_few_brisk_minutes_of_a_day_in_one_room_do_not_add_up():
    steps, rows = 0, []
    for k in range(720):
        steps += 90 if k % 60 < 5 else 4
        rows.append(report(60 * k, east_m=0.0, steps=steps))
    assert not is_frozen(rows)


def test_a_full_satellite_fix_that_repeats_itself_over_three_brisk_minutes_is_frozen():
    rows = minutes(60, steps_per_min=0, accuracy_m=7.6, satellites=8)
    walk = [row | {"steps": 500 + 100 * max(k - 50, 0)} for k, row in enumerate(rows)]
    assert judge(FROZEN, walk).decisions() == [0] * 53 + [1] * 7


def test_a_wifi_fix_that_repeats_itself_over_three_brisk_minutes_is_not():
    rows = minutes(60, steps_per_min=0, accuracy_m=30, satellites=0)
    assert not is_frozen([r | {"steps": 500 + 100 * max(k - 56, 0)} for k, r in enumerate(rows)])


def test_housework_under_a_static_hold_is_not_frozen():
    assert not is_frozen(minutes(180, steps_per_min=35))


def test_a_device_that_counts_no_steps_and_claims_no_speed_is_not_judged():
    assert judge(FROZEN, minutes(60)).decisions() == [0] * 60


def test_a_receiver_that_wavers_by_a_centimetre_is_not_frozen():
    assert judge(FROZEN, minutes(30, steps_per_min=100, jitter_m=0.02)).decisions()[-1] == -1


def test_a_counter_that_begins_anew_is_no_walk():
    rows = [report(60 * k, east_m=0.0, steps=9_000 - 700 * k) for k in range(12)]
    assert not is_frozen(rows)


def test_another_place_ends_it():
    rows = [*minutes(12, steps_per_min=100), report(900, east_m=30.0)]
    assert judge(FROZEN, rows).decisions()[-1] == -1


def test_words_tell_how_long_and_how_many_steps():
    words = explained(FROZEN, minutes(12, steps_per_min=100))
    assert "定位（坐标、精度、卫星数）10分钟内完全不变" in words.zh
    assert "步数增加1000" in words.zh
    assert "for 10 min while the device was in motion for 10 min net" in words.en
    assert "1000 steps" in words.en
