"""Periods follow each other without a gap and without drifting."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.duties.kinds import CLASSES, DUTIES, DUTY_CLOCKS, owed
from server.duties.periods import next_begin
from server.law.clocks import CLOCKS
from server.law.days import LegalCalendar
from server.law.errors import LawError
from server.law.policy import national, with_overrides

CALENDAR = LegalCalendar()
POLICY = national()
DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))


def begins(anchor, clock, number, policy=POLICY):
    days = [anchor]
    for _ in range(number):
        days.append(next_begin(days[-1], anchor, CLOCKS[clock], policy, CALENDAR))
    return days


@pytest.mark.article("measures-24")
@given(DAYS)
def test_weekly_reports_stay_on_their_day_of_the_week(anchor):
    days = begins(anchor, "periodic_report_strict", 60)
    assert {day.weekday() for day in days} == {anchor.weekday()}
    assert days[60] == anchor + timedelta(days=60 * 7)


@pytest.mark.article("measures-24")
@given(DAYS)
def test_months_count_from_the_same_day_or_the_last_of_a_shorter_month(anchor):
    for clock, length in (("health_report", 1), ("medical_review", 3)):
        expected = [CALENDAR.add_months(anchor, length * number) for number in range(20)]
        assert begins(anchor, clock, 19) == expected


def test_a_month_from_the_thirty_first_comes_back_to_it_after_february():
    days = begins(date(2026, 1, 31), "written_report", 2)
    assert days == [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)]


def test_hours_and_working_days_are_no_periods():
    for kind in ("investigation", "search_start"):
        with pytest.raises(LawError):
            next_begin(date(2026, 1, 1), date(2026, 1, 1), CLOCKS[kind], POLICY, CALENDAR)


@pytest.mark.article("law-24", "measures-24")
def test_only_a_person_outside_prison_owes_health_reports_and_reviews():
    for category in ("control", "probation", "parole"):
        assert not {"health_report", "medical_review"} & set(owed(category, "strict", POLICY))
    assert {"health_report", "medical_review"} <= set(owed("medical", "lenient", POLICY))


@pytest.mark.article("law-36", "law-42")
def test_hours_are_owed_only_where_a_province_asks_for_them():
    assert not {"education", "community_work"} & set(owed("probation", "strict", POLICY))
    province = with_overrides(POLICY, {"education_hours_strict": 8}, "省社区矫正实施细则")
    assert "education" in owed("probation", "strict", province)
    assert "education" not in owed("probation", "lenient", province)
    assert DUTIES["education"].wanted("strict", province) == 8 * 60


def test_every_duty_of_every_class_has_a_clock_that_runs():
    for rule in DUTIES.values():
        for one in CLASSES:
            assert rule.clock_for(one) in CLOCKS
    assert set(DUTY_CLOCKS) <= CLOCKS.keys()


@pytest.mark.article("law-26", "law-36")
def test_visits_and_talks_are_counted_within_a_quarter():
    for clock in ("visits", "talks"):
        assert begins(date(2026, 1, 15), clock, 4)[4] == date(2027, 1, 15)
    often = with_overrides(POLICY, {"visits_per_quarter": 3}, "省社区矫正实施细则")
    assert DUTIES["visits"].wanted("general", often) == 3
    assert DUTIES["talks"].wanted("strict", POLICY) > DUTIES["talks"].wanted("lenient", POLICY)
    never = with_overrides(POLICY, {"visits_per_quarter": 0}, "省社区矫正实施细则")
    assert "visits" not in owed("probation", "strict", never)
