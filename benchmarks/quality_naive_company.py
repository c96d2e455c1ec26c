"""The naive baseline's alerts about several people, and about check-ins."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality_field import START_S, Field
from device_sims.field.calendar_week import clock_s, day_of
from device_sims.field.duties import CHECK_IN_H, CHECK_IN_WEEKDAYS, must_check_in
from device_sims.field.society import CONTACT_M, Protected
from gateway.backtest.alert import Alert
from gateway.columns import ABSENT, DEGREE_E7

MINUTE_S: Final = 60
DWELL_MIN: Final = 30
GATHERED: Final = 3
TOGETHER_M: Final = 50.0
SILENT_MIN: Final = 15
SILENT: Final = 3
_MONDAY: Final = 4

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


def company_alerts(field: Field) -> list[Alert]:
    """Return the alerts about pairs, gatherings, sites, outages and check-ins."""
    x, y, heard = _last_known(field)
    return [
        *_pairs(field, x, y),
        *_gatherings(field, x, y),
        *_sites(field, x, y),
        *_outages(field, heard),
        *_check_ins(field),
    ]


def _last_known(field: Field) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Return each party's last position, and when it was last heard, minute by minute."""
    minutes = field.days * 24 * 60
    ground = field.population.territory.ground
    shape = (len(field.parties), minutes)
    x, y = np.full(shape, np.nan), np.full(shape, np.nan)
    heard = np.zeros(shape, np.int64)
    minute = (field.columns.received_at_us // 1_000_000 - START_S) // MINUTE_S
    for party in range(len(field.parties)):
        rows = np.flatnonzero((field.columns.party == party) & (minute < minutes))
        at = np.zeros(minutes, np.int64)
        at[minute[rows]] = minute[rows] + 1
        heard[party] = np.maximum.accumulate(at)
        rows = rows[field.columns.lon_e7[rows] != ABSENT]
        row_of = np.full(minutes, -1)
        row_of[minute[rows]] = rows
        row_of = np.maximum.accumulate(row_of)
        known = row_of >= 0
        lon = field.columns.lon_e7[row_of[known]] / DEGREE_E7
        lat = field.columns.lat_e7[row_of[known]] / DEGREE_E7
        corner, unit = ground.to_xy(0.0, 0.0), ground.to_xy(1.0, 1.0)
        x[party, known] = corner[0] + (unit[0] - corner[0]) * lon
        y[party, known] = corner[1] + (unit[1] - corner[1]) * lat
    return x, y, heard


def _pairs(field: Field, x: Floats, y: Floats) -> Iterator[Alert]:
    names = [party.holder for party in field.parties]
    for pair in field.society.pairs:
        other = pair.other
        second = names.index(other.name) if isinstance(other, Protected) else other
        near = np.hypot(x[pair.subject] - x[second], y[pair.subject] - y[second]) < CONTACT_M
        yield from _begins("no_contact", names[pair.subject], near)


def _gatherings(field: Field, x: Floats, y: Floats) -> Iterator[Alert]:
    people = len(field.residents)
    together = np.zeros((people, x.shape[1]), np.bool_)
    for minute in range(x.shape[1]):
        dx = x[:people, None, minute] - x[None, :people, minute]
        dy = y[:people, None, minute] - y[None, :people, minute]
        together[:, minute] = (np.hypot(dx, dy) < TOGETHER_M).sum(axis=1) >= GATHERED
    for index in range(people):
        held = _lasting(together[index], DWELL_MIN)
        yield from _begins("gathering", field.parties[index].holder, held)


def _sites(field: Field, x: Floats, y: Floats) -> Iterator[Alert]:
    for site in field.society.sites:
        if site.is_official:
            continue
        east, north = site.circle.centre
        for index in range(len(field.residents)):
            near = np.hypot(x[index] - east, y[index] - north) < site.circle.radius_m
            held = _lasting(near, DWELL_MIN)
            yield from _begins("dwell", field.parties[index].holder, held)


def _outages(field: Field, heard: NDArray[np.int64]) -> Iterator[Alert]:
    now = np.arange(heard.shape[1])
    orgs = np.array([party.org for party in field.parties])
    for org in np.unique(orgs):
        silent = ((now - heard[orgs == org]) > SILENT_MIN).sum(axis=0) >= SILENT
        yield from _begins("outage", str(org), silent)


def _check_ins(field: Field) -> Iterator[Alert]:
    for attempt in field.attempts:
        rule = {"no_match": "checkin_no_match", "inconclusive": "checkin_inconclusive"}
        if attempt.verdict in rule:
            found = rule[attempt.verdict]
            yield Alert(found, attempt.subject, None, attempt.time_ms, attempt.arrival_ms)
    for resident in field.residents:
        if not must_check_in(resident):
            continue
        subject = resident.wearer.subject.subject
        kiosk = field.society.office_site(resident.wearer.subject.office).kiosk
        own = [a for a in field.attempts if a.subject == subject]
        for day in range(day_of(START_S), day_of(START_S) + field.days):
            if (day - _MONDAY) % 7 not in CHECK_IN_WEEKDAYS:
                continue
            begin_ms, end_ms = (round(clock_s(day, hour) * 1_000) for hour in CHECK_IN_H)
            came = [a for a in own if begin_ms <= a.arrival_ms < end_ms and a.verdict == "match"]
            if not any(a.kiosk == kiosk for a in came):
                yield Alert("checkin_missed", subject, None, end_ms, end_ms)
            for attempt in came:
                if attempt.kiosk != kiosk:
                    at_ms = attempt.arrival_ms
                    yield Alert("checkin_place", subject, None, attempt.time_ms, at_ms)


def _lasting(holds: Mask, least: int) -> Mask:
    now = np.arange(len(holds))
    since = np.maximum.accumulate(np.where(holds & ~np.r_[False, holds[:-1]], now, 0))
    return np.asarray(holds & (now - since >= least), np.bool_)


def _begins(rule: str, subject: str, holds: Mask) -> Iterator[Alert]:
    for minute in np.flatnonzero(holds & ~np.r_[False, holds[:-1]]).tolist():
        at_ms = (START_S + MINUTE_S * (minute + 1)) * 1_000
        yield Alert(rule, subject, None, at_ms - MINUTE_S * 1_000, at_ms)
