"""The standing episodes of every slot, and the streaks that they come from.

A slot is one question asked over and over: one rule, one subject, one target (a fence or a
device). Data in order advances a slot from where it stands; data out of order judges the slot's
whole retained history again and compares: what is new is raised, what moved is amended, what is
gone is superseded.
"""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any, Final

import msgspec
import numpy as np

from gateway.engine.episode import Episode, EpisodeChange, Observations, SlotKey
from gateway.engine.outcome import SEVERITY, Change, EndedBy
from geofence.arrays import BoolArray, IntArray
from geofence.transition import Changes, Persistence, Streaks, fold

_OLDEST_MS: Final = -(1 << 62)
_RULE_CODES: Final = {rule: code for code, rule in enumerate(SEVERITY)}


class EpisodeBook:
    """Slots, their streaks and their standing episodes."""

    def __init__(self) -> None:
        """Start without slots."""
        self.keys: list[SlotKey] = []
        self._ids: dict[SlotKey, int] = {}
        self._now = Streaks.fresh(64)
        self._base = Streaks.fresh(64)
        self._base_begin_ms = np.zeros(64, np.int64)
        self._last_ms = np.full(64, _OLDEST_MS, np.int64)
        self._rule_code = np.zeros(64, np.int8)
        self._is_open = np.zeros(64, np.bool_)
        self._standing: dict[int, list[Episode]] = {}

    def slot(self, rule: str, subject: str, target: str) -> int:
        """Return the id of a slot; makes it if it is new."""
        key = SlotKey(rule, subject, target)
        slot = self._ids.get(key)
        if slot is None:
            slot = self._ids[key] = len(self.keys)
            self.keys.append(key)
            if slot >= len(self._last_ms):
                self._grow()
            self._rule_code[slot] = _RULE_CODES[rule]
        return slot

    def has_rule(self, slots: IntArray, rules: Sequence[str]) -> BoolArray:
        """Return which slots ask one of `rules`."""
        return np.isin(self._rule_code[slots], [_RULE_CODES[rule] for rule in rules])

    def is_open(self, slots: IntArray) -> BoolArray:
        """Return which slots have an episode that has not ended."""
        return self._is_open[slots]

    def last_ms_by_slot(self) -> IntArray:
        """Return the newest fix time seen, by slot id."""
        return self._last_ms

    def all_episodes(self) -> list[tuple[int, Episode]]:
        """Return every standing episode, by slot id."""
        return [(slot, e) for slot, episodes in sorted(self._standing.items()) for e in episodes]

    def standing(self, slot: int) -> list[Episode]:
        """Return the standing episodes of a slot, oldest first."""
        return self._standing.get(slot, [])

    def open_episodes(self) -> list[tuple[int, Episode]]:
        """Return every episode that has not ended, by slot id."""
        return [(slot, episode) for slot, episode in self.all_episodes() if episode.end_ms is None]

    def advance(self, seen: Observations, need: Persistence) -> list[EpisodeChange]:
        """Advance slots by observations that are all newer than what they have seen.

        Args:
            seen: The observations.
            need: Persistence, one row per distinct slot of `seen`, ascending.
        """
        slots, group = np.unique(seen.slot, return_inverse=True)
        after, changes = fold(self._now.take(slots), group, seen.time_ms, seen.decision, need)
        self._now.put(slots, after)
        np.maximum.at(self._last_ms, seen.slot, seen.time_ms)
        found = []
        for group_ix, begins, at_ms, row in _rows(changes):
            slot, confirmed_ms = int(slots[group_ix]), int(seen.time_ms[row])
            if begins:
                found.append(self.begin(slot, at_ms, confirmed_ms, late=False))
            else:
                found.append(self.end(slot, at_ms, late=False))
        return found

    def begin(self, slot: int, begin_ms: int, confirmed_ms: int, *, late: bool) -> EpisodeChange:
        """Open an episode on a slot."""
        self._standing.setdefault(slot, []).append(Episode(begin_ms, begin_ms, None))
        self._is_open[slot] = True
        return EpisodeChange(slot, "raised", begin_ms, begin_ms, None, confirmed_ms, late)

    def end(
        self, slot: int, end_ms: int, *, late: bool, ended_by: EndedBy = "reports"
    ) -> EpisodeChange:
        """End the open episode of a slot."""
        episode = self._standing[slot][-1]
        episode.end_ms = end_ms
        self._is_open[slot] = False
        return EpisodeChange(
            slot, "cleared", episode.anchor_ms, episode.begin_ms, end_ms, end_ms, late, ended_by
        )

    def revise(self, history: Observations, need: Persistence) -> list[EpisodeChange]:
        """Judge slots again over all their retained observations, late ones included.

        Args:
            history: Everything retained of the slots.
            need: Persistence, one row per distinct slot of `history`, ascending.
        """
        slots, group = np.unique(history.slot, return_inverse=True)
        base = self._base.take(slots)
        after, changes = fold(base, group, history.time_ms, history.decision, need)
        self._now.put(slots, after)
        np.maximum.at(self._last_ms, history.slot, history.time_ms)
        lists: list[list[tuple[int, int | None, int]]] = [
            [(int(self._base_begin_ms[slot]), None, int(self._base_begin_ms[slot]))]
            if base.active[index]
            else []
            for index, slot in enumerate(slots)
        ]
        for group_ix, begins, at_ms, row in _rows(changes):
            episodes = lists[group_ix]
            if begins:
                episodes.append((at_ms, None, int(history.time_ms[row])))
            else:
                begin_ms, _, confirmed_ms = episodes[-1]
                episodes[-1] = (begin_ms, at_ms, confirmed_ms)
        found: list[EpisodeChange] = []
        for slot, episodes in zip(slots, lists, strict=True):
            found += self.reconcile(int(slot), episodes)
        return found

    def reconcile(
        self, slot: int, episodes: Sequence[tuple[int, int | None, int]]
    ) -> list[EpisodeChange]:
        """Replace the standing episodes of a slot and return what that changes.

        Args:
            slot: The slot.
            episodes: (begin_ms, end_ms or None, confirmed_ms), oldest first.
        """
        old = list(self._standing.get(slot, []))
        new: list[Episode] = []
        found: list[EpisodeChange] = []
        for begin_ms, end_ms, confirmed_ms in episodes:
            match = next((e for e in old if _overlap(e, begin_ms, end_ms)), None)
            if match is None:
                new.append(Episode(begin_ms, begin_ms, end_ms))
                found.append(
                    EpisodeChange(slot, "raised", begin_ms, begin_ms, None, confirmed_ms, late=True)
                )
                if end_ms is not None:
                    found.append(_change(slot, "cleared", new[-1]))
                continue
            old.remove(match)
            new.append(Episode(match.anchor_ms, begin_ms, end_ms))
            if (match.begin_ms, match.end_ms) != (begin_ms, end_ms):
                ended = match.end_ms is None and end_ms is not None
                change: Change = "cleared" if ended and match.begin_ms == begin_ms else "amended"
                found.append(_change(slot, change, new[-1]))
        found += [_change(slot, "superseded", gone) for gone in old]
        self._standing[slot] = new
        self._is_open[slot] = bool(new) and new[-1].end_ms is None
        return found

    def prune(self, history: Observations, need: Persistence, before_ms: int) -> None:
        """Let go of observations before `before_ms`: fold them into the base for good.

        Args:
            history: The observations to let go, of any slots.
            need: Persistence, one row per distinct slot of `history`, ascending.
            before_ms: Episodes that ended before this stand for ever.
        """
        slots, group = np.unique(history.slot, return_inverse=True)
        after, changes = fold(
            self._base.take(slots), group, history.time_ms, history.decision, need
        )
        self._base.put(slots, after)
        for group_ix, begins, at_ms, _ in _rows(changes):
            if begins:
                self._base_begin_ms[slots[group_ix]] = at_ms
        for slot, episodes in list(self._standing.items()):
            kept = [e for e in episodes if e.end_ms is None or e.end_ms >= before_ms]
            if kept:
                self._standing[slot] = kept
            else:
                del self._standing[slot]

    def dump(self) -> dict[str, Any]:
        """Return everything, as values that msgpack can carry."""
        size = len(self.keys)
        arrays = {
            f"{part}_{f.name}": getattr(getattr(self, f"_{part}"), f.name)[:size].tobytes()
            for part in ("now", "base")
            for f in fields(Streaks)
        }
        return {
            "keys": self.keys,
            "arrays": arrays,
            "base_begin_ms": self._base_begin_ms[:size].tobytes(),
            "last_ms": self._last_ms[:size].tobytes(),
            "standing": list(self._standing.items()),
        }

    def load(self, stored: dict[str, Any]) -> None:
        """Replace everything by what `dump` returned."""
        self.keys = msgspec.convert(stored["keys"], list[SlotKey])
        self._ids = {key: slot for slot, key in enumerate(self.keys)}
        for part in ("now", "base"):
            streaks = Streaks.fresh(0)
            for f in fields(Streaks):
                dtype = getattr(streaks, f.name).dtype
                raw = stored["arrays"][f"{part}_{f.name}"]
                # Counts of an earlier release were twice as wide.
                width = len(raw) // max(len(self.keys), 1)
                stored_as = dtype if width == dtype.itemsize else np.dtype(f"i{width or 8}")
                setattr(streaks, f.name, np.frombuffer(raw, stored_as).astype(dtype))
            setattr(self, f"_{part}", streaks)
        self._base_begin_ms = np.frombuffer(stored["base_begin_ms"], np.int64).copy()
        self._last_ms = np.frombuffer(stored["last_ms"], np.int64).copy()
        self._standing = {
            slot: msgspec.convert(episodes, list[Episode]) for slot, episodes in stored["standing"]
        }
        codes = [_RULE_CODES[key.rule] for key in self.keys]
        self._rule_code = np.array(codes, np.int8)
        self._is_open = np.zeros(len(self.keys), np.bool_)
        self._is_open[[slot for slot, _ in self.open_episodes()]] = True
        self._grow()

    def _grow(self) -> None:
        more = max(64, len(self._last_ms))
        self._rule_code = np.concatenate([self._rule_code, np.zeros(more, np.int8)])
        self._is_open = np.concatenate([self._is_open, np.zeros(more, np.bool_)])
        for part in (self._now, self._base):
            for f in fields(Streaks):
                old = getattr(part, f.name)
                setattr(part, f.name, np.concatenate([old, np.zeros(more, old.dtype)]))
        self._base_begin_ms = np.concatenate([self._base_begin_ms, np.zeros(more, np.int64)])
        self._last_ms = np.concatenate([self._last_ms, np.full(more, _OLDEST_MS, np.int64)])


def _rows(changes: Changes) -> Iterable[tuple[int, bool, int, int]]:
    return zip(
        changes.group.tolist(),
        changes.begins.tolist(),
        changes.at_ms.tolist(),
        changes.row.tolist(),
        strict=True,
    )


def _overlap(episode: Episode, begin_ms: int, end_ms: int | None) -> bool:
    return (end_ms is None or episode.begin_ms <= end_ms) and (
        episode.end_ms is None or begin_ms <= episode.end_ms
    )


def _change(slot: int, change: Change, episode: Episode) -> EpisodeChange:
    return EpisodeChange(
        slot,
        change,
        episode.anchor_ms,
        episode.begin_ms,
        episode.end_ms,
        episode.begin_ms,
        late=True,
    )
