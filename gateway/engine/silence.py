"""Silence: a gap in fix time, and a device that is not heard of.

While a device is away nobody knows whether it records: it is told after an hour. When it is back,
its gap is told once what it held would have come.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from gateway.directory.compiled import Directory
from gateway.engine.backlog import Backlog
from gateway.engine.episode import NO_ROW, EpisodeChange, SlotKey, Stretched
from gateway.engine.episodes import EpisodeBook
from gateway.engine.ground import Grounds
from gateway.engine.outage import Outages
from gateway.engine.returns import Returns, is_told
from gateway.engine.rules.silence import SILENCE
from gateway.engine.settings import Settings
from gateway.engine.stretch import NEVER_MS, Stretch
from gateway.engine.watch import Watch
from gateway.engine.wearers import KINDS, Wearers
from geofence.arrays import BoolArray, IntArray

_EVER_MS: Final = 1 << 62
_ASKED: Final = np.array([kind in SILENCE.kinds for kind in KINDS])


class SilenceRule:
    """Raises and ends silences; keeps nothing but what book and wearers keep."""

    def __init__(self, book: EpisodeBook, wearers: Wearers, settings: Settings) -> None:
        """Work on the given parts of the engine's state."""
        self._book = book
        self._wearers = wearers
        self._settings = settings
        self._slot_by_wearer = np.empty(0, np.int64)
        self._returns = Returns()
        self.outages = Outages(book, wearers, settings, self._is_silent)

    def use(self, directory: Directory, grounds: Grounds, watch: Watch) -> None:
        """Put a directory in force."""
        self._directory = directory
        self._watch = watch
        self._grounds = grounds

    def advance(self, stretch: Stretch, at_ms: int) -> list[EpisodeChange]:
        """Judge reports that are newer than everything their wearer sent, at journal time."""
        found: list[EpisodeChange] = []
        ended = set()
        silent = np.flatnonzero(self._is_silent(stretch.wearer)).tolist()
        first = np.flatnonzero(stretch.opens) if silent else stretch.last
        for group in silent:
            row = int(first[group])
            ended.add(row)
            found += self._close(int(stretch.wearer[group]), int(stretch.time_ms[row]))
        for row in self._gaps(stretch):
            if row in ended:
                continue
            one = self._gap(stretch, row)
            if one is not None:
                number = int(stretch.wearer[stretch.group[row]])
                self._returns.note(number, one.begin_ms, one.confirmed_ms, at_ms)
        return found

    def revise(self, stretch: Stretch, through_ms: IntArray, at_ms: int) -> list[EpisodeChange]:
        """Judge stretches of history again.

        Args:
            stretch: The reports, late ones included.
            through_ms: Newest fix time before the stretch, by wearer, shape (g,).
            at_ms: Journal time.
        """
        gaps: dict[int, list[Stretched]] = {}
        for row in self._gaps(stretch):
            one = self._gap(stretch, row)
            if one is not None:
                gaps.setdefault(int(stretch.group[row]), []).append(one)
        first = np.flatnonzero(stretch.opens)
        found: list[EpisodeChange] = []
        for group, wearer in enumerate(stretch.wearer.tolist()):
            standing = self._book.standing(int(self._slot_by_wearer[wearer]))
            self._returns.forget(wearer, int(through_ms[group]))
            episodes = []
            for gap in gaps.get(group, []):
                if is_told(gap, standing):
                    episodes.append(gap)
                else:
                    self._returns.note(wearer, gap.begin_ms, gap.confirmed_ms, at_ms)
            if self._slot_by_wearer[wearer] == NO_ROW and not episodes:
                continue
            slot = self._slot(wearer)
            times = int(stretch.time_ms[first[group]]), int(stretch.time_ms[stretch.last[group]])
            episodes += self._found_by_ticks(slot, wearer, *times, int(through_ms[group]))
            episodes.sort(key=lambda one: one.begin_ms)
            found += self._book.reconcile(
                slot,
                episodes,
                int(through_ms[group]),
                lambda slot, begin_ms: self._grounds.of(self._book.keys[slot], begin_ms, at_ms),
            )
        return found

    def due(self, at_ms: int) -> list[tuple[int, int]]:
        """Return (wearer, begin_ms) of every silence that begins to stand at `at_ms`."""
        self._watch.grow(self._wearers.rows)
        size = len(self._wearers)
        if not size:
            return []
        since_ms = self._watch.since_ms(at_ms)
        since_ms[~_ASKED[self._wearers.kind[:size]]] = NEVER_MS
        everybody = np.arange(size)
        limit_ms = self._limit_ms("silence_s", everybody, np.full(size, at_ms))
        last_ms = self._wearers.last_ms[:size]
        heard_ms = np.maximum(np.maximum(last_ms, self._wearers.received_ms[:size]), since_ms)
        heard_ms = np.maximum(heard_ms, self.outages.excused_ms(at_ms))
        is_due = (since_ms != NEVER_MS) & (at_ms - heard_ms > limit_ms)
        if not is_due.any():
            return []
        is_due &= ~self._is_silent(everybody)
        found = []
        for number in np.flatnonzero(is_due).tolist():
            row = self._wearers.rows[number]
            begin_ms = row.known_ms if last_ms[number] == NEVER_MS else int(last_ms[number])
            begin_ms = self._unplanned(row.device, max(begin_ms, int(since_ms[number])), at_ms)
            if at_ms - begin_ms > limit_ms[number]:
                found.append((number, begin_ms))
        return found

    def returned(self, at_ms: int, backlog: Backlog) -> list[int]:
        """Return who is back for long enough to be believed that nothing is held any more."""
        numbers = np.array([number for number in self._returns.numbers if number not in backlog])
        if not len(numbers):
            return []
        limits = self._settings.limits(numbers, np.full(len(numbers), at_ms))
        return self._returns.settled(numbers.tolist(), limits.ms("silence_return_s"), at_ms)

    def tell(self, number: int) -> list[EpisodeChange]:
        """Raise the gaps of somebody who is back; each is over already."""
        slot, found = self._slot(number), []
        for gap in self._returns.take(number):
            # It may be away again by now: that silence goes on.
            found += self._book.stand_over(slot, gap.begin_ms, gap.end_ms)
        return found

    def dump(self) -> list[Any]:
        """Return the gaps that wait to be told, as values that msgpack can carry."""
        return self._returns.dump()

    def load(self, stored: Sequence[Any]) -> None:
        """Replace the waiting gaps by what `dump` returned."""
        self._returns.load(stored)

    def begin(self, number: int, begin_ms: int, at_ms: int) -> EpisodeChange:
        """Open a silence that `due` has found."""
        return self._book.begin(self._slot(number), begin_ms, at_ms, late=False)

    def _gaps(self, stretch: Stretch) -> list[int]:
        by_interval = stretch.limits["silence_intervals"] * stretch.by_row(
            stretch.expected_interval_ms
        )
        limit_ms = np.maximum(stretch.limits.ms("silence_gap_s"), by_interval)
        previous_ms = stretch.previous_ms
        is_gap = (previous_ms != NEVER_MS) & (stretch.time_ms - previous_ms > limit_ms)
        rows: list[int] = np.flatnonzero(is_gap).tolist()
        return [r for r in rows if _ASKED[self._wearers.kind[stretch.wearer[stretch.group[r]]]]]

    def _gap(self, stretch: Stretch, row: int) -> Stretched | None:
        """Return the silence that a report ends, None where orders or plans leave none."""
        number = int(stretch.wearer[stretch.group[row]])
        end_ms, wearer = int(stretch.time_ms[row]), self._wearers.rows[number]
        since_ms = self._directory.watched_since(wearer.subject, wearer.device, end_ms)
        if since_ms is None:
            return None
        begin_ms = max(int(stretch.previous_ms[row]), since_ms)
        begin_ms = self._unplanned(wearer.device, begin_ms, end_ms)
        if end_ms - begin_ms <= self._limit_at(number, end_ms):
            return None
        return Stretched(begin_ms, end_ms, end_ms=end_ms, closed_ms=end_ms)

    def _unplanned(self, device: str, begin_ms: int, end_ms: int) -> int:
        """Return where a gap begins when planned silences at its beginning do not count."""
        for from_ms, until_ms in self._directory.planned_silences.get(device, ()):
            if from_ms <= begin_ms < until_ms:
                begin_ms = min(until_ms, end_ms)
        return begin_ms

    def _limit_ms(self, name: str, wearer: IntArray, time_ms: IntArray) -> IntArray:
        limits = self._settings.limits(wearer, time_ms)
        by_interval = limits["silence_intervals"] * self._wearers.expected_interval_ms[wearer]
        return np.maximum(limits.ms(name), by_interval)

    def _limit_at(self, number: int, time_ms: int) -> int:
        return int(self._limit_ms("silence_gap_s", np.array([number]), np.array([time_ms]))[0])

    def _is_silent(self, wearer: IntArray) -> BoolArray:
        slot = self._slot_by_wearer[wearer]
        silent: BoolArray = (slot != NO_ROW) & self._book.are_open(slot)
        return silent

    def _close(self, number: int, end_ms: int) -> list[EpisodeChange]:
        slot = self._slot(number)
        begin_ms = self._book.standing(slot)[-1].begin_ms
        if end_ms - begin_ms > self._limit_at(number, end_ms):
            return [self._book.end(slot, end_ms, end_ms, late=False)]
        # The device held back what it recorded: the gap is none, nor was it when it was raised.
        return self._book.reconcile(slot, [], _EVER_MS, lambda *_: None)

    def _found_by_ticks(
        self, slot: int, number: int, first_ms: int, last_ms: int, through_ms: int
    ) -> list[Stretched]:
        """Return the standing silences that no pair of reports shows: found by a tick alone."""
        kept = []
        for episode in self._book.standing(slot):
            one = Stretched(episode.begin_ms, episode.confirmed_ms)
            if through_ms == NEVER_MS and episode.begin_ms < first_ms:
                if first_ms - episode.begin_ms <= self._limit_at(number, first_ms):
                    continue
                one.end_ms = one.closed_ms = first_ms
                kept.append(one)
            elif episode.end_ms is None and episode.begin_ms >= last_ms:
                kept.append(one)
        return kept

    def grow(self) -> None:
        """Take the wearers that are new since the last call."""
        held = len(self._slot_by_wearer)
        if held < len(self._wearers):
            more = np.full(max(len(self._wearers) - held, held, 64), NO_ROW)
            self._slot_by_wearer = np.concatenate([self._slot_by_wearer, more])

    def remember_slots(self) -> None:
        """Read which slots there are from the book, after it was loaded."""
        self._slot_by_wearer = np.empty(0, np.int64)
        self.grow()
        for slot, key in enumerate(self._book.keys):
            if key.rule == SILENCE.name:
                self._slot_by_wearer[self._book.owner(slot)] = slot

    def _slot(self, number: int) -> int:
        slot = int(self._slot_by_wearer[number])
        if slot == NO_ROW:
            row = self._wearers.rows[number]
            slot = self._book.slot(SlotKey(SILENCE.name, row.subject, row.device, ""), number)
            self._slot_by_wearer[number] = slot
        return slot
