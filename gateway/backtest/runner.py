"""One rule set over a journal, for one share of the organisations.

Outcomes do not depend on how reports are cut into batches, so that a minute's batches are one step.
Whose reports all come in order and without a gap takes part in that; the others are stepped batch
by batch, for the time that a backlog or a return is waited out is counted from each. What concerns
many people at once, the outage of a network, concerns those of one organisation.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from gateway.backtest.findings import Findings, Ledger
from gateway.backtest.origin import JOURNAL, Extent, first_engine
from gateway.backtest.rule_set import RuleSet, with_rules
from gateway.backtest.scratch_log import ScratchLog
from gateway.backtest.share import Share, looks_at_many
from gateway.backtest.steps import Attempts, NewDirectory, Reports, Step, steps
from gateway.columns import Party
from gateway.directory.compiled import Directory
from gateway.directory.snapshot import compile_directory
from gateway.engine.addresses import UNKNOWN
from gateway.engine.engine import Engine
from gateway.engine.outcome import Outcome
from gateway.engine.stretch import NEVER_MS
from gateway.errors import BacktestError
from gateway.journal.store import Journal
from gateway.recovery import HISTORY
from geofence.arrays import BoolArray, IntArray
from geofence.kernel import Kernel

_MS_PER_S: Final = 1_000
_GAP: Final = "silence_gap_s"


@dataclass(frozen=True, slots=True)
class Told:
    """An outcome and the journal time at which it was told."""

    outcome: Outcome
    at_ms: int


class Runner:
    """Takes steps; yields what is told."""

    def __init__(
        self,
        engine: Engine | None,
        *,
        rules: RuleSet | None,
        share: Share,
        kernel: Kernel,
        log: ScratchLog,
    ) -> None:
        """Begin with `engine`; None: with the first directory that comes."""
        self.engine = engine
        self._rules = rules
        self._share = share
        self._kernel = kernel
        self._log = log
        self._mine = np.zeros(0, np.bool_)
        self._gap_ms = 0 if engine is None else _least_gap_ms(engine.directory)

    def take(self, step: Step, ledger: Ledger) -> Iterator[Told]:
        """Take a step; what comes before the first directory is nothing."""
        if isinstance(step, NewDirectory):
            return self._put(step)
        if self.engine is None:
            return iter(())
        if isinstance(step, Reports):
            return self._judge(self.engine, step, ledger)
        if isinstance(step, Attempts):
            found = self.engine.check_in(step.rows, step.at_ms)
            return self._told(self.engine, found, step.at_ms)
        if step.asked and not self.engine.tick_due(step.at_ms):
            return iter(())
        return self._told(self.engine, self.engine.tick(step.at_ms), step.at_ms)

    def _put(self, directory: NewDirectory) -> Iterator[Told]:
        compiled = compile_directory(with_rules(directory.body, self._rules))
        if self._share.of > 1 and looks_at_many(compiled):
            raise BacktestError(
                f"directory {compiled.version} looks at people of several organisations together "
                "(no-contact orders, gatherings), the first one did not: say --processes 1"
            )
        if self.engine is None:
            self.engine = Engine(compiled, self._kernel, self._log)
        found = self.engine.set_directory(compiled, directory.at_ms)
        self._gap_ms = _least_gap_ms(compiled)
        return self._told(self.engine, found, directory.at_ms)

    def _judge(self, engine: Engine, reports: Reports, ledger: Ledger) -> Iterator[Told]:
        wearer = engine.wearers.numbers(reports.parties)[reports.columns.party]
        parties = reports.parties
        mine = np.array([self._share.has_org(party.org) for party in parties])
        subject = np.array([party.holder_kind == "subject" for party in parties])
        known = wearer != UNKNOWN
        # A transfer moves a device, and leaves what is remembered of its wearer where it was.
        mine = np.where(known, self._of_mine(engine, wearer), mine[reports.columns.party])
        # Whom the directory does not name becomes known with the first batch.
        new = ~known & mine & _kept(parties, engine.directory)[reports.columns.party]
        own = np.flatnonzero(known & mine)
        heard = np.flatnonzero(known & mine & subject[reports.columns.party])
        ledger.heard(wearer[heard], reports.at_ms[heard])
        alone = new | (mine & np.isin(wearer, self._irregular(engine, wearer, reports, own)))
        yield from self._in_one(engine, reports, np.flatnonzero(mine & ~alone))
        yield from self._one_by_one(engine, reports, np.flatnonzero(alone))

    def _in_one(self, engine: Engine, reports: Reports, rows: IntArray) -> Iterator[Told]:
        if not len(rows):
            return
        columns, parties = reports.take(rows)
        found = engine.step(columns, parties, int(reports.at_ms[rows[-1]]))
        at_ms = reports.at_ms[rows]
        for outcome in found:
            told_ms = int(at_ms[-1])
            if outcome.change == "raised":
                # The report that made it certain says which of the batches told it.
                same = columns.fix_time_ms == outcome.evidence["confirmed_ms"]
                for row in np.flatnonzero(same).tolist():
                    if parties[int(columns.party[row])].device == outcome.device:
                        told_ms = int(at_ms[row])
            yield Told(outcome, told_ms)

    def _one_by_one(self, engine: Engine, reports: Reports, rows: IntArray) -> Iterator[Told]:
        batch = reports.batch[rows]
        for first, last in _runs(batch):
            columns, parties = reports.take(rows[first:last])
            at_ms = int(reports.at_ms[rows[first]])
            yield from self._told(engine, engine.step(columns, parties, at_ms), at_ms)

    def _irregular(
        self, engine: Engine, wearer: IntArray, reports: Reports, own: IntArray
    ) -> IntArray:
        """Return whose reports are late, fall among late ones, or follow a gap."""
        order = own[np.argsort(wearer[own], kind="stable")]
        whose, time_ms = wearer[order], reports.columns.fix_time_ms[order]
        before_ms = engine.wearers.last_ms[whose]
        follows = np.flatnonzero(whose[1:] == whose[:-1]) + 1
        before_ms[follows] = np.maximum(before_ms[follows], time_ms[follows - 1])
        is_gap = (before_ms != NEVER_MS) & (time_ms > before_ms + self._gap_ms)
        is_so = is_gap | (time_ms <= before_ms)
        return np.union1d(whose[is_so], engine.backlog.wearers())

    def _of_mine(self, engine: Engine, wearer: IntArray) -> BoolArray:
        held, rows = len(self._mine), engine.wearers.rows
        if held < len(rows):
            new = np.array([self._share.has_org(row.org) for row in rows[held:]], np.bool_)
            self._mine = np.append(self._mine, new)
        found: BoolArray = wearer != UNKNOWN
        found[found] = self._mine[wearer[found]]
        return found

    def _told(self, engine: Engine, found: Sequence[Outcome], at_ms: int) -> Iterator[Told]:
        for outcome in found:
            if self._is_mine(engine, outcome):
                yield Told(outcome, at_ms)

    def _is_mine(self, engine: Engine, outcome: Outcome) -> bool:
        if outcome.device:
            number = engine.wearers.number(outcome.subject, outcome.device)
            return number is not None and self._share.has_org(engine.wearers.rows[number].org)
        if outcome.subject:
            return self._share.has_subject(outcome.subject)
        return self._share.has_org(outcome.org)


def run(
    folder: Path,
    extent: Extent,
    *,
    rules: RuleSet | None,
    share: Share,
    kernel: Kernel,
    scratch: Path,
    from_ms: int,
    until_ms: int | None,
    asks: bool,
) -> Findings:
    """Return what a rule set finds in a journal.

    Args:
        folder: The gateway's data folder.
        extent: What of the journal is replayed.
        rules: The rule set; None: what the journal's directories say.
        share: Whose reports are judged.
        kernel: What evaluates fences.
        scratch: An empty folder for the engine's history.
        from_ms: Alerts are counted that were told at this journal time or later.
        until_ms: Journal time to stop at; None: the end of the extent.
        asks: Whether ticks are also asked for at full minutes.
    """
    log = ScratchLog(scratch, folder / HISTORY)
    journal = Journal(folder / JOURNAL, writable=False)
    ledger = Ledger(from_ms)
    try:
        engine = first_engine(folder, extent, rules, kernel, log)
        runner = Runner(engine, rules=rules, share=share, kernel=kernel, log=log)
        for step in steps(
            journal, after=extent.after, last=extent.last, until_ms=until_ms, asks=asks
        ):
            for told in runner.take(step, ledger):
                ledger.enter(told.outcome, told.at_ms)
        if runner.engine is None:
            raise BacktestError(f"journal {journal.path} has no directory in what is replayed")
        return ledger.findings(runner.engine)
    finally:
        journal.close()
        log.close()


def _least_gap_ms(directory: Directory) -> int:
    """Return the shortest gap that any layer of the rules makes a silence."""
    layers = directory.rule_layers
    tables = (layers.kinds, layers.device_classes, layers.classes, layers.colours)
    found = [directory.parameters[_GAP]]
    found += [layer[_GAP] for table in tables for layer in table.values() if _GAP in layer]
    found += [p.parameters[_GAP] for p in directory.periods if _GAP in p.parameters]
    return int(min(found)) * _MS_PER_S


def _runs(sorted_values: IntArray) -> Iterator[tuple[int, int]]:
    """Yield [first, last) of every run of equal values."""
    if len(sorted_values):
        begins = np.flatnonzero(np.r_[True, sorted_values[1:] != sorted_values[:-1]]).tolist()
        yield from zip(begins, [*begins[1:], len(sorted_values)], strict=True)


def _kept(parties: Sequence[Party], directory: Directory) -> BoolArray:
    """Return whose reports an engine keeps: of what officers hold, recorders alone."""
    recorders = {name for name, one in directory.devices.items() if one.kind == "recorder"}
    kept = [one.holder_kind != "officer" or one.device in recorders for one in parties]
    return np.array(kept, np.bool_)
