"""What a newer directory says was lifted: times in which nobody's places may be kept after all."""

from collections.abc import Sequence

import msgspec

from gateway.directory.compiled import Directory
from gateway.directory.moment import interval
from gateway.directory.wire import OrderRow

Interval = tuple[int, int]


class Span(msgspec.Struct, frozen=True, array_like=True):
    """Somebody's fix times [begin_ms, end_ms) without a legal basis.

    Attributes:
        holder_kind: "subject", or "protected" (受保护人).
        holder: Pseudonym.
        begin_ms: When the order, or the pair, has ended.
        end_ms: When it was to end.
    """

    holder_kind: str
    holder: str
    begin_ms: int
    end_ms: int


class _Orders(msgspec.Struct):
    orders: list[OrderRow]


def lifted_spans(before: Directory, after: Directory) -> list[Span]:
    """Return what `after` has ended earlier than `before` said, without what still holds.

    An order that `after` does not name any more was not lifted: its person is another gateway's.
    """
    found = []
    if any(after.orders.get(who) != held for who, held in before.orders.items()):
        found += _lifted_orders(before, after)
    if before.no_contact != after.no_contact:
        found += _lifted_pairs(before, after)
    return sorted(set(found), key=lambda span: (span.holder_kind, span.holder, span.begin_ms))


def devices_of(directory: Directory, spans: Sequence[Span]) -> list[tuple[Span, str]]:
    """Return which devices the people of spans held during any of them."""
    return [
        (span, device)
        for device, bindings in directory.bindings.items()
        for one in bindings
        for span in spans
        if (one.holder_kind, one.holder) == (span.holder_kind, span.holder)
        and one.valid_from_ms < span.end_ms
        and one.valid_to_ms > span.begin_ms
    ]


def _lifted_orders(before: Directory, after: Directory) -> list[Span]:
    ends = {row.order: _end_ms(row) for row in _orders(before)}
    return [
        Span("subject", row.subject, begin_ms, end_ms)
        for row in _orders(after)
        for begin_ms, end_ms in _without(
            (_end_ms(row), ends.get(row.order, 0)), after.orders.get(row.subject, ())
        )
    ]


def _lifted_pairs(before: Directory, after: Directory) -> list[Span]:
    held: dict[str, list[Interval]] = {}
    for pair in after.no_contact:
        held.setdefault(pair.other, []).append((pair.valid_from_ms, pair.valid_to_ms))
    ends = {pair.pair: pair.valid_to_ms for pair in before.no_contact}
    return [
        Span("protected", pair.other, begin_ms, end_ms)
        for pair in after.no_contact
        for begin_ms, end_ms in _without(
            (pair.valid_to_ms, ends.get(pair.pair, 0)), held[pair.other]
        )
    ]


def _without(gone: Interval, held: Sequence[Interval]) -> list[Interval]:
    """Return the parts of an interval, which may be empty, that no other covers."""
    begin_ms, end_ms = gone
    parts = []
    for from_ms, to_ms in sorted(held):
        if begin_ms < min(from_ms, end_ms):
            parts.append((begin_ms, min(from_ms, end_ms)))
        begin_ms = max(begin_ms, to_ms)
    return [*parts, (begin_ms, end_ms)] if begin_ms < end_ms else parts


def _orders(directory: Directory) -> list[OrderRow]:
    # Compiled, orders that touch are one stretch and have no names any more.
    return msgspec.json.decode(directory.body, type=_Orders).orders


def _end_ms(row: OrderRow) -> int:
    return interval("orders", row.valid_from, row.valid_to)[1]
