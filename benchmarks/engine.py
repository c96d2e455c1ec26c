"""The whole engine: every rule, fence, state and outcome, per fix and core.

Aim: with numpy alone 200,000 fixes a second and core at 40,000 subjects in batches of 2,048, and
400,000 with the compiled kernel, p99 of a batch under 10 ms of CPU; at most 2 KB of state a
subject; from 550 to 700,000 subjects at most 2.5 times the cost of a fix; a backlog of 72 h of one
device judged again within 50 ms, that of 550 devices after a day's outage within 10 s. Baseline:
the same batches sorted, checked for repeats and copied into a table, without judging anything.

GUITU_BENCH_COUNTRY=1 adds 700,000 subjects (three minutes more, 6 GB).
"""

import gc
import os
import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.engine_backlog import backlog_rows
from benchmarks.engine_world import START_MS, Batch, Population, make_population
from gateway.engine.engine import Engine
from gateway.engine.history.segments import DiskLog
from geofence.errors import KernelError
from geofence.kernels import KERNELS, load_kernel

CASES: Final = (550, 6_000, 40_000)
COUNTRY: Final = 700_000
BATCH: Final = 2_048
_WARM_LAPS: Final = 3
_MEASURED: Final = 200
_MS: Final = 1_000.0

_Row = dict[str, Any]


def run(seed: int) -> list[_Row]:
    """Return a row per case and kernel, and those of late data."""
    rows: list[_Row] = []
    cases = (*CASES, COUNTRY) if os.environ.get("GUITU_BENCH_COUNTRY") else CASES
    cost_us: dict[int, float] = {}
    for subjects in cases:
        population = make_population(seed, subjects)
        for kernel in KERNELS:
            row = _case(seed, population, kernel)
            if row is not None:
                rows.append(row)
                if kernel == "numpy":
                    cost_us[subjects] = row["cpu_us_per_fix"]
        gc.collect()
    growth = round(cost_us[max(cost_us)] / cost_us[min(cost_us)], 2)
    rows.append({"row": f"growth of the cost per fix, 550 to {max(cost_us):,}", "times": growth})
    return rows + backlog_rows(seed)


def _case(seed: int, population: Population, kernel: str) -> _Row | None:
    try:
        step = load_kernel(kernel)
    except KernelError:
        return None
    subjects = len(population.parties)
    with tempfile.TemporaryDirectory(prefix="guitu-bench-") as folder:
        engine = Engine(population.directory, step, DiskLog(Path(folder)))
        engine.set_directory(population.directory, START_MS)
        batches = population.batches(seed, BATCH)
        warm = max(64, _WARM_LAPS * subjects // BATCH)
        for batch in islice(batches, warm):
            judge(engine, batch)
        measured = list(islice(batches, _MEASURED))
        spent_ms, outcomes = [], 0
        gc.collect()
        gc.freeze()  # as the gateway does; what a batch leaves behind is collected within it
        for batch in measured:
            begin_s = time.process_time()
            outcomes += judge(engine, batch)
            spent_ms.append((time.process_time() - begin_s) * _MS)
        gc.unfreeze()
        baseline_ms = [_plain(batch) for batch in measured]
        state = len(engine.dump()["memory"]["records"]) + engine.history.bytes_in_memory(subjects)
    mean_ms = float(np.mean(spent_ms))
    return {
        "row": f"{subjects:,} subjects, {kernel}",
        "fixes_per_s_core": round(BATCH / mean_ms * _MS),
        "cpu_us_per_fix": round(mean_ms / BATCH * _MS, 2),
        "batch_p50_ms": round(float(np.median(spent_ms)), 2),
        "batch_p99_ms": round(float(np.quantile(spent_ms, 0.99)), 2),
        "ratio_to_baseline": round(mean_ms / float(np.mean(baseline_ms)), 1),
        "outcomes": outcomes,
        "array_state_bytes_per_subject": round(state / subjects),
        "rules": len(engine.rules),
    }


def judge(engine: Engine, batch: Batch) -> int:
    """Do with a batch what the gateway's pipeline does; return the number of outcomes."""
    columns, parties, at_ms = batch
    fresh = engine.fresh(columns, parties)
    if not fresh.all():
        columns = columns.take(fresh)
    return len(engine.step(columns, parties, at_ms))


def _plain(batch: Batch) -> float:
    columns = batch[0]
    begin_s = time.process_time()
    order = np.lexsort((columns.seq, columns.boot, columns.fix_time_ms, columns.party))
    held = columns.take(order)
    same = (np.diff(held.fix_time_ms) == 0) & (np.diff(held.party) == 0)
    held.take(np.flatnonzero(~np.r_[False, same]))
    return (time.process_time() - begin_s) * _MS
