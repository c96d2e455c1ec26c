"""One resident's part of a time: what arrives, and what is true about it."""

from dataclasses import dataclass

from device_sims.acts import Label
from device_sims.field.absences import Absence
from device_sims.field.calendar_week import week_of
from device_sims.field.checkins import Attempt
from device_sims.field.delivery import Delivery, deliveries
from device_sims.field.marks import Trace, resident_labels, trace_of
from device_sims.field.other_bands import Twin
from device_sims.field.society import Society
from device_sims.field.week_band import WeekBand

LABELS_BEFORE_S = 86_400.0
"""Labels begin so long before the first report: what lasts into the time is known."""


@dataclass(frozen=True)
class Part:
    """What one resident contributes.

    Attributes:
        deliveries: What arrives from their device, and from any other of its name, by arrival.
        labels: What is true, but for what concerns several people.
        trace: Where the device truly was.
        attempts: At kiosks, by time.
    """

    deliveries: list[Delivery]
    labels: list[Label]
    trace: Trace
    attempts: list[Attempt]


def play_resident(
    society: Society,
    index: int,
    *,
    start_s: float,
    until_s: float,
    boot: int,
    before_s: float = 0.0,
) -> Part:
    """Play one resident offline: no broker, no waiting.

    Args:
        society: Everybody.
        index: Whom.
        start_s: Labels, trace and attempts are of the time from then on.
        until_s: Until when.
        boot: Boot counter of the device.
        before_s: How long before the start the device begins to report.
    """
    resident = society.population.residents[index]
    seed, until_ms = society.population.seed, round(until_s * 1_000)
    start_ms = round((start_s - before_s) * 1_000)
    band = WeekBand(society, resident, start_ms=start_ms, boot=boot)
    twin = Twin(band, society, resident, span_ms=(start_ms, until_ms), boot=boot)
    came = [
        *deliveries(band, seed, until_ms=until_ms),
        *deliveries(twin, seed, until_ms=until_ms),
    ]
    trace = trace_of(band, start_s - LABELS_BEFORE_S, until_s)
    return Part(
        sorted(came, key=lambda delivery: delivery.arrival_ms),
        resident_labels(society, resident, band, trace),
        trace,
        [
            attempt
            for week in _weeks(start_s, until_s)
            for check in band.storyline.check_ins(week)
            for attempt in check.attempts
            if start_s <= attempt.time_ms / 1_000 < until_s
        ],
    )


def absences_within(bands: list[WeekBand], *, start_s: float, until_s: float) -> list[Absence]:
    """Return all absences that are approved within a time."""
    return [
        absence
        for band in bands
        for week in _weeks(start_s, until_s)
        for absence in band.storyline.absences(week)
    ]


def _weeks(start_s: float, until_s: float) -> range:
    return range(week_of(start_s), week_of(until_s - 1.0) + 1)
