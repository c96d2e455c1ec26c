"""What must hold of leave that offices bring along (实施办法 26-28). Pure."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from server.exchange.faults import RowFault, fault
from server.exchange.parsing import Values
from server.exchange.subject_rules import nobody_supervised
from server.law.articles import article
from server.movement.accumulator import span_of

TIERS: Final = article("measures-27").key
AWAY: Final = article("measures-28").key
_MOST_DAYS: Final = 365
_Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class KnownLeaves:
    """What the caller's scope holds already.

    Attributes:
        subjects: People who are supervised now.
        spans: Beginning and end of each person's approved leave.
        login: Who imports: nobody approves what the own account enters.
    """

    subjects: AbstractSet[str]
    spans: Mapping[str, Sequence[_Span]]
    login: str


def leave_faults(
    rows: Sequence[tuple[int, Values]], known: KnownLeaves, now: datetime
) -> Iterator[RowFault]:
    """Yield what is wrong between cells; a cell that is faulty by itself counts as absent."""
    spans = {subject: list(found) for subject, found in known.spans.items()}
    for row, values in rows:
        yield from _approval_faults(row, values, known, now)
        yield from _return_faults(row, values, now)
        subject, begin, end = values["subject"], values["from_time"], values["to_time"]
        if subject is not None and subject not in known.subjects:
            yield nobody_supervised(row)
        if subject is None or begin is None or end is None:
            continue
        if end <= begin:
            text = ("截止时间不晚于起始时间", "it ends before it begins")
            allowed = ("晚于起始时间", "after it begins")
            yield fault(row, "to_time", "order_of_dates", text=text, allowed=allowed)
            continue
        if span_of(begin, end).days > _MOST_DAYS:
            text = (f"一次外出超过{_MOST_DAYS}日", f"more than {_MOST_DAYS} days at once")
            allowed = (f"不超过{_MOST_DAYS}日", f"{_MOST_DAYS} days at most")
            yield fault(row, "to_time", "most_days", text=text, allowed=allowed)
        others = spans.setdefault(subject, [])
        if any(begin < other_end and other_begin < end for other_begin, other_end in others):
            text = ("与该对象的另一次外出重叠", "overlaps another leave of the person")
            allowed = ("与已批准的外出不重叠", "a time in which no leave was approved")
            rule = "one_leave_at_a_time"
            yield fault(row, "from_time", rule, text=text, allowed=allowed, article=TIERS)
        others.append((begin, end))


def _approval_faults(
    row: int, values: Values, known: KnownLeaves, now: datetime
) -> Iterator[RowFault]:
    approved, begin = values["approved_at"], values["from_time"]
    if approved is not None and approved > now:
        text = ("批准时间晚于当前时间", "the approval lies in the future")
        allowed = ("不晚于当前时间", "now at the latest")
        yield fault(row, "approved_at", "not_in_future", text=text, allowed=allowed)
    if approved is not None and begin is not None and begin < approved:
        text = ("起始时间早于批准时间", "it begins before its approval")
        allowed = ("不早于批准时间；不得事后补批", "from its approval on: none comes afterwards")
        rule = "not_back_dated"
        yield fault(row, "from_time", rule, text=text, allowed=allowed, article=TIERS)
    if values["approved_by"] == known.login:
        text = ("批准人为导入人本人", "approved by who imports it")
        allowed = ("由另一人导入", "an import by another person")
        rule = "another_person"
        yield fault(row, "approved_by", rule, text=text, allowed=allowed, article=TIERS)


def _return_faults(row: int, values: Values, now: datetime) -> Iterator[RowFault]:
    begin, end, back = values["from_time"], values["to_time"], values.get("returned_time")
    if back is None and end is not None and end <= now:
        text = ("外出已经结束，未填返回时间", "the leave is over, and no return is given")
        allowed = (
            "填写返回时间；未返回的，按失联查找办理",
            "when the person came back; who did not is searched for",
        )
        yield fault(row, "returned_time", "returned", text=text, allowed=allowed, article=AWAY)
    if back is not None and ((begin is not None and back < begin) or back > now):
        text = ("返回时间早于外出或者晚于当前时间", "before the leave, or in the future")
        allowed = ("外出开始至当前时间之间", "between the begin of the leave and now")
        yield fault(row, "returned_time", "order_of_dates", text=text, allowed=allowed)
