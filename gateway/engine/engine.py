"""The engine's one public face: directory, batches and ticks in, outcomes out.

Everything it knows comes from those calls, in the order of the journal; the same calls give the
same outcomes byte for byte.
"""

from collections.abc import Sequence
from typing import Any

from gateway.attempt import Attempt
from gateway.columns import ABSENT, Party, ReportColumns
from gateway.directory.compiled import Directory
from gateway.directory.lifted import Span
from gateway.engine.announce import Announcer
from gateway.engine.arrivals import Arrivals, taken
from gateway.engine.backlog import Backlog
from gateway.engine.duties.budget import Nuisance
from gateway.engine.duties.duties import Duties
from gateway.engine.encounters.company import Company
from gateway.engine.encounters.meetings import Meetings
from gateway.engine.episodes import EpisodeBook
from gateway.engine.forgetting import Forgetting
from gateway.engine.ground import Grounds
from gateway.engine.history.history import History
from gateway.engine.history.segments import Log, MemoryLog
from gateway.engine.judging import Judging
from gateway.engine.layout import layout
from gateway.engine.memory import LastFix, RuleMemory
from gateway.engine.outcome import Outcome
from gateway.engine.placing.placement import Placement
from gateway.engine.retention import Retention
from gateway.engine.revision import Revision, fresh_state
from gateway.engine.rules.catalogue import RULES
from gateway.engine.rules.no_contact import NO_CONTACT
from gateway.engine.settings import Settings
from gateway.engine.silence import SilenceRule
from gateway.engine.stretch import Stretch, Table
from gateway.engine.stretches import Stretches, grouped
from gateway.engine.watch import Watch
from gateway.engine.wearers import Wearers
from geofence.arrays import BoolArray, IntArray
from geofence.kernel import Kernel, signed_distances


class Engine:
    """State of every subject, and the rules over it."""

    def __init__(
        self,
        directory: Directory,
        kernel: Kernel = signed_distances,
        log: Log | None = None,
    ) -> None:
        """Start with an empty history under `directory`.

        Args:
            directory: The compiled snapshot.
            kernel: What evaluates fences; all kernels give the same outcomes.
            log: Where the history lies; None: in memory.
        """
        self.rules = rules = list(RULES.values())
        self.book = EpisodeBook()
        self.wearers = Wearers()
        self._memory = RuleMemory(rules)
        self._settings = Settings()
        self._stretches = Stretches(self.wearers, self._settings, self._memory)
        self.history = History(log or MemoryLog(), fresh_state(self._memory))
        self._judging = Judging(rules, self.wearers, self.book, self._memory, self._stretches)
        self._silence = SilenceRule(self.book, self.wearers, self._settings)
        self.duties = Duties(
            self.book,
            self.wearers,
            self._settings,
            outages=self._silence.outages,
            history=self.history,
        )
        self._meetings = Meetings(self.book, self.wearers, self._settings, self.history)
        self._company = Company(self.book, self.wearers, self._settings, self._memory)
        self.backlog = Backlog()
        self._arrivals = Arrivals(self.wearers, self.backlog, self.history)
        self._revision = Revision(
            self.book,
            self._memory,
            self.history,
            stretches=self._stretches,
            judging=self._judging,
            silence=self._silence,
        )
        self._announcer = Announcer(
            self.book, self.wearers, self.history, self._settings, self._judging
        )
        self._forgetting = Forgetting(
            self.book, self.wearers, self._memory, history=self.history, backlog=self.backlog
        )
        self.retention = Retention()
        self._placement = Placement(directory, kernel)
        self._settings.use(directory, self.wearers.rows, 0)
        self._use(directory)

    def set_directory(self, directory: Directory, at_ms: int) -> list[Outcome]:
        """Put a directory in force; what it ends is ended at the next tick.

        Args:
            directory: The compiled snapshot.
            at_ms: Journal time of the change.

        Returns:
            What was due by then under the directory before.
        """
        outcomes = self._announcer.findings(self.duties.tick(at_ms), self.directory)
        self._settings.use(directory, self.wearers.rows, at_ms)
        self._placement = self._placement.moved_to(directory)
        self._use(directory)
        self._arrivals.learn(directory, at_ms)
        self._grow()
        self.duties.learn(at_ms)
        return self._counted(outcomes, at_ms)

    def fresh(self, columns: ReportColumns, parties: Sequence[Party]) -> BoolArray:
        """Return which reports have not been seen before, shape (n,)."""
        return self._arrivals.fresh(columns, parties)

    def step(self, columns: ReportColumns, parties: Sequence[Party], at_ms: int) -> list[Outcome]:
        """Judge a batch of reports, none of them seen before.

        Args:
            columns: The reports, in any order.
            parties: The batch's party table.
            at_ms: Journal time of the batch.
        """
        wearer, rows = self._arrivals.rows_of(columns, parties, at_ms)
        if not len(wearer):
            return []
        self._grow()
        outcomes: list[Outcome] = []
        too_old = rows["fix_time_ms"] < self.retention.cutoff_ms
        if too_old.any():
            told = too_old & ~self.wearers.is_protected[wearer]
            old = taken(rows, told)
            outcomes += self._announcer.late_findings(old, wearer[told].tolist(), self.directory)
            wearer, rows = wearer[~too_old], taken(rows, ~too_old)
        wearer, rows, urgent = self._arrivals.set_late_aside(wearer, rows, at_ms)
        if len(wearer):
            outcomes += self._judge(wearer, rows, at_ms)
        if urgent:
            outcomes += self._settle(urgent, at_ms)
        return self._counted(outcomes, at_ms)

    def check_in(self, rows: Sequence[Attempt], at_ms: int) -> list[Outcome]:
        """Judge attempts to check in, in any order, late or twice.

        Args:
            rows: The attempts.
            at_ms: Journal time of their coming.
        """
        found = self._announcer.findings(self.duties.check_in(rows, at_ms), self.directory)
        return self._counted(found, at_ms)

    def tick_due(self, at_ms: int) -> bool:
        """Return whether a tick at `at_ms` would change anything."""
        return bool(
            self._ready(at_ms)
            or self._silence.due(at_ms)
            or self._silence.returned(at_ms, self.backlog)
            or self._grounds.ended(self.book, at_ms)
            or self.retention.is_due(at_ms)
            or self.duties.due(at_ms)
            or self._company.due(at_ms)
        )

    def is_behind(self, at_ms: int) -> bool:
        """Return whether backlogs have paused that a tick at `at_ms` would judge."""
        return bool(self._ready(at_ms))

    def tick(self, at_ms: int) -> list[Outcome]:
        """Let time pass: backlogs are judged, silences begin, what is over ends, old data goes."""
        outcomes = self._settle(self._ready(at_ms), at_ms)
        outcomes += self._announcer.findings(self.duties.tick(at_ms), self.directory)
        outcomes += self._announcer.findings(self._company.tick(at_ms), self.directory)
        changes = [
            self._silence.begin(number, begin_ms, at_ms)
            for number, begin_ms in self._silence.due(at_ms)
        ]
        for number in self._silence.returned(at_ms, self.backlog):
            changes += self._silence.tell(number)
        for slot, end_ms, ended_by in self._grounds.ended(self.book, at_ms):
            self.book.lay_down(slot)
            change = self.book.end(slot, end_ms, end_ms, late=False, ended_by=ended_by)
            if self.book.keys[slot].rule == NO_CONTACT.name:
                found = [self._meetings.finding(change)]
                outcomes += self._announcer.findings(found, self.directory)
            else:
                changes.append(change)
        outcomes += self._announcer.outcomes(changes, self.directory)
        if self.retention.is_due(at_ms):
            self._prune(at_ms)
        return self._counted(outcomes, at_ms)

    def holds_places(self, spans: Sequence[Span]) -> bool:
        """Return whether it remembers where people were in times that a lifting made unlawful."""
        return self._forgetting.holds(spans)

    def destroy(self, spans: Sequence[Span], at_ms: int) -> None:
        """Forget where people were in times that a lifting made unlawful.

        `history.erase` overwrites what lay on the disk.
        """
        self._forgetting.forget(spans, self._meetings, at_ms)

    def newest_fixes(self, subject: str) -> list[LastFix]:
        """Return where each wristband of a person was last, of those that ever had a fix."""
        fixes = self._memory.newest_fixes(len(self.wearers))
        rows = enumerate(self.wearers.rows)
        return [
            LastFix(*(int(column[number]) for column in fixes.values()))
            for number, one in rows
            if one.subject == subject and one.kind == "wristband"
            and fixes["fix_lon_e7"][number] != ABSENT
        ]  # fmt: skip

    def nuisance(self, at_ms: int) -> dict[str, Nuisance]:
        """Return the alerts of the last 24 hours by organisation, against the nuisance budget."""
        budget_centi = self.directory.parameters.whole("nuisance_budget_centi_per_day")
        return self.duties.budget.last_day(at_ms, budget_centi)

    def dump(self) -> dict[str, Any]:
        """Return the whole state but the directory, as values that msgpack can carry."""
        size = len(self.wearers)
        return {
            "layout": layout(),
            "wearers": self.wearers.dump(),
            "book": self.book.dump(),
            "memory": self._memory.dump(size),
            "settings": self._settings.dump(),
            "history": self.history.dump(size),
            "backlog": self.backlog.dump(),
            "silence": self._silence.dump(),
            "announcer": self._announcer.dump(),
            "retention": self.retention.dump(),
            "duties": self.duties.dump(),
            "meetings": self._meetings.dump(),
            "company": self._company.dump(),
        }

    def load(self, stored: dict[str, Any]) -> set[str]:
        """Replace the state by what `dump` returned; return the rules in it that are no more."""
        self.wearers.load(stored["wearers"])
        gone = self.book.load(stored["book"]) | self._memory.load(stored["memory"])
        self._settings.load(stored["settings"], self.directory, self.wearers.rows)
        self.history.load(stored["history"])
        self.backlog.load(stored["backlog"])
        self._announcer.load(stored["announcer"])
        self.retention.load(stored["retention"])
        self.duties.load(stored["duties"])
        self._meetings.load(stored["meetings"])
        self._company.load(stored["company"])
        self._silence.load(stored["silence"])
        self._remember_slots()
        self._use(self.directory)
        return gone

    def _use(self, directory: Directory) -> None:
        self.directory = directory
        self._grounds = Grounds(directory, self._placement)
        self._arrivals.use(directory)
        self._stretches.use(self._placement)
        self._meetings.use(directory, self._grounds)
        self._company.use(directory, self._placement)
        self._judging.use(self._placement)
        watch = Watch(directory)
        self._silence.use(directory, self._grounds, watch)
        self.duties.use(directory, watch)

    def _grow(self) -> None:
        size = len(self.wearers)
        self._memory.grow(size)
        self.history.grow(size)
        self._judging.grow(size)
        self._settings.grow(self.wearers.rows)
        self._silence.grow()

    def _judge(self, wearer: IntArray, rows: Table, at_ms: int) -> list[Outcome]:
        is_protected = self.wearers.is_protected[wearer]
        if not is_protected.any():
            outcomes = self._judge_subjects(wearer, rows, at_ms)
        else:
            numbers, group = grouped(wearer[is_protected])
            kept = taken(rows, is_protected)
            self.history.append(kept, group, numbers, self._revision.states, at_ms)
            mine = ~is_protected
            outcomes = self._judge_subjects(wearer[mine], taken(rows, mine), at_ms)
        self.duties.saw(wearer, rows)
        found = self._meetings.saw(wearer, rows, at_ms)
        return outcomes + self._announcer.findings(found, self.directory)

    def _judge_subjects(self, wearer: IntArray, rows: Table, at_ms: int) -> list[Outcome]:
        if not len(wearer):
            return []
        numbers, group = grouped(wearer)
        self.history.keep_states(numbers, self._revision.states, at_ms)
        stretch: Stretch = self._stretches.of(numbers, group, rows)
        seen = self._judging.observe(stretch)
        changes = self.book.advance(seen.seen) if len(seen.seen.slot) else []
        changes += self._silence.advance(stretch, at_ms)
        self.history.append(rows, group, numbers, self._revision.states, at_ms)
        return self._announcer.outcomes(changes, self.directory, seen)

    def _ready(self, at_ms: int) -> list[int]:
        if not len(self.backlog):
            return []
        parameters = self.directory.parameters
        quiet_ms = parameters.whole("revision_quiet_s") * 1_000
        return self.backlog.ready(at_ms, quiet_ms, parameters.whole("revision_wait_s") * 1_000)

    def _settle(self, wearers: Sequence[int], at_ms: int) -> list[Outcome]:
        outcomes: list[Outcome] = []
        late = [(number, self.backlog.take(number)) for number in wearers]
        is_protected = self.wearers.is_protected
        subjects = [one for one in late if not is_protected[one[0]]]
        for changes, seen in self._revision.revise(subjects, self._grounds, at_ms):
            outcomes += self._announcer.outcomes(changes, self.directory, seen)
        for number, rows in late:
            if is_protected[number]:
                self.history.add_block(rows, number, self._revision.states, at_ms)
        self.duties.saw_late(late)
        found = self._meetings.saw_late(late, at_ms)
        return outcomes + self._announcer.findings(found, self.directory)

    def _counted(self, outcomes: list[Outcome], at_ms: int) -> list[Outcome]:
        self.duties.budget.count(outcomes, at_ms)
        return outcomes

    def _prune(self, at_ms: int) -> None:
        cutoff_ms = self.retention.advance(at_ms, self.directory.parameters)
        self.book.prune(cutoff_ms)
        self.duties.prune(at_ms, cutoff_ms)
        self._announcer.prune(cutoff_ms)
        keep_ms = self.retention.keep_ms(at_ms, self.directory.parameters)
        self.history.log.drop(keep_ms)
        idle = self.book.idle_of(self.wearers.unheard_since(cutoff_ms, keep_ms))
        for slot in idle:
            self.book.release(slot)
        if idle:
            self._remember_slots()
            self._judging.use(self._placement)

    def _remember_slots(self) -> None:
        self._judging.remember_slots()
        self._silence.remember_slots()
