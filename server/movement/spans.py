"""What must hold between the two ends of a time that is asked for. Pure."""

from collections.abc import Iterator
from datetime import datetime

from server.errors import Refusal


def span_faults(begin: datetime, end: datetime, article: str) -> Iterator[Refusal]:
    """Yield that a time ends before it begins, or as it does.

    Args:
        begin: `from_time`, aware.
        end: `to_time`, aware.
        article: By which it is asked for.
    """
    if end <= begin:
        zh, en = "截止时间不晚于起始时间", "to_time does not lie after from_time"
        allowed = ("晚于起始时间", "later than from_time")
        yield Refusal("/to_time", "order_of_dates", article, zh, en, *allowed)
