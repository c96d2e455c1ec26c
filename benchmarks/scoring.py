"""Scores of a province recomputed from its facts, and one fact posted, beside a plain fold.

Claim: 40,000 people with three years of facts (20 million) in under 20 s of CPU and 2 GB,
database read included; a fact posted and the score read anew in under 20 ms at p99. The baseline
folds person by person in plain Python, on a sample, and is scaled up by facts. Facts are read from
`score_month_facts`, which posting keeps beside every fact; the chain is not part of it.
"""

import asyncio
import os
import resource
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import quantiles
from typing import Any, Final

import numpy as np
import psycopg

from benchmarks.process_use import tree_cpu_s
from benchmarks.scratch_database import Scratch, scratch_database
from server.db import Connection, Database
from server.scoring.kinds import CODES
from server.scoring.policy import Policy
from server.scoring.policy_file import default
from server.scoring.population import PACKED, Facts, Ints, fold_population
from server.scoring.population_store import opened_months, packed_facts
from server.scoring.posting import Fact, open_ledgers, record_fact
from server.scoring.schedule import Schedule, schedule_of
from server.scoring.score import OPENING, Cell, fold, month_number
from server.scoring.standing import scores
from server.scoring.targets import Standing, targets

_PEOPLE: Final = 40_000
_MONTHS: Final = 36
_A_MONTH: Final = 14
"""Facts of a person and month: 40,000 x 36 x 14 are 20 million."""
_SAMPLE: Final = 200
_POSTED: Final = 400
_WARM: Final = 100
_NOW: Final = datetime(2026, 11, 22, 4, tzinfo=UTC)
_LAST: Final = month_number(_NOW)


def run(seed: int, scale: float) -> list[dict[str, Any]]:
    """Return a row for the recomputation, its baseline, and the posting."""
    with scratch_database() as database:
        people = [f"s-{number:06d}" for number in range(max(round(_PEOPLE * scale), 300))]
        _seed(database.owner, people, seed)
        return asyncio.run(_measure(database, people))


def _seed(owner_dsn: str, people: list[str], seed: int) -> None:
    """Write an office, its people, and three years of packed facts."""
    random = np.random.default_rng(seed)
    with psycopg.connect(owner_dsn) as owner:
        owner.execute(
            "INSERT INTO org (id, parent_id, path, level, name_zh, name_en)"
            " VALUES ('p', NULL, '/p/', 'province', '省', 'Province')"
        )
        owner.execute(
            "INSERT INTO subject (id, org_id, name, category, is_minor, term_from, term_to)"
            " SELECT id, 'p', id, 'probation', false, '2023-11-01', '2027-11-01'"
            " FROM unnest(%s::text[]) id",
            (people,),
        )
        copy = (
            "COPY score_month_facts (org_id, subject_id, month, packed) FROM STDIN (FORMAT BINARY)"
        )
        with owner.cursor().copy(copy) as rows:
            rows.set_types(["text", "text", "int4", "bytea"])
            for month in range(_LAST - _MONTHS + 1, _LAST + 1):
                packed = _facts(random, len(people)).tobytes()
                size = _A_MONTH * PACKED.itemsize
                for number, person in enumerate(people):
                    rows.write_row(
                        ("p", person, month, packed[number * size : (number + 1) * size])
                    )
    with psycopg.connect(owner_dsn, autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE score_month_facts")
        owner.execute("CHECKPOINT")


def _facts(random: np.random.Generator, people: int) -> np.ndarray[Any, Any]:
    """Return a month of facts: nine in ten raise a score, as in life most days are kept."""
    policy = default()
    signs = np.array([policy.of_fact[kind].points > 0 for kind in CODES])
    shares = np.where(signs, 0.95 / signs.sum(), 0.05 / (~signs).sum())
    found = np.zeros(people * _A_MONTH, PACKED)
    found["kind"] = random.choice(len(CODES), found.size, p=shares)
    found["day"] = random.integers(1, 29, found.size)
    found["quantity"] = 1000
    return found


async def _measure(scratch: Scratch, people: list[str]) -> list[dict[str, Any]]:
    database = Database(
        app_dsn=scratch.app,
        ingest_dsn=scratch.ingest,
        worker_dsn=scratch.worker,
        size=2,
        timeout_s=60,
    )
    folder = scratch.folder
    await database.open()
    try:
        async with database.work() as connection:
            await connection.execute("SET LOCAL statement_timeout = 0")
            rows = await _recompute(connection, people, folder)
        return [*rows, await _post(database, people[0], _postgres(folder))]
    finally:
        await database.close()


async def _recompute(
    connection: Connection, people: list[str], folder: Path
) -> list[dict[str, Any]]:
    postgres = _postgres(folder)
    schedule = await schedule_of(connection, "p")
    opened = await opened_months(connection, people, _LAST - _MONTHS)
    before, begun = _cpu_s(postgres), time.perf_counter()
    management, count, sample = np.zeros(len(people), np.int64), 0, None
    async for begin, chunk, facts in packed_facts(connection, people):
        found = fold_population(
            facts, len(chunk), opened[begin : begin + len(chunk)], _LAST, schedule
        )
        management[begin : begin + len(chunk)] = found.management
        count += len(facts.subject)
        sample = facts.until(_LAST, 31) if begin == 0 else sample
    used, took = _cpu_s(postgres) - before, time.perf_counter() - begun
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if sample is None:
        return []
    ours = {
        "row": "recompute everybody: columns, database read included",
        "people": len(people),
        "facts": count,
        "cpu_s": round(used, 2),
        "wall_s": round(took, 2),
        "peak_mib": round(peak_mib),
        "limits": "20 s of CPU, 2 GB, at 20 million facts",
    }
    return [ours, _plain(sample, management, schedule, count, used)]


def _plain(
    facts: Facts, management: Ints, schedule: Schedule, count: int, ours_s: float
) -> dict[str, Any]:
    """Fold a sample person by person, as one ledger is, and hold the columns to it."""
    begun, folded, differing = time.process_time(), 0, 0
    policy = schedule.at(_LAST)
    for person in range(_SAMPLE):
        rows = np.flatnonzero(facts.subject == person)
        folded += len(rows)
        differing += _one(facts, rows, policy) != management[person]
    used = time.process_time() - begun
    scaled = used * count / folded
    return {
        "row": "baseline: person by person in plain Python, no database",
        "sample_people": _SAMPLE,
        "sample_facts": folded,
        "differing_scores": int(differing),
        "cpu_s": round(used, 2),
        "cpu_s_scaled_to_all_facts": round(scaled),
        "times_as_much_as_ours": round(scaled / ours_s, 1),
    }


def _one(facts: Facts, rows: Ints, policy: Policy) -> int:
    standing: dict[str, list[Standing]] = {}
    for row in rows:
        year, month = divmod(int(facts.month[row]), 12)
        at = datetime(year, month + 1, int(facts.day[row]), 4, tzinfo=UTC)
        fact = Standing(f"{row:09d}", at, Decimal(int(facts.quantity[row])) / 1000)
        kind = CODES[facts.kind[row]]
        standing.setdefault(policy.of_fact[kind].id, []).append(fact)
    cells = [Cell("management", OPENING, 0, policy.start)]
    for account, of in standing.items():
        wanted = targets(of, policy.indicators[account])
        cells += [
            Cell("management", account, month_number(one.occurred_at), wanted[one.id]) for one in of
        ]
    score = fold(cells, _LAST, policy)
    return score.management if score else -1


async def _post(database: Database, person: str, postgres: int) -> dict[str, Any]:
    """Post facts of one person, one transaction each, and read the score anew."""
    async with database.work() as connection:
        await open_ledgers(connection, [(person, "p", Decimal(812))], author="bench")
    took_ms = []
    before = _cpu_s(postgres)
    for number in range(_POSTED):
        fact = Fact(
            id=f"{number:032x}",
            org_id="p",
            subject_id=person,
            indicator=CODES[number % len(CODES)],
            occurred_at=datetime.now(UTC) - timedelta(days=1 + number * 2.5),
            quantity=Decimal(1),
            evidence={"source": "bench", "ref": str(number)},
            confirmed_by="bench",
            note="",
        )
        begun = time.perf_counter()
        async with database.work() as connection:
            await record_fact(connection, fact)
            await scores(connection, [person], now=datetime.now(UTC))
        took_ms.append((time.perf_counter() - begun) * 1000)
    cuts = quantiles(took_ms[_WARM:], n=100)
    return {
        "row": "post one fact, commit, read the score: one person with up to 400 facts",
        "posted": _POSTED,
        "p50_ms": round(cuts[49], 1),
        "p99_ms": round(cuts[98], 1),
        "cpu_ms_each": round((_cpu_s(postgres) - before) / _POSTED * 1000, 1),
        "limit_ms": 20,
        "load_1min": round(os.getloadavg()[0], 1),
    }


def _postgres(folder: Path) -> int:
    return int((folder / "database" / "data" / "postmaster.pid").read_text().split()[0])


def _cpu_s(postgres: int) -> float:
    return time.process_time() + tree_cpu_s(postgres)
