"""Every deadline of the law."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.law.articles import article
from server.law.clocks import CLOCKS, clock
from server.law.days import ZONE, LegalCalendar
from server.law.errors import LawError, UnknownNameError
from server.law.policy import national

CALENDAR = LegalCalendar()
POLICY = national()
BEGINS = st.datetimes(datetime(2020, 7, 1), datetime(2040, 1, 1), timezones=st.just(ZONE))  # noqa: DTZ001 - the zone is drawn


def due(kind, *moment):
    return clock(kind).due_at(datetime(*moment, tzinfo=ZONE), POLICY, CALENDAR)


def midnight_after(*day):
    return CALENDAR.due_at(date(*day))


# Begun on Tuesday 10 February 2026, counted by hand: off are 15 to 23 February, worked is Saturday
# the 14th; 10 May is a Sunday after a worked Saturday.
BEGUN = datetime(2026, 2, 10, 9, 30, tzinfo=ZONE)
LAST_DAYS = {
    "decision_notice": date(2026, 2, 24),
    "documents_served": date(2026, 2, 24),
    "subject_report": date(2026, 2, 24),
    "handover": date(2026, 2, 24),
    "announcement": date(2026, 2, 24),
    "group": date(2026, 2, 24),
    "plan": date(2026, 2, 24),
    "exit_ban_filing": date(2026, 2, 13),
    "exit_ban_lifting": date(2026, 2, 13),
    "order_review": date(2026, 3, 12),
    "leave_decision": date(2026, 2, 13),
    "assistance_answer": date(2026, 2, 13),
    "permission_decision": date(2026, 2, 13),
    "cross_county_decision": date(2026, 2, 24),
    "cross_county_end": date(2026, 8, 10),
    "transfer_consult": date(2026, 2, 24),
    "transfer_answer": date(2026, 2, 24),
    "transfer_decision": date(2026, 2, 24),
    "transfer_files": date(2026, 2, 24),
    "transfer_report": date(2026, 2, 24),
    "absence_warning": date(2026, 2, 20),
    "absence_revocation": date(2026, 3, 10),
    "measure_decision": date(2026, 2, 24),
    "measure_service": date(2026, 2, 13),
    "copies_sent": date(2026, 2, 13),
    "objection_window": date(2026, 3, 12),
    "objection_answer": date(2026, 2, 24),
    "objection_answer_extended": date(2026, 3, 16),
    "police_penalty_answer": date(2026, 3, 12),
    "revocation_ruling": date(2026, 3, 12),
    "recommitment_decision": date(2026, 3, 12),
    "reduction_ruling": date(2026, 3, 12),
    "detention_notice": date(2026, 2, 13),
    "investigation": date(2026, 3, 2),
    "investigation_fast": date(2026, 2, 24),
    "health_report": date(2026, 3, 10),
    "medical_review": date(2026, 5, 11),
    "medical_review_extension": date(2026, 5, 11),
    "assessment": date(2026, 5, 11),
    "periodic_report_strict": date(2026, 2, 24),
    "periodic_report_general": date(2026, 2, 25),
    "periodic_report_lenient": date(2026, 3, 12),
    "written_report": date(2026, 3, 10),
    "visits": date(2026, 5, 10),
    "talks": date(2026, 5, 10),
    "information_checks": date(2026, 5, 10),
    "education": date(2026, 3, 10),
    "community_work": date(2026, 3, 10),
    "release_summary": date(2026, 1, 11),
    "release_certificate": date(2026, 2, 10),
    "release_notice": date(2026, 2, 13),
    "termination_notice": date(2026, 2, 13),
    "death_notice": date(2026, 2, 13),
    "complaint_answer": date(2026, 2, 25),
    "procuratorate_answer": date(2026, 2, 25),
    "data_request_answer": date(2026, 2, 25),
    "impact_assessment": date(2027, 2, 10),
}
HOURS = {
    "leave_return_report": 24,
    "arrest_decision": 48,
    "case_ending": 24,
    "search_start": 1,
    "search_police": 24,
    "search_procuratorate": 24,
    "sealed_look_decision": 24,
    "sealed_look_end": 4,
}
TO_THE_SECOND = ("order_end", "arrest_custody")


@pytest.mark.article(
    "law-20",
    "law-21",
    "law-24",
    "law-25",
    "law-26",
    "law-27",
    "law-28",
    "law-29",
    "law-33",
    "law-34",
    "law-36",
    "law-42",
    "law-44",
    "law-45",
    "law-46",
    "law-48",
    "law-49",
    "law-51",
    "law-62",
    "measures-14",
    "measures-20",
    "measures-24",
    "measures-28",
    "measures-29",
    "measures-30",
    "measures-31",
    "measures-32",
    "measures-35",
    "measures-36",
    "measures-39",
    "measures-41",
    "measures-46",
    "measures-53",
    "exit-420",
)
@pytest.mark.parametrize(("kind", "last"), LAST_DAYS.items(), ids=LAST_DAYS)
def test_a_clock_of_days_is_due_at_the_end_of_its_last_day(kind, last):
    assert clock(kind).due_at(BEGUN, POLICY, CALENDAR) == CALENDAR.due_at(last)


@pytest.mark.article("law-30", "law-47", "law-54", "measures-28", "measures-38")
@pytest.mark.parametrize(("kind", "hours"), HOURS.items(), ids=HOURS)
def test_a_clock_of_hours_is_due_to_the_second(kind, hours):
    assert clock(kind).due_at(BEGUN, POLICY, CALENDAR) == BEGUN + timedelta(hours=hours)


@pytest.mark.article("law-47")
def test_custody_after_an_arrest_ends_to_the_second_and_never_rolls():
    assert due("arrest_custody", 2026, 1, 20, 9, 30) == datetime(2026, 2, 19, 9, 30, tzinfo=ZONE)


def test_every_clock_is_counted_here():
    assert {*LAST_DAYS, *HOURS, *TO_THE_SECOND} == set(CLOCKS)


@pytest.mark.article("law-29")
def test_a_positioning_order_ends_to_the_second_whatever_day_it_is():
    begins = (2026, 7, 4, 10, 30, 15)
    assert due("order_end", *begins) == datetime(2026, 10, 4, 10, 30, 15, tzinfo=ZONE)


@pytest.mark.article("measures-35", "measures-34")
def test_ten_days_of_absence_are_full_at_midnight_even_in_a_festival():
    assert due("absence_warning", 2026, 2, 10, 8) == midnight_after(2026, 2, 20)


@pytest.mark.article("measures-46", "spc-202")
def test_a_month_of_absence_from_a_last_day_runs_to_a_last_day():
    assert due("absence_revocation", 2027, 2, 28, 8) == midnight_after(2027, 3, 31)


@pytest.mark.parametrize("one", CLOCKS.values(), ids=lambda one: one.kind)
def test_a_clock_has_an_article_and_both_languages(one):
    assert article(one.article)
    assert one.text.zh
    assert one.text.en


@given(one=st.sampled_from([*CLOCKS.values()]), begins=BEGINS)
def test_a_clock_warns_no_later_than_it_is_due(one, begins):
    due_at = one.due_at(begins, POLICY, CALENDAR)
    warn_at = one.warn_at(begins, due_at, POLICY, CALENDAR)
    assert warn_at <= due_at
    if not one.back:
        assert begins <= warn_at
        assert due_at > begins


@given(one=st.sampled_from([one for one in CLOCKS.values() if one.rolls]), begins=BEGINS)
def test_a_clock_that_rolls_ends_on_a_working_day(one, begins):
    last = CALENDAR.date_of(one.due_at(begins, POLICY, CALENDAR) - timedelta(microseconds=1))
    assert CALENDAR.is_working_day(last)


@given(begins=BEGINS, later=st.timedeltas(timedelta(), timedelta(days=400)))
def test_what_begins_later_is_never_due_earlier(begins, later):
    for one in CLOCKS.values():
        first = one.due_at(begins, POLICY, CALENDAR)
        assert one.due_at(begins + later, POLICY, CALENDAR) >= first


def test_what_limits_a_person_never_rolls():
    assert {one.kind for one in CLOCKS.values() if one.binds} == {"order_end", "arrest_custody"}
    assert not any(one.rolls for one in CLOCKS.values() if one.binds)
    assert not any(clock(kind).rolls for kind in ("absence_warning", "absence_revocation"))


def test_a_clock_warns_on_a_working_day_before_a_festival():
    begins = datetime(2026, 2, 10, 9, tzinfo=ZONE)
    one = clock("transfer_report")
    due_at = one.due_at(begins, POLICY, CALENDAR)
    assert due_at == midnight_after(2026, 2, 24)
    assert one.warn_at(begins, due_at, POLICY, CALENDAR) == CALENDAR.begins_at(date(2026, 2, 14))


def test_the_zone_of_the_beginning_does_not_matter():
    here = datetime(2026, 11, 22, 1, tzinfo=ZONE)
    for one in CLOCKS.values():
        assert one.due_at(here, POLICY, CALENDAR) == one.due_at(
            here.astimezone(UTC), POLICY, CALENDAR
        )


def test_a_beginning_without_a_zone_is_refused():
    with pytest.raises(LawError, match="names no zone"):
        clock("plan").due_at(datetime(2026, 11, 22), POLICY, CALENDAR)  # noqa: DTZ001 - the fault


def test_a_kind_that_is_no_clock_is_refused():
    with pytest.raises(UnknownNameError, match="order_end"):
        clock("order_ends")
