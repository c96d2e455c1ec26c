"""A device's memory of its reports: kept until the gateway says that they are safe. Pure.

Bounded: beyond the capacity the oldest report that is not urgent is forgotten, an urgent one only
when there is nothing else; what was forgotten is counted.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import msgspec

from device_sims.feed import Emission
from firmware_protocols.codec import AckRange
from firmware_protocols.message import Report

CAPACITY: Final = 20_000
"""Reports per device: two days at one in ten seconds; about 10 MB."""

MAX_MESSAGE_REPORTS: Final = 100
"""Reports in one message of a backlog: about 14 kB, well below the codec's bound."""

LIVE_REPORTS: Final = 20
"""Up to this many waiting reports go out one by one, as they would have without the wait."""

_RESENDS_AT_ONCE: Final = 500
_MAX_PATIENCE: Final = 8


@dataclass(slots=True)
class _Held:
    report: Report
    is_urgent: bool
    copies: int
    sent_s: float | None = None


@dataclass(frozen=True)
class Outgoing:
    """One message to send."""

    reports: list[Report]
    is_urgent: bool
    copies: int = 1
    is_resend: bool = False


class Memory:
    """What one device holds."""

    def __init__(
        self,
        *,
        resend_after_s: float = 30.0,
        capacity: int = CAPACITY,
        message_reports: int = MAX_MESSAGE_REPORTS,
    ) -> None:
        """Take how long to wait for the gateway, how much fits, and how much a message takes."""
        self.forgotten = 0
        self.acknowledged = 0
        self._capacity = capacity
        self._resend_after_s = resend_after_s
        self._message_reports = message_reports
        self._patience = 1
        self._held: OrderedDict[tuple[int, int], _Held] = OrderedDict()
        self._fresh: OrderedDict[tuple[int, int], _Held] = OrderedDict()
        self._next_resend_s: float | None = None

    def __len__(self) -> int:
        """Return how many reports the gateway has not acknowledged."""
        return len(self._held)

    def add(self, emission: Emission, *, is_backlog: bool) -> None:
        """Keep a new report; `is_backlog` says that it cannot go out now."""
        report = emission.report
        if is_backlog:
            report = msgspec.structs.replace(report, backlog=True)
        held = _Held(report, emission.is_urgent, emission.copies)
        name = (report.boot, report.seq)
        self._held[name] = self._fresh[name] = held
        if len(self._held) > self._capacity:
            self._forget_one()

    def take(self, *, is_newest_first: bool = False) -> Outgoing | None:
        """Return the next message of what was never sent, or None; urgent reports go first."""
        urgent = [held for held in self._fresh.values() if held.is_urgent] if self._fresh else []
        waiting = urgent or list(self._fresh.values())
        if not waiting:
            return None
        is_backlog = waiting[0].report.backlog or waiting[-1].report.backlog
        size = self._message_reports if is_backlog or len(waiting) > LIVE_REPORTS else 1
        chosen = waiting[: -size - 1 : -1] if is_newest_first else waiting[:size]
        boot = chosen[0].report.boot
        reports = [held.report for held in chosen if held.report.boot == boot]
        return Outgoing(reports, bool(urgent), max(held.copies for held in chosen))

    def mark_sent(self, reports: Iterable[Report], now_s: float) -> None:
        """Note that reports went out, as far as the broker is concerned."""
        for report in reports:
            name = (report.boot, report.seq)
            self._fresh.pop(name, None)
            if name in self._held:
                self._held[name].sent_s = now_s
        if self._next_resend_s is None:
            self._next_resend_s = now_s + self._wait_s

    def take_back(self) -> int:
        """Let all that was sent and not acknowledged go out again; return how many reports.

        They stay as they were sent: the same bytes are the same report to whoever has them already.
        """
        lost = {name: held for name, held in self._held.items() if held.sent_s is not None}
        for held in lost.values():
            held.sent_s = None
            held.copies = 1
        self._fresh = OrderedDict(lost | self._fresh)
        self._next_resend_s = None
        return len(lost)

    def acknowledge(self, ranges: Iterable[AckRange], now_s: float) -> int:
        """Let go of what the gateway keeps safely, and return how many reports that were."""
        before = len(self._held)
        for boot, first, last in ranges:
            if last - first < len(self._held):
                names = [(boot, seq) for seq in range(first, last + 1)]
            else:
                names = [
                    name for name in self._held if name[0] == boot and first <= name[1] <= last
                ]
            for name in names:
                self._held.pop(name, None)
                self._fresh.pop(name, None)
        gone = before - len(self._held)
        self.acknowledged += gone
        if gone and self._patience > 1:
            self._patience = 1
            self._next_resend_s = now_s + self._wait_s
        return gone

    def due(self, now_s: float) -> list[Outgoing]:
        """Return what has to be sent again now: urgent reports first, then oldest first.

        While the gateway says nothing at all the waits double, up to eight times the first: a
        county of devices must not flood a gateway that comes back.
        """
        if self._next_resend_s is None or now_s < self._next_resend_s:
            return []
        late = [
            held
            for held in self._held.values()
            if held.sent_s is not None and held.sent_s <= now_s - self._resend_after_s
        ]
        late.sort(key=lambda held: not held.is_urgent)
        late = late[:_RESENDS_AT_ONCE]
        if late:
            self._patience = min(2 * self._patience, _MAX_PATIENCE)
        self._next_resend_s = now_s + self._wait_s if self._held else None
        late.sort(key=lambda held: held.report.fix_time_ms)
        return [
            Outgoing(reports, is_urgent, is_resend=True)
            for is_urgent in (True, False)
            for reports in self._portions([h.report for h in late if h.is_urgent is is_urgent])
        ]

    def next_resend_s(self) -> float | None:
        """Return when to ask `due` again, or None while nothing waits for the gateway."""
        return self._next_resend_s if self._held else None

    @property
    def _wait_s(self) -> float:
        return self._resend_after_s * self._patience

    def _forget_one(self) -> None:
        calm = (name for name, held in self._held.items() if not held.is_urgent)
        name = next(calm, next(iter(self._held)))
        del self._held[name]
        self._fresh.pop(name, None)
        self.forgotten += 1

    def _portions(self, reports: list[Report]) -> Iterator[list[Report]]:
        by_boot: dict[int, list[Report]] = {}
        for report in reports:
            by_boot.setdefault(report.boot, []).append(report)
        for same in by_boot.values():
            for begin in range(0, len(same), self._message_reports):
                yield same[begin : begin + self._message_reports]
