"""Tasks of officers' recorders (执法记录仪) of which no report was made: it was switched off.

A task is judged once it has been over for a while: by then what a recorder held back has come. A
report of it that comes later takes the alert back, as long as the lateness horizon reaches.
"""

from dataclasses import replace
from typing import Any, Final, NamedTuple

import numpy as np

from gateway.directory.compiled import Directory
from gateway.directory.moment import to_text
from gateway.engine.episode import EpisodeChange, SlotKey, Stretched
from gateway.engine.episodes import EpisodeBook
from gateway.engine.finding import Finding
from gateway.engine.history.history import History
from gateway.engine.rules.recorder_off import RECORDER_OFF
from gateway.engine.settings import Settings
from gateway.engine.streaks import NOBODY
from gateway.engine.stretch import Table
from gateway.engine.wearers import KINDS, Wearers
from geofence.arrays import BoolArray, IntArray

_MS_PER_S: Final = 1_000
_BEGINNING_MS: Final = -(1 << 62)
_NEVER_MS: Final = 1 << 62
_RECORDER: Final = KINDS.index("recorder")


class _Task(NamedTuple):
    """When a device was to record; the last two are milliseconds since 1970 UTC."""

    device: str
    begin_ms: int
    end_ms: int

    def made(self, time_ms: IntArray) -> BoolArray:
        """Return which reports were made during it."""
        during: BoolArray = (self.begin_ms <= time_ms) & (time_ms < self.end_ms)
        return during


class RecorderTasks:
    """Judges the tasks that are over."""

    def __init__(
        self, book: EpisodeBook, wearers: Wearers, settings: Settings, history: History
    ) -> None:
        """Work on the given parts of the engine's state."""
        self._book = book
        self._wearers = wearers
        self._settings = settings
        self._history = history
        self._known_ms: dict[_Task, int] = {}
        """Since when each task of the directory was known here."""
        self._told: dict[_Task, bool] = {}
        """What was told of within the horizon, begun where it was known, and whether it stands."""
        self._heard: set[_Task] = set()
        """Of what stands, that of which a report has come since."""
        self._through_ms = _BEGINNING_MS
        """Tasks that ended by then are judged."""

    def use(self, directory: Directory) -> None:
        """Put a directory in force."""
        self._directory = directory
        self._wait_ms = directory.parameters.whole("recorder_off_wait_s") * _MS_PER_S
        self._next_ms: int | None = None

    def learn(self, at_ms: int) -> None:
        """Note which tasks are known from `at_ms` on; one that is made longer was known before."""
        begun = {(task.device, task.begin_ms): ms for task, ms in self._known_ms.items()}
        now = [
            _Task(device, begin_ms, end_ms)
            for device, tasks in self._directory.recorder_tasks.items()
            for begin_ms, end_ms in tasks
        ]
        self._known_ms = {
            task: self._known_ms.get(
                task, begun.get(task[:2], at_ms) if task.end_ms > at_ms else at_ms
            )
            for task in now
        }
        self._next_ms = None

    def due(self, at_ms: int) -> bool:
        """Return whether `tick` would find anything."""
        if self._next_ms is None:
            ends = (task.end_ms for task in self._known_ms if task.end_ms > self._through_ms)
            self._next_ms = min(ends, default=_NEVER_MS)
        return bool(self._heard) or self._next_ms <= at_ms - self._wait_ms

    def saw(self, wearer: IntArray, rows: Table) -> None:
        """Note reports that were made during tasks that were told to be silent.

        Args:
            wearer: Whose each is, shape (n,).
            rows: ROW_COLUMNS.
        """
        if not self._told:
            return
        carried = np.flatnonzero(self._wearers.kind[wearer] == _RECORDER)
        if not len(carried):
            return
        for task in (task for task, stands in self._told.items() if stands):
            mine = carried[wearer[carried] == self._wearers.number("", task.device)]
            if task.made(rows["fix_time_ms"][mine]).any():
                self._heard.add(task)

    def tick(self, at_ms: int) -> list[Finding]:
        """Return the tasks that were silent, and those of which a report has come after all."""
        found = []
        for task in sorted(self._heard):
            self._told[task] = False
            found += self._findings(task, [], late=True)
        self._heard = set()
        until_ms = at_ms - self._wait_ms
        if self.due(at_ms):
            for task, known_ms in sorted(self._known_ms.items()):
                if self._through_ms < task.end_ms <= until_ms:
                    found += self._judge(task, known_ms)
            self._next_ms = None
            self._through_ms = until_ms
        return found

    def prune(self, cutoff_ms: int) -> None:
        """Let go of what nothing that may still come can change."""
        for task in [task for task in self._told if task.end_ms < cutoff_ms]:
            self._book.release(self._book.slot(_key(task), NOBODY))
            self._heard.discard(task)
            del self._told[task]

    def dump(self) -> dict[str, Any]:
        """Return everything but the directory, as values that msgpack can carry."""
        return {
            "known_ms": [[*task, ms] for task, ms in self._known_ms.items()],
            "told": [[*task, stands] for task, stands in self._told.items()],
            "heard": sorted(self._heard),
            "through_ms": self._through_ms,
        }

    def load(self, stored: dict[str, Any]) -> None:
        """Replace everything by what `dump` returned."""
        self._known_ms = {_Task(*task): ms for *task, ms in stored["known_ms"]}
        self._told = {_Task(*task): stands for *task, stands in stored["told"]}
        self._heard = {_Task(*task) for task in stored["heard"]}
        self._through_ms = stored["through_ms"]
        self._next_ms = None

    def _judge(self, task: _Task, known_ms: int) -> list[Finding]:
        # An edit makes no violation of what was before it.
        task = task._replace(begin_ms=max(task.begin_ms, known_ms))
        limits = self._settings.of_person("", task.end_ms)
        if task.end_ms - task.begin_ms < limits.whole("recorder_off_s") * _MS_PER_S:
            return []
        held = self._directory.binding_at(task.device, task.begin_ms)
        if held is None or held.holder_kind != "officer" or self._is_planned(task):
            return []
        number = self._wearers.number("", task.device)
        if number is not None:
            rows = self._history.recent(number, task.begin_ms)
            if task.made(rows["fix_time_ms"]).any():
                return []
        self._told[task] = True
        confirmed_ms = task.end_ms + self._wait_ms
        one = Stretched(task.begin_ms, confirmed_ms, end_ms=task.end_ms, closed_ms=confirmed_ms)
        return self._findings(task, [one], late=False)

    def _is_planned(self, task: _Task) -> bool:
        planned = self._directory.planned_silences.get(task.device, ())
        return any(begin < task.end_ms and task.begin_ms < end for begin, end in planned)

    def _findings(self, task: _Task, episodes: list[Stretched], *, late: bool) -> list[Finding]:
        slot = self._book.slot(_key(task), NOBODY)
        changes = self._book.reconcile(slot, episodes, _BEGINNING_MS, lambda *_: None)
        return [self._finding(change, task, late=late) for change in changes]

    def _finding(self, change: EpisodeChange, task: _Task, *, late: bool) -> Finding:
        held = self._directory.binding_at(task.device, task.begin_ms)
        device = self._directory.devices.get(task.device)
        return Finding(
            replace(change, late=late),
            device.org if device else self._directory.org,
            self._settings.of_person("", task.end_ms),
            {"task_s": (task.end_ms - task.begin_ms) // _MS_PER_S},
            {"officer": held.holder} if held and held.holder_kind == "officer" else {},
        )


def _key(task: _Task) -> SlotKey:
    return SlotKey(RECORDER_OFF.name, "", task.device, to_text(task.begin_ms))
