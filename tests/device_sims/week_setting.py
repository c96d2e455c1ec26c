"""A week of sixty people, planned once for all tests that look at it."""

import itertools
from datetime import datetime
from functools import cache

import msgspec

from device_sims.field.calendar_week import week_of
from device_sims.field.common_marks import common_labels
from device_sims.field.delivery import deliveries
from device_sims.field.marks import UNSEEN, resident_labels, trace_of
from device_sims.field.other_bands import Twin
from device_sims.field.population import Population
from device_sims.field.society import Society
from device_sims.field.week_band import WeekBand

SEED = 78
SIZE = 60
START_S = 1_795_363_200  # Monday 2026-11-23 00:00 in the county
UNTIL_S = START_S + 7 * 86_400
WEEK = week_of(START_S + 1)


@cache
def society(seed=SEED):
    return Society(Population(seed, SIZE))


def band_of(number, *, start_s=START_S, seed=SEED):
    resident = society(seed).population.residents[number]
    return WeekBand(society(seed), resident, start_ms=round(start_s * 1_000), boot=1)


@cache
def bands():
    return [band_of(number) for number in range(SIZE)]


@cache
def traces():
    return [trace_of(band, START_S, UNTIL_S) for band in bands()]


@cache
def labels():
    own = [
        label
        for resident, band, trace in zip(
            society().population.residents, bands(), traces(), strict=True
        )
        for label in resident_labels(society(), resident, band, trace)
    ]
    return own + common_labels(society(), bands(), traces())


def labels_of(*rules):
    return [label for label in labels() if label.rule in rules]


def deeds(*kinds):
    """(number of the resident, deed) of every deed of these kinds."""
    return [
        (number, deed)
        for number, band in enumerate(bands())
        for deed in band.storyline.week(WEEK)[0]
        if deed.kind in kinds
    ]


@cache
def reports(number, begin_s, end_s):
    """What a resident's device records in a time, its twin's reports after it."""
    band = band_of(number, start_s=begin_s)
    span_ms = (round(begin_s * 1_000), round(end_s * 1_000))
    twin = Twin(band, society(), society().population.residents[number], span_ms=span_ms, boot=1)
    until = itertools.takewhile(lambda e: e.moment_ms < span_ms[1], band.emissions())
    return [e.report for e in until], [e.report for e in twin.emissions()]


def arrivals(number, begin_s, end_s):
    """What arrives from a resident's device that was recorded in a time."""
    return deliveries(band_of(number, start_s=begin_s), SEED, until_ms=round(end_s * 1_000))


def seen_xy(report):
    ground = society().population.territory.ground
    return ground.to_xy(report.longitude_deg, report.latitude_deg)


def second(text):
    return datetime.fromisoformat(text).timestamp()


def span_of(label):
    return second(label.begin_time), second(label.end_time)


def holds(label, time_s):
    begin_s, end_s = span_of(label)
    return begin_s <= time_s <= end_s


def encoded(items):
    return b"\n".join(msgspec.json.encode(item) for item in items)


def subject(number):
    return society().population.residents[number].wearer.subject.subject


def can_tell(number, time_s):
    band = bands()[number]
    deed = band.storyline.at(time_s)
    if deed is not None and (deed.left_at is not None or deed.kind in UNSEEN):
        return False
    if band.charge.level(time_s)[0] <= 0.0:
        return False
    misdeeds = [m for m in band.conduct.near(time_s) if m.act.kind == "silence"]
    darks = band.darkness.dark_near(time_s)
    spans = [(m.act.begin_s, m.act.end_s) for m in misdeeds] + [(d.begin_s, d.end_s) for d in darks]
    return not any(begin - 60 <= time_s <= end + 60 for begin, end in spans)
