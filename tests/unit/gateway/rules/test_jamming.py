"""Jamming: against an oracle, and in cases."""

from gateway.engine.rules.jamming import JAMMING
from tests.oracles.truth import jamming
from tests.unit.gateway.rules.reporting import explained, judge, law, report

test_it_agrees_with_the_oracle_however_rows_are_cut = law(JAMMING, jamming)


def test_a_device_that_says_so_is_jammed_until_it_stops():
    rows = [report(60 * k, alarms=["jamming"] if k < 2 else []) for k in range(3)]
    assert judge(JAMMING, rows).decisions() == [1, 1, -1]


def test_it_takes_three_reports_over_a_minute():
    assert (JAMMING.raise_reports, JAMMING.raise_s) == ("jamming_reports", "jamming_s")


def outdoors(minutes):
    return [report(60 * k, east_m=0, satellites=11, accuracy_m=5.0) for k in range(minutes)]


def jammed(from_min, minutes, **said):
    """Two satellites, and a wide position every third minute."""
    rows = []
    for k in range(from_min, from_min + minutes):
        given = {"satellites": 2} | said
        if k % 3 == 0 and given["satellites"]:
            given |= {"east_m": 40.0 * (k % 5), "accuracy_m": 150.0}
        rows.append(report(60 * k, **given))
    return rows


def violations(rows):
    return [k for k, said in enumerate(judge(JAMMING, rows).decisions()) if said > 0]


def test_satellites_that_fall_and_positions_that_widen_at_once_are_jamming_without_its_word():
    rows = outdoors(3) + jammed(3, 20)
    assert violations(rows)[0] == 13
    assert judge(JAMMING, [*rows, report(60 * 23, east_m=0, satellites=9)]).decisions()[-1] == -1


def test_satellites_that_vanish_in_a_house_are_no_jamming():
    assert violations(outdoors(3) + jammed(3, 40, satellites=0)) == []


def test_a_cellar_whose_reports_were_held_back_is_no_jamming():
    assert violations(outdoors(3) + jammed(3, 40, backlog=True)) == []


def test_a_receiver_that_never_saw_the_sky_is_not_judged():
    assert violations(jammed(0, 60)) == []


def test_words_without_its_word_say_that_shading_may_look_the_same():
    words = explained(JAMMING, outdoors(3) + jammed(3, 20))
    assert "设备未自报干扰" in words.zh
    assert "fell to 3 or fewer 10 min ago" in words.en
    assert "verify" in words.en


def test_words_tell_how_long_and_what_it_sees():
    words = explained(JAMMING, [report(0, alarms=["jamming"], satellites=2)])
    assert words.zh == "设备连续2分钟自报受到干扰，可用卫星2颗，无定位"
    assert words.en == (
        "the device says for 2 min that it is jammed, 2 satellites in use, without a position"
    )
