"""Days of leave, of one leave and cumulated, against a count day by day."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.law.days import ZONE
from server.movement.accumulator import Span, most_within, span_of
from tests.oracles import leave_days

DAY = timedelta(days=1)
FIRST = date(2026, 1, 1)

spans = st.builds(
    lambda start, length: Span(FIRST + start * DAY, FIRST + (start + length) * DAY),
    st.integers(0, 400),
    st.integers(0, 45),
)


def days_of(span):
    return {span.first + number * DAY for number in range(span.days)}


@pytest.mark.article("measures-27")
@given(asked=spans, others=st.lists(spans, max_size=6), months=st.integers(1, 2))
def test_cumulated_days_are_those_of_a_count_day_by_day(asked, others, months):
    away = set().union(*(days_of(span) for span in others))
    counted = leave_days.most_within(days_of(asked), away, months)
    assert most_within(asked, others, months) == counted


@given(asked=spans, others=st.lists(spans, max_size=6))
def test_more_leave_is_never_fewer_days(asked, others):
    assert most_within(asked, others, 2) >= most_within(asked, others[1:], 2)
    assert most_within(asked, others, 2) <= asked.days + sum(span.days for span in others)


@pytest.mark.parametrize(
    ("begin", "end", "days"),
    [
        ("2026-11-22T08:00", "2026-11-22T20:00", 1),
        ("2026-11-22T23:59", "2026-11-23T00:01", 2),
        ("2026-11-22T00:00", "2026-11-23T00:00", 1),
        ("2026-02-28T12:00", "2026-03-01T12:00", 2),
    ],
)
def test_a_day_counts_when_any_part_of_it_is_leave(begin, end, days):
    begin, end = (datetime.fromisoformat(text).replace(tzinfo=ZONE) for text in (begin, end))
    assert span_of(begin, end).days == days


@pytest.mark.article("measures-27")
def test_thirty_days_fall_out_of_the_window_after_two_months():
    january = Span(date(2026, 1, 1), date(2026, 1, 30))
    assert most_within(Span(date(2026, 2, 27), date(2026, 2, 27)), [january], 2) == 31
    assert most_within(Span(date(2026, 3, 30), date(2026, 3, 31)), [january], 2) == 2
