"""Whose a row or an outcome of a journal is, and under which order it was taken."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

SUBJECT: Final = "subject"
PROTECTED: Final = "protected"
FRAME: Final = "frame"
"""Holder kind of what says nothing about a person: numbers, times, counts of a segment."""

DIRECTORY: Final = "directory"
"""Holder kind of what names many: directories, and entries of a kind that is not known here."""

_US_PER_MS: Final = 1_000


@dataclass(frozen=True, slots=True, order=True)
class Owner:
    """Whom a key is for; `order` is empty where none is needed."""

    kind: str
    holder: str
    order: str = ""


FORGOTTEN: Final = Owner("forgotten", "")
"""Nobody: there is no legal basis for it, or the basis was destroyed. Never readable."""


@dataclass(frozen=True, slots=True)
class Order:
    """A positioning order in force during [from_ms, to_ms); `is_destroyed`: its archive ended."""

    order: str
    from_ms: int
    to_ms: int
    is_destroyed: bool


class Orders:
    """The orders of the people in a segment."""

    def __init__(self, orders: Iterable[tuple[str, Order]], *, known: Iterable[str]) -> None:
        """Take (subject, order) pairs, and the subjects that exist in the gateway's scope."""
        self._known = frozenset(known)
        self._orders: dict[str, list[Order]] = {}
        for subject, order in sorted(orders, key=lambda pair: (pair[1].to_ms, pair[1].order)):
            self._orders.setdefault(subject, []).append(order)

    def owner_of_outcome(self, subject: str, begin_ms: int) -> Owner:
        """Return the owner by the order in force at the begin, else by the last one before it."""
        if subject not in self._known:
            return FORGOTTEN
        orders = self._orders.get(subject, [])
        now = [order for order in orders if order.from_ms <= begin_ms < order.to_ms]
        before = [order for order in orders if order.to_ms <= begin_ms]
        for found in (now, before):
            if found:
                return _owner(subject, found[-1])
        return Owner(SUBJECT, subject)

    def owner_without_order(self, kind: str, holder: str) -> Owner:
        """Return the owner of what needs no order."""
        return FORGOTTEN if kind == SUBJECT and holder not in self._known else Owner(kind, holder)

    def owners_of_rows(
        self,
        kind: str,
        holder: str,
        times_ms: NDArray[np.int64],
        has_place: NDArray[np.bool_],
    ) -> list[tuple[Owner, NDArray[np.bool_]]]:
        """Return owners with the mask of their rows; every row has one.

        Args:
            kind: Kind of the holder.
            holder: Whose rows they are.
            times_ms: Fix times, shape (n,).
            has_place: The row says a position; one of a subject needs an order, one of a protected
                person is nobody's business here.
        """
        left = np.ones(len(times_ms), np.bool_)
        if kind == PROTECTED:
            parts = [(FORGOTTEN, has_place), (Owner(kind, holder), ~has_place)]
            return [(owner, mask) for owner, mask in parts if mask.any()]
        if kind != SUBJECT:
            return [(Owner(kind, holder), left)]
        if holder not in self._known:
            return [(FORGOTTEN, left)]
        found = []
        for order in reversed(self._orders.get(holder, [])):  # the one that ends last first
            mask = left & (times_ms >= order.from_ms) & (times_ms < order.to_ms)
            found.append((_owner(holder, order), mask))
            left = left & ~mask
        found.append((FORGOTTEN, left & has_place))
        found.append((Owner(SUBJECT, holder), left & ~has_place))
        return [(owner, mask) for owner, mask in found if mask.any()]


def orders_from(
    rows: Sequence[dict[str, Any]], destroyed: frozenset[tuple[str, str]], known: Iterable[str]
) -> Orders:
    """Return the orders of database rows; an order that was lifted ends there."""
    return Orders(
        (
            (
                row["subject_id"],
                Order(
                    row["id"],
                    _ms(row["valid_from"]),
                    _ms(min(row["valid_to"], row["lifted_at"] or row["valid_to"])),
                    (row["subject_id"], row["id"]) in destroyed,
                ),
            )
            for row in rows
        ),
        known=known,
    )


def _owner(subject: str, order: Order) -> Owner:
    return FORGOTTEN if order.is_destroyed else Owner(SUBJECT, subject, order.order)


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * _US_PER_MS)
