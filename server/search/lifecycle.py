"""A search: what may be done while it goes on, and how it ends. Pure.

open -> found | closed
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Final, Literal

from server.errors import Refusal
from server.law.articles import article
from server.law.text import Text

Kind = Literal["lost", "never_arrived"]
State = Literal["open", "found", "closed"]
Means = Literal[
    "contact", "information_check", "visit", "family", "police", "procuratorate", "deciding_body"
]
Result = Literal["no_trace", "trace", "reached", "informed"]
CloseReason = Literal["term_over", "died", "detained", "revoked", "transferred", "mistaken"]

MEANS: Final[Mapping[Means, Text]] = MappingProxyType(
    {
        "contact": Text("通信联络", "by call or message"),
        "information_check": Text("信息化核查", "by information check"),
        "visit": Text("实地查访", "by visit"),
        "family": Text("通知家属、监护人、保证人", "family, guardian or guarantor told"),
        "police": Text("通知公安机关", "police told"),
        "procuratorate": Text("通报人民检察院", "procuratorate told"),
        "deciding_body": Text("通报社区矫正决定机关", "deciding body told"),
    }
)
SEARCHES: Final[frozenset[Means]] = frozenset({"contact", "information_check", "visit"})
"""The means by which the agency searches itself (measures-38)."""
INFORMED: Final[frozenset[Means]] = frozenset(MEANS) - SEARCHES
CLOCK_OF: Final[Mapping[Means, str]] = MappingProxyType(
    {
        "contact": "search_start",
        "information_check": "search_start",
        "visit": "search_start",
        "police": "search_police",
        "procuratorate": "search_procuratorate",
    }
)
"""The clock that a step meets."""

_TOLD: Final[tuple[Result, ...]] = ("informed",)
_SEARCHED: Final[tuple[Result, ...]] = ("no_trace", "trace", "reached")
_AT_ONCE: Final = article("law-30").key
_STEPS: Final = article("measures-38").key


@dataclass(frozen=True, slots=True)
class Search:
    """A search as its rules read it.

    Attributes:
        absent_since: When contact was lost, or when the report was due.
        opened_at: When the search began.
        searched: The means that were tried.
        term_to: Last day of the person's term.
    """

    state: State
    absent_since: datetime
    opened_at: datetime
    searched: frozenset[Means]
    term_to: date


def step_refusal(
    search: Search, means: Means, result: Result, happened: datetime, now: datetime
) -> Refusal | None:
    """Return why a step may not be noted, None when it may."""
    if search.state != "open":
        return _ended(search)
    if not search.absent_since <= happened <= now:
        return _time(search.absent_since, now, "/happened_time")
    fits = _TOLD if means in INFORMED else _SEARCHED
    if result not in fits:
        return Refusal(
            "/result",
            "search_result",
            _STEPS,
            f"{MEANS[means].zh}的结果不能是{result}",
            f"{MEANS[means].en} has no result {result}",
            "、".join(fits),
            ", ".join(fits),
        )
    if means == "police" and not search.searched & SEARCHES:
        return Refusal(
            "/means",
            "search_first",
            _STEPS,
            "尚未自行查找",
            "the agency did not search itself yet",
            "先以通信联络、信息化核查或者实地查访查找并记录",
            "a search by call, information check or visit first, and its record",
        )
    return None


def found_refusal(search: Search, found: datetime, now: datetime) -> Refusal | None:
    """Return why a person may not be noted as found, None when it may."""
    if search.state != "open":
        return _ended(search)
    if not search.absent_since <= found <= now:
        return _time(search.absent_since, now, "/found_time")
    return None


def close_refusal(search: Search, reason: CloseReason, today: date) -> Refusal | None:
    """Return why a search may not end without the person, None when it may."""
    if search.state != "open":
        return _ended(search)
    if reason == "term_over" and today <= search.term_to:
        return Refusal(
            "/reason",
            "term_runs",
            _AT_ONCE,
            f"矫正期限至{search.term_to.isoformat()}，尚未届满",
            f"the term runs until {search.term_to.isoformat()}",
            "期限届满后，或者另有其他结束事由",
            "after its end, or another reason",
        )
    return None


def _ended(search: Search) -> Refusal:
    return Refusal(
        "",
        "search_over",
        _AT_ONCE,
        "该次查找已经结束",
        f"the search is {search.state}",
        "再次失联的，另行开始查找",
        "a search of its own when contact is lost again",
    )


def _time(begin: datetime, end: datetime, pointer: str) -> Refusal:
    return Refusal(
        pointer,
        "search_time",
        _STEPS,
        "时间不在失联之后、现在之前",
        "not between the loss of contact and now",
        f"{begin.isoformat()}至{end.isoformat()}",
        f"{begin.isoformat()} to {end.isoformat()}",
    )
