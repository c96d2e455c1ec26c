"""Every deadline of the law as data: what it is, by which article, how long, how it counts.

A clock has no state. `due_at` and `warn_at` are functions of when it began, the policy and the
calendar; whoever opens a deadline keeps what they return.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Final, Literal

import msgspec

from server.law.articles import ARTICLES
from server.law.days import ZONE, LegalCalendar
from server.law.errors import LawError, UnknownNameError
from server.law.package_data import read
from server.law.policy import Policy, national
from server.law.text import Text

Counts = Literal["hours", "days", "working_days", "months"]
Debtor = Literal[
    "subject",
    "office",
    "county",
    "city",
    "head",
    "destination",
    "deciding_body",
    "custodian",
    "court",
    "police",
]
"""Who must act: `destination` is the county that a person goes to, `custodian` who hands over."""


class Clock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of deadline.

    Attributes:
        parameter: Name of the parameter that is its length, in the unit of `counts`.
        warn_before: Name of the parameter by which it warns ahead, in hours or days.
        who: Who must act before it is due.
        rolls: Its last day moves past days off (Criminal Procedure Law, Art. 105).
        binds: It limits a person: it ends at the same time of day, and never rolls.
        back: It counts back from the day given, as before an expiry.
        month_end: Months run from a last day to a last day, as courts count; the later end.
    """

    kind: str
    text: Text
    article: str
    parameter: str
    counts: Counts
    warn_before: str
    who: Debtor
    rolls: bool = False
    binds: bool = False
    back: bool = False
    month_end: bool = False

    def due_at(self, begins: datetime, policy: Policy, calendar: LegalCalendar) -> datetime:
        """Return when it is due: the end of its last day in Asia/Shanghai, or to the second.

        To the second where it counts hours or binds a person.

        Args:
            begins: When what starts it happened, with a zone; for a clock that counts back, the
                day from which it counts.
            policy: Figures in force.
            calendar: Working days in force.

        Raises:
            LawError: `begins` names no zone.
        """
        number = policy.number(self.parameter) * (-1 if self.back else 1)
        first = calendar.date_of(begins)
        if self.counts == "hours":
            return begins + timedelta(hours=number)
        last = self._count(calendar)(first, number)
        if self.binds:
            return datetime.combine(last, begins.astimezone(ZONE).timetz())
        return calendar.due_at(calendar.rolls(last) if self.rolls else last)

    def warn_at(
        self, begins: datetime, due: datetime, policy: Policy, calendar: LegalCalendar
    ) -> datetime:
        """Return when it warns: ahead of `due`, on a working day, but not before it began.

        A warning on a day off would be read when it is too late; clocks of hours take no notice.
        """
        lead = policy.parameter(self.warn_before)
        warn = due - timedelta(**{lead.unit: lead.value})
        if self.counts != "hours":
            day = calendar.date_of(warn)
            if not calendar.is_working_day(day):
                warn = calendar.begins_at(calendar.add_working_days(day, -1))
        return warn if self.back else max(begins, warn)

    def _count(self, calendar: LegalCalendar) -> Callable[[date, int], date]:
        if self.counts == "days":
            return calendar.add_days
        if self.counts == "working_days":
            return calendar.add_working_days
        return calendar.add_court_months if self.month_end else calendar.add_months


Rules = dict[str, tuple[Policy, LegalCalendar]]
"""What clocks run by, for each organisation."""


def clock(kind: str) -> Clock:
    """Return a clock by its kind.

    Raises:
        UnknownNameError: No such clock.
    """
    found = CLOCKS.get(kind)
    if found is None:
        raise UnknownNameError("clock", kind, CLOCKS)
    return found


def _load(rows: tuple[Clock, ...]) -> Mapping[str, Clock]:
    found: dict[str, Clock] = {}
    policy = national()
    for row in rows:
        if row.kind in found:
            raise LawError(f"clocks.json: {row.kind} stands twice")
        if row.article not in ARTICLES:
            raise LawError(f"clocks.json: {row.kind}: {row.article} is not in articles.json")
        length, lead = policy.parameter(row.parameter), policy.parameter(row.warn_before)
        if length.unit != row.counts:
            raise LawError(f"clocks.json: {row.kind} counts {row.counts}, not {length.unit}")
        if lead.unit not in ("hours", "days"):
            raise LawError(f"clocks.json: {row.kind} warns by hours or days, not {lead.unit}")
        if row.binds and row.rolls:
            raise LawError(f"clocks.json: {row.kind}: what binds a person never rolls")
        found[row.kind] = row
    return MappingProxyType(found)


CLOCKS: Final[Mapping[str, Clock]] = _load(read("clocks.json", tuple[Clock, ...]))
"""Every kind of deadline, by kind."""
