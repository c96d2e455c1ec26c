"""Why a place rule alerts, in both languages, from the numbers of the record alone."""

import json

import pytest

from gateway.directory.moment import FOREVER_MS
from gateway.engine.account import Account
from gateway.engine.placing.grounds import grounds_of, until_ms
from gateway.engine.placing.question import Question
from gateway.engine.rules.curfew import CURFEW
from gateway.engine.rules.dwell import DWELL
from gateway.engine.rules.exclusion import EXCLUSION
from gateway.engine.rules.inclusion import INCLUSION
from gateway.engine.rules.leave_overdue import LEAVE_OVERDUE
from gateway.engine.rules.leave_place import LEAVE_PLACE
from gateway.engine.rules.placed import percent
from gateway.engine.rules.route import ROUTE
from gateway.parameters import parameters_from
from tests.unit.gateway.placing_world import MIDNIGHT_MS, east, fence, leave, placement, site
from tests.unit.gateway.rules.building import DAY_MS, HOUR_MS, MINUTE_MS
from tests.unit.gateway.rules.building import START_MS as T

ALL = (INCLUSION, EXCLUSION, CURFEW, ROUTE, LEAVE_PLACE, LEAVE_OVERDUE, DWELL)

WORLD = placement(
    fence("area", "inclusion"),
    fence("school", "exclusion", 5_000),
    fence("home", "curfew", schedule="night"),
    fence("town", "leave", 50_000, subjects=[]),
    fence("road", "route", 9_000, subjects=[]),
    fence("far", "inclusion", 9_000, subjects=["s-1"]),
    leaves=[
        leave("l-1", T + HOUR_MS, T + DAY_MS, to="town"),
        leave("t-1", T + 3 * DAY_MS, T + 4 * DAY_MS, kind="trip", to="road"),
    ],
    sites=[site("k-1", 7_000, name="第一小学")],
    parameters={"dwell_enabled": 1},
)


def explained(rule, target, begin_ms, *, end_ms=None, reports=True):
    """Explain an alert whose three reports lie 120, 250 and 250 m beyond the border."""
    at = {"longitude_deg": east(7_000)[0], "latitude_deg": east(7_000)[1]}
    told = [
        at | {"distance_m": distance_m, "violation_ppm": ppm}
        for distance_m, ppm in ((120.0, 999_999), (30.0, 700_000), (250.0, 987_654), (250.4, 10**6))
    ]
    parameters = {name: parameters_from({})[name] for name in rule.parameters}
    record = {
        "confirmed_ms": begin_ms + 3 * MINUTE_MS,
        "parameters": parameters,
        "reports": told if reports else [],
    }
    if target:
        record["target"] = target
    question = Question(rule.name, "s-0", target)
    record |= grounds_of(
        WORLD, question, begin_ms, parameters=parameters, reports=record["reports"]
    )
    return rule.explain(Account(begin_ms, end_ms, json.loads(json.dumps(record))))


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.name)
def test_it_says_since_when_how_often_how_far_and_how_sure(rule):
    words = explained(rule, "area", T)
    for part in ("2026-11-22 10:00:00", "3次定位", "120米至250米", "98.76%", "95.00%", "3分"):
        assert part in words.zh
    for part in ("2026-11-22 10:00:00", "3 reports", "120 m to 250 m", "98.76%", "3 min"):
        assert part in words.en


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.name)
def test_without_reports_it_says_what_is_left(rule):
    words = explained(rule, "area", T, reports=False)
    assert "2026-11-22 10:00:00" in words.zh
    assert "2026-11-22 10:00:00" in words.en


def test_what_is_not_certain_is_never_told_as_a_hundred_percent():
    assert [percent(ppm) for ppm in (999_999, 1_000_000, 950_000)] == [
        "99.99%",
        "99.99%",
        "95.00%",
    ]


def test_leaving_early_for_a_leave_is_told():
    words = explained(INCLUSION, "area", T)
    assert "批准的外出（l-1）于2026-11-22 11:00:00开始，提前1小时" in words.zh
    assert "begins at 2026-11-22 11:00:00, 1 h later" in words.en


def test_long_before_a_leave_it_is_not():
    assert "l-1" not in explained(INCLUSION, "area", T - DAY_MS).zh


def test_a_curfew_tells_its_hours_and_who_was_absent_at_the_start():
    words = explained(CURFEW, "home", MIDNIGHT_MS + 22 * HOUR_MS + 5 * MINUTE_MS)
    assert "2026-11-22 22:00:00至2026-11-23 06:00:00" in words.zh
    assert "开始后5分钟即不在场，属开始时缺席" in words.zh
    assert "absent at the start" in words.en


def test_a_curfew_tells_who_left_during_it_and_came_back_late():
    begin_ms = MIDNIGHT_MS + 23 * HOUR_MS
    words = explained(CURFEW, "home", begin_ms, end_ms=begin_ms + HOUR_MS)
    assert "开始后1小时起不在场，属期间离开，或此前无报告" in words.zh
    assert "于2026-11-23 00:00:00返回，晚于开始时间2小时" in words.zh
    assert "absent from 1 h after its start: left during it, or no reports before" in words.en
    assert "back at 2026-11-23 00:00:00, 2 h after the start" in words.en


def test_a_leave_and_a_trip_are_named_with_their_times():
    during = explained(LEAVE_PLACE, "town", T + 12 * HOUR_MS)
    assert "批准的外出（l-1）为2026-11-22 11:00:00至2026-11-23 10:00:00" in during.zh
    assert "首尾各留路途4小时" in during.zh
    trip = explained(ROUTE, "road", T + 3 * DAY_MS)
    assert "approved trip (t-1) from 2026-11-25 10:00:00" in trip.en


def test_an_overdue_leave_tells_how_late():
    begin_ms = T + DAY_MS + 35 * MINUTE_MS
    words = explained(LEAVE_OVERDUE, "area", begin_ms, end_ms=begin_ms + HOUR_MS)
    assert "批准的外出（l-1）" in words.zh
    assert "判定时已逾期38分钟，允许延迟30分钟" in words.zh
    assert "back 1 h 35 min after its end" in words.en


def test_a_long_stay_names_the_site_and_the_limits():
    words = explained(DWELL, "", T)
    for part in ("第一小学", "school", "k-1", "20分", "80米"):
        assert part in words.zh
    for part in ("k-1", "20 min", "80 m"):
        assert part in words.en


@pytest.mark.parametrize(
    ("rule", "subject", "target", "expected"),
    [
        ("inclusion", "s-0", "area", FOREVER_MS),
        ("inclusion", "s-0", "far", 0),
        ("exclusion", "s-0", "area", 0),
        ("leave_place", "s-0", "town", T + DAY_MS),
        ("route", "s-0", "road", T + 4 * DAY_MS),
        ("leave_overdue", "s-0", "area", FOREVER_MS),
        ("leave_overdue", "s-1", "far", 0),
        ("dwell", "s-0", "", FOREVER_MS),
    ],
)
def test_a_question_is_asked_until_its_ground_ends(rule, subject, target, expected):
    assert until_ms(WORLD, Question(rule, subject, target)) == expected
