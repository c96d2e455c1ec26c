"""CPU time of methods in turns, so that all of them meet the same noise.

The machine may be shared: ratios compare blocks that stand next to one another in the same round.
"""

import statistics
import time
from collections.abc import Callable, Mapping
from typing import Final

BLOCK_NS: Final = 25_000_000
"""A block lasts at least this long: shorter ones measure the timer and the scheduler."""

Method = Callable[[int], int]
"""Handle batch number i; returns how many pairs that was."""


def in_turns(methods: Mapping[str, Method], *, rounds: int) -> dict[str, list[float]]:
    """Return nanoseconds of CPU time per pair of each method, one figure per round.

    Args:
        methods: The methods; all are called once before anything is timed.
        rounds: How often each gets its turn.
    """
    for method in methods.values():
        method(0)
    out: dict[str, list[float]] = {name: [] for name in methods}
    for _ in range(rounds):
        for name, method in methods.items():
            out[name].append(_block(method))
    return out


def ratio(of: list[float], to: list[float]) -> float:
    """Return the median over the rounds of how many times slower `of` is than `to`."""
    return statistics.median(a / b for a, b in zip(of, to, strict=True))


def each_batch_ms(method: Method, batches: int) -> list[float]:
    """Return the CPU time of every batch, milliseconds, ascending."""
    method(0)
    out = []
    for number in range(batches):
        begin_ns = time.thread_time_ns()
        method(number)
        out.append((time.thread_time_ns() - begin_ns) / 1e6)
    return sorted(out)


def quantile(ascending: list[float], share: float) -> float:
    """Return the smallest figure that at least `share` of them do not exceed."""
    return ascending[min(int(share * len(ascending)), len(ascending) - 1)]


def once_ms(call: Callable[[], object]) -> float:
    """Return the CPU time of one call, milliseconds."""
    begin_ns = time.thread_time_ns()
    call()
    return (time.thread_time_ns() - begin_ns) / 1e6


def _block(method: Method) -> float:
    pairs, number, begin_ns = 0, 0, time.thread_time_ns()
    while (taken_ns := time.thread_time_ns() - begin_ns) < BLOCK_NS:
        pairs += method(number)
        number += 1
    return taken_ns / pairs
