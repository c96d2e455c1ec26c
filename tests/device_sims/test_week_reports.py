"""What devices say in a week: the marks of each mishap, and what is plausible otherwise."""

import hashlib
import itertools
import math

import numpy as np
import pytest

from device_sims.field.faults import GCJ02_SHIFT_M
from device_sims.territory import CENTRE_DEG
from geofence.datum import from_wgs84
from tests.device_sims.week_setting import (
    START_S,
    arrivals,
    bands,
    deeds,
    encoded,
    reports,
    second,
    seen_xy,
    society,
)

MARGIN_S = 1_100.0


def played(kind, *, most=3):
    """Deeds of a kind with the reports of before, meanwhile and after, while the device lived."""
    found = 0
    for number, deed in deeds(kind):
        begin_s, end_s = deed.begin_s - MARGIN_S, deed.end_s + MARGIN_S
        if begin_s < START_S or found == most:
            continue
        if any(bands()[number].charge.level(t)[0] <= 1 for t in np.arange(begin_s, end_s, 600.0)):
            continue
        own, twins = reports(number, begin_s, end_s)
        found += 1
        yield number, deed, own, twins
    assert found, kind


def within(deed, told):
    return [r for r in told if deed.begin_s <= r.fix_time_ms / 1_000 < deed.end_s]


def off_m(number, report):
    truth = bands()[number].place(report.fix_time_ms / 1_000)
    return math.dist(seen_xy(report), truth.xy)


def test_the_reports_of_the_week_are_those_that_were_frozen():
    digest = hashlib.sha256()
    for number in (0, 3, 4, 6, 12):
        own, twins = reports(number, START_S, START_S + 86_400)
        digest.update(encoded([*own, *twins]))
    assert digest.hexdigest()[:32] == "4b91e0cdc3b2856ec43525cb0b23e6ac"


def test_a_lost_position_is_told_by_states_while_the_link_holds():
    for _, deed, own, _ in played("lost"):
        told = within(deed, own)
        assert len(told) >= (deed.end_s - deed.begin_s) / 60 - 1
        assert {r.kind for r in told} == {"status"}
        assert "fix" in {r.kind for r in own if r.fix_time_ms / 1_000 < deed.begin_s}


@pytest.mark.parametrize("kind", ["jam", "jam_told"])
def test_a_jammed_receiver_has_few_satellites_and_may_say_so(kind):
    for _, deed, own, _ in played(kind):
        told = within(deed, own)
        assert all(r.satellites <= 3 for r in told)
        assert all(("jamming" in r.alarms) is (kind == "jam_told") for r in told)
        assert sum(r.kind == "status" for r in told) > len(told) / 3


def test_a_teleport_is_five_kilometres_and_back():
    for number, deed, own, _ in played("teleport"):
        fixes = [r for r in own if r.kind == "fix"]
        for report in fixes:
            is_meant = deed.begin_s <= report.fix_time_ms / 1_000 < deed.end_s
            assert (off_m(number, report) > 4_000.0) is is_meant


def test_a_flight_is_faster_than_anybody_and_without_a_jump():
    for number, deed, own, _ in played("flight"):
        fixes = [r for r in own if r.kind == "fix"]
        speeds = [
            math.dist(seen_xy(a), seen_xy(b)) / ((b.fix_time_ms - a.fix_time_ms) / 1_000)
            for a, b in itertools.pairwise(fixes)
            if b.fix_time_ms - a.fix_time_ms > 50_000
        ]
        assert 80.0 < max(speeds) < 250.0
        assert max(off_m(number, r) for r in within(deed, fixes)) > 10_000.0


def test_what_is_drawn_away_goes_slowly_and_is_too_sure_of_itself():
    for number, deed, own, _ in played("drag"):
        fixes = [r for r in within(deed, own) if r.kind == "fix"]
        away = [off_m(number, r) for r in fixes]
        assert away[-1] > 900.0
        assert max(np.diff(away)) < 400.0  # a report may be missing between two
        assert {r.satellites for r in fixes} == {12}
        assert all(r.accuracy_m <= 2.0 for r in fixes)


def test_a_frozen_receiver_repeats_itself_while_steps_rise():
    for number, deed, own, _ in played("frozen"):
        fixes = [r for r in within(deed, own) if r.kind == "fix"]
        assert len({(r.longitude_deg, r.latitude_deg) for r in fixes}) == 1
        assert fixes[-1].steps > fixes[0].steps + 30
        assert max(off_m(number, r) for r in fixes) > 150.0


def test_an_overconfident_receiver_claims_two_metres_and_is_hundreds_off():
    for number, deed, own, _ in played("bold"):
        fixes = [r for r in within(deed, own) if r.kind == "fix"]
        assert all(r.accuracy_m <= 2.5 for r in fixes)
        assert np.median([off_m(number, r) for r in fixes]) > 100.0


def test_the_datum_mistake_is_the_shift_of_gcj02_within_the_county():
    east_m, north_m = GCJ02_SHIFT_M
    ground = society().population.territory.ground
    for dx, dy in itertools.product((-12_000.0, 0.0, 12_000.0), repeat=2):
        lon, lat = ground.to_deg((dx, dy))
        shifted = from_wgs84(np.array([lon]), np.array([lat]), "GCJ02")
        x, y = ground.to_xy(float(shifted[0][0]), float(shifted[1][0]))
        assert math.hypot(x - dx - east_m, y - dy - north_m) < 60.0
    assert ground.to_deg((0.0, 0.0)) == CENTRE_DEG
    number, deed = deeds("datum")[0]
    own, _ = reports(number, deed.begin_s - MARGIN_S, deed.begin_s + 7_200.0)
    fixes = [r for r in own if r.kind == "fix"]
    off = [off_m(number, r) for r in fixes if r.fix_time_ms / 1_000 >= deed.begin_s]
    assert abs(np.median(off) - math.hypot(east_m, north_m)) < 30.0


def test_a_wrong_clock_moves_fix_times_and_not_arrivals():
    behind = ahead = 0
    for number, deed in deeds("clock"):
        came = arrivals(number, deed.begin_s, deed.begin_s + 3_600.0)
        late_s = [d.arrival_ms / 1_000 - d.report.fix_time_ms / 1_000 for d in came
                  if not d.report.backlog]  # fmt: skip
        if late_s:
            behind += min(late_s) > 300.0
            ahead += max(late_s) < 0.0 or np.median(late_s) < -60.0
            assert min(late_s) > 300.0 or np.median(late_s) < -60.0
    assert behind
    assert ahead


def test_a_second_device_of_the_same_name_is_elsewhere_with_a_boot_of_its_own():
    for number, deed, own, twins in played("twin"):
        assert {r.device for r in twins} == {r.device for r in own}
        assert {r.boot for r in twins}.isdisjoint({r.boot for r in own})
        assert all(deed.begin_s <= r.fix_time_ms / 1_000 < deed.end_s for r in twins)
        assert len(twins) > 30
        fixes = [r for r in twins if r.kind == "fix"]
        assert np.median([off_m(number, r) for r in fixes]) > 2_500.0


@pytest.mark.parametrize("kind", ["apart", "apart_faked"])
def test_a_device_without_its_wearer_has_no_pulse_and_makes_no_step(kind):
    for _, deed, own, _ in played(kind, most=6):
        told = within(deed, own)
        assert len({r.steps for r in told}) == 1
        assert all(r.heart_rate_bpm is None for r in told)
        assert all(r.skin_contact is (kind == "apart_faked") for r in told)
        assert all(r.skin_temperature_c < 26.0 for r in told)


def test_a_device_left_at_home_is_truly_away_from_its_wearer():
    far = 0
    for number, deed in deeds("apart", "apart_faked"):
        if "at home by its wearer" in deed.note or "at work" in deed.note:
            middle = (deed.begin_s + deed.end_s) / 2
            wearer = bands()[number].truth(middle).xy
            far += math.dist(wearer, bands()[number].place(middle).xy) > 100.0
    assert far


def test_a_racing_pulse_is_at_rest_and_exercise_makes_steps():
    for _, deed, own, _ in played("racing"):
        told = [r for r in within(deed, own) if r.heart_rate_bpm is not None]
        assert np.median([r.heart_rate_bpm for r in told]) > 131
        assert told[-1].steps - told[0].steps < 60
    for _, deed, own, _ in played("exercise"):
        told = [r for r in within(deed, own) if r.heart_rate_bpm is not None]
        assert np.median([r.heart_rate_bpm for r in told]) > 115
        assert told[-1].steps - told[0].steps > 1_000


def test_a_day_of_an_ordinary_wearer_is_plausible():
    ordinary = [n for n in range(60) if n % 10 == 8][:2]
    for number in ordinary:
        own, _ = reports(number, START_S, START_S + 86_400)
        bpm = [r.heart_rate_bpm for r in own if r.heart_rate_bpm is not None]
        assert 45 < np.median(bpm) < 100
        worn = [r for r in own if r.skin_contact]
        assert len(worn) > 0.6 * len(own)
        assert 30.0 < np.median([r.skin_temperature_c for r in worn]) < 37.0
        steps = [r.steps for r in own]
        assert all(b >= a for a, b in itertools.pairwise(steps))
        assert 200 < steps[-1] - steps[0] < 30_000
        assert any("charging" in r.alarms for r in own)
        night = [r for r in own if r.fix_time_ms / 1_000 - START_S < 5 * 3_600]
        assert night[-1].steps - night[0].steps < 200


def test_what_is_recorded_in_a_cells_outage_comes_late_and_nothing_is_missing():
    outage = next(o for day in range(20_780, 20_787) for o in society().outages(day))
    begin_s, end_s = outage.span
    inside = [
        n for n, band in enumerate(bands())
        if all(outage.area.covers(band.place(t).xy) for t in np.arange(begin_s, end_s, 120.0))
    ]  # fmt: skip
    assert inside
    for number in inside[:3]:
        came = arrivals(number, begin_s + 1.0, end_s - 1.0)
        assert all(d.arrival_ms / 1_000 >= end_s for d in came)
        assert all(d.report.backlog for d in came)
        assert came


def test_labels_and_attempts_tell_times_as_other_files_do():
    assert second("2026-11-22T16:00:00.000Z") == START_S
