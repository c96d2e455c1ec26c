"""The processes of a backtest: each runs one rule set for one share of the organisations."""

import multiprocessing
import os
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import msgspec

from gateway.backtest.findings import Findings, joined
from gateway.backtest.origin import Extent, first_directory
from gateway.backtest.rule_set import RuleSet, with_rules
from gateway.backtest.runner import run
from gateway.backtest.share import Share, looks_at_many, shares
from gateway.directory.snapshot import compile_directory
from geofence.kernels import load_kernel


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a journal, beside the rule sets.

    Attributes:
        folder: The gateway's data folder.
        extent: What of its journal is replayed.
        from_ms: Alerts are counted that were told at this journal time or later.
        until_ms: Journal time to stop at; None: the end.
        asks: Whether ticks are also asked for at full minutes.
        kernel: Name of the kernel that evaluates fences.
    """

    folder: Path
    extent: Extent
    from_ms: int
    until_ms: int | None
    asks: bool
    kernel: str = "numpy"


def findings_of(
    question: Question, rule_sets: Sequence[RuleSet | None], processes: int | None = None
) -> list[Findings]:
    """Return what each rule set finds; None among them: the journal's own rules.

    Args:
        question: What is asked.
        rule_sets: At least one.
        processes: How many to run in; None: one per core.
    """
    processes = processes or len(os.sched_getaffinity(0))
    body = first_directory(question.folder, question.extent)
    together = any(looks_at_many(compile_directory(with_rules(body, one))) for one in rule_sets)
    each = [Share()] if together else shares(body, processes // len(rule_sets))
    jobs = [(question, rules, share) for rules in rule_sets for share in each]
    if processes == 1 or len(jobs) == 1:
        parts = [msgspec.msgpack.decode(_lane(job), type=Findings) for job in jobs]
    else:
        spawn = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(min(processes, len(jobs)), mp_context=spawn) as pool:
            parts = [msgspec.msgpack.decode(b, type=Findings) for b in pool.map(_lane, jobs)]
    of = len(each)
    return [joined(parts[n * of : (n + 1) * of]) for n in range(len(rule_sets))]


def _lane(job: tuple[Question, RuleSet | None, Share]) -> bytes:
    question, rules, share = job
    with tempfile.TemporaryDirectory(prefix="guitu-replay-") as scratch:
        found = run(
            question.folder,
            question.extent,
            rules=rules,
            share=share,
            kernel=load_kernel(question.kernel),
            scratch=Path(scratch),
            from_ms=question.from_ms,
            until_ms=question.until_ms,
            asks=question.asks,
        )
    return msgspec.msgpack.encode(found)
