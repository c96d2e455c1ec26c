"""Days of leave counted one by one, and a person's leave followed act by act."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
MONTHS, MOST_CUMULATED, MOST_OF_COUNTY, MOST_OF_OFFICE = 2, 30, 30, 7
"""As of the national policy."""


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def most_within(asked: set[date], others: set[date], months: int) -> int:
    """Every window of so many months that has a day of the leave, day by day."""
    away = asked | others
    most = 0
    for shift in range(len(asked) + 32 * months):
        last = min(asked) + shift * DAY
        after = months_before(last, months)
        window = {day for day in away if after < day <= last}
        if window & asked:
            most = max(most, len(window))
    return most


def touched(begin: datetime, end: datetime) -> set[date]:
    """The days in Shanghai of which a part lies in [begin, end)."""
    days = set()
    day = begin.astimezone(SHANGHAI).date()
    while datetime.combine(day, datetime.min.time(), SHANGHAI) < end:
        days.add(day)
        day += DAY
    return days


def tier(days: int, cumulated: int) -> str:
    """Who decides: each "more than" excludes the number itself."""
    if days > MOST_OF_COUNTY or cumulated > MOST_CUMULATED:
        return "city"
    return "office" if days <= MOST_OF_OFFICE else "county"


@dataclass
class LeaveBook:
    """A person's leave as its acts tell it; acts come in the order in which they were noted.

    Attributes:
        asked: From when to when each leave is asked for, by its id.
        standing: What was approved, as it stands; without what ended before it began.
        sizes: What each application and approval should have said, beside what it said.
    """

    asked: dict[str, tuple[datetime, datetime]]
    standing: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)
    sizes: list[tuple[dict[str, Any], dict[str, Any]]] = field(default_factory=list)

    def follow(self, acts: Sequence[dict[str, Any]]) -> None:
        for act in acts:
            self._take(act["kind"].removeprefix("leave."), act)

    def _take(self, what: str, act: dict[str, Any]) -> None:
        leave, at = act["ref_id"], act["happened_time"]
        if what in {"applied", "approved"}:
            said = {name: act["body"][name] for name in ("days", "cumulated", "tier")}
            self.sizes.append((said, self._size(leave)))
        if what == "approved":
            begin, end = self.asked[leave]
            self.standing[leave] = max(begin, at), end
        if what in {"withdrawn", "returned"} and leave in self.standing:
            begin, end = self.standing.pop(leave)
            if begin < min(end, at):
                self.standing[leave] = begin, min(end, at)

    def _size(self, leave: str) -> dict[str, Any]:
        days = touched(*self.asked[leave])
        others = {day for span in self.standing.values() for day in touched(*span)}
        cumulated = most_within(days, others, MONTHS)
        sized = {"days": len(days), "cumulated": cumulated}
        return sized | {"tier": tier(len(days), cumulated)}
