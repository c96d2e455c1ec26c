"""Silence: a gap in fix time. The one rule that also needs the passing of time itself."""

import numpy as np

from gateway.directory.snapshot import Directory
from gateway.engine.device import gaps, silence_limit_ms
from gateway.engine.episode import EpisodeChange
from gateway.engine.episodes import EpisodeBook
from gateway.engine.wearers import NEVER_MS, Wearers
from geofence.arrays import IntArray


class SilenceRule:
    """Raises and ends silences; keeps nothing but what book and wearers keep."""

    def __init__(self, book: EpisodeBook, wearers: Wearers) -> None:
        """Work on the given book and wearers."""
        self._book = book
        self._wearers = wearers
        self._limit_ms = np.zeros(0, np.int64)
        self._limits_of: Directory | None = None

    def advance(
        self, wearer: IntArray, time_ms: IntArray, directory: Directory
    ) -> list[EpisodeChange]:
        """Judge reports that are newer than everything their wearer sent.

        Args:
            wearer: Wearer of each report, ascending.
            time_ms: Fix times, ascending within a wearer.
            directory: The directory in force.
        """
        limit_ms = self._limits(wearer, directory)
        previous_ms = self._wearers.last_ms[wearer]
        is_gap, began_ms = gaps(wearer, time_ms, previous_ms, limit_ms)
        found: list[EpisodeChange] = []
        numbers, first = np.unique(wearer, return_index=True)
        silent = self._book.is_open(self._wearers.silence_slot[numbers])
        for number, row in zip(numbers[silent].tolist(), first[silent].tolist(), strict=True):
            slot = int(self._wearers.silence_slot[number])
            is_gap[row] = False
            begin_ms = self._book.standing(slot)[-1].begin_ms
            found += self._close(slot, begin_ms, int(time_ms[row]), int(limit_ms[row]))
        for row in np.flatnonzero(is_gap).tolist():
            number, end_ms = int(wearer[row]), int(time_ms[row])
            from_ms = self._watched_from(number, int(began_ms[row]), end_ms, directory)
            if from_ms is not None:
                slot = int(self._wearers.silence_slot[number])
                found.append(self._book.begin(slot, from_ms, end_ms, late=False))
                found.append(self._book.end(slot, end_ms, late=False))
        return found

    def revise(
        self, wearer: IntArray, time_ms: IntArray, directory: Directory
    ) -> list[EpisodeChange]:
        """Judge wearers again over all their retained reports.

        Args:
            wearer: Wearer of each retained report, ascending.
            time_ms: Fix times, ascending within a wearer.
            directory: The directory in force.
        """
        limit_ms = self._limits(wearer, directory)
        is_gap, began_ms = gaps(wearer, time_ms, self._wearers.base_last_ms[wearer], limit_ms)
        found: list[EpisodeChange] = []
        for number in np.unique(wearer).tolist():
            mine = wearer == number
            times, here = time_ms[mine], is_gap[mine]
            episodes = self._before_first_or_open(number, times, int(limit_ms[mine][0]))
            for began, end_ms in zip(
                began_ms[mine][here].tolist(), times[here].tolist(), strict=True
            ):
                begin_ms = self._watched_from(number, began, end_ms, directory)
                if begin_ms is not None:
                    episodes.append((begin_ms, end_ms, end_ms))
            slot = int(self._wearers.silence_slot[number])
            found += self._book.reconcile(slot, sorted(episodes))
        return found

    def due(self, at_ms: int, directory: Directory) -> list[tuple[int, int]]:
        """Return (slot, begin_ms) of every silence that begins to stand at `at_ms`."""
        found = []
        for number, row in enumerate(self._wearers.rows):
            device = directory.devices.get(row.device)
            if device is None:
                continue
            since_ms = directory.watched_since(row.subject, row.device, at_ms)
            if since_ms is None:
                continue
            limit_ms = silence_limit_ms(device.expected_interval_s, directory.parameters)
            last_ms = int(self._wearers.last_ms[number])
            heard_ms = max(last_ms, int(self._wearers.received_ms[number]), since_ms)
            slot = int(self._wearers.silence_slot[number])
            standing = self._book.standing(slot)
            is_open = bool(standing) and standing[-1].end_ms is None
            if at_ms - heard_ms > limit_ms and not is_open:
                begin_ms = row.known_ms if last_ms == NEVER_MS else last_ms
                found.append((slot, max(begin_ms, since_ms)))
        return found

    def _watched_from(
        self, number: int, began_ms: int, end_ms: int, directory: Directory
    ) -> int | None:
        """Return where a gap begins within the stretch of orders that it ends in, if it lasts."""
        row = self._wearers.rows[number]
        since_ms = directory.watched_since(row.subject, row.device, end_ms)
        if since_ms is None:
            return None
        begin_ms = max(began_ms, since_ms)
        limit_ms = int(self._limits(np.array([number]), directory)[0])
        return begin_ms if end_ms - begin_ms > limit_ms else None

    def _limits(self, wearer: IntArray, directory: Directory) -> IntArray:
        if self._limits_of is not directory or len(self._limit_ms) != len(self._wearers):
            devices = [directory.devices.get(row.device) for row in self._wearers.rows]
            intervals_s = [device.expected_interval_s if device else 0 for device in devices]
            limits = [silence_limit_ms(s, directory.parameters) for s in intervals_s]
            self._limit_ms, self._limits_of = np.array(limits, np.int64), directory
        return self._limit_ms[wearer]

    def _close(self, slot: int, begin_ms: int, end_ms: int, limit_ms: int) -> list[EpisodeChange]:
        if end_ms - begin_ms > limit_ms:
            return [self._book.end(slot, end_ms, late=False)]
        # The device held back what it recorded: the gap is none, nor was it when it was raised.
        earlier = [(e.begin_ms, e.end_ms, e.begin_ms) for e in self._book.standing(slot)[:-1]]
        return self._book.reconcile(slot, earlier)

    def _before_first_or_open(
        self, number: int, times: IntArray, limit_ms: int
    ) -> list[tuple[int, int | None, int]]:
        """Return the standing silences that no pair of reports shows: found by a tick alone."""
        kept: list[tuple[int, int | None, int]] = []
        never = self._wearers.base_last_ms[number] == NEVER_MS
        for episode in self._book.standing(int(self._wearers.silence_slot[number])):
            if never and episode.begin_ms < times[0]:
                if times[0] - episode.begin_ms <= limit_ms:
                    continue
                kept.append((episode.begin_ms, int(times[0]), episode.begin_ms))
            elif episode.end_ms is None and episode.begin_ms >= times[-1]:
                kept.append((episode.begin_ms, None, episode.begin_ms))
        return kept
