"""Late data: what judging a backlog again costs, beside taking the same reports in order."""

import tempfile
import time
from dataclasses import fields
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.engine_world import START_MS, Population, make_population
from gateway.columns import Party, ReportColumns
from gateway.engine.engine import Engine
from gateway.engine.history.segments import DiskLog

SUBJECTS: Final = 550
_LAP: Final = 550
_HISTORY_LAPS: Final = 360
_DAY_LAPS: Final = 1_440
_CHUNK: Final = 2_048
_PATIENCE_MS: Final = 31_000
_MS: Final = 1_000.0


def backlog_rows(seed: int) -> list[dict[str, Any]]:
    """Return rows of: 72 h of one device, and a day of 550 devices after an outage."""
    return [_one_device(seed), _outage(seed)]


def _one_device(seed: int) -> dict[str, Any]:
    population = make_population(seed, 1)
    columns = _laps(population, seed, 72 * 60 + 1)
    with tempfile.TemporaryDirectory(prefix="guitu-bench-") as folder:
        engine = _engine(population, Path(folder))
        newest = len(columns) - 1
        _step(engine, population, columns.take(np.array([newest])))
        at_ms = int(columns.fix_time_ms[newest])
        _step(engine, population, columns.take(np.arange(newest)), at_ms)
        begin_s = time.process_time()
        engine.tick(at_ms + _PATIENCE_MS)
        late_ms = (time.process_time() - begin_s) * _MS
        in_order = _engine(population, Path(folder) / "in_order")
        begin_s = time.process_time()
        _step(in_order, population, columns)
        plain_ms = (time.process_time() - begin_s) * _MS
    return {
        "row": "72 h of one device, late",
        "reports": newest,
        "judged_again_cpu_ms": round(late_ms, 1),
        "in_order_cpu_ms": round(plain_ms, 1),
    }


def _outage(seed: int) -> dict[str, Any]:
    population = make_population(seed, SUBJECTS)
    columns = _laps(population, seed, _HISTORY_LAPS + _DAY_LAPS + 1)
    history, day = _HISTORY_LAPS * _LAP, _DAY_LAPS * _LAP
    with tempfile.TemporaryDirectory(prefix="guitu-bench-") as folder:
        engine = _engine(population, Path(folder))
        for begin in range(0, history, _CHUNK):
            end = min(begin + _CHUNK, history)
            _step(engine, population, columns.take(np.arange(begin, end)))
        _step(engine, population, columns.take(np.arange(history + day, len(columns))))
        at_ms = int(columns.fix_time_ms[-1])
        begin_s = time.process_time()
        for begin in range(history, history + day, _CHUNK):
            end = min(begin + _CHUNK, history + day)
            at_ms += 100
            _step(engine, population, columns.take(np.arange(begin, end)), at_ms)
            if engine.tick_due(at_ms):
                engine.tick(at_ms)
        taken_s = time.process_time() - begin_s
        at_ms, longest_s, begin_s = at_ms + _PATIENCE_MS, 0.0, time.process_time()
        while len(engine.backlog):
            tick_s = time.process_time()
            engine.tick(at_ms)
            longest_s = max(longest_s, time.process_time() - tick_s)
        settled_s = time.process_time() - begin_s
    return {
        "row": f"24 h of {SUBJECTS} devices after an outage, oldest first behind a live report",
        "reports": day,
        "taken_in_cpu_s": round(taken_s, 2),
        "judged_again_cpu_s": round(settled_s, 2),
        "longest_tick_cpu_ms": round(longest_s * _MS, 1),
    }


def _engine(population: Population, folder: Path) -> Engine:
    engine = Engine(population.directory, log=DiskLog(folder))
    engine.set_directory(population.directory, START_MS)
    return engine


def _laps(population: Population, seed: int, laps: int) -> ReportColumns:
    """Return everybody's reports of so many minutes; `party` is the number of the subject."""
    size = len(population.parties)
    found = list(islice(population.batches(seed, size), laps))
    whose = [_numbers(parties, columns.party) for columns, parties, _ in found]
    joined = {
        f.name: np.concatenate([getattr(columns, f.name) for columns, _, _ in found])
        for f in fields(ReportColumns)
    }
    joined["party"] = np.concatenate(whose).astype(np.int32)
    return ReportColumns(**joined)


def _numbers(parties: list[Party], party: NDArray[np.int32]) -> NDArray[np.int64]:
    return np.array([int(one.device.removeprefix("wb-")) for one in parties])[party]


def _step(
    engine: Engine, population: Population, columns: ReportColumns, at_ms: int | None = None
) -> None:
    parties = population.parties
    now_ms = int(columns.fix_time_ms.max()) if at_ms is None else at_ms
    engine.step(columns.take(engine.fresh(columns, parties)), parties, now_ms)
