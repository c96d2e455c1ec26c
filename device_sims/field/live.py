"""The field as devices that live: their feeds, and the truth about them as it happens."""

import itertools
from collections.abc import Iterator
from typing import Final

from device_sims.acts import Label
from device_sims.feed import Feed
from device_sims.field.common_marks import common_labels
from device_sims.field.marks import resident_labels, trace_of
from device_sims.field.other_bands import ProtectedBand
from device_sims.field.society import Protected, Society
from device_sims.field.week_band import WeekBand
from device_sims.label_file import TimedLabel, begin_s_of

PLANNED_S: Final = 86_400.0
"""The truth is worked out a day at a time; what lasts over its end is told in two parts."""

UNPLAYED: Final = frozenset({"duplicate_identity"})
"""Two devices of one name cannot hold sessions of a broker at once."""


def field_feeds(society: Society, *, start_ms: int, boot: int) -> list[Feed]:
    """Return the devices of the residents, and of those whom they must keep away from."""
    feeds: list[Feed] = [
        WeekBand(society, resident, start_ms=start_ms, boot=boot)
        for resident in society.population.residents
    ]
    feeds += [
        ProtectedBand(society, pair.other, start_ms=start_ms, boot=boot)
        for pair in society.pairs
        if isinstance(pair.other, Protected)
    ]
    return feeds


def live_labels(society: Society, start_s: float) -> Iterator[TimedLabel]:
    """Yield the labels by begin, without end; check-ins have none, nobody sends them."""
    bands = [
        WeekBand(society, resident, start_ms=round(start_s * 1_000), boot=1)
        for resident in society.population.residents
    ]
    for day in itertools.count():
        from_s = start_s + day * PLANNED_S
        for label in _labels_of(society, bands, from_s, from_s + PLANNED_S):
            if label.rule not in UNPLAYED and not label.rule.startswith("checkin_"):
                yield begin_s_of(label), label


def _labels_of(
    society: Society, bands: list[WeekBand], from_s: float, until_s: float
) -> list[Label]:
    traces = [trace_of(band, from_s, until_s) for band in bands]
    people = society.population.residents
    found = [
        label
        for resident, band, trace in zip(people, bands, traces, strict=True)
        for label in resident_labels(society, resident, band, trace)
    ]
    found += common_labels(society, bands, traces)
    return sorted(found, key=lambda label: (label.begin_time, label.rule, label.subject))
