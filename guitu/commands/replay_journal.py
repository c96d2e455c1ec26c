"""`guitu replay --journal`: what a gateway would have told under other rules."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from gateway.backtest.backtest import Asked, Backtest, backtest, record_of
from gateway.backtest.compare import Difference
from gateway.backtest.figures import Figures, RuleFigures
from gateway.backtest.label import read_labels
from gateway.backtest.page import page_of
from gateway.backtest.rule_set import read_rule_set
from gateway.backtest.words import DIFFERS
from gateway.directory.snapshot import to_text
from gateway.errors import BacktestError
from guitu.moments import moment_ms

_SHOWN_MOST: Final = 50
"""Of each list; --json has them all."""
_SUM: Final = "sum, care and notices out"
_NAME_WIDTH: Final = len(_SUM)
_COLUMNS: Final = ("raised", "standing", "superseded", "open", "p50 s", "p95 s")
_TRUTH_COLUMNS: Final = ("recall", "precision", "false", "repeats")


def run(
    folder: Path,
    *,
    rules: Path | None,
    diff: Path | None,
    labels: Path | None,
    from_time: str | None,
    to_time: str | None,
    html: Path | None,
    as_json: bool,
    budget: float | None,
    processes: int | None,
    kernel: str,
) -> int:
    """Replay a journal and print what came of it; return the exit code."""
    done = backtest(
        Asked(
            folder=folder,
            rules=None if rules is None else read_rule_set(rules),
            diff=None if diff is None else read_rule_set(diff),
            labels=None if labels is None else read_labels(labels),
            from_ms=moment_ms("--from", from_time),
            until_ms=moment_ms("--to", to_time),
            budget=budget,
            processes=processes,
            kernel=kernel,
        )
    )
    if html is not None:
        try:
            html.write_text(page_of(done), encoding="utf-8")
        except OSError as error:
            raise BacktestError(f"report {html}: {error.strerror}") from error
    if as_json:
        click.echo(json.dumps(record_of(done), ensure_ascii=False))
    else:
        for line in _lines(done):
            click.echo(line)
    return 1 if done.unlike else 0


def _lines(done: Backtest) -> Iterator[str]:
    window = done.window
    yield f"counted from {to_text(window.from_ms)} to {to_text(window.to_ms)}"
    if done.extent.after:
        yield f"the journal was trimmed: begun with the snapshot of entry {done.extent.after}"
    yield f"{done.a.reports:,} reports in {done.elapsed_s:.1f} s"
    for name, figures in (("A", done.a), ("B", done.b)):
        if figures is not None:
            yield ""
            yield f"rule set {name}: {figures.version}"
            yield from _table(figures, has_labels=done.has_labels)
            yield from _budget(figures, done)
    if done.difference is not None:
        yield ""
        yield from _differences(done.difference)
    if done.unlike is not None:
        yield ""
        yield "as recorded" if not done.unlike else "NOT as recorded:"
        for rule, (recorded, found) in done.unlike.items():
            yield f"  {rule}: {recorded} outcomes recorded, {found} found, or others"


def _table(figures: Figures, *, has_labels: bool) -> Iterator[str]:
    columns = (*_COLUMNS, *(_TRUTH_COLUMNS if has_labels else ()))
    yield f"{'rule':{_NAME_WIDTH}}" + "".join(f"{name:>11}" for name in columns)
    rows = [*figures.rules.items(), (_SUM, figures.total)]
    for name, one in rows:
        cells = _cells(one, has_labels=has_labels)
        yield f"{name:{_NAME_WIDTH}}" + "".join(f"{cell:>11}" for cell in cells)


def _cells(one: RuleFigures, *, has_labels: bool) -> list[str]:
    values: list[float | None] = [one.raised, one.standing, one.superseded, one.open]
    values += [one.delay_p50_s, one.delay_p95_s]
    if has_labels and one.truth is not None:
        values += [one.truth.recall, one.truth.precision, one.truth.false, one.truth.repeats]
    return ["-" if value is None else f"{value:g}" for value in values]


def _budget(figures: Figures, done: Backtest) -> Iterator[str]:
    what = "false or repeated" if done.has_labels else "any, an upper bound"
    for org, one in figures.orgs.items():
        verdict = "within" if one.is_within else "OVER"
        yield (
            f"{org}: {one.nuisance:.3f} alerts per subject and day ({what}), {verdict} the budget "
            f"of {done.window.budget:g}"
        )


def _differences(found: Difference) -> Iterator[str]:
    yield (
        f"{len(found.only_a)} alerts only under A, {len(found.only_b)} only under B, "
        f"{len(found.changed)} changed, {found.same} alike"
    )
    for name, alerts in (("A", found.only_a), ("B", found.only_b)):
        for one in alerts[:_SHOWN_MOST]:
            about = f" {one.target}" if one.target else ""
            yield f"only {name}: {one.rule} {one.who}{about} from {to_text(one.begin_ms)}"
    for pair in found.changed[:_SHOWN_MOST]:
        differs = ", ".join(DIFFERS[name][1] for name in pair.differs_in)
        yield f"changed: {pair.a.rule} {pair.a.who} in {differs}"
