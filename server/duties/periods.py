"""Periods of a duty, one after another without a gap. Pure.

Each counts from the same day of the week or month: that a deadline moved past a holiday, or that a
month was short, moves no later period.
"""

from calendar import monthrange
from datetime import date

from server.law.clocks import Clock
from server.law.days import LegalCalendar
from server.law.errors import LawError
from server.law.policy import Policy


def next_begin(
    begin: date, anchor: date, clock: Clock, policy: Policy, calendar: LegalCalendar
) -> date:
    """Return the day from which the next period counts.

    Args:
        begin: The day from which this one counts.
        anchor: The day from which the first one counted.
        clock: Of the period, in days or months.
        policy: Its length.
        calendar: The days.

    Raises:
        LawError: The clock counts hours or working days.
    """
    length = policy.number(clock.parameter)
    if clock.counts == "days":
        return calendar.add_days(begin, length)
    if clock.counts != "months":
        raise LawError(f"{clock.kind} counts {clock.counts}: a period takes days or months")
    following = calendar.add_months(begin, length)
    last = monthrange(following.year, following.month)[1]
    return following.replace(day=min(anchor.day, last))
