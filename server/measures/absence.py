"""Counting an absence (脱离监管) in legal days.

The day on which it began is not counted. "More than" excludes the number (measures-58): an absence
is more than ten days from 00:00 of the eleventh day on, more than a month from 00:00 of the day
after the same day of the next month, or after its last day (spc-202).
"""

from dataclasses import dataclass
from datetime import date, datetime

from server.law.days import LegalCalendar


@dataclass(frozen=True, slots=True)
class Absence:
    """Legal days between which a person was away.

    Attributes:
        begin: The day that is not counted.
        end: The day of the return; for one that goes on, today.
    """

    begin: date
    end: date

    @property
    def days(self) -> int:
        """Legal days after the first one, the last one included."""
        return (self.end - self.begin).days

    def is_more_than_days(self, number: int) -> bool:
        """Return whether it exceeds so many days."""
        return self.days > number

    def is_more_than_months(self, number: int, calendar: LegalCalendar) -> bool:
        """Return whether it exceeds so many calendar months.

        From a last day of a month to a last day, as courts count: the later end.
        """
        return self.end > calendar.add_court_months(self.begin, number)


def absence_between(
    begin: datetime, end: datetime | None, now: datetime, calendar: LegalCalendar
) -> Absence:
    """Return an absence by the instants of its ends.

    Args:
        begin: When it began, aware.
        end: When it ended; None: it goes on.
        now: The instant that counts for one that goes on.
        calendar: The days.
    """
    last = now if end is None else end
    return Absence(calendar.date_of(begin), calendar.date_of(last))
