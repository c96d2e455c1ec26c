"""A backtest: a journal under one rule set or two, and what came of it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from gateway.backtest.alert import Alert
from gateway.backtest.compare import Changed, Difference, difference
from gateway.backtest.figures import Figures, Window, figures_of
from gateway.backtest.findings import Findings, Tally, plain
from gateway.backtest.label import Labelled
from gateway.backtest.lanes import Question, findings_of
from gateway.backtest.origin import JOURNAL, Extent, extent_of
from gateway.backtest.rule_set import RuleSet
from gateway.directory.snapshot import to_text
from gateway.errors import BacktestError
from gateway.journal.store import Journal

OWN: Final = "journal"
"""Version shown of the rules that the journal's directories carry."""

_PAGE: Final = 5_000
_CENTI: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a backtest is asked.

    Attributes:
        folder: The gateway's data folder.
        rules: The first rule set; None: the journal's own.
        diff: The second; None: there is none.
        labels: The truth; None: unknown.
        from_ms: Journal time from which alerts are counted; None: all.
        until_ms: Journal time to stop at; None: the end.
        budget: Nuisance alerts per subject and day that are bearable; None: the directory says.
        processes: How many to run in; None: one per core.
        kernel: Name of the kernel that evaluates fences.
    """

    folder: Path
    rules: RuleSet | None = None
    diff: RuleSet | None = None
    labels: Sequence[Labelled] | None = None
    from_ms: int | None = None
    until_ms: int | None = None
    budget: float | None = None
    processes: int | None = None
    kernel: str = "numpy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """What came of it.

    Attributes:
        extent: What was replayed.
        window: What was counted.
        has_labels: Whether the truth was known.
        a: The first rule set's figures.
        b: The second's.
        difference: Between the two.
        unlike: Rules whose outcomes are not the recorded ones, with (recorded, found) counts; None:
            not compared, because rules or window are not the journal's.
        elapsed_s: How long the replay took.
    """

    extent: Extent
    window: Window
    has_labels: bool
    a: Figures
    b: Figures | None
    difference: Difference | None
    unlike: dict[str, tuple[int, int]] | None
    elapsed_s: float


def backtest(asked: Asked) -> Backtest:
    """Replay a journal.

    Raises:
        BacktestError: It cannot be replayed as asked.
        DirectoryError: A rule set does not go with a directory of the journal.
    """
    extent = extent_of(asked.folder)
    from_ms, to_ms = _reach(asked, extent)
    is_own = asked.rules is None and asked.diff is None
    question = Question(
        asked.folder,
        extent,
        from_ms,
        asked.until_ms,
        asks=not is_own,
        kernel=asked.kernel,
    )
    begun_s = time.monotonic()
    sets = [asked.rules] if asked.diff is None else [asked.rules, asked.diff]
    found = findings_of(question, sets, asked.processes)
    elapsed_s = time.monotonic() - begun_s
    budget = found[0].budget_centi / _CENTI if asked.budget is None else asked.budget
    window = Window(from_ms, to_ms, budget)
    figures = [
        figures_of(one, rules.version if rules else OWN, window, asked.labels)
        for one, rules in zip(found, sets, strict=True)
    ]
    is_whole = is_own and asked.until_ms is None
    return Backtest(
        extent=extent,
        window=window,
        has_labels=asked.labels is not None,
        a=figures[0],
        b=figures[1] if len(figures) > 1 else None,
        difference=difference(found[0].alerts, found[1].alerts) if len(found) > 1 else None,
        unlike=_unlike(asked.folder, extent, found[0]) if is_whole else None,
        elapsed_s=elapsed_s,
    )


def record_of(done: Backtest) -> dict[str, Any]:
    """Return a backtest as plain JSON values."""
    replayed = max(1, done.a.reports * (1 if done.b is None else 2))
    out: dict[str, Any] = {
        "journal": {
            "first": done.extent.after + 1,
            "last": done.extent.last,
            "counted_from": to_text(done.window.from_ms),
            "counted_to": to_text(done.window.to_ms),
            "from_snapshot": done.extent.after > 0,
        },
        "nuisance_budget": done.window.budget,
        "elapsed_s": round(done.elapsed_s, 1),
        "reports_per_s": round(replayed / max(done.elapsed_s, 1e-3)),
        "as_recorded": None if done.unlike is None else not done.unlike,
        "unlike_recorded": done.unlike,
        "a": _record(done.a),
        "b": None if done.b is None else _record(done.b),
        "difference": None,
    }
    if done.difference is not None:
        out["difference"] = {
            "same": done.difference.same,
            "only_a": [alert_record(alert) for alert in done.difference.only_a],
            "only_b": [alert_record(alert) for alert in done.difference.only_b],
            "changed": [_changed_record(one) for one in done.difference.changed],
        }
    return out


def alert_record(alert: Alert) -> dict[str, Any]:
    """Return an alert with readable times."""
    return {
        "episode": alert.episode,
        "rule": alert.rule,
        "org": alert.org,
        "subject": alert.subject,
        "device": alert.device,
        "fence": alert.fence,
        "target": alert.target or None,
        "begin_time": to_text(alert.begin_ms),
        "end_time": None if alert.end_ms is None else to_text(alert.end_ms),
        "told_at": to_text(alert.at_ms),
        "superseded": alert.is_withdrawn,
    }


def _changed_record(one: Changed) -> dict[str, Any]:
    return {
        "differs_in": one.differs_in,
        "a": alert_record(one.a),
        "b": alert_record(one.b),
    }


def _record(figures: Figures) -> dict[str, Any]:
    out: dict[str, Any] = msgspec.to_builtins(figures, str_keys=True)
    del out["delays_s"]
    out["days"] = {to_text(day * 86_400_000)[:10]: n for day, n in figures.days.items()}
    return out


def _reach(asked: Asked, extent: Extent) -> tuple[int, int]:
    from_ms = max(extent.from_ms, asked.from_ms or 0)
    to_ms = extent.to_ms if asked.until_ms is None else min(extent.to_ms, asked.until_ms)
    if to_ms < from_ms:
        raise BacktestError(
            f"nothing to count: the journal reaches from {to_text(extent.from_ms)} to "
            f"{to_text(extent.to_ms)}, asked for is {to_text(from_ms)} to {to_text(to_ms)}"
        )
    return from_ms, to_ms


def _unlike(folder: Path, extent: Extent, found: Findings) -> dict[str, tuple[int, int]]:
    """Return the rules whose replayed outcomes are not those that the gateway recorded."""
    tallies: dict[str, Tally] = {}
    journal = Journal(folder / JOURNAL, writable=False)
    try:
        for first in range(extent.after + 1, extent.last + 1, _PAGE):
            last = min(first + _PAGE - 1, extent.last)
            for _, outcome in journal.outcomes(first, last):
                tallies.setdefault(outcome.rule, Tally()).add(outcome.id)
    finally:
        journal.close()
    recorded = plain(tallies)
    nothing = 0, ""
    return {
        rule: (recorded.get(rule, nothing)[0], found.tallies.get(rule, nothing)[0])
        for rule in sorted({*recorded, *found.tallies})
        if recorded.get(rule) != found.tallies.get(rule)
    }
