"""Permissions by the county: frequent movement, places, contacts (实施办法 25, 29, 39). Pure.

applied -> approved | refused | withdrawn. What is approved changes only what is to come.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final, Literal

from server.errors import Refusal, RefusedError
from server.law.articles import article
from server.law.days import ZONE, LegalCalendar
from server.law.policy import Policy
from server.movement.spans import span_faults

Kind = Literal["cross_county", "place", "contact"]
State = Literal["applied", "approved", "refused", "withdrawn"]

ARTICLE: Final[dict[Kind, str]] = {
    "cross_county": article("measures-29").key,
    "place": article("measures-39").key,
    "contact": article("measures-25").key,
}

MOST_TIMES: Final = 400
"""Times of one permit: twice a day in half a year, and each is a row of the directory."""

_CALENDAR: Final = LegalCalendar()


@dataclass(frozen=True, slots=True)
class Weekly:
    """A time of day on days of the week, Asia/Shanghai; `days` are 1 Monday to 7 Sunday."""

    days: frozenset[int]
    start: time
    end: time


def check_application(
    kind: Kind, begin: datetime, end: datetime, *, now: datetime, policy: Policy
) -> None:
    """Refuse what could not be approved.

    Raises:
        RefusedError: With each rule that it breaks.
    """
    faults = [*span_faults(begin, end, ARTICLE[kind])]
    ahead = policy.number("cross_county_notice_days") if kind == "cross_county" else 0
    earliest = _CALENDAR.add_days(_CALENDAR.date_of(now), ahead)
    if begin < now or _CALENDAR.date_of(begin) < earliest:
        faults.append(_too_early(kind, ahead))
    if kind == "cross_county" and end > _latest(begin, policy):
        faults.append(_too_long(policy.number("cross_county_permit_months")))
    if faults:
        raise RefusedError(*faults)


def check_open(state: State, kind: Kind) -> None:
    """Refuse a decision on what was decided.

    Raises:
        RefusedError: It does not wait for one.
    """
    if state != "applied":
        zh, en = "该申请已经办结", f"the application is {state}"
        raise RefusedError(
            Refusal(
                "", "application_open", ARTICLE[kind], zh, en, "另行申请", "another application"
            )
        )


def approved_interval(
    kind: Kind, begin: datetime, end: datetime, *, now: datetime, policy: Policy
) -> tuple[datetime, datetime]:
    """Return from when to when an approval of now holds: never before it, never too long.

    Raises:
        RefusedError: The time is over.
    """
    since = max(begin, now)
    until = min(end, _latest(since, policy)) if kind == "cross_county" else end
    if since < until:
        return since, until
    raise RefusedError(
        Refusal(
            "",
            "not_back_dated",
            ARTICLE[kind],
            "申请的时间已过，不得事后补批",
            "the time is over: nothing is approved afterwards",
            "另行申请",
            "another application",
        )
    )


def times(
    weekly: Iterable[Weekly], begin: datetime, end: datetime
) -> list[tuple[datetime, datetime]]:
    """Return the times of a permit within [begin, end), joined where they touch.

    Raises:
        RefusedError: They are more than the gateways are told of.
    """
    found: list[tuple[datetime, datetime]] = []
    for one in weekly:
        # A window that began the day before may still run.
        day = _CALENDAR.date_of(begin) - timedelta(days=1)
        while day <= _CALENDAR.date_of(end):
            if day.isoweekday() in one.days:
                start = datetime.combine(day, one.start, ZONE)
                later = one.end <= one.start
                stop = datetime.combine(day + timedelta(days=later), one.end, ZONE)
                if max(start, begin) < min(stop, end):
                    found.append((max(start, begin), min(stop, end)))
            day += timedelta(days=1)
    joined = _joined(found)
    if len(joined) > MOST_TIMES:
        raise RefusedError(_too_many(len(joined)))
    return joined


def without(
    spans: Sequence[tuple[datetime, datetime]], taken: Sequence[tuple[datetime, datetime]]
) -> list[tuple[datetime, datetime]]:
    """Return what of the spans lies in none of the taken ones; leaves do not overlap."""
    left = list(spans)
    for begin, end in taken:
        left = [
            piece
            for start, stop in left
            for piece in ((start, min(stop, begin)), (max(start, end), stop))
            if piece[0] < piece[1]
        ]
    return left


def _latest(begin: datetime, policy: Policy) -> datetime:
    local = begin.astimezone(ZONE)
    months = policy.number("cross_county_permit_months")
    return datetime.combine(_CALENDAR.add_months(local.date(), months), local.timetz())


def _joined(spans: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    joined: list[tuple[datetime, datetime]] = []
    for begin, end in sorted(spans):
        if joined and begin <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        else:
            joined.append((begin, end))
    return joined


def _too_early(kind: Kind, ahead: int) -> Refusal:
    return Refusal(
        "/from_time",
        "apply_ahead",
        ARTICLE[kind],
        "开始时间已过，或者未按规定提前申请",
        "it would begin in the past, or too soon",
        f"提前{ahead}日" if ahead else "现在或者以后开始",
        f"{ahead} days ahead" if ahead else "from now on",
    )


def _too_long(months: int) -> Refusal:
    return Refusal(
        "/to_time",
        "permit_most",
        ARTICLE["cross_county"],
        f"批准一次的有效期不超过{months}个月",
        f"a permit is for at most {months} months",
        "期满重新申请",
        "another application when it ends",
    )


def _too_many(count: int) -> Refusal:
    return Refusal(
        "/weekly",
        "permit_times",
        ARTICLE["cross_county"],
        f"活动时段共{count}个，超过上限",
        f"{count} times are more than a permit may have",
        f"不超过{MOST_TIMES}个；相连的时段合并",
        f"at most {MOST_TIMES}; join those that touch",
    )
