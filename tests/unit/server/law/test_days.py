"""The calendar of legal days."""

from datetime import UTC, date, datetime, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.law.days import ZONE, HolidayNotice, LegalCalendar
from server.law.errors import LawError

CALENDAR = LegalCalendar()
DAYS = st.dates(date(2004, 1, 1), date(2040, 12, 31))
NUMBERS = st.integers(0, 120)

# The State Council's notice of November 2025 on the year 2026: Spring Festival 15 to 23 February,
# worked on Saturdays 14 and 28; National Day 1 to 7 October, worked on 20 September, 10 October.
HOLIDAYS_2026 = [
    (date(2026, 1, 1), False),
    (date(2026, 1, 4), True),
    (date(2026, 2, 14), True),
    (date(2026, 2, 15), False),
    (date(2026, 2, 23), False),
    (date(2026, 2, 24), True),
    (date(2026, 2, 28), True),
    (date(2026, 4, 6), False),
    (date(2026, 5, 9), True),
    (date(2026, 6, 19), False),
    (date(2026, 9, 20), True),
    (date(2026, 10, 7), False),
    (date(2026, 10, 10), True),
    (date(2026, 11, 22), False),
    (date(2026, 11, 23), True),
]


@pytest.mark.parametrize(("day", "works"), HOLIDAYS_2026, ids=str)
def test_the_notice_of_2026_says_which_days_are_worked(day, works):
    assert CALENDAR.is_working_day(day) is works


def test_a_year_without_a_notice_has_weekends_only_and_says_so():
    last = max(year for year in range(2020, 2060) if CALENDAR.is_announced(year))
    national_day = date(last + 1, 10, 1)
    assert not CALENDAR.is_announced(last + 1)
    assert CALENDAR.is_working_day(national_day) is (national_day.weekday() < 5)


def test_a_notice_given_by_hand_arranges_its_whole_year():
    notice = HolidayNotice(2039, frozenset({date(2039, 1, 3)}), frozenset({date(2039, 1, 8)}), "n")
    calendar = LegalCalendar([notice])
    assert calendar.is_announced(2039)
    assert not calendar.is_working_day(date(2039, 1, 3))
    assert calendar.is_working_day(date(2039, 1, 8))


def test_a_notice_given_by_hand_replaces_the_known_one():
    calendar = LegalCalendar([HolidayNotice(2026, frozenset(), frozenset(), "withdrawn")])
    assert calendar.is_working_day(date(2026, 10, 1))
    assert not calendar.is_working_day(date(2025, 10, 1))


def test_a_day_off_before_the_year_joins_the_year_that_it_lies_in():
    notice = HolidayNotice(2039, frozenset({date(2038, 12, 31)}), frozenset(), "n")
    calendar = LegalCalendar([notice])
    assert not calendar.is_working_day(date(2038, 12, 31))
    assert not calendar.is_announced(2038)


@given(st.dates(date(2004, 1, 1), date(2026, 12, 31)))
def test_known_years_are_worked_as_the_library_says(day):
    assert CALENDAR.is_working_day(day) is chinese_calendar.is_workday(day)


@pytest.mark.article("measures-58")
def test_the_last_day_of_within_is_included_and_more_than_begins_after_it():
    last = CALENDAR.add_days(date(2026, 11, 22), 10)
    assert CALENDAR.date_of(CALENDAR.due_at(last) - timedelta(microseconds=1)) == last
    assert CALENDAR.date_of(CALENDAR.due_at(last)) == date(2026, 12, 3)


@pytest.mark.article("cpl-105")
def test_the_day_of_the_event_is_not_counted():
    assert CALENDAR.add_days(date(2026, 11, 22), 10) == date(2026, 12, 2)
    assert CALENDAR.add_working_days(date(2026, 11, 20), 1) == date(2026, 11, 23)


@pytest.mark.article("cpl-105")
def test_a_legal_day_ends_at_midnight_in_shanghai():
    assert CALENDAR.due_at(date(2026, 12, 2)) == datetime(2026, 12, 2, 16, tzinfo=UTC)


@pytest.mark.article("cpl-105")
def test_a_last_day_in_the_spring_festival_moves_to_the_first_day_after_it():
    assert CALENDAR.rolls(date(2026, 2, 20)) == date(2026, 2, 24)


def test_a_weekend_day_that_is_worked_does_not_move():
    assert CALENDAR.rolls(date(2026, 2, 28)) == date(2026, 2, 28)


# Counted by hand on the calendar of 2026; the festival lies between.
@pytest.mark.parametrize(
    ("begins", "number", "last"),
    [
        (date(2026, 2, 10), 10, date(2026, 3, 2)),
        (date(2026, 2, 10), 5, date(2026, 2, 24)),
        (date(2026, 9, 18), 10, date(2026, 10, 9)),
    ],
)
def test_working_days_leave_festivals_out_and_take_worked_weekends_in(begins, number, last):
    assert CALENDAR.add_working_days(begins, number) == last


@pytest.mark.parametrize(
    ("begins", "months", "ends", "for_courts"),
    [
        (date(2026, 11, 22), 3, date(2027, 2, 22), date(2027, 2, 22)),
        (date(2026, 11, 30), 3, date(2027, 2, 28), date(2027, 2, 28)),
        (date(2027, 2, 28), 1, date(2027, 3, 28), date(2027, 3, 31)),
        (date(2028, 1, 31), 1, date(2028, 2, 29), date(2028, 2, 29)),
        (date(2026, 12, 31), 2, date(2027, 2, 28), date(2027, 2, 28)),
        (date(2026, 4, 30), 1, date(2026, 5, 30), date(2026, 5, 31)),
    ],
)
@pytest.mark.article("spc-202")
def test_months_end_on_the_same_day_or_the_last(begins, months, ends, for_courts):
    assert CALENDAR.add_months(begins, months) == ends
    assert CALENDAR.add_court_months(begins, months) == for_courts


@pytest.mark.article("age-2")
@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        (date(2008, 11, 22), date(2026, 11, 22), 17),
        (date(2008, 11, 22), date(2026, 11, 23), 18),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(2008, 2, 29), date(2028, 2, 29), 19),
        (date(2008, 2, 29), date(2028, 3, 1), 20),
        (date(2026, 11, 22), date(2026, 11, 22), -1),
    ],
)
def test_a_year_of_age_is_full_from_the_day_after_the_birthday(birth, day, age):
    assert CALENDAR.age_on(birth, day) == age


@given(DAYS, DAYS)
def test_nobody_grows_younger(birth, day):
    assert CALENDAR.age_on(birth, day) <= CALENDAR.age_on(birth, day + timedelta(days=1))


@given(DAYS, NUMBERS)
def test_working_days_come_one_by_one(day, number):
    last = CALENDAR.add_working_days(day, number)
    between = [day + timedelta(days=n) for n in range(1, (last - day).days + 1)]
    assert sum(map(CALENDAR.is_working_day, between)) == number


@given(DAYS, NUMBERS)
def test_counting_working_days_back_returns(day, number):
    start = CALENDAR.rolls(day)
    assert CALENDAR.add_working_days(CALENDAR.add_working_days(start, number), -number) == start


@given(DAYS, NUMBERS, NUMBERS)
def test_more_months_never_end_earlier(day, fewer, more):
    assert CALENDAR.add_months(day, fewer) <= CALENDAR.add_months(day, fewer + more)


@given(DAYS, NUMBERS)
def test_courts_never_count_a_shorter_month(day, number):
    plain, for_courts = CALENDAR.add_months(day, number), CALENDAR.add_court_months(day, number)
    assert plain <= for_courts <= plain + timedelta(days=3)
    assert plain.month == for_courts.month


@given(DAYS)
def test_a_rolled_day_is_worked_and_rolls_no_further(day):
    rolled = CALENDAR.rolls(day)
    assert rolled >= day
    assert CALENDAR.is_working_day(rolled)
    assert CALENDAR.rolls(rolled) == rolled


@given(DAYS)
def test_the_instant_before_the_end_of_a_day_lies_in_it(day):
    due = CALENDAR.due_at(day)
    assert CALENDAR.date_of(due - timedelta(microseconds=1)) == day
    assert CALENDAR.date_of(due) == day + timedelta(days=1)


@given(st.datetimes(datetime(2004, 1, 1), datetime(2040, 1, 1)))  # noqa: DTZ001 - zone is added
def test_the_legal_day_is_the_same_in_every_zone(naive):
    instant = naive.replace(tzinfo=UTC)
    assert CALENDAR.date_of(instant) == CALENDAR.date_of(instant.astimezone(ZONE))


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(LawError, match="names no zone"):
        CALENDAR.date_of(datetime(2026, 11, 22))  # noqa: DTZ001 - the fault under test


@pytest.mark.parametrize("count", [CALENDAR.add_days, CALENDAR.add_working_days])
def test_a_period_of_centuries_is_refused(count):
    with pytest.raises(LawError, match="outside"):
        count(date(2026, 11, 22), 40_000)
