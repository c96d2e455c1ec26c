"""Fixes per second from batched binary messages to the journal's commit, in one process.

Claim: at least 150,000 fixes a second and core through decode, lawfulness, engine and durable
commit, of a province of 40,000 who send twenty fixes in a message. Baselines: the same, decoded
record by record, and a bare commit of the same entries.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.engine_world import EVERY_MS, START_MS, Population, make_population
from firmware_protocols.catalog import CODECS
from firmware_protocols.columns import PRESENT
from firmware_protocols.topics import device_topic
from firmware_protocols.wristband_bin.frame import seal
from firmware_protocols.wristband_bin.layout import RECORD, REPORTS
from gateway.columns import Party
from gateway.engine.engine import Engine
from gateway.engine.history.segments import DiskLog
from gateway.intake.decode import Decoded, Decoder
from gateway.intake.received import Received
from gateway.journal.entry import BATCH, encode_batch
from gateway.journal.store import Journal

SUBJECTS: Final = 40_000
FIXES: Final = 20
"""Of one message: a wristband that sends every twenty minutes."""

MESSAGES: Final = 900
"""Of one batch: a MiB of payload, where the gateway closes it."""

_WARM: Final = 50
_MEASURED: Final = 60
_SAID: Final = ("position", "accuracy_m", "speed_mps", "satellites", "battery_pct")
_SKIN: Final = 4

_Batch = list[Received]


class _Nobody:
    def acknowledge(self, message: Received) -> None:
        """Nobody waits."""


def rows(seed: int) -> list[dict[str, Any]]:
    """Return the rows of batched binary input."""
    population = make_population(seed, SUBJECTS)
    batches = arriving(population, seed)
    warm, measured = list(islice(batches, _WARM)), list(islice(batches, _MEASURED))
    directory = population.directory
    by_columns = Decoder(directory, future_tolerance_s=120, payload_bytes_max=1_000)
    singly = Decoder(
        directory,
        future_tolerance_s=120,
        payload_bytes_max=1_000,
        codecs={name: replace(codec, columns=None) for name, codec in CODECS.items()},
    )
    with tempfile.TemporaryDirectory(prefix="guitu-bench-") as name:
        folder = Path(name)
        engine = Engine(directory, log=DiskLog(folder / "history"))
        engine.set_directory(directory, START_MS)
        for batch in warm:
            _judged(engine, by_columns.decode(batch), batch)
        journal = Journal(folder / "journal.db", writable=True)
        records = _timed(measured[: _MEASURED // 6], lambda b: _kept(journal, singly.decode(b)))
        decoded = _timed(measured, by_columns.decode)
        columns = _timed(measured, lambda b: _kept(journal, by_columns.decode(b)))
        bodies = [_body(by_columns.decode(batch)) for batch in measured]
        bare = _timed(bodies, lambda body: journal.append(BATCH, 0, body))
        whole = _timed(measured, lambda b: _kept(journal, _judged(engine, by_columns.decode(b), b)))
    return [
        _row("batched binary, record by record, no engine (baseline)", records, records),
        _row("batched binary: bare commit of the same entries (limit)", bare, records),
        _row("batched binary: decode and lawfulness by columns alone", decoded, records),
        _row("batched binary, by columns to commit, no engine", columns, records),
        _row("batched binary, by columns through engine and commit", whole, records),
    ]


def _timed(inputs: list[Any], work: Callable[[Any], object]) -> tuple[float, float]:
    """Return CPU and wall seconds per fix."""
    began = time.process_time(), time.perf_counter()
    for one in inputs:
        work(one)
    fixes = len(inputs) * MESSAGES * FIXES
    return (time.process_time() - began[0]) / fixes, (time.perf_counter() - began[1]) / fixes


def _row(name: str, took: tuple[float, float], baseline: tuple[float, float]) -> dict[str, Any]:
    cpu_s, wall_s = took
    return {
        "row": name,
        "fixes_per_cpu_second": round(1 / cpu_s),
        "fixes_per_s": round(1 / wall_s),
        "cpu_us_per_fix": round(cpu_s * 1e6, 2),
        "wall_us_per_fix": round(wall_s * 1e6, 2),
        "ratio_to_baseline": round(baseline[0] / cpu_s, 1),
    }


def _body(decoded: Decoded) -> bytes:
    return encode_batch(decoded.parties, decoded.columns, decoded.counts)


def _kept(journal: Journal, decoded: Decoded) -> None:
    rows = len(decoded.columns)
    if rows != MESSAGES * FIXES:
        raise RuntimeError(f"{rows} of {MESSAGES * FIXES} reports were taken: {decoded.counts}")
    journal.append(BATCH, 0, _body(decoded), rows=rows)


def _judged(engine: Engine, decoded: Decoded, batch: _Batch) -> Decoded:
    fresh = engine.fresh(decoded.columns, decoded.parties)
    if not fresh.all():
        raise RuntimeError("a report came twice")
    engine.step(decoded.columns, decoded.parties, batch[-1].received_at_us // 1_000)
    return decoded


def arriving(
    population: Population, seed: int, *, end_ms: int | None = None
) -> Iterator[list[Received]]:
    """Yield batches without end: everybody in turn sends the last FIXES minutes.

    Args:
        population: Who sends.
        seed: Of the places and measures.
        end_ms: The third turn of all ends by then; None: the first begins at START_MS.
    """
    start_ms = START_MS if end_ms is None else end_ms - 4 * FIXES * EVERY_MS
    random = np.random.default_rng(seed)
    subjects = len(population.parties)
    for number in range(1 << 30):
        turn = number * MESSAGES + np.arange(MESSAGES)
        subject, lap = turn % subjects, turn // subjects
        nth = (lap[:, None] * FIXES + np.arange(FIXES)).astype(np.int64)
        # Each a little later than the one before, and all of them within the last minutes.
        phase_ms = subject * FIXES * EVERY_MS // subjects
        records = np.zeros((MESSAGES, FIXES), RECORD)
        records["fix_time_ms"] = start_ms + nth * EVERY_MS + phase_ms[:, None]
        records["seq"] = nth
        for axis, home in (("lon_e7", population.lon_e7), ("lat_e7", population.lat_e7)):
            away = random.integers(-12_000, 12_000, (MESSAGES, FIXES))
            records[axis] = home[subject][:, None] + away
        records["accuracy_mm"] = random.integers(4_000, 15_000, (MESSAGES, FIXES))
        records["speed_mmps"] = random.integers(0, 1_500, (MESSAGES, FIXES))
        records["satellites"] = random.integers(7, 16, (MESSAGES, FIXES))
        records["battery_pct"] = 90 - nth // FIXES % 60
        records["present"] = sum(PRESENT[name] for name in (*_SAID, "skin_contact"))
        records["flags"] = _SKIN
        at_ms = (records["fix_time_ms"][:, -1] + 100).tolist()
        yield [
            _message(population.parties[who], records[row].tobytes(), at_ms[row])
            for row, who in enumerate(subject.tolist())
        ]


def _message(party: Party, body: bytes, at_ms: int) -> Received:
    topic = device_topic(party.org, "wristband", party.device, "up", "wristband-bin")
    payload = seal(REPORTS, body, count=FIXES, boot=1)
    return Received(topic, payload, at_ms * 1_000, False, _Nobody(), 1, 1)  # noqa: FBT003
