"""What must hold of positioning orders that offices bring along (Art. 29). Pure."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from server.exchange.faults import RowFault, fault
from server.exchange.parsing import Values
from server.exchange.subject_rules import nobody_supervised
from server.law.articles import article
from server.registry.checks import months_after

_MOST_MONTHS: Final = 3
_ARTICLE: Final = article("law-29").key
_Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class KnownOrders:
    """What the caller's scope holds already.

    Attributes:
        subjects: People who are supervised now.
        orders: Ids that are taken.
        spans: Beginning and end of each person's orders.
    """

    subjects: AbstractSet[str]
    orders: AbstractSet[str]
    spans: Mapping[str, Sequence[_Span]]


def order_faults(
    rows: Sequence[tuple[int, Values]], known: KnownOrders, now: datetime
) -> Iterator[RowFault]:
    """Yield what is wrong between cells; a cell that is faulty by itself counts as absent."""
    seen: dict[str, int] = {}
    spans = {subject: list(found) for subject, found in known.spans.items()}
    for row, values in rows:
        yield from _span_faults(row, values, now)
        yield from _place_faults(row, values, known, seen)
        begin, end, subject = values["valid_from"], values["valid_to"], values["subject"]
        if begin is None or end is None or subject is None or begin >= end:
            continue
        others = spans.setdefault(subject, [])
        if any(begin < other_end and other_begin < end for other_begin, other_end in others):
            text = ("与该对象的另一决定期间重叠", "overlaps another order of the person")
            allowed = ("自前一决定届满起", "from the end of the order before it")
            yield fault(row, "valid_from", "overlap", text=text, allowed=allowed, article=_ARTICLE)
        others.append((begin, end))


def _span_faults(row: int, values: Values, now: datetime) -> Iterator[RowFault]:
    approved, begin, end = values["approved_at"], values["valid_from"], values["valid_to"]
    if approved is not None and approved > now:
        text = ("批准时间晚于当前时间", "the approval lies in the future")
        allowed = ("不晚于当前时间", "now at the latest")
        yield fault(row, "approved_at", "not_in_future", text=text, allowed=allowed)
    if approved is not None and begin is not None and begin < approved:
        text = ("起始时间早于批准时间", "it begins before its approval")
        allowed = ("不早于批准时间", "from its approval on")
        yield fault(row, "valid_from", "back_dated", text=text, allowed=allowed, article=_ARTICLE)
    if begin is None or end is None:
        return
    if end <= begin:
        text = ("截止时间不晚于起始时间", "it ends before it begins")
        allowed = ("晚于起始时间", "after it begins")
        yield fault(row, "valid_to", "order_of_dates", text=text, allowed=allowed)
    elif end > months_after(begin, _MOST_MONTHS):
        text = ("期限超过三个月", "it lasts more than three months")
        allowed = ("不超过三个月；延长另行决定", "three months; an extension is another order")
        yield fault(row, "valid_to", "three_months", text=text, allowed=allowed, article=_ARTICLE)


def _place_faults(
    row: int, values: Values, known: KnownOrders, seen: dict[str, int]
) -> Iterator[RowFault]:
    subject, order = values["subject"], values["order"]
    if subject is not None and subject not in known.subjects:
        yield nobody_supervised(row)
    if order is None:
        return
    if order in known.orders:
        text = ("系统中已有该决定", "the order is here already")
        allowed = ("变更须另行决定", "a change is another order")
        yield fault(row, "order", "exists", text=text, allowed=allowed, article=_ARTICLE)
    elif order in seen:
        text = (f"与第{seen[order]}行重复", f"the same as in row {seen[order]}")
        allowed = ("每项决定一行", "a row for each order")
        yield fault(row, "order", "repeated", text=text, allowed=allowed)
    seen.setdefault(order, row)
