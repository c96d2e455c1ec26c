"""A week of officers' recorders, with its labels: what is told of them, and what was so."""

from datetime import UTC, datetime
from typing import Any, Final

import msgspec
import numpy as np

from benchmarks.quality_field import DAY_S, START_S
from device_sims.acts import Label
from device_sims.field.recorders import INTERVAL_S, FieldRecorder
from device_sims.registry_file import binding_row, device_row, stamp
from device_sims.territory import COUNTY
from firmware_protocols.alarm import ALARM_BITS
from gateway.backtest.alert import Alert
from gateway.backtest.score import Score, scores, truths
from gateway.columns import Party, ReportColumns, columns_from_reports
from gateway.directory.compiled import Directory
from gateway.directory.snapshot import compile_directory
from gateway.engine.engine import Engine
from gateway.intake.recorder_state import with_recorder_state

RECORDERS: Final = 24
"""Two to an office, twice over: a dozen of each violation in a week."""

RECORDER: Final = ("sos", "recorder_off", "recording_gap", "storage_low")
NAIVE: Final = {"sos": "sos", "storage_low": "storage_low", "recording_gap": "not_recording"}
_BATCH_US: Final = 60_000_000


def recorder_scores(
    seed: int, *, days: int, recorders: int = RECORDERS
) -> tuple[dict[str, Score], dict[str, Score]]:
    """Return the scores by rule of raw alarms, and of the engine."""
    until_s = START_S + days * DAY_S
    carried = [FieldRecorder(seed, number) for number in range(recorders)]
    labels = [_by_device(label) for one in carried for label in one.labels(START_S, until_s)]
    known = truths(labels, from_s=START_S, until_s=until_s)
    directory = _directory(carried, until_s)
    columns, urgent, parties = _reports(carried, directory, until_s)
    naive = scores(known, _naive_alerts(columns, parties))
    return naive, scores(known, _engine_alerts(columns, urgent, parties, directory, until_s))


def _by_device(label: Label) -> Label:
    """Return a label that is scored by its device: an officer's alerts have no subject."""
    return msgspec.structs.replace(label, subject=label.device)


def _directory(carried: list[FieldRecorder], until_s: float) -> Directory:
    begins = datetime.fromtimestamp(START_S, UTC)
    tasks = [(one, task) for one in carried for task in one.tasks(START_S, until_s)]
    body: dict[str, Any] = {
        "format": "guitu-directory/1",
        "version": 1,
        "org": COUNTY,
        "orgs": sorted({COUNTY, *(one.org for one in carried)}),
        "devices": [device_row(one.device, one.org, "recorder", INTERVAL_S) for one in carried],
        "bindings": [binding_row(one.device, "officer", one.officer, begins) for one in carried],
        "orders": [],
        "fences": [],
        "rules": {"version": "field", "parameters": {}},
        "recorder_tasks": [
            {
                "device": one.device,
                "valid_from": _instant(task.span[0]),
                "valid_to": _instant(task.span[1]),
            }
            for one, task in tasks
        ],
    }
    return compile_directory(msgspec.json.encode(body))


def _instant(time_s: float) -> str:
    return stamp(datetime.fromtimestamp(round(time_s), UTC))


def _reports(
    carried: list[FieldRecorder], directory: Directory, until_s: float
) -> tuple[ReportColumns, np.ndarray[Any, np.dtype[np.bool_]], list[Party]]:
    low_pct = directory.parameters.whole("recorder_storage_pct")
    parties = [Party(one.org, one.device, "officer", one.officer) for one in carried]
    came = [
        (number, delivery)
        for number, one in enumerate(carried)
        for delivery in one.deliveries(START_S, until_s)
    ]
    came.sort(key=lambda pair: pair[1].arrival_ms)
    columns = columns_from_reports(
        [with_recorder_state(delivery.report, low_pct) for _, delivery in came],
        [number for number, _ in came],
        [delivery.arrival_ms * 1_000 for _, delivery in came],
    )
    return columns, np.array([delivery.is_urgent for _, delivery in came], np.bool_), parties


def _naive_alerts(columns: ReportColumns, parties: list[Party]) -> list[Alert]:
    """Return an alert wherever an alarm begins; a task is not known, nor what was never sent."""
    found = []
    for number, party in enumerate(parties):
        mine = columns.take(columns.party == number)
        for rule, alarm in NAIVE.items():
            holds = (mine.alarms & ALARM_BITS[alarm]) != 0
            for row in np.flatnonzero(holds & ~np.r_[False, holds[:-1]]).tolist():
                at_ms = int(mine.received_at_us[row]) // 1_000
                found.append(Alert(rule, party.device, None, int(mine.fix_time_ms[row]), at_ms))
    return found


def _engine_alerts(
    columns: ReportColumns,
    urgent: np.ndarray[Any, np.dtype[np.bool_]],
    parties: list[Party],
    directory: Directory,
    until_s: float,
) -> list[Alert]:
    engine = Engine(directory)
    engine.set_directory(directory, START_S * 1_000)
    found: dict[str, Alert] = {}
    ends_us = (columns.received_at_us // _BATCH_US + 1) * _BATCH_US
    starts = np.flatnonzero(np.r_[True, (np.diff(ends_us) > 0) | urgent[:-1]])
    pieces = np.split(np.arange(len(columns)), starts[1:])
    for rows in [*pieces, np.empty(0, np.int64)]:
        at_us = int(until_s) * 1_000_000
        if len(rows):
            is_cut = bool(urgent[rows[-1]])
            at_us = int(columns.received_at_us[rows[-1]] if is_cut else ends_us[rows[-1]])
        batch = columns.take(rows)
        outcomes = engine.step(batch.take(engine.fresh(batch, parties)), parties, at_us // 1_000)
        if engine.tick_due(at_us // 1_000):
            outcomes += engine.tick(at_us // 1_000)
        for one in outcomes:
            if one.change == "raised":
                found[one.episode] = Alert(one.rule, one.device, None, one.begin_ms, at_us // 1_000)
            elif one.change == "superseded" and one.episode in found:
                found[one.episode].is_withdrawn = True
    return list(found.values())
