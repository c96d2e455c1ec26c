"""How many days of leave a person has had: of one leave, and cumulated within months. Pure.

A day counts when any part of it in Asia/Shanghai is leave, and once however many leaves touch it.
That whole days are meant, and that the two months roll with each day, is unverified (measures-27).
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate

from server.law.days import LegalCalendar

_DAY = timedelta(days=1)
_CALENDAR = LegalCalendar()


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Days from `first` to `last`, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many they are."""
        return (self.last - self.first).days + 1


def span_of(begin: datetime, end: datetime) -> Span:
    """Return the legal days that a leave of [begin, end) touches; at least one."""
    first = _CALENDAR.date_of(begin)
    return Span(first, max(first, _CALENDAR.date_of(end - timedelta(microseconds=1))))


def most_within(asked: Span, others: Iterable[Span], months: int) -> int:
    """Return the most days of leave in any so many months that contain a day of `asked`.

    Months end on a day of the leave, or later where leave that was approved for then comes
    together with it: [the day after the same day so many months before, the day].

    Args:
        asked: The leave in question.
        others: Leave that was approved already, before and after it.
        months: Length of the window.
    """
    spans = _joined([asked, *others])
    latest = _CALENDAR.add_months(asked.last, months)
    return max(
        _days_between(spans, _CALENDAR.add_months(day, -months) + _DAY, day)
        for day in _days(Span(asked.first, latest))
        if _CALENDAR.add_months(day, -months) < asked.last
    )


def _days(span: Span) -> Iterable[date]:
    return (span.first + timedelta(days=number) for number in range(span.days))


def _joined(spans: Sequence[Span]) -> list[Span]:
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and span.first <= joined[-1].last + _DAY:
            joined[-1] = Span(joined[-1].first, max(joined[-1].last, span.last))
        else:
            joined.append(span)
    return joined


def _days_between(spans: Sequence[Span], first: date, last: date) -> int:
    return _days_until(spans, last) - _days_until(spans, first - _DAY)


def _days_until(spans: Sequence[Span], day: date) -> int:
    before = [0, *accumulate(span.days for span in spans)]
    place = bisect_right([span.first for span in spans], day)
    if place == 0:
        return 0
    within = spans[place - 1]
    return before[place - 1] + Span(within.first, min(within.last, day)).days
