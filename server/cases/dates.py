"""What must hold between the dates of a file, as it is received or imported. Pure."""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise
from typing import Final

from server.errors import Refusal

_DATES: Final = {
    "birth_date": "出生日期",
    "offence_date": "犯罪时间",
    "judged_on": "裁判日期",
    "effective_on": "生效日期",
    "term_from": "矫正起日",
    "term_to": "矫正止日",
}
_ORDER: Final = (
    *pairwise(("birth_date", "offence_date", "judged_on", "effective_on")),
    ("judged_on", "term_from"),
    ("term_from", "term_to"),
)


def date_faults(dates: Mapping[str, date | None], today: date) -> Iterator[Refusal]:
    """Yield what the dates of a file contradict: each other (law-22), or the day of today.

    Args:
        dates: By their names in the interface; an absent one contradicts nothing.
        today: The legal day of the act.
    """
    for earlier, later in _ORDER:
        first, second = dates.get(earlier), dates.get(later)
        if first and second and _wrong(earlier, first, second):
            zh, en = f"{_DATES[later]}早于{_DATES[earlier]}", f"{later} lies before {earlier}"
            allowed = (f"晚于{_DATES[earlier]}", f"{earlier} or later")
            yield Refusal(f"/{later}", "order_of_dates", "law-22", zh, en, *allowed)
    effective, term_to = dates.get("effective_on"), dates.get("term_to")
    if effective and effective > today:
        text = ("裁判尚未生效", "the decision has no effect yet")
        allowed = ("生效日不晚于今日", "today at the latest")
        yield Refusal("/effective_on", "in_effect", "law-21", *text, *allowed)
    if term_to and term_to < today:
        text = ("矫正期限已经届满", "the term is over")
        allowed = ("期限未满", "a term that still runs")
        yield Refusal("/term_to", "term_runs", "law-44", *text, *allowed)


def _wrong(earlier: str, first: date, second: date) -> bool:
    # Nobody is born on the day of the offence; other things may fall on one day.
    return first >= second if earlier == "birth_date" else first > second
