"""Judging again: what came late, with the stretch of history that it fell into."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gateway.engine.episode import NO_ROW, EpisodeChange
from gateway.engine.episodes import EpisodeBook
from gateway.engine.ground import Grounds
from gateway.engine.history.block import Past
from gateway.engine.history.history import History
from gateway.engine.judging import Judging
from gateway.engine.memory import RuleMemory
from gateway.engine.observed import Observed
from gateway.engine.silence import SilenceRule
from gateway.engine.streaks import STREAK, STREAKS_KEPT
from gateway.engine.stretch import ROW_COLUMNS, Table
from gateway.engine.stretches import Stretches
from geofence.arrays import BoolArray, IntArray

ROWS_AT_ONCE: Final = 20_000
"""Reports that are judged in one stretch: more gain nothing and need memory."""


def fresh_state(memory: RuleMemory) -> NDArray[Any]:
    """Return the state record of a wearer before the first report, shape (1,).

    It is the running streaks, and what the rules remember.
    """
    out = np.zeros(1, [("streaks", STREAK, (STREAKS_KEPT,)), ("memory", memory.dtype)])
    out["streaks"]["slot"] = NO_ROW
    out["memory"] = memory.fresh
    return out


class Revision:
    """Re-evaluation of wearers, from a state that is older than everything late."""

    def __init__(
        self,
        book: EpisodeBook,
        memory: RuleMemory,
        history: History,
        *,
        stretches: Stretches,
        judging: Judging,
        silence: SilenceRule,
    ) -> None:
        """Work on the given parts of the engine's state."""
        self._book = book
        self._memory = memory
        self._history = history
        self._stretches = stretches
        self._judging = judging
        self._silence = silence
        self._dtype = fresh_state(memory).dtype

    def states(self, wearer: IntArray) -> tuple[NDArray[Any], BoolArray]:
        """Return the state records of wearers as they are now, and which are complete."""
        streaks, complete = self._book.streaks.records(wearer, len(self._book.keys))
        memory, out = self._memory.records(wearer), np.empty(len(wearer), self._dtype)
        # The two lie in a state one after the other; numpy would copy them field by field.
        raw = out.view(np.uint8).reshape(len(wearer), out.itemsize)
        middle = STREAKS_KEPT * STREAK.itemsize
        raw[:, :middle] = streaks.view(np.uint8)
        raw[:, middle:] = memory.view(np.uint8).reshape(len(wearer), memory.itemsize)
        return out, complete

    def revise(
        self, late: Sequence[tuple[int, Table]], grounds: Grounds, at_ms: int
    ) -> Iterator[tuple[list[EpisodeChange], Observed]]:
        """Judge wearers again, some at a time; yields what that changes, and on what rows.

        Args:
            late: Wearers and their late reports.
            grounds: What ends episodes although no report does.
            at_ms: Journal time.
        """
        some: list[tuple[int, Table, Past]] = []
        size = 0
        for number, rows in sorted(late, key=lambda one: one[0]):
            past = self._history.past(number, int(rows["fix_time_ms"].min()))
            some.append((number, rows, past))
            size += len(rows["seq"]) + len(past.rows["seq"])
            if size >= ROWS_AT_ONCE:
                yield self._revise(some, grounds, at_ms)
                some, size = [], 0
        if some:
            yield self._revise(some, grounds, at_ms)

    def _revise(
        self, some: Sequence[tuple[int, Table, Past]], grounds: Grounds, at_ms: int
    ) -> tuple[list[EpisodeChange], Observed]:
        parts, through_ms = [], []
        for number, rows, past in some:
            through_ms.append(self._go_back(number, past))
            parts.append((number, _merged(past.rows, rows)))
        stretch = self._stretches.joined(parts)
        seen = self._judging.observe(stretch)
        owners = dict(zip(stretch.wearer.tolist(), through_ms, strict=True))
        keys = self._book.keys
        changes = self._book.revise(
            owners, seen.seen, lambda slot, begin_ms: grounds.of(keys[slot], begin_ms, at_ms)
        )
        changes += self._silence.revise(stretch, np.array(through_ms), at_ms)
        for number, rows, _ in some:
            self._history.add_block(rows, number, self.states, at_ms)
        return changes, seen

    def _go_back(self, number: int, past: Past) -> int:
        """Put a wearer back to before a stretch; return the newest fix time before it."""
        if past.state is not None:
            self._book.restore(number, past.state["streaks"][0])
            self._memory.put(np.array([number]), past.state["memory"])
            return past.through_ms
        self._memory.forget(np.array([number]))
        if past.is_whole:
            self._book.restore(number, None)
            return past.through_ms
        first_ms = min(past.rows["fix_time_ms"].tolist(), default=0)
        self._book.restore_from_standing(number, first_ms - 1)
        return first_ms - 1


def _merged(rows: Table, late: Table) -> Table:
    both = {name: np.concatenate([rows[name], late[name]]) for name in ROW_COLUMNS}
    order = np.lexsort((both["seq"], both["boot"], both["fix_time_ms"]))
    return {name: column[order] for name, column in both.items()}
