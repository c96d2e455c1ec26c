"""Check-ins (信息化核查): what attempts and the passing of time say of the duties to check in.

The standing result of a window is a function of the set of attempts, in whatever order they come.
A window counts when it began after its duty was known here, and after the first attempts came: a
gateway that no kiosk reports to cannot tell what was missed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

import msgspec

from gateway.attempt import Attempt
from gateway.directory.compiled import CheckInDuty, Directory
from gateway.directory.moment import to_text
from gateway.engine.duties.attempts import Attempts
from gateway.engine.duties.timetable import LONGEST_MS, NEVER_MS, UNTOLD_MS, Timetable
from gateway.engine.duties.verdicts import (
    Result,
    Run,
    Window,
    attempt_facts,
    in_a_row,
    result_of,
)
from gateway.engine.episode import EpisodeChange, SlotKey, Stretched
from gateway.engine.episodes import EpisodeBook
from gateway.engine.finding import Finding, Orgs
from gateway.engine.rules.checkin_late import CHECKIN_LATE
from gateway.engine.rules.checkin_missed import CHECKIN_MISSED
from gateway.engine.rules.checkin_place import CHECKIN_PLACE
from gateway.engine.rules.checkin_replay import CHECKIN_REPLAY
from gateway.engine.settings import Settings
from gateway.engine.streaks import NOBODY

_MS_PER_S: Final = 1_000
_MS_PER_DAY: Final = 86_400_000
_BEGINNING_MS: Final = -(1 << 62)
_OF_WINDOWS: Final = (CHECKIN_MISSED.name, CHECKIN_LATE.name, CHECKIN_PLACE.name)


class CheckIns:
    """The attempts, the windows that are over, and the alerts about both."""

    def __init__(self, book: EpisodeBook, settings: Settings) -> None:
        """Work on the given parts of the engine's state."""
        self._book = book
        self._settings = settings
        self._attempts = Attempts()
        self._runs: dict[str, Run] = {}
        """By subject: what the attempts that are no longer kept came to."""
        self._known_ms: dict[tuple[str, str], int] = {}
        """By subject and duty: since when it is known here."""
        self._over: dict[str, list[Window]] = {}
        """By subject: the windows that are over, in order of their deadlines."""
        self._heard_ms: int | None = None
        """Since when attempts come here at all."""
        self._through_ms = _BEGINNING_MS
        """Windows with a deadline up to then are over."""
        self._made: dict[SlotKey, int] = {}
        """Slots of single windows and attempts, and the time before which they are let go."""
        self._kept_ms = _BEGINNING_MS
        self._cutoff_ms = _BEGINNING_MS

    def use(self, directory: Directory) -> None:
        """Put a directory in force."""
        self._directory = directory
        self._orgs = Orgs(directory)
        self._wait_ms = directory.parameters.whole("checkin_wait_s") * _MS_PER_S
        self._timetable: Timetable | None = None
        self._next_ms: int | None = None

    def learn(self, at_ms: int) -> None:
        """Note which duties are known from `at_ms` on."""
        now = [(who, d.checkin) for who, ds in self._directory.checkins.items() for d in ds]
        self._known_ms = {duty: self._known_ms.get(duty, at_ms) for duty in now}
        self._through_ms = max(self._through_ms, at_ms - self._wait_ms)
        self._next_ms = None

    def due(self, at_ms: int) -> bool:
        """Return whether `tick` would find a window over."""
        if self._heard_ms is None or not self._directory.checkins:
            return False
        days = self._days(at_ms)
        if self._next_ms is None:
            self._next_ms = days.next_deadline_ms(self._through_ms)
        return self._next_ms <= at_ms - self._wait_ms

    def tick(self, at_ms: int) -> list[Finding]:
        """Return what is wrong with the windows that are over by `at_ms`."""
        found = []
        until_ms = at_ms - self._wait_ms
        if self.due(at_ms):
            after_ms = max(self._through_ms, until_ms - UNTOLD_MS)
            for subject, duty, window in self._days(at_ms).over(after_ms, until_ms):
                if self._counts(subject, duty, window):
                    self._over.setdefault(subject, []).append(window)
                    found += self._judge(subject, window, is_over=True, late=False)
            self._next_ms = None
        self._through_ms = max(self._through_ms, until_ms)
        return found

    def take(self, rows: Sequence[Attempt], at_ms: int) -> list[Finding]:
        """Take attempts, in any order, late or twice; return what they change."""
        if self._heard_ms is None:
            self._heard_ms = at_ms
        newest_ms = {
            row.subject: held[-1].response_time_ms
            for row in rows
            if (held := self._attempts.of(row.subject))
        }
        new = self._attempts.add(rows, self._kept_ms)
        late = {
            one.subject
            for one in new
            if one.response_time_ms < newest_ms.get(one.subject, _BEGINNING_MS)
        }
        touched = {id(one): one for made in new for one in self._attempts.related(made)}
        found: list[Finding] = []
        subjects = {one.subject: None for one in touched.values()}
        for one in touched.values():
            found += self._judge_replay(one, late=one.subject in late)
        for subject in subjects:
            found += self._judge_run(subject, late=subject in late)
        windows = {
            (one.subject, window): is_over
            for one in touched.values()
            for window, is_over in self._windows(one, at_ms)
        }
        for (subject, window), is_over in windows.items():
            found += self._judge(subject, window, is_over=is_over, late=is_over or subject in late)
        return found

    def prune(self, at_ms: int, cutoff_ms: int) -> None:
        """Let go of what nothing that may still come can change."""
        self._cutoff_ms = cutoff_ms
        self._kept_ms = max(self._kept_ms, min(cutoff_ms, at_ms - 2 * LONGEST_MS))
        marks_ms = self._directory.parameters.whole("checkin_replay_days") * _MS_PER_DAY
        gone = self._attempts.prune(self._kept_ms, at_ms - marks_ms)
        for one, is_replay in gone:
            if not is_replay:
                run = self._runs.get(one.subject, Run())
                self._runs[one.subject], _ = in_a_row(run, [one], self._least(one.subject))
        self._runs = {subject: run for subject, run in self._runs.items() if run != Run()}
        for key in [key for key, from_ms in self._made.items() if from_ms < self._kept_ms]:
            self._book.release(self._book.slot(key, NOBODY))
            del self._made[key]
        over = {
            subject: [window for window in windows if window.start_ms >= self._kept_ms]
            for subject, windows in self._over.items()
        }
        self._over = {subject: windows for subject, windows in over.items() if windows}

    def dump(self) -> dict[str, Any]:
        """Return everything but the directory, as values that msgpack can carry."""
        return {
            "attempts": self._attempts.dump(),
            "runs": list(self._runs.items()),
            "known_ms": [[*duty, ms] for duty, ms in self._known_ms.items()],
            "over": list(self._over.items()),
            "made": list(self._made.items()),
            "heard_ms": self._heard_ms,
            "through_ms": self._through_ms,
            "kept_ms": self._kept_ms,
            "cutoff_ms": self._cutoff_ms,
        }

    def load(self, stored: dict[str, Any]) -> None:
        """Replace everything by what `dump` returned."""
        self._attempts.load(stored["attempts"])
        self._runs = dict(msgspec.convert(stored["runs"], list[tuple[str, Run]]))
        self._known_ms = {(subject, duty): ms for subject, duty, ms in stored["known_ms"]}
        self._over = dict(msgspec.convert(stored["over"], list[tuple[str, list[Window]]]))
        self._made = dict(msgspec.convert(stored["made"], list[tuple[SlotKey, int]]))
        self._heard_ms = stored["heard_ms"]
        self._through_ms = stored["through_ms"]
        self._kept_ms, self._cutoff_ms = stored["kept_ms"], stored["cutoff_ms"]
        self._next_ms = None

    def _days(self, at_ms: int) -> Timetable:
        if self._timetable is None or at_ms >= self._timetable.until_ms:
            self._timetable = Timetable(self._directory, at_ms)
            self._next_ms = None
        return self._timetable

    def _counts(self, subject: str, duty: CheckInDuty, window: Window) -> bool:
        known_ms = self._known_ms.get((subject, duty.checkin), NEVER_MS)
        heard_ms = NEVER_MS if self._heard_ms is None else self._heard_ms
        begins = max(duty.valid_from_ms, known_ms, heard_ms)
        return begins <= window.start_ms and window.end_ms <= duty.valid_to_ms

    def _windows(self, one: Attempt, at_ms: int) -> Iterable[tuple[Window, bool]]:
        """Yield the windows that an attempt may count for, and whether each is over."""
        for window in self._over.get(one.subject, ()):
            if window.holds(one.response_time_ms):
                yield window, True
        for duty, window in self._days(at_ms).of(one.subject, one.response_time_ms):
            if window.deadline_ms > self._through_ms and self._counts(one.subject, duty, window):
                yield window, False

    def _judge(self, subject: str, window: Window, *, is_over: bool, late: bool) -> list[Finding]:
        made = self._attempts.of(subject)
        result = result_of(window, made, self._is_replay, is_over=is_over)
        found = []
        for rule in _OF_WINDOWS:
            key = _window_key(rule, subject, window)
            mine = result if result and result.rule == rule else None
            found += self._stand(key, mine, window.start_ms, late=late)
        return found

    def _judge_replay(self, one: Attempt, *, late: bool) -> list[Finding]:
        why, made_ms = self._attempts.replayed(one), one.response_time_ms
        result = None
        if why is not None:
            facts = attempt_facts(one) | {"why": why}
            result = Result(CHECKIN_REPLAY.name, made_ms, made_ms, facts)
        return self._stand(_replay_key(one), result, made_ms, late=late)

    def _judge_run(self, subject: str, *, late: bool) -> list[Finding]:
        """Judge again what a person's attempts come to in a row."""
        made = [one for one in self._attempts.of(subject) if not self._is_replay(one)]
        run = self._runs.get(subject, Run())
        found = []
        for rule, episodes in in_a_row(run, made, self._least(subject))[1].items():
            key = SlotKey(rule, subject, "", "")
            held = [e for e in episodes if e.closed_ms is None or e.closed_ms >= self._cutoff_ms]
            for change in self._reconcile(key, held, late=late):
                deciding = [one for one in made if one.response_time_ms == change.confirmed_ms]
                is_raised = change.change == "raised" and deciding
                facts = attempt_facts(deciding[0]) if is_raised else {}
                ended = replace(change, ended_by="checkin")
                found.append(self._finding(ended, subject, facts))
        return found

    def _stand(
        self, key: SlotKey, result: Result | None, from_ms: int, *, late: bool
    ) -> list[Finding]:
        """Let what is found be what stands in a slot that is let go once `from_ms` is past."""
        if result is not None:
            self._made[key] = from_ms
        stretched = [] if result is None else [Stretched(result.begin_ms, result.confirmed_ms)]
        changes = self._reconcile(key, stretched, late=late)
        facts = result.facts if result else {}
        return [
            self._finding(change, key.subject, facts if change.change == "raised" else {})
            for change in changes
        ]

    def _reconcile(
        self, key: SlotKey, episodes: Sequence[Stretched], *, late: bool
    ) -> list[EpisodeChange]:
        if not episodes and self._book.find(key) is None:
            return []
        slot = self._book.slot(key, NOBODY)
        changes = self._book.reconcile(slot, episodes, self._cutoff_ms - 1, lambda *_: None)
        return [replace(one, late=late or one.change == "superseded") for one in changes]

    def _finding(self, change: EpisodeChange, subject: str, facts: dict[str, Any]) -> Finding:
        org = self._orgs.of(subject, change.begin_ms)
        return Finding(change, org, self._settings.of_person(subject, change.begin_ms), facts)

    def _is_replay(self, one: Attempt) -> bool:
        return self._attempts.replayed(one) is not None

    def _least(self, subject: str) -> Any:
        name = "checkin_inconclusive_attempts"
        return lambda time_ms: self._settings.of_person(subject, time_ms).whole(name)


def _window_key(rule: str, subject: str, window: Window) -> SlotKey:
    return SlotKey(
        rule, subject, "", f"{window.checkin} {to_text(window.start_ms)}/{window.end_ms}"
    )


def _replay_key(one: Attempt) -> SlotKey:
    target = f"{one.attempt} {one.kiosk} {one.challenge_time_ms} {one.response_time_ms}"
    return SlotKey(CHECKIN_REPLAY.name, one.subject, "", target)
