"""Datum mistake: against an oracle, and in cases."""

from functools import cache

import numpy as np
import pytest

from gateway.columns import DEGREE_E7
from gateway.engine.rules.datum_mistake import DATUM_MISTAKE
from geofence.datum import from_wgs84
from tests.oracles.truth import datum_mistake
from tests.unit.gateway.rules.reporting import HERE_E7, explained, judge, law, report

DAY_S = 86_400
MIDNIGHT_S = 14 * 3_600
"""From START_MS, ten in the morning."""


FRIEND = (HERE_E7[0] + 70_000, HERE_E7[1])
"""600 m away."""


def image(datum, home=HERE_E7):
    lon, lat = (np.array([each / DEGREE_E7]) for each in home)
    return tuple(round(float(each[0]) * DEGREE_E7) for each in from_wgs84(lon, lat, datum))


@cache
def images_of(home):
    gcj = image("GCJ02", home)
    undone = tuple(2 * at - there for at, there in zip(home, gcj, strict=True))
    return gcj, image("BD09", home), undone


GCJ, BD, UNDONE = images_of(HERE_E7)


def night(at_e7, *, hours=5, accuracy_m=8, first_s=MIDNIGHT_S):
    place = {"lon_e7": at_e7[0], "lat_e7": at_e7[1]}
    return [report(first_s + 600 * k, accuracy_m=accuracy_m, **place) for k in range(6 * hours)]


def decisions(rows, home=HERE_E7):
    return set(judge(DATUM_MISTAKE, rows, home=home).decisions())


def oracle(rows, limits):
    return datum_mistake(rows, limits, HERE_E7, images_of)


def oracle_of_nights(rows, limits):
    return datum_mistake(rows, limits, None, images_of)


test_it_agrees_with_the_oracle_however_rows_are_cut = law(
    DATUM_MISTAKE,
    oracle,
    home=HERE_E7,
    parameters={"datum_night_end_h": 12, "datum_near_m": 800},
)


test_own_nights_agree_with_the_oracle_however_rows_are_cut = law(
    DATUM_MISTAKE,
    oracle_of_nights,
    parameters={"datum_night_end_h": 12, "datum_near_m": 800, "datum_own_m": 800},
)


@pytest.mark.parametrize(("place", "mistake"), [(GCJ, 0), (BD, 1), (UNDONE, 2)])
def test_nights_where_a_mistake_puts_the_home_tell_which_it_is(place, mistake):
    found = judge(DATUM_MISTAKE, night(place), home=HERE_E7)
    assert set(found.decisions()) == {1}
    assert found.facts()["mistake"] == mistake
    assert found.facts()["from_image_m"] < 5


def test_nights_at_home_show_none():
    assert decisions(night(HERE_E7)) == {-1}


def test_nights_at_a_friend_as_far_away_in_another_direction_cannot_tell():
    friend = (2 * HERE_E7[0] - GCJ[0], GCJ[1])
    assert decisions(night(friend)) == {0}


def test_days_cannot_tell():
    assert decisions(night(GCJ, first_s=MIDNIGHT_S + 6 * 3_600)) == {0}


def test_a_wide_circle_cannot_tell():
    assert decisions(night(GCJ, accuracy_m=400)) == {0}


def nights(*places):
    return [row for n, at in enumerate(places) for row in night(at, first_s=MIDNIGHT_S + DAY_S * n)]


def judged_nights(*places, **options):
    """Return what is said of each night by somebody whose home is not known."""
    found = judge(DATUM_MISTAKE, nights(*places), **options).decisions()
    return [set(found[begin : begin + 30]) for begin in range(0, len(found), 30)]


def test_the_first_night_without_a_known_home_cannot_tell():
    assert judged_nights(GCJ) == [{0}]


@pytest.mark.parametrize(("place", "mistake"), [(GCJ, 0), (BD, 1), (UNDONE, 2)])
def test_without_a_known_home_a_night_is_compared_with_earlier_ones(place, mistake):
    assert judged_nights(HERE_E7, HERE_E7, place, place, place, HERE_E7) == [
        *({0}, {-1}, {1}, {1}, {1}, {-1})
    ]
    facts = judge(DATUM_MISTAKE, nights(HERE_E7, place)).facts()
    assert (facts["mistake"], facts["is_own"]) == (mistake, 1)


def test_a_night_at_a_friend_does_not_move_the_place_of_the_nights():
    assert judged_nights(HERE_E7, FRIEND, GCJ) == [{0}, {0}, {1}]


def test_two_nights_in_a_row_elsewhere_do():
    assert judged_nights(HERE_E7, FRIEND, FRIEND, FRIEND, GCJ) == [{0}, {0}, {0}, {-1}, {0}]
    assert judged_nights(HERE_E7, FRIEND, FRIEND, images_of(FRIEND)[0])[-1] == {1}


def test_the_firmware_that_changes_at_night_is_compared_with_the_night_before():
    rows = nights(HERE_E7) + night(HERE_E7, hours=3, first_s=MIDNIGHT_S + DAY_S)
    rows += night(GCJ, hours=2, first_s=MIDNIGHT_S + DAY_S + 3 * 3_600)
    assert judge(DATUM_MISTAKE, rows).decisions()[30:] == [-1] * 18 + [1] * 12


def test_a_place_near_but_not_at_the_shift_of_earlier_nights_cannot_tell():
    near = (GCJ[0], GCJ[1] + 9_000)
    assert judged_nights(HERE_E7, near)[-1] == {0}
    assert decisions(night(near)) == {1}


def test_it_takes_two_nights():
    assert DATUM_MISTAKE.raise_s == "datum_s"
    assert DATUM_MISTAKE.raise_reports == "datum_reports"


def test_words_tell_the_shift_and_that_no_border_follows():
    words = explained(DATUM_MISTAKE, night(GCJ), home=HERE_E7)
    shift_m = judge(DATUM_MISTAKE, night(GCJ), home=HERE_E7).facts()["shift_m"]
    assert 500 < shift_m < 600
    assert words.zh.startswith("设备坐标疑为未转换的GCJ-02")
    assert f"坐标系偏移{shift_m}米" in words.zh
    assert f"a shift of {shift_m} m" in words.en


def test_words_of_the_own_nights_name_no_home():
    words = explained(DATUM_MISTAKE, nights(HERE_E7, UNDONE))
    assert words.zh.startswith("设备此前的坐标疑为未转换的GCJ-02")
    assert "偏离此前夜间所在处" in words.zh
    assert "displaced from where earlier nights were spent" in words.en
