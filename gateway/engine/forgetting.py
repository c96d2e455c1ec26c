"""What a lifting that comes late takes out of the engine: where somebody was after it."""

from collections.abc import Sequence

import numpy as np

from gateway.directory.lifted import Span
from gateway.engine.backlog import Backlog
from gateway.engine.encounters.meetings import Meetings
from gateway.engine.episodes import EpisodeBook
from gateway.engine.history.block import Interval
from gateway.engine.history.history import History
from gateway.engine.memory import RuleMemory
from gateway.engine.wearers import Wearers


class Forgetting:
    """Takes places out of everything that the engine remembers."""

    def __init__(
        self,
        book: EpisodeBook,
        wearers: Wearers,
        memory: RuleMemory,
        *,
        history: History,
        backlog: Backlog,
    ) -> None:
        """Work on the given parts of the engine's state."""
        self._book = book
        self._wearers = wearers
        self._memory = memory
        self._history = history
        self._backlog = backlog

    def holds(self, spans: Sequence[Span]) -> bool:
        """Return whether reports with places of `spans` are kept, or wait to be judged."""
        of_holder = _by_holder(spans)
        return any(
            self._history.has_places(number, times) or self._backlog.has_places(number, times)
            for number, row in enumerate(self._wearers.rows)
            if (times := of_holder.get((row.is_protected, row.subject)))
        )

    def forget(self, spans: Sequence[Span], meetings: Meetings, at_ms: int) -> None:
        """Forget the places of `spans`, and what rules made of them.

        Rules begin anew with whoever had places then; episodes that are open stay so until their
        order, which has ended, ends them.
        """
        of_holder = _by_holder(spans)
        for (_, holder), times in of_holder.items():
            meetings.destroy_places(holder, times)
        for number, row in enumerate(self._wearers.rows):
            times = of_holder.get((row.is_protected, row.subject), [])
            if not times:
                continue
            self._backlog.destroy_places(number, times)
            if self._history.destroy_places(number, times, at_ms):
                self._memory.forget(np.array([number]))
                self._book.restore_from_standing(number, at_ms)


def _by_holder(spans: Sequence[Span]) -> dict[tuple[bool, str], list[Interval]]:
    found: dict[tuple[bool, str], list[Interval]] = {}
    for span in spans:
        who = span.holder_kind == "protected", span.holder
        found.setdefault(who, []).append((span.begin_ms, span.end_ms))
    return found
