"""What reports say about fences: facts of each place rule, near misses included."""

import numpy as np
import pytest

from gateway.columns import ABSENT
from gateway.engine.placing.question import Question
from gateway.engine.stretch import NEVER_MS
from tests.unit.gateway.placing_world import (
    MIDNIGHT_MS,
    NIGHT,
    at,
    decisions,
    directory,
    east,
    fence,
    leave,
    minutes,
    placement,
    said_in_cuts,
    site,
)
from tests.unit.gateway.rules.building import DAY_MS, HOUR_MS, MINUTE_MS, START_MS, row, stretch

AREA = fence("area", "inclusion", radius_m=1_000.0)
HOME_AT_NIGHT = fence("home", "curfew", schedule="night")
T = START_MS


def test_outside_the_permitted_area_violates_and_inside_does_not():
    assert decisions(placement(AREA), minutes(T, 0, 2_000), "inclusion") == [-1, 1]


def test_inside_a_forbidden_area_violates_and_outside_does_not():
    placed = placement(fence("school", "exclusion", 5_000))
    assert decisions(placed, minutes(T, 0, 5_000), "exclusion") == [-1, 1]


def test_an_error_circle_across_the_border_cannot_tell():
    rows = [at(T, 1_010, accuracy_m=60.0)]
    assert decisions(placement(AREA), rows, "inclusion") == [0]


def test_the_limits_are_those_of_the_row():
    rows = [at(T, 1_010, accuracy_m=60.0)]
    told = {"violation_ppm": 510_000}
    assert decisions(placement(AREA), rows, "inclusion", parameters=told) == [1]


def test_a_report_without_a_position_says_nothing_about_a_fence():
    assert decisions(placement(AREA), [row(T)], "inclusion") == [None]


def test_nothing_is_asked_of_somebody_unknown():
    placed = placement(AREA)
    assert placed.person("s-9") == -1
    assert said_in_cuts(placed, [minutes(T, 2_000)], subjects=["s-9"])[0] == {}


@pytest.mark.parametrize(
    ("clock_min", "decision"), [(21 * 60 + 59, -1), (22 * 60, 1), (30 * 60 - 1, 1), (30 * 60, -1)]
)
def test_a_curfew_is_asked_within_its_window_and_lapses_outside(clock_min, decision):
    rows = [at(MIDNIGHT_MS + clock_min * MINUTE_MS, 900)]
    assert decisions(placement(HOME_AT_NIGHT), rows, "curfew") == [decision]


def test_the_end_of_a_curfew_is_seen_without_a_position():
    during, after = row(MIDNIGHT_MS + 5 * HOUR_MS), row(MIDNIGHT_MS + 6 * HOUR_MS)
    assert decisions(placement(HOME_AT_NIGHT), [during, after], "curfew") == [None, -1]


def test_a_lapsed_question_measures_nothing():
    found, _ = said_in_cuts(placement(HOME_AT_NIGHT), [[at(T, 900)]])
    assert found["curfew", "s-0", "home"] == [(0, 0, -1, ABSENT, 0)]


def test_an_approved_leave_lifts_area_and_curfew_but_no_prohibition():
    away = leave("l-1", MIDNIGHT_MS, MIDNIGHT_MS + DAY_MS)
    placed = placement(AREA, HOME_AT_NIGHT, fence("school", "exclusion", 5_000), leaves=[away])
    rows = [at(MIDNIGHT_MS + 23 * HOUR_MS, 5_000)]
    told = {rule: decisions(placed, rows, rule) for rule in ("inclusion", "curfew", "exclusion")}
    assert told == {"inclusion": [-1], "curfew": [-1], "exclusion": [1]}


def test_one_persons_leave_lifts_nothing_for_another():
    shared = fence("area", "inclusion", radius_m=1_000.0, subjects=["s-0", "s-1"])
    placed = placement(shared, leaves=[leave("l-1", T, T + DAY_MS)])
    found, _ = said_in_cuts(placed, [minutes(T, 2_000), minutes(T, 2_000)], subjects=["s-0", "s-1"])
    assert found["inclusion", "s-0", "area"][0][2] == -1
    assert found["inclusion", "s-1", "area"][0][2] == 1


def test_leaving_just_before_the_leave_begins_violates():
    placed = placement(AREA, leaves=[leave("l-1", T + MINUTE_MS, T + DAY_MS)])
    assert decisions(placed, minutes(T, 2_000, 2_000), "inclusion") == [1, -1]


DESTINATION = fence("town", "leave", 50_000, radius_m=2_000.0)
TRIP_ROUTE = fence(
    "road",
    "route",
    subjects=[],
    geometry={"type": "LineString", "coordinates": [[119.9, 28.4], [120.4, 28.4]]},
    radius_m=None,
    width_m=400.0,
)


def test_elsewhere_during_a_leave_is_not_at_its_destination():
    placed = placement(DESTINATION, leaves=[leave("l-1", T, T + 3 * DAY_MS, to="town")])
    rows = [at(T + DAY_MS, 50_000), at(T + DAY_MS + MINUTE_MS, 20_000)]
    assert decisions(placed, rows, "leave_place") == [-1, 1]


@pytest.mark.parametrize(
    ("hours", "decision"), [(-1, -1), (1, -1), (4, 1), (67, 1), (69, -1), (73, -1)]
)
def test_the_way_to_and_from_the_destination_is_allowed_for(hours, decision):
    placed = placement(DESTINATION, leaves=[leave("l-1", T, T + 3 * DAY_MS, to="town")])
    assert decisions(placed, [at(T + hours * HOUR_MS, 20_000)], "leave_place") == [decision]


def test_the_destination_of_another_leave_is_not_asked_for():
    other = fence("village", "leave", 80_000, radius_m=2_000.0)
    leaves = [leave("l-1", T, T + DAY_MS, to="town"), leave("l-2", T + 2 * DAY_MS, T + 3 * DAY_MS)]
    leaves[1]["fence"] = "village"
    placed = placement(DESTINATION, other, leaves=leaves)
    rows = [at(T + 12 * HOUR_MS, 50_000)]
    assert decisions(placed, rows, "leave_place", target="town") == [-1]
    assert decisions(placed, rows, "leave_place", target="village") == [-1]


def test_off_the_corridor_violates_while_the_trip_runs():
    trip = leave("t-1", T, T + HOUR_MS, kind="trip", to="road")
    placed = placement(TRIP_ROUTE, leaves=[trip])
    rows = [at(T, 10_000), at(T + HOUR_MS, 10_000)]
    assert decisions(placed, rows, "route") == [-1, -1]
    north = [one | {"lat_e7": one["lat_e7"] + 100_000} for one in rows]
    assert decisions(placed, north, "route") == [1, -1]


LEAVE = leave("l-1", T - DAY_MS, T)


def overdue(*rows, leaves=(LEAVE,)):
    placed = placement(AREA, leaves=leaves)
    return (
        decisions(placed, list(rows), "inclusion"),
        decisions(placed, list(rows), "leave_overdue"),
    )


def test_who_is_not_back_after_the_grace_is_overdue_and_has_not_left_the_area():
    inclusion, late = overdue(
        at(T - HOUR_MS, 9_000), at(T + MINUTE_MS, 9_000), at(T + HOUR_MS, 9_000)
    )
    assert late == [-1, 0, 1]
    assert inclusion == [-1, -1, -1]


def test_who_is_back_is_not_overdue():
    inclusion, late = overdue(
        at(T - HOUR_MS, 9_000), at(T + HOUR_MS, 9_000), at(T + 2 * HOUR_MS, 0)
    )
    assert late == [-1, 1, -1]
    assert inclusion == [-1, -1, -1]


def test_who_was_back_and_leaves_again_has_left_the_area():
    rows = [at(T - HOUR_MS, 9_000), at(T + MINUTE_MS, 0), at(T + HOUR_MS, 9_000)]
    assert overdue(*rows) == ([-1, -1, 1], [-1, -1, -1])


def test_who_was_home_when_the_leave_ended_has_left_the_area():
    rows = [at(T - HOUR_MS, 0), at(T + HOUR_MS, 9_000)]
    assert overdue(*rows) == ([-1, 1], [-1, -1])


def test_who_is_first_seen_away_as_the_leave_ends_is_overdue():
    rows = [at(T - HOUR_MS, 0), at(T, 9_000), at(T + HOUR_MS, 9_000)]
    assert overdue(*rows) == ([-1, -1, -1], [-1, 0, 1])


def test_who_is_in_one_of_two_permitted_areas_is_back():
    second = fence("second", "inclusion", 9_000, radius_m=1_000.0)
    placed = placement(AREA, second, leaves=[LEAVE])
    rows = [at(T - HOUR_MS, 9_000), at(T + HOUR_MS, 9_000), at(T + 2 * HOUR_MS, 20_000)]
    assert decisions(placed, rows, "leave_overdue", target="area") == [-1, -1, -1]
    assert decisions(placed, rows, "inclusion", target="area") == [-1, 1, 1]


def test_who_is_not_back_from_leave_breaks_no_curfew():
    ended = MIDNIGHT_MS + 22 * HOUR_MS
    placed = placement(AREA, HOME_AT_NIGHT, leaves=[leave("l-1", ended - DAY_MS, ended)])
    rows = [at(ended - HOUR_MS, 9_000), at(ended + HOUR_MS, 9_000), at(ended + 2 * HOUR_MS, 700)]
    assert decisions(placed, rows, "leave_overdue") == [-1, 1, -1]
    assert decisions(placed, rows, "curfew") == [-1, -1, 1]


def test_an_extension_that_follows_at_once_is_no_return():
    rows = [at(T - HOUR_MS, 9_000), at(T + HOUR_MS, 9_000)]
    extended = [LEAVE, leave("l-2", T, T + DAY_MS)]
    assert overdue(*rows, leaves=extended) == ([-1, -1], [-1, -1])


def test_a_report_without_a_position_keeps_somebody_overdue():
    rows = [at(T - HOUR_MS, 9_000), at(T + HOUR_MS, 9_000), row(T + 2 * HOUR_MS)]
    assert overdue(*rows) == ([-1, -1, -1], [-1, 1, None])


def test_what_is_remembered_is_since_when_somebody_is_away():
    placed = placement(AREA, leaves=[LEAVE])
    rows = [at(T - HOUR_MS, 0), at(T, 9_000), at(T + HOUR_MS, 9_000)]
    _, memory = said_in_cuts(placed, [rows])
    assert memory["away_since_ms"].tolist() == [T]
    _, memory = said_in_cuts(placed, [[*rows, at(T + 2 * HOUR_MS, 0)]])
    assert memory["away_since_ms"].tolist() == [NEVER_MS]


WATCHED = {"dwell_enabled": 1}


def dwelling(rows, *fences, sites, **more):
    placed = placement(*fences, sites=sites, parameters=WATCHED, **more)
    return decisions(placed, rows, "dwell", parameters=WATCHED)


def test_near_a_sensitive_site_counts_and_beyond_its_margin_does_not():
    assert dwelling(minutes(T, 5_000, 5_060, 5_120), sites=[site("k", 5_000)]) == [1, 1, -1]


def test_stays_are_not_asked_of_those_whose_supervision_does_not():
    placed = placement(AREA, sites=[site("k", 5_000)], parameters=WATCHED)
    assert decisions(placed, minutes(T, 5_000), "dwell") == [-1]


def test_without_anybody_asked_there_is_no_question():
    placed = placement(AREA, sites=[site("k", 5_000)])
    assert {question.rule for question in placed.questions} == {"inclusion"}


def test_at_home_beside_a_school_is_no_stay_near_it():
    home = fence("home", "curfew", 5_000, radius_m=30.0, schedule="night")
    assert dwelling(minutes(T, 5_000, 5_060), home, sites=[site("k", 5_000)]) == [-1, 1]


def test_at_an_official_place_beside_a_school_is_no_stay_near_it():
    sites = [site("k", 5_000), site("office", 5_010, radius_m=30.0, official=True)]
    assert dwelling(minutes(T, 5_000, 5_060), sites=sites) == [-1, 1]


def test_a_site_that_is_no_longer_one_does_not_count():
    gone = site("k", 5_000, valid_from="2020-01-01T00:00:00Z", valid_to="2021-01-01T00:00:00Z")
    assert dwelling(minutes(T, 5_000), sites=[gone, site("far", 90_000)]) == [-1]


def test_of_overlapping_sites_the_one_that_somebody_is_deepest_in_counts():
    small, large = site("small", 5_000, radius_m=10.0), site("large", 5_100, radius_m=200.0)
    placed = placement(AREA, sites=[large, small], parameters=WATCHED)
    found, _ = said_in_cuts(placed, [minutes(T, 5_000)], parameters=WATCHED)
    (line,) = found["dwell", "s-0", ""]
    assert line[3] == pytest.approx(-130_000, abs=200)


def test_the_evidence_measures_a_question_whether_in_force_or_not():
    placed = placement(AREA, leaves=[LEAVE])
    piece = stretch([minutes(T - HOUR_MS, 0, 2_000)])
    person = np.array([placed.person("s-0")])
    for rule in ("inclusion", "leave_overdue"):
        pairs = placed.measured(piece, person, Question(rule, "s-0", "area"))
        assert pairs.row.tolist() == [0, 1]
        assert pairs.distance_mm.tolist() == pytest.approx([-500_000, 1_000_500], abs=100)


def test_people_of_one_outline_are_one_household():
    fences = [
        fence("a", "curfew", subjects=["s-0", "s-1"], schedule="night"),
        fence("b", "curfew", subjects=["s-2"], schedule="night"),
        fence("c", "curfew", 900, subjects=["s-3"], schedule="night"),
        fence("area", "inclusion", subjects=["s-4"]),
    ]
    homes = placement(*fences).homes.households(["s-0", "s-1", "s-2", "s-3", "s-4"], T)
    assert homes[0] == homes[1] == homes[2] >= 0
    assert homes[3] not in (homes[0], -1)
    assert homes[4] == -1


@pytest.mark.parametrize(
    ("rule", "before", "after", "metres", "told"),
    [
        ("inclusion", [AREA], ([AREA], [leave("l-1", T - DAY_MS, T + DAY_MS)]), 9_000, (1, -1)),
        (
            "curfew",
            [fence("home", "curfew", schedule="night")],
            ([fence("home", "curfew", schedule="noon")], []),
            9_000,
            (-1, 1),
        ),
        (
            "inclusion",
            [AREA],
            ([AREA | {"valid_to": "2026-11-01T00:00:00Z"}], []),
            9_000,
            (1, None),
        ),
        ("inclusion", [AREA], ([AREA | {"radius_m": 20_000.0}], []), 9_000, (1, -1)),
        ("inclusion", [AREA], ([AREA | {"use": "exclusion"}], []), 9_000, (1, None)),
        ("inclusion", [AREA], ([AREA | {"subjects": []}], []), 9_000, (1, None)),
    ],
    ids=["leave", "schedule", "validity", "shape", "use", "subjects"],
)
def test_a_later_directory_is_what_holds(rule, before, after, metres, told):
    schedules = (
        NIGHT,
        NIGHT | {"schedule": "noon", "windows": [{"start": "09:00", "end": "12:00"}]},
    )
    placed = placement(*before, schedules=schedules)
    fences, leaves = after
    moved = placed.moved_to(directory(*fences, leaves=leaves, schedules=schedules))
    rows = [at(T, metres)]
    assert decisions(placed, rows, rule) == [told[0]]
    assert decisions(moved, rows, rule) == [told[1]]


def test_a_destination_that_is_moved_is_where_to_be():
    away = [leave("l-1", T - DAY_MS, T + DAY_MS, to="town")]
    town = fence("town", "leave", 50_000, subjects=[])
    placed = placement(town, leaves=away)
    moved = placed.moved_to(
        directory(town | {"geometry": {"type": "Point", "coordinates": east(9_000)}}, leaves=away)
    )
    assert decisions(placed, [at(T, 9_000)], "leave_place") == [1]
    assert decisions(moved, [at(T, 9_000)], "leave_place") == [-1]


def test_a_directory_without_any_subject_is_taken():
    empty = directory(orders=[])
    assert empty.orders == {}
    assert said_in_cuts(placement(orders=[]), [minutes(T, 0)])[0] == {}
