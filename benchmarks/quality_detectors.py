"""Two detectors on the same arrivals: the engine, and what one would write in an afternoon."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from benchmarks.quality_field import Field
from device_sims.cast import SimFence
from device_sims.ground import Circle
from firmware_protocols.alarm import ALARM_BITS
from gateway.columns import ABSENT, ABSENT_16, DEGREE_E7, ReportColumns
from gateway.directory.snapshot import Directory
from gateway.engine.engine import Engine

BATCH_US: Final = 20_000_000
"""Arrivals of twenty seconds make a batch; an urgent one closes it at once. The gateway's own
batches are of 40 ms: delays are overstated by ten seconds in the mean."""

NAIVE_SILENCE_MS: Final = 900_000
NAIVE_LOW_PCT: Final = 20
_ALARMS: Final = ("sos", "strap", "case", "removed")


@dataclass
class Alert:
    """What an officer was told.

    Attributes:
        rule: Which rule.
        subject: About whom.
        fence: About which fence, for the place rules.
        begin_ms: Since when it holds, by fix time.
        at_ms: When the officer was told.
        is_withdrawn: Late data showed that it was none, and the detector said so.
    """

    rule: str
    subject: str
    fence: str | None
    begin_ms: int
    at_ms: int
    is_withdrawn: bool = False


def engine_alerts(field: Field, directory: Directory) -> list[Alert]:
    """Return what the engine raises, batch by batch."""
    engine = Engine(directory)
    first_ms = int(field.columns.received_at_us[0]) // 1_000
    engine.set_directory(directory, first_ms)
    found: dict[str, Alert] = {}
    for rows, at_ms in _batches(field):
        batch = field.columns.take(rows)
        fresh = batch.take(engine.fresh(batch, field.parties))
        outcomes = engine.step(fresh, field.parties, at_ms)
        if engine.tick_due(at_ms):
            outcomes += engine.tick(at_ms)
        for outcome in outcomes:
            if outcome.change == "raised":
                found[outcome.episode] = Alert(
                    outcome.rule, outcome.subject, outcome.fence, outcome.begin_ms, at_ms
                )
            elif outcome.change == "superseded" and outcome.episode in found:
                found[outcome.episode].is_withdrawn = True
    return list(found.values())


def naive_alerts(field: Field) -> list[Alert]:
    """Return the alerts of raw point-in-polygon on each fix, alarm bits, and fixed time-outs.

    Reports are taken as they arrive; an alert is told whenever a state begins.
    """
    party = field.columns.party
    found: list[Alert] = []
    for number, resident in enumerate(field.residents):
        mine = field.columns.take(np.flatnonzero(party == number))
        subject = resident.wearer.subject.subject
        at_ms = mine.received_at_us // 1_000
        for rule in _ALARMS:
            found += _begins(mine, rule, subject, None, (mine.alarms & ALARM_BITS[rule]) != 0)
        is_low = (mine.battery_pct <= NAIVE_LOW_PCT) & (mine.battery_pct != ABSENT_16)
        found += _begins(mine, "low_battery", subject, None, is_low)
        fixes = mine.take(np.flatnonzero(mine.lon_e7 != ABSENT))
        for fence in resident.wearer.fences:
            is_violated = _is_violated(field, fence, fixes)
            found += _begins(fixes, fence.use, subject, fence.fence, is_violated)
        for row in np.flatnonzero(np.diff(at_ms) > NAIVE_SILENCE_MS).tolist():
            told_ms = int(at_ms[row]) + NAIVE_SILENCE_MS
            found.append(Alert("silence", subject, None, int(at_ms[row]), told_ms))
    return found


def _batches(field: Field) -> Iterator[tuple[NDArray[np.intp], int]]:
    at_us = field.columns.received_at_us
    bucket = at_us // BATCH_US
    starts = np.r_[True, (np.diff(bucket) > 0) | field.is_urgent[:-1]]
    begin = np.flatnonzero(starts)
    end = np.r_[begin[1:], len(at_us)]
    for first, last in zip(begin.tolist(), end.tolist(), strict=True):
        is_cut = bool(field.is_urgent[last - 1])
        closed_us = at_us[last - 1] if is_cut else (bucket[last - 1] + 1) * BATCH_US
        yield np.arange(first, last), int(closed_us) // 1_000


def _begins(
    rows: ReportColumns, rule: str, subject: str, fence: str | None, holds: NDArray[np.bool_]
) -> Iterator[Alert]:
    for row in np.flatnonzero(holds & ~np.r_[False, holds[:-1]]).tolist():
        at_ms = int(rows.received_at_us[row]) // 1_000
        yield Alert(rule, subject, fence, int(rows.fix_time_ms[row]), at_ms)


def _is_violated(field: Field, fence: SimFence, fixes: ReportColumns) -> NDArray[np.bool_]:
    ground = field.population.territory.ground
    corner = ground.to_xy(0.0, 0.0)
    unit = ground.to_xy(1.0, 1.0)
    x = corner[0] + (unit[0] - corner[0]) * fixes.lon_e7 / DEGREE_E7
    y = corner[1] + (unit[1] - corner[1]) * fixes.lat_e7 / DEGREE_E7
    if isinstance(fence.area, Circle):
        east, north = fence.area.centre
        covers = np.hypot(x - east, y - north) <= fence.area.radius_m
    else:
        covers = shapely.contains_xy(shapely.Polygon(fence.area.ring), x, y)
    violated: NDArray[np.bool_] = covers == (fence.use == "exclusion")
    return violated
