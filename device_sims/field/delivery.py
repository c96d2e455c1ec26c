"""When a report arrives: at once, or after the link is back, oldest or newest first, some twice."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol

import msgspec

from device_sims.coverage import Spell
from device_sims.dice import Dice
from device_sims.feed import Emission
from firmware_protocols.message import Report

LATENCY_S: Final = (0.5, 4.0)
"""From the device to the platform over a cellular network; assumed."""

_DRAIN_S: Final = 0.05
"""Between two reports of a backlog; assumed."""

_REPEAT_S: Final = 30.0
"""Until a device that missed its acknowledgement sends again; as `guitu sim run`."""


class Source(Protocol):
    """A feed, as far as delivery needs it."""

    def emissions(self) -> Iterator[Emission]:
        """Yield the reports, in order of fix time."""
        ...

    def spell(self, time_s: float) -> Spell | None:
        """Return the spell without link that a time is in, if any."""
        ...


@dataclass(frozen=True, slots=True)
class Delivery:
    """A report as it arrives.

    Attributes:
        arrival_ms: When, ms since 1970 UTC.
        report: The report, with `backlog` set where it was held back.
        is_urgent: It came on the urgent topic.
    """

    arrival_ms: int
    report: Report
    is_urgent: bool


def deliveries(source: Source, seed: int, *, until_ms: int) -> list[Delivery]:
    """Return what a device recorded before `until_ms`, by arrival."""
    emissions = itertools.takewhile(lambda e: e.moment_ms < until_ms, source.emissions())
    found: list[Delivery] = []
    held: list[Emission] = []
    latency: dict[str, Dice] = {}
    spell: Spell | None = None
    for emission in emissions:
        time_s = emission.moment_ms / 1_000
        if spell is not None and time_s >= spell.end_s:
            found += _drained(held, spell)
            held, spell = [], None
        spell = spell or source.spell(time_s)
        if spell is None:
            device = emission.report.device
            if device not in latency:
                latency[device] = Dice(seed, device, "latency")
            found += _at_once(emission, latency[device])
        else:
            held.append(emission)
    if spell is not None:
        found += _drained(held, spell)
    return sorted(found, key=lambda delivery: delivery.arrival_ms)


def _at_once(emission: Emission, latency: Dice) -> Iterator[Delivery]:
    report = emission.report
    delay_s = latency.uniform(report.fix_time_ms, *LATENCY_S)
    arrival_ms = emission.moment_ms + round(1_000 * delay_s)
    for copy in range(emission.copies):
        later_ms = round(copy * _REPEAT_S * 1_000)
        yield Delivery(arrival_ms + later_ms, report, emission.is_urgent)


def _drained(held: list[Emission], spell: Spell) -> Iterator[Delivery]:
    # What is urgent goes out first, as on the urgent topic.
    order = sorted(
        held,
        key=lambda e: (
            not e.is_urgent,
            e.report.fix_time_ms * (-1 if spell.is_newest_first else 1),
        ),
    )
    for nth, emission in enumerate(order):
        arrival_ms = round((spell.end_s + 1.0 + nth * _DRAIN_S) * 1_000)
        late = msgspec.structs.replace(emission.report, backlog=True)
        yield Delivery(arrival_ms, late, emission.is_urgent)
