"""The gateway's engine finds what the county plays, and little else."""

import itertools
import json
from datetime import UTC, datetime

import pytest

from device_sims import county
from device_sims.label_file import county_labels
from device_sims.wristband import Wristband
from gateway.columns import Party, columns_from_reports
from gateway.directory.snapshot import compile_directory
from gateway.engine.engine import Engine
from tests.device_sims.setting import SEED, START_S

HOURS = 2
BATCH_S = 60
TOLERANCE_S = 75.0
"""Noise at a border, the reporting interval, and half a minute of persistence."""


def directory():
    registry = county.registry(SEED, now=datetime.fromtimestamp(START_S, UTC))
    worn = {b["device"] for b in registry["bindings"]}
    orders = [
        {key: row[key] for key in ("order", "subject", "valid_from", "valid_to")}
        for row in registry["orders"]
    ]
    fences = [
        {key: row.get(key) for key in ("fence", "use", "datum", "geometry", "radius_m")}
        | {"version": 1, "subjects": row["subjects"]}
        | {"valid_from": row["valid_from"], "valid_to": None}
        for row in registry["fences"]
    ]
    body = {
        "format": "guitu-directory/1",
        "version": 1,
        "org": "qingxi",
        "orgs": [org["org"] for org in registry["orgs"]],
        "devices": [row for row in registry["devices"] if row["device"] in worn],
        "bindings": registry["bindings"],
        "orders": orders,
        "fences": fences,
        "rules": {"version": "test", "parameters": {}},
    }
    return compile_directory(json.dumps(body).encode())


def minutes(cast, script):
    """Yield (end of the minute in ms, its reports) over the whole time."""
    end_ms = (START_S + HOURS * 3_600) * 1_000
    reports = []
    for wearer in cast.wearers:
        band = Wristband(cast, wearer, script, interval_ms=10_000, boot=7)
        emissions = itertools.takewhile(lambda e: e.report.fix_time_ms < end_ms, band.emissions())
        reports += [emission.report for emission in emissions]
    reports.sort(key=lambda report: (report.fix_time_ms, report.device))
    for minute, group in itertools.groupby(reports, lambda r: r.fix_time_ms // (BATCH_S * 1_000)):
        yield (minute + 1) * BATCH_S * 1_000, list(group)


@pytest.fixture(scope="module")
def episodes(cast, script):
    """(rule, subject, fence or None) to the begins of what the engine raised."""
    known = directory()
    engine = Engine(known)
    engine.set_directory(known, round(START_S * 1_000))
    parties = [
        Party(f"qingxi-office-{w.subject.office + 1}", w.device, "subject", w.subject.subject)
        for w in cast.wearers
    ]
    number = {party.device: index for index, party in enumerate(parties)}
    found = {}
    for at_ms, reports in minutes(cast, script):
        at_us = [at_ms * 1_000] * len(reports)
        columns = columns_from_reports(reports, [number[r.device] for r in reports], at_us)
        told = engine.step(columns, parties, at_ms)
        if engine.tick_due(at_ms):
            told += engine.tick(at_ms)
        for outcome in told:
            if outcome.change == "raised":
                key = (outcome.rule, outcome.subject, outcome.fence)
                found.setdefault(key, []).append(outcome.begin_ms / 1_000)
    return found


def second(text):
    return datetime.fromisoformat(text).timestamp()


def test_the_engine_finds_every_violation_that_is_played(script, episodes):
    end_s = START_S + HOURS * 3_600
    labels = [x for _, x in itertools.takewhile(lambda p: p[0] < end_s, county_labels(script))]
    finished = [label for label in labels if second(label.end_time) < end_s - 60]
    assert len(finished) > 12
    for label in finished:
        begins = episodes.get((label.rule, label.subject, label.fence), [])
        assert any(abs(b - second(label.begin_time)) <= TOLERANCE_S for b in begins), label


def test_the_engine_finds_nothing_that_is_not_played(script, episodes):
    end_s = START_S + HOURS * 3_600
    played = {
        (x.rule, x.subject, x.fence)
        for _, x in itertools.takewhile(lambda pair: pair[0] < end_s, county_labels(script))
    }
    # Whose battery fails goes through low to critical.
    played |= {("critical_battery", *rest) for rule, *rest in played if rule == "low_battery"}
    assert set(episodes) <= played
