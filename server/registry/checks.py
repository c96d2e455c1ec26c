"""What can be said of a registry file without a database: pure, faults with their JSON pointers."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta, timezone
from typing import Final

from server.registry.geometry import boundary_fault, fence_fault
from server.registry.schemas import OrderEntry, RegistryFile

Faults = list[tuple[str, str]]

# The law counts months where it is in force; China has one zone without summer time.
_BEIJING: Final = timezone(timedelta(hours=8))
_MOST_MONTHS: Final = 3


def faults_of(file: RegistryFile) -> Faults:
    """Return every fault of a file that is right in form."""
    return [
        *_repeated("orgs", (entry.org for entry in file.orgs)),
        *_repeated("officers", (entry.login for entry in file.officers)),
        *_repeated("subjects", (entry.subject for entry in file.subjects)),
        *_repeated("devices", (entry.device for entry in file.devices)),
        *_repeated("orders", (entry.order for entry in file.orders)),
        *_repeated("fences", (entry.fence for entry in file.fences)),
        *_repeated("bindings", (f"{b.device} from {b.valid_from}" for b in file.bindings)),
        *_found("subjects", (_term_fault(s.term_from, s.term_to) for s in file.subjects)),
        *_found("bindings", (_interval_fault(b.valid_from, b.valid_to) for b in file.bindings)),
        *_found("orders", map(order_fault, file.orders)),
        *_found("orgs", (boundary_fault(org.boundary) for org in file.orgs), "/boundary"),
        *_found("fences", map(fence_fault, file.fences), "/geometry"),
    ]


def order_fault(order: OrderEntry) -> str | None:
    """Return how an order breaks Art. 29, or None."""
    if order.valid_from < order.approved_at:
        return f"starts {order.valid_from}, before its approval of {order.approved_at}"
    if order.valid_to <= order.valid_from:
        return f"ends {order.valid_to}, not after its start of {order.valid_from}"
    latest = months_after(order.valid_from, _MOST_MONTHS)
    if order.valid_to > latest:
        return (
            f"lasts from {order.valid_from} to {order.valid_to}: at most three months, "
            f"to {latest}, and each extension is an order of its own (Art. 29)"
        )
    return None


def months_after(moment: datetime, months: int) -> datetime:
    """Return the same day and time so many calendar months later in Beijing.

    A day that the later month lacks becomes that month's last day, as PostgreSQL counts.
    """
    local = moment.astimezone(_BEIJING)
    month_index = local.year * 12 + local.month - 1 + months
    first = local.replace(year=month_index // 12, month=month_index % 12 + 1, day=1)
    month_end = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(local.day, month_end.day))


def _repeated(section: str, ids: Iterable[str]) -> Iterator[tuple[str, str]]:
    first_at: dict[str, int] = {}
    for index, name in enumerate(ids):
        if name in first_at:
            at = f"/{section}/{first_at[name]}"
            yield f"/{section}/{index}", f"{name} is already at {at}: each one once"
        first_at.setdefault(name, index)


def _found(section: str, texts: Iterable[str | None], below: str = "") -> Iterator[tuple[str, str]]:
    for index, text in enumerate(texts):
        if text is not None:
            yield f"/{section}/{index}{below}", text


def _term_fault(begin: date, end: date) -> str | None:
    return f"term_to {end} is before term_from {begin}" if end < begin else None


def _interval_fault(begin: datetime, end: datetime | None) -> str | None:
    if end is not None and end <= begin:
        return f"valid_to {end} is not after valid_from {begin}"
    return None
