"""A gateway's journal of an afternoon, written as the pipeline writes it."""

import json
import random
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from gateway.columns import Party, columns_from_reports
from gateway.directory.snapshot import compile_directory
from gateway.engine.engine import Engine
from gateway.engine.history.segments import DiskLog
from gateway.journal.entry import BATCH, DIRECTORY, START, TICK, encode_batch, encode_start
from gateway.journal.snapshot import Snapshot, write_snapshot
from gateway.journal.store import Journal
from gateway.recovery import HISTORY
from tests.unit.gateway.engine_world import (
    HOME,
    METRES_PER_DEGREE_LON,
    SCHOOL,
    T0_MS,
    directory_json,
    make_report,
)

TICK_MS = 5_000
AT_SCHOOL_M = (SCHOOL[0] - HOME[0]) * METRES_PER_DEGREE_LON


def directory_body(subjects, **parameters):
    """Return a county whose devices report once a minute; the odd half is of another office."""
    body = json.loads(directory_json(subjects=subjects))
    body["orgs"] = ["county", "office"]
    for number, device in enumerate(body["devices"]):
        device["expected_interval_s"] = 60
        device["org"] = ("county", "office")[number % 2]
    # What is counted here by hand does not move with a default.
    fixed = {"silence_s": 900, "silence_gap_s": 900, "low_battery_pct": 20}
    # All live at one place: with gatherings every minute would be a tick of its own.
    fixed |= {"gathering_enabled": 0}
    body["rules"] = {"version": "of-the-journal", "parameters": fixed | parameters}
    return json.dumps(body).encode()


@dataclass
class Writer:
    """Evaluates and commits, as the pipeline does; keeps what was told when."""

    folder: Path
    told: list = field(default_factory=list)

    def __post_init__(self):
        self.journal = Journal(self.folder / "journal.db", writable=True)
        self.log = DiskLog(self.folder / HISTORY)
        self.engine = None
        self.ticked_ms = T0_MS
        self.journal.append(START, T0_MS * 1_000, encode_start({}))

    def direct(self, body, at_ms):
        directory = compile_directory(body)
        self.engine = self.engine or Engine(directory, log=self.log)
        self._append(DIRECTORY, at_ms, body, self.engine.set_directory(directory, at_ms))

    def pass_time(self, to_ms):
        """Ask for a tick every five seconds."""
        for at_ms in range(self.ticked_ms + TICK_MS, to_ms, TICK_MS):
            self.ticked_ms = at_ms
            if self.engine.tick_due(at_ms):
                self._append(TICK, at_ms, b"", self.engine.tick(at_ms))

    def take(self, reports, at_ms):
        """Evaluate and commit a batch."""
        self.pass_time(at_ms)
        devices = sorted({report.device for report in reports})
        orgs = {device: self.engine.directory.devices[device].org for device in devices}
        parties = [Party(orgs[d], d, "subject", f"s-{d.removeprefix('wb-')}") for d in devices]
        whose = [devices.index(report.device) for report in reports]
        columns = columns_from_reports(reports, whose, [at_ms * 1_000] * len(reports))
        fresh = columns.take(self.engine.fresh(columns, parties))
        if len(fresh):
            body = encode_batch(parties, fresh, {})
            found = self.engine.step(fresh, parties, at_ms)
            self._append(BATCH, at_ms, body, found, rows=len(fresh))

    def snapshot(self):
        write_snapshot(
            self.folder,
            Snapshot(
                seq=self.journal.last_seq,
                digest=self.journal.last_digest,
                directory=self.engine.directory.body,
                state=self.engine.dump(),
            ),
        )

    def close(self):
        self.journal.close()
        self.log.close()

    def _append(self, kind, at_ms, body, outcomes, rows=0):
        self.journal.append(kind, at_ms * 1_000, body, rows=rows, outcomes=outcomes)
        self.told += [(at_ms, outcome) for outcome in outcomes]


def metres_of(subject, minute):
    """Return how far east of home somebody is: each is out at a time of the own, some at school."""
    if 60 + 7 * subject <= minute < 75 + 7 * subject:
        return AT_SCHOOL_M if subject % 3 == 0 else 900.0
    return 20.0 * (minute % 3)


def arrivals(subjects, minutes, seed=1):
    """Return (arrival_ms, report), in order: live ones, backlogs newest first, a whole outage."""
    dice = random.Random(seed)  # noqa: S311  # a field, no secret
    found = []
    for subject in range(subjects):
        held_from = 40 + 11 * subject
        for minute in range(minutes):
            seconds = 60 * minute + subject
            live_ms = T0_MS + seconds * 1_000 + dice.randrange(100, 2_000)
            if subject % 2 and held_from <= minute < held_from + 25:
                live_ms = T0_MS + (held_from + 25) * 60_000 + dice.randrange(60_000)
            if subject % 4 == 2 and 100 <= minute < 125:
                continue
            alarms = ("strap",) if subject % 5 == 1 and minute == held_from + 9 else ()
            report = make_report(
                seconds,
                metres_east=metres_of(subject, minute),
                subject=subject,
                alarms=alarms,
                battery_pct=max(5, 60 - minute // 4 - subject),
            )
            found.append((live_ms, report))
    return sorted(found, key=lambda pair: pair[0])


def write_journal(folder, *, subjects=8, minutes=200, snapshot_at=None, **parameters):
    """Write the afternoon; return what was told, as (at_ms, outcome)."""
    came = arrivals(subjects, minutes)
    batch = []
    with closing(Writer(folder)) as writer:
        writer.direct(directory_body(subjects, **parameters), T0_MS)
        for number, (at_ms, report) in enumerate(came):
            batch.append(report)
            following = came[number + 1][0] if number + 1 < len(came) else at_ms + TICK_MS
            if following - at_ms > 300 or len(batch) == 5:
                writer.take(batch, at_ms + 40)
                batch = []
            if number == snapshot_at:
                writer.snapshot()
    return writer.told
