"""The running streaks of all slots, and their records in stored states."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gateway.engine.episode import NO_ROW, Observations
from geofence.arrays import BoolArray, IntArray
from geofence.transition import Streaks, fold

STREAKS_KEPT: Final = 8
"""Running streaks of one wearer that a state record holds; with more there is no record."""

STREAK: Final = np.dtype(
    [
        ("slot", np.int32),
        ("sign", np.int8),
        ("active", np.bool_),
        ("count", np.int32),
        ("begin_ms", np.int64),
        ("opened_ms", np.int64),
    ]
)
"""A slot that is not at rest, as state records keep it; `slot` is NO_ROW where there is none."""

NOBODY: Final = -1
"""Owner of a slot that no wearer's reports decide."""

FREE: Final = -2
"""Owner of a slot that a wearer's reports decided and that was let go."""

Found = list[tuple[int, bool, int, int]]
"""What a fold changed, in order: slot, whether an episode begins, where, deciding observation."""


class SlotStreaks:
    """Streaks by slot, with the wearer whose reports decide each."""

    def __init__(self) -> None:
        """Start with room for a few slots."""
        self.owner = np.full(64, NOBODY)
        self._now = Streaks.fresh(64)
        self._opened_ms = np.zeros(64, np.int64)

    def grow(self, size: int) -> None:
        """Make room for `size` slots at least."""
        held = len(self.owner)
        if size <= held:
            return
        more = max(size, 2 * held, 64) - held
        for f in fields(Streaks):
            old = getattr(self._now, f.name)
            setattr(self._now, f.name, np.concatenate([old, np.zeros(more, old.dtype)]))
        self._opened_ms = np.concatenate([self._opened_ms, np.zeros(more, np.int64)])
        self.owner = np.concatenate([self.owner, np.full(more, NOBODY)])

    def stir(self, slots: IntArray) -> BoolArray:
        """Return which slots are not at rest, shape (n,)."""
        return self._now.active[slots] | (self._now.sign[slots] > 0)

    def is_active(self, slot: int) -> bool:
        """Return whether an episode of a slot's streaks is open."""
        return bool(self._now.active[slot])

    def opened_ms(self, slot: int) -> int:
        """Return where the newest episode of a slot's streaks began."""
        return int(self._opened_ms[slot])

    def fold(self, seen: Observations) -> Found:
        """Advance streaks by observations and return what that changes."""
        if not len(seen.slot):
            return []
        slots, group = np.unique(seen.slot, return_inverse=True)
        after, changes = fold(self._now.take(slots), group, seen.time_ms, seen.decision, seen.need)
        self._now.put(slots, after)
        slot = slots[changes.group]
        self._opened_ms[slot[changes.begins]] = changes.at_ms[changes.begins]
        columns = (slot, changes.begins, changes.at_ms, changes.row)
        return list(zip(*(column.tolist() for column in columns), strict=True))

    def clear(self, slots: Sequence[int]) -> None:
        """Put slots back to before their first observation."""
        self._now.put(np.array(slots, np.int64), Streaks.fresh(len(slots)))

    def open(self, slot: int, begin_ms: int) -> None:
        """Put a slot to where an episode is open that began at `begin_ms`."""
        self._now.active[slot] = True
        self._opened_ms[slot] = begin_ms

    def records(self, owners: IntArray, size: int) -> tuple[NDArray[Any], BoolArray]:
        """Return the running streaks of wearers, and which wearers had no more than fit.

        Args:
            owners: The wearers, shape (g,).
            size: How many slots there are.

        Returns:
            STREAK records, shape (g, STREAKS_KEPT), and shape (g,).
        """
        out = np.zeros((len(owners), STREAKS_KEPT), STREAK)
        out["slot"] = NO_ROW
        if not len(owners):
            return out, np.ones(0, np.bool_)
        stirring = np.flatnonzero(self._now.active[:size] | (self._now.sign[:size] > 0))
        owner, place = self.owner[stirring], np.argsort(owners, kind="stable")
        at = np.searchsorted(owners, owner, sorter=place)
        group = place[np.minimum(at, len(owners) - 1)]
        mine = np.flatnonzero(owners[group] == owner)
        mine = mine[np.argsort(group[mine], kind="stable")]
        group, stirring = group[mine], stirring[mine]
        count = np.bincount(group, minlength=len(owners))
        rank = np.arange(len(group)) - (np.cumsum(count) - count)[group]
        fits = rank < STREAKS_KEPT
        group, rank, slot = group[fits], rank[fits], stirring[fits]
        out["slot"][group, rank] = slot
        for name in ("sign", "active", "count", "begin_ms"):
            out[name][group, rank] = getattr(self._now, name)[slot]
        out["opened_ms"][group, rank] = self._opened_ms[slot]
        return out, count <= STREAKS_KEPT

    def restore(self, owner: int, record: NDArray[Any]) -> None:
        """Put a wearer's slots back to what a row of `records` says of them.

        Slots that were let go since, and may be another's by now, stay as they are.
        """
        held = record[record["slot"] != NO_ROW]
        held = held[self.owner[held["slot"]] == owner]
        slot = held["slot"].astype(np.int64)
        for name in ("sign", "active", "count", "begin_ms"):
            getattr(self._now, name)[slot] = held[name]
        self._opened_ms[slot] = held["opened_ms"]

    def dump(self, size: int) -> dict[str, bytes]:
        """Return the first `size` slots, as values that msgpack can carry."""
        columns = {f.name: getattr(self._now, f.name) for f in fields(Streaks)}
        columns |= {"opened_ms": self._opened_ms, "owner": self.owner}
        return {name: column[:size].tobytes() for name, column in columns.items()}

    def load(self, stored: Mapping[str, bytes], size: int) -> None:
        """Replace everything by what `dump` returned."""
        for f in fields(Streaks):
            dtype = getattr(self._now, f.name).dtype
            setattr(self._now, f.name, np.frombuffer(stored[f.name], dtype).copy())
        self._opened_ms = np.frombuffer(stored["opened_ms"], np.int64).copy()
        self.owner = np.frombuffer(stored["owner"], np.int64).copy()
        self.grow(max(64, size))
