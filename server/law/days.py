"""The one calendar of legal days and working days, in the time of Asia/Shanghai.

The day of the event is never counted; a period lasts until 24:00 of its last day (Criminal
Procedure Law, Art. 105). That this also holds for the agencies' own periods is unverified.
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

import chinese_calendar
import msgspec

from server.law.articles import article
from server.law.errors import LawError

BASIS: Final = (article("cpl-105"), article("measures-58"), article("spc-202"), article("age-2"))
"""By which articles days are counted: periods, what a number includes, months, age."""

ZONE: Final = ZoneInfo("Asia/Shanghai")

_SATURDAY: Final = 5
_NO_DAYS: Final[frozenset[date]] = frozenset()
# Far beyond any period here; keeps a wrong number from counting through centuries.
_MOST_COUNTED: Final = 36_600


class HolidayNotice(msgspec.Struct, frozen=True):
    """The State Council's notice of a year's days off, where the library lacks or errs.

    Attributes:
        year: The year that it arranges.
        off: Days without work, weekends aside.
        worked: Days of weekends that are worked.
        source: Its number or address.
    """

    year: int
    off: frozenset[date]
    worked: frozenset[date]
    source: str


class LegalCalendar:
    """Days as the law counts them.

    Days off come from the package `chinesecalendar`, which follows the yearly notices of the
    State Council. A year without a notice has weekends only, and `is_announced` says so.
    """

    def __init__(self, notices: Iterable[HolidayNotice] = ()) -> None:
        """Add or replace whole years by `notices`."""
        given = tuple(notices)
        self._off = _by_year(_KNOWN_OFF, {one.year: one.off for one in given})
        self._worked = _by_year(_KNOWN_WORKED, {one.year: one.worked for one in given})
        self._announced = _KNOWN_YEARS.union(one.year for one in given)

    def is_announced(self, year: int) -> bool:
        """Return whether the year's days off are known; otherwise only weekends count."""
        return year in self._announced

    def is_working_day(self, day: date) -> bool:
        """Return whether offices work on this day."""
        if day.weekday() < _SATURDAY:
            return day not in self._off.get(day.year, _NO_DAYS)
        return day in self._worked.get(day.year, _NO_DAYS)

    def add_days(self, day: date, number: int) -> date:
        """Return the last day of a period of days after `day`, which is not counted.

        A negative number counts back.
        """
        return day + timedelta(days=_bounded(number))

    def add_working_days(self, day: date, number: int) -> date:
        """Return the last day of a period of working days after `day`, which is not counted.

        A negative number counts back; zero is the day itself.
        """
        step = timedelta(days=1 if number > 0 else -1)
        for _ in range(abs(_bounded(number))):
            day += step
            while not self.is_working_day(day):
                day += step
        return day

    def add_months(self, day: date, number: int) -> date:
        """Return the same day of the month so many calendar months later.

        Where the month has no such day it is the month's last. A negative number counts back.
        """
        year, month = divmod(day.year * 12 + day.month - 1 + _bounded(number), 12)
        return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))

    def add_court_months(self, day: date, number: int) -> date:
        """Return the end of months as courts count them: from a last day of a month to a last day.

        Supreme People's Court, interpretation of the Criminal Procedure Law (2021), Art. 202.
        Never earlier than `add_months`.
        """
        end = self.add_months(day, number)
        if day.day == monthrange(day.year, day.month)[1]:
            return end.replace(day=monthrange(end.year, end.month)[1])
        return end

    def rolls(self, day: date) -> date:
        """Return the day itself, or the next working day where a period may not end on a day off.

        Never for a period that binds or detains a person (Criminal Procedure Law, Art. 105).
        """
        while not self.is_working_day(day):
            day += timedelta(days=1)
        return day

    def due_at(self, day: date) -> datetime:
        """Return the end of a legal day: 24:00, which is the next day's 00:00."""
        return self.begins_at(day + timedelta(days=1))

    def begins_at(self, day: date) -> datetime:
        """Return the beginning of a legal day: 00:00."""
        return datetime.combine(day, time(), ZONE)

    def date_of(self, instant: datetime) -> date:
        """Return the legal day that an instant lies in.

        Raises:
            LawError: The instant names no zone.
        """
        if instant.utcoffset() is None:
            raise LawError(f"{instant.isoformat()} names no zone: add one, as +08:00 or Z")
        return instant.astimezone(ZONE).date()

    def age_on(self, birth: date, day: date) -> int:
        """Return full years of age (周岁): a year is full from the day after the birthday.

        Who was born on 29 February has the birthday of a common year on 28 February. Before the
        birth the age is negative.
        """
        years = day.year - birth.year
        return years if day > self.add_months(birth, 12 * years) else years - 1


def _by_year(
    known: Mapping[int, frozenset[date]], given: Mapping[int, frozenset[date]]
) -> Mapping[int, frozenset[date]]:
    """Return the days of each year, those of `given` in place of the known ones.

    A day of a given year that lies in the year before, as 31 December, joins that year.
    """
    if not given:
        return known
    years = {**known, **dict.fromkeys(given, _NO_DAYS)}
    for days in given.values():
        for day in days:
            years[day.year] = years.get(day.year, _NO_DAYS) | {day}
    return years


def _grouped(days: Iterable[date]) -> Mapping[int, frozenset[date]]:
    years: dict[int, set[date]] = defaultdict(set)
    for day in days:
        years[day.year].add(day)
    return MappingProxyType({year: frozenset(found) for year, found in years.items()})


def _bounded(number: int) -> int:
    if abs(number) > _MOST_COUNTED:
        raise LawError(f"a period of {number} is outside {-_MOST_COUNTED} to {_MOST_COUNTED}")
    return number


_KNOWN_OFF: Final = _grouped(chinese_calendar.holidays)
_KNOWN_WORKED: Final = _grouped(chinese_calendar.workdays)
# A notice always arranges the National Day; a stray day at the turn of the year is not one.
_KNOWN_YEARS: Final = frozenset(
    year for year, off in _KNOWN_OFF.items() if date(year, 10, 1) in off
)
