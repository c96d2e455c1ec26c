"""Stretches for the tests of rules: rows as plain dictionaries, judged whole or in any cuts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from gateway.columns import ABSENT, ABSENT_8, ABSENT_16
from gateway.engine.limits import Limits
from gateway.engine.rule import Memory, Rule
from gateway.engine.stretch import NEVER_MS, ROW_COLUMNS, Stretch
from gateway.parameters import parameters_from

Row = Mapping[str, Any]

START_MS = 1_795_312_800_000
"""2026-11-22 10:00 in Beijing, a Sunday."""

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS

_NOTHING_SAID = {
    "boot": 1,
    "seq": 0,
    "received_ms": 0,
    "alarms": 0,
    "lon_e7": ABSENT,
    "lat_e7": ABSENT,
    "accuracy_mm": ABSENT,
    "speed_mmps": ABSENT,
    "steps": ABSENT,
    "skin_temperature_cc": ABSENT,
    "satellites": ABSENT_16,
    "battery_pct": ABSENT_16,
    "heart_rate_bpm": ABSENT_16,
    "skin_contact": ABSENT_8,
    "backlog": False,
}

FRESH_BEFORE = {
    "report_ms": NEVER_MS,
    "fix_ms": NEVER_MS,
    "fix_lon_e7": ABSENT,
    "fix_lat_e7": ABSENT,
    "fix_accuracy_mm": ABSENT,
}


def row(time_ms: int, **said: Any) -> dict[str, Any]:
    """Return a report that says nothing but what is given; received when it was made."""
    return _NOTHING_SAID | {"fix_time_ms": time_ms, "received_ms": time_ms} | said


def stretch(
    rows_by_wearer: Sequence[Sequence[Row]],
    *,
    parameters: Mapping[str, object] | None = None,
    before: Sequence[Mapping[str, int]] | None = None,
    wearers: Sequence[int] | None = None,
    expected_interval_ms: int = MINUTE_MS,
    home: tuple[int, int] | None = None,
    leaves: Sequence[tuple[int, int]] = (),
) -> Stretch:
    """Return a stretch of wearers that have at least one row each, in order of fix time.

    Args:
        rows_by_wearer: What `row` gave, by wearer.
        parameters: Overrides.
        before: The newest report and fix before, by wearer; default none.
        wearers: Their numbers, ascending; default 0, 1, ...
        expected_interval_ms: Of every device.
        home: Longitude and latitude of everybody's home, 1e-7 degrees.
        leaves: Everybody's approved absences: begin and end, milliseconds.
    """
    rows = [one for of_wearer in rows_by_wearer for one in of_wearer]
    lengths = [len(of_wearer) for of_wearer in rows_by_wearer]
    assert all(lengths)
    given = before or [FRESH_BEFORE] * len(lengths)
    homes = [None if home is None else np.full(len(rows), at, np.int32) for at in home or (0, 0)]
    on_leave = [any(a <= one["fix_time_ms"] < b for a, b in leaves) for one in rows]
    return Stretch(
        rows={
            name: np.array([one[name] for one in rows], dtype)
            for name, dtype in ROW_COLUMNS.items()
        },
        group=np.repeat(np.arange(len(lengths)), lengths),
        wearer=np.array(wearers if wearers is not None else range(len(lengths)), np.int64),
        last=np.cumsum(lengths) - 1,
        limits=Limits([parameters_from(parameters or {})], np.zeros(len(rows), np.int64)),
        expected_interval_ms=np.full(len(lengths), expected_interval_ms),
        before={name: np.array([one[name] for one in given], np.int64) for name in FRESH_BEFORE},
        home_lon_e7=homes[0],
        home_lat_e7=homes[1],
        on_leave=np.array(on_leave, np.bool_) if leaves else None,
    )


def fresh_memory(rule: Rule, wearers: int) -> Memory:
    """Return a rule's memory of wearers that it knows nothing of."""
    return {
        name: np.full(wearers if kept.width == 1 else (wearers, kept.width), kept.fresh, kept.dtype)
        for name, kept in rule.carry.items()
    }


@dataclass
class Findings:
    """What a rule said, by wearer: (decision, facts of a +1) of each row, and what it kept."""

    rows: list[list[tuple[int, dict[str, Any] | None]]]
    memory: Memory

    def decisions(self, wearer: int = 0) -> list[int]:
        return [decision for decision, _ in self.rows[wearer]]

    def facts(self, wearer: int = 0) -> dict[str, Any]:
        """Return the facts of the first violating row."""
        return next(facts for _, facts in self.rows[wearer] if facts is not None)


def judge_in_cuts(
    rule: Rule,
    rows_by_wearer: Sequence[Sequence[Row]],
    cuts: Sequence[int] = (),
    **options: Any,
) -> Findings:
    """Judge rows in stretches that end before the given row numbers of each wearer.

    Args:
        rule: Which.
        rows_by_wearer: As for `stretch`.
        cuts: Ascending; a wearer that has no rows left between two cuts is not in that stretch.
        options: `parameters`, `expected_interval_ms`, `home` and `leaves` of `stretch`.
    """
    wearers = len(rows_by_wearer)
    memory = fresh_memory(rule, wearers)
    before: list[Mapping[str, int]] = [FRESH_BEFORE] * wearers
    found = Findings([[] for _ in range(wearers)], memory)
    edges = [0, *cuts, max(map(len, rows_by_wearer))]
    for begin, end in pairwise(edges):
        there = [w for w in range(wearers) if rows_by_wearer[w][begin:end]]
        if not there:
            continue
        pieces = [rows_by_wearer[w][begin:end] for w in there]
        piece = stretch(pieces, before=[before[w] for w in there], wearers=there, **options)
        kept = {name: values[there] for name, values in memory.items()}
        _judge_piece(rule, piece, kept, found, there)
        for name, values in kept.items():
            assert values.dtype == memory[name].dtype, name
            memory[name][there] = values
        for w, rows in zip(there, pieces, strict=True):
            before[w] = _after(before[w], rows)
    return found


def _judge_piece(
    rule: Rule, piece: Stretch, memory: Memory, found: Findings, there: Sequence[int]
) -> None:
    assert rule.judge is not None
    judged = rule.judge(piece, memory)
    assert judged.decision.dtype == np.int8
    assert judged.decision.shape == (len(piece),)
    assert set(memory) == set(rule.carry)
    told = judged.told()
    for number in range(len(piece)):
        decision = int(judged.decision[number])
        facts = {name: values[number].item() for name, values in told.items()}
        of_wearer = found.rows[there[int(piece.group[number])]]
        of_wearer.append((decision, facts if decision > 0 else None))


def _after(before: Mapping[str, int], rows: Sequence[Row]) -> dict[str, int]:
    after = dict(before) | {"report_ms": rows[-1]["fix_time_ms"]}
    for one in rows:
        if one["lon_e7"] != ABSENT:
            after |= {
                "fix_ms": one["fix_time_ms"],
                "fix_lon_e7": one["lon_e7"],
                "fix_lat_e7": one["lat_e7"],
                "fix_accuracy_mm": one["accuracy_mm"],
            }
    return after


def same(one: Findings, other: Findings) -> bool:
    """Return whether two ways of judging gave the same decisions, facts and memory."""
    return one.rows == other.rows and all(
        np.array_equal(values, other.memory[name]) for name, values in one.memory.items()
    )
