"""The counters of the ladder recounted over the acts, one by one, and grounds by plain cases."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Noted:
    """An act as an oracle reads it."""

    kind: str
    ref: str
    at: datetime
    body: dict[str, Any] = field(default_factory=dict)


def recount(acts: Sequence[Noted]) -> tuple[int, int, int]:
    """Count admonitions, warnings and imposed penalties that stand after these acts."""
    standing: dict[str, str] = {}
    imposed: set[str] = set()
    for act in acts:
        if act.kind == "measure.decided":
            standing[act.ref] = act.body["kind"]
        if act.kind == "measure.annulled":
            standing.pop(act.ref, None)  # nothing stands of what a ruling denied
        if act.kind == "measure.ruled" and act.body["about"] == "proposal":
            if act.body["outcome"] == "granted":
                imposed.add(act.ref)
            else:
                standing.pop(act.ref, None)
    kinds = list(standing.values())
    penalties = sum(kind == "police_penalty" and ref in imposed for ref, kind in standing.items())
    return kinds.count("admonition"), kinds.count("warning"), penalties


def served_before(acts: Sequence[Noted], kind: str, instant: datetime) -> int:
    """Count the standing measures of a kind that were served before an instant."""
    of_kind = {a.ref for a in acts if a.kind == "measure.decided" and a.body["kind"] == kind}
    gone = {a.ref for a in acts if a.kind == "measure.annulled"}
    told = {a.ref for a in acts if a.kind == "measure.served" and a.at < instant}
    return len((of_kind & told) - gone)


def days_away(begin: datetime, end: datetime) -> int:
    """Count the days of an absence one by one, the first not counted."""
    day, last, count = _day(begin), _day(end), 0
    while day < last:
        day += timedelta(days=1)
        count += 1
    return count


def is_over_a_month(begin: datetime, end: datetime) -> bool:
    """Walk day by day until the date of the month after, or the end of a month from an end."""
    first, last = _day(begin), _day(end)
    is_end = (first + timedelta(days=1)).month != first.month
    day = first
    while True:
        day += timedelta(days=1)
        crossed = (day.year, day.month) > (first.year, first.month)
        month_ends = (day + timedelta(days=1)).month != day.month
        is_same = day.day == first.day and not is_end
        if crossed and (is_same or month_ends):
            return last > day


def _day(instant: datetime) -> date:
    return instant.astimezone(SHANGHAI).date()
