"""The engine as a detector: what it raises and takes back, batch by batch."""

from collections import deque
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality_field import START_S, Field
from device_sims.field.checkins import Attempt as Seen
from gateway.attempt import Attempt
from gateway.backtest.alert import Alert
from gateway.directory.compiled import Directory
from gateway.engine.engine import Engine

_DAY_MS: Final = 86_400_000
BATCH_US: Final = 20_000_000
"""Arrivals of twenty seconds make a batch; an urgent one closes it at once. The gateway's own
batches are of 40 ms: delays are overstated by ten seconds in the mean."""


BASELINE_BATCH_US: Final = 900_000_000


def engine_alerts(field: Field, directory: Directory) -> list[Alert]:
    """Return what the engine raises, batch by batch."""
    engine = Engine(directory)
    first_ms = int(field.columns.received_at_us[0]) // 1_000
    engine.set_directory(directory, first_ms)
    found: dict[str, Alert] = {}
    attempts = deque(field.attempts)
    attempts.appendleft(_before(field))
    for rows, at_ms in _batches(field):
        batch = field.columns.take(rows)
        fresh = batch.take(engine.fresh(batch, field.parties))
        outcomes = engine.step(fresh, field.parties, at_ms)
        came = _come(attempts, field.parties[0].org, at_ms)
        if came:
            outcomes += engine.check_in(came, at_ms)
        if engine.tick_due(at_ms):
            outcomes += engine.tick(at_ms)
        for outcome in outcomes:
            if outcome.change == "raised":
                found[outcome.episode] = Alert(
                    outcome.rule,
                    outcome.subject,
                    outcome.fence,
                    outcome.begin_ms,
                    at_ms,
                    members=tuple(outcome.evidence.get("members", ())),
                )
            elif outcome.change == "superseded" and outcome.episode in found:
                found[outcome.episode].is_withdrawn = True
    return list(found.values())


def _before(field: Field) -> Seen:
    """Return an attempt before the week begins: a kiosk is heard of, duties count from then on."""
    before_ms = START_S * 1_000 - _DAY_MS
    return Seen(
        attempt="before",
        subject=field.parties[0].holder,
        kiosk="kiosk",
        time_ms=before_ms,
        arrival_ms=before_ms,
        verdict="match",
        picture="",
    )


def _come(waiting: deque[Seen], org: str, at_ms: int) -> list[Attempt]:
    """Return the attempts that have come by `at_ms`, as the engine takes them; the others wait."""
    came = []
    while waiting and waiting[0].arrival_ms <= at_ms:
        one = waiting.popleft()
        came.append(
            Attempt(
                org,
                one.kiosk,
                one.subject,
                one.attempt,
                one.time_ms,
                one.time_ms,
                one.arrival_ms,
                one.verdict,
                bytes.fromhex(one.picture),
            )
        )
    return came


def _batches(field: Field) -> Iterator[tuple[NDArray[np.intp], int]]:
    at_us = field.columns.received_at_us
    # Before the start nothing is scored: what is usual for somebody is learnt in larger pieces.
    size_us = np.where(at_us < START_S * 1_000_000, BASELINE_BATCH_US, BATCH_US)
    ends_us = (at_us // size_us + 1) * size_us
    starts = np.r_[True, (np.diff(ends_us) > 0) | field.is_urgent[:-1]]
    begin = np.flatnonzero(starts)
    end = np.r_[begin[1:], len(at_us)]
    for first, last in zip(begin.tolist(), end.tolist(), strict=True):
        is_cut = bool(field.is_urgent[last - 1])
        closed_us = at_us[last - 1] if is_cut else ends_us[last - 1]
        yield np.arange(first, last), int(closed_us) // 1_000
