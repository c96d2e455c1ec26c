"""Everything that time decides beside reports: check-ins, lapses and outages, and the budget."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from gateway.attempt import Attempt
from gateway.directory.compiled import Directory
from gateway.engine.duties.budget import Budget
from gateway.engine.duties.checkins import CheckIns
from gateway.engine.duties.lapses import Lapses
from gateway.engine.duties.tasks import RecorderTasks
from gateway.engine.episodes import EpisodeBook
from gateway.engine.finding import Finding
from gateway.engine.history.history import History
from gateway.engine.outage import Outages
from gateway.engine.settings import Settings
from gateway.engine.stretch import Table
from gateway.engine.watch import Watch
from gateway.engine.wearers import Wearers
from geofence.arrays import IntArray


class Duties:
    """The parts together."""

    def __init__(
        self,
        book: EpisodeBook,
        wearers: Wearers,
        settings: Settings,
        *,
        outages: Outages,
        history: History,
    ) -> None:
        """Work on the given parts of the engine's state."""
        self._checkins = CheckIns(book, settings)
        self._lapses = Lapses(book, settings)
        self._tasks = RecorderTasks(book, wearers, settings, history)
        self._outages = outages
        self.budget = Budget(wearers)

    def use(self, directory: Directory, watch: Watch) -> None:
        """Put a directory in force."""
        self._checkins.use(directory)
        self._lapses.use(directory)
        self._tasks.use(directory)
        self._outages.use(watch)
        self.budget.use(watch)

    def learn(self, at_ms: int) -> None:
        """Note what the directory in force says since `at_ms`."""
        self._checkins.learn(at_ms)
        self._lapses.learn()
        self._tasks.learn(at_ms)

    def due(self, at_ms: int) -> bool:
        """Return whether a tick would change anything."""
        return (
            self._lapses.due(at_ms)
            or self._checkins.due(at_ms)
            or self.budget.due(at_ms)
            or self._outages.due(at_ms)
            or self._tasks.due(at_ms)
        )

    def tick(self, at_ms: int) -> list[Finding]:
        """Let time pass."""
        self.budget.tick(at_ms)
        return [
            *self._outages.tick(at_ms),
            *self._checkins.tick(at_ms),
            *self._lapses.tick(at_ms),
            *self._tasks.tick(at_ms),
        ]

    def check_in(self, rows: Sequence[Attempt], at_ms: int) -> list[Finding]:
        """Take attempts to check in."""
        return self._checkins.take(rows, at_ms)

    def prune(self, at_ms: int, cutoff_ms: int) -> None:
        """Let go of what nothing that may still come can change."""
        self._checkins.prune(at_ms, cutoff_ms)
        self._lapses.prune()
        self._tasks.prune(cutoff_ms)

    def saw(self, wearer: IntArray, rows: Table) -> None:
        """Note reports (ROW_COLUMNS) that join the history, and whose they are, shape (n,)."""
        self._tasks.saw(wearer, rows)

    def saw_late(self, late: Iterable[tuple[int, Table]]) -> None:
        """Note wearers and their late reports likewise."""
        for number, rows in late:
            self._tasks.saw(np.full(len(rows["seq"]), number), rows)

    def dump(self) -> dict[str, Any]:
        """Return everything but the directory, as values that msgpack can carry."""
        return {
            "checkins": self._checkins.dump(),
            "lapses": self._lapses.dump(),
            "budget": self.budget.dump(),
            "tasks": self._tasks.dump(),
        }

    def load(self, stored: dict[str, Any]) -> None:
        """Replace everything by what `dump` returned."""
        self._checkins.load(stored["checkins"])
        self._lapses.load(stored["lapses"])
        self.budget.load(stored["budget"])
        if "tasks" in stored:  # a build before this one knew of none
            self._tasks.load(stored["tasks"])
