"""The reports of every wearer within the lateness horizon, and states to begin judging again from.

The newest few reports of a wearer are in memory; when there are RECENT of them they go to the log
as one block, which knows the block before it. Every STATE_EVERY-th block has the wearer's state
after it; from which offset on states are of which type is known, so that they outlive a change of
the rules. What late reports need is read backwards to the newest state that is older than all of
them: the state after a block is that of an engine which has seen all blocks up to it, so it may be
gone on from when everything that came later is newer than everything that it has seen.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gateway.engine.history.block import (
    HEADER,
    NOWHERE,
    OPAQUE,
    ROW,
    Interval,
    Past,
    joined,
    records_of,
    table_of,
    with_places,
    without_places,
)
from gateway.engine.history.seen import Key, SeenKeys, keys_of
from gateway.engine.history.segments import Log
from gateway.engine.record_types import carried_over, described, dtype_of
from gateway.engine.stretch import NEVER_MS, Table
from geofence.arrays import BoolArray, IntArray

RECENT: Final = 8
"""Reports of a wearer that are in memory at most, and of a block at least."""

STATE_EVERY: Final = 4
"""Blocks per state: one report in 32 is judged again for nothing, a state costs as much as six."""

STATE_AGE_MS: Final = 3 * 3_600_000
"""An older state is followed by another at the next report: half of what is kept beyond the
horizon (engine/retention.py)."""

_LATER_MS: Final = 1 << 62
"""Oldest fix time of a block without reports."""

_KEPT: Final = np.dtype(
    [
        ("filled", np.int32),
        ("blocks", np.int32),
        ("head", np.int64),
        ("through_ms", np.int64),
        ("stated_at_ms", np.int64),
    ]
)
"""Of a wearer, read together: how many reports are in memory; how many blocks it has; the newest
of them, NOWHERE without any; the newest fix time in them; and when its newest state was stored."""

_KEPT_OPAQUE: Final = np.dtype(f"V{_KEPT.itemsize}")
_FRESH: Final = np.array([(0, 0, NOWHERE, NEVER_MS, NEVER_MS)], _KEPT)

StateOf = Callable[[IntArray], tuple[NDArray[Any], BoolArray]]
"""Returns the states of wearers as records, and which of them are complete."""


class History:
    """Reports by wearer number."""

    def __init__(self, log: Log, fresh_state: NDArray[Any]) -> None:
        """Keep blocks in `log`, with states like `fresh_state`, the one before the first report."""
        self.log = log
        self._fresh_state = fresh_state
        self._state_dtype = fresh_state.dtype
        self._state_types = [(0, fresh_state.dtype)]
        self._seen = SeenKeys(self._blocks)
        self._recent = np.zeros((0, RECENT), OPAQUE)
        self._kept = np.zeros(0, _KEPT)
        self._doomed: list[tuple[int, int]] = []

    def grow(self, size: int) -> None:
        """Make room for `size` wearers at least."""
        held = len(self._kept)
        if size <= held:
            return
        more = max(size, 2 * held, 64) - held
        self._recent = np.concatenate([self._recent, np.zeros((more, RECENT), OPAQUE)])
        self._kept = np.concatenate([self._kept, np.repeat(_FRESH, more)])

    def append(
        self, rows: Table, group: IntArray, wearer: IntArray, state_of: StateOf, at_ms: int
    ) -> None:
        """Add reports that have been judged.

        Args:
            rows: ROW_COLUMNS, sorted by group.
            group: Which of `wearer` each row is of, ascending, shape (n,).
            wearer: Numbers of the wearers, shape (g,).
            state_of: Asked for the states after these rows.
            at_ms: Journal time.
        """
        records, kept = records_of(rows), self._kept_of(wearer)
        # Until now there was nothing to have a state of.
        new = wearer[kept["stated_at_ms"] == NEVER_MS]
        self._kept["stated_at_ms"][new] = at_ms
        count = np.bincount(group, minlength=len(wearer))
        filled = kept["filled"].astype(np.int64)
        # The first block of a wearer is a shorter one, so that not all are full at the same time.
        most = np.where(kept["blocks"] > 0, RECENT, wearer % RECENT + 1)
        is_full = filled + count >= most
        first = np.cumsum(count) - count
        place = wearer * RECENT + filled - first
        stays = np.flatnonzero(~is_full[group])
        mine = group[stays]
        self._recent.reshape(-1)[place[mine] + stays] = records.view(OPAQUE)[stays]
        self._kept["filled"][wearer] = np.where(is_full, 0, filled + count)
        full = np.flatnonzero(is_full)
        if len(full):
            goes = np.flatnonzero(is_full[group])
            owner, held = self._held(wearer[full], filled[full])
            owner = np.concatenate([owner, (np.cumsum(is_full) - 1)[group[goes]]])
            order = np.argsort(owner, kind="stable")
            both = np.concatenate([held.view(OPAQUE), records.view(OPAQUE)[goes]])[order]
            where = owner[order], wearer[full]
            self._write(both.view(ROW), *where, state_of, at_ms, always=False)

    def add_block(self, rows: Table, wearer: int, state_of: StateOf, at_ms: int) -> None:
        """Add judged reports of one wearer as a block of their own, with the state after it."""
        records = joined([self._newest(wearer), records_of(rows)])
        self._kept["filled"][wearer] = 0
        owner = np.zeros(len(records), np.int64)
        self._write(records, owner, np.array([wearer]), state_of, at_ms, always=True)

    def keep_states(self, wearer: IntArray, state_of: StateOf, at_ms: int) -> None:
        """Write the states of wearers whose newest stored one is old, before reports are judged.

        Whoever reports seldom, or comes back after days, would otherwise have none within what is
        kept, and late reports would be judged as if nothing had been before.

        Args:
            wearer: Numbers of wearers, shape (g,).
            state_of: Asked for their states as they are now.
            at_ms: Journal time.
        """
        stated_ms = self._kept_of(wearer)["stated_at_ms"]
        stale = wearer[(stated_ms != NEVER_MS) & (at_ms - stated_ms > STATE_AGE_MS)]
        if not len(stale):
            return
        owner, records = self._held(stale, self._kept["filled"][stale])
        self._kept["filled"][stale] = 0
        self._write(records, owner, stale, state_of, at_ms, always=True)

    def recent(self, wearer: int, from_ms: int) -> Table:
        """Return the reports of a wearer from `from_ms` on, in order of fix time."""
        records = joined([self._newest(wearer), *self._blocks(wearer, from_ms, NOWHERE)[1]])
        return table_of(records[records["fix_time_ms"] >= from_ms])

    def stored_keys(self, wearer: int, from_ms: int) -> set[Key]:
        """Return the keys of a wearer's reports from `from_ms` on, some older ones too."""
        return self._seen.of(wearer, from_ms, self.log.begin) | keys_of(self._newest(wearer))

    def past(self, wearer: int, earliest_ms: int) -> Past:
        """Return what must be judged again when reports from `earliest_ms` on come late.

        Args:
            wearer: Whose.
            earliest_ms: Fix time of the oldest late report.
        """
        parts = [self._newest(wearer)]
        oldest_ms = min([earliest_ms, *parts[0]["fix_time_ms"].tolist()])
        at = int(self._kept["head"][wearer])
        while at != NOWHERE and at >= self.log.begin:
            header = self._header(at)
            if header["state_at"] != NOWHERE and header["through_ms"] < oldest_ms:
                return Past(
                    table_of(joined(parts)),
                    self._state(int(header["state_at"])),
                    int(header["through_ms"]),
                    is_whole=True,
                )
            parts.append(self._rows(header))
            oldest_ms = min(oldest_ms, int(header["min_ms"]))
            at = int(header["previous"])
        rows = table_of(joined(parts))
        return Past(rows, None, NEVER_MS, is_whole=at == NOWHERE)

    def has_places(self, wearer: int, spans: Sequence[Interval]) -> bool:
        """Return whether a wearer's reports of some times, as `destroy_places`, have places."""
        begin_ms = min(begin_ms for begin_ms, _ in spans)
        parts = [self._newest(wearer), *self._blocks(wearer, begin_ms, NOWHERE)[1]]
        return bool(with_places(joined(parts), spans).any())

    def destroy_places(self, wearer: int, spans: Sequence[Interval], at_ms: int) -> bool:
        """Take the places from a wearer's reports of some times; return whether there were any.

        All that is kept of the wearer becomes one block without a state: the older ones hold what
        was seen. `erase` overwrites them.

        Args:
            wearer: Whose.
            spans: Fix times [begin, end).
            at_ms: Journal time.
        """
        parts, doomed = [self._newest(wearer)], []
        at = int(self._kept["head"][wearer])
        while at != NOWHERE and at >= self.log.begin:
            header = self._header(at)
            parts.append(self._rows(header))
            doomed.append((int(header["rows_at"]), parts[-1].nbytes))
            if header["state_at"] != NOWHERE:
                state_at = int(header["state_at"])
                doomed.append((state_at, self._state_type(state_at).itemsize))
            at = int(header["previous"])
        records = joined(parts).copy()
        if not without_places(records, spans):
            return False
        self._recent[wearer] = np.zeros(1, OPAQUE)
        self._kept["filled"][wearer], self._kept["head"][wearer] = 0, at
        records = records[np.argsort(records["fix_time_ms"], kind="stable")]
        owner, mine = np.zeros(len(records), np.int64), np.array([wearer])
        self._write(records, owner, mine, self._no_state, at_ms, always=False)
        self._doomed += [one for one in doomed if one[1]]
        return True

    def erase(self) -> None:
        """Overwrite on the disk what was destroyed; may be repeated."""
        for at, size in self._doomed:
            if at >= self.log.begin:
                self.log.erase(at, size)
        self._doomed = []

    def bytes_in_memory(self, size: int) -> int:
        """Return what the first `size` wearers hold in memory."""
        return self._recent[:size].nbytes + self._kept[:size].nbytes

    def dump(self, size: int) -> dict[str, Any]:
        """Return everything, as values that msgpack can carry; the log is made durable."""
        return {
            "log": self.log.dump(),
            "recent": self._recent[:size].tobytes(),
            "kept": self._kept[:size].tobytes(),
            "state_types": [[at, described(dtype)] for at, dtype in self._state_types],
            "doomed": self._doomed,
        }

    def load(self, stored: Mapping[str, Any]) -> None:
        """Replace everything by what `dump` returned."""
        self.log.load(stored["log"])
        self._recent = np.frombuffer(stored["recent"], OPAQUE).reshape(-1, RECENT).copy()
        self._kept = np.frombuffer(stored["kept"], _KEPT).copy()
        types = [(at, dtype_of(fields)) for at, fields in stored["state_types"]]
        if types[-1][1] != self._state_dtype:
            types.append((self.log.end, self._state_dtype))
        gone = bisect_right(types, self.log.begin, key=itemgetter(0)) - 1
        self._state_types = types[max(gone, 0) :]
        self._seen = SeenKeys(self._blocks)
        self._doomed = [(at, size) for at, size in stored.get("doomed", ())]

    def _blocks(self, wearer: int, from_ms: int, known: int) -> tuple[int, list[NDArray[Any]]]:
        """Return a wearer's newest block, and the records of all back to a time or known block."""
        head = at = int(self._kept["head"][wearer])
        parts = []
        while at not in (NOWHERE, known) and at >= self.log.begin:
            header = self._header(at)
            if header["through_ms"] < from_ms:
                break
            parts.append(self._rows(header))
            at = int(header["previous"])
        return head, parts

    def _kept_of(self, wearer: IntArray) -> NDArray[Any]:
        return self._kept.view(_KEPT_OPAQUE).take(wearer).view(_KEPT)

    def _newest(self, wearer: int) -> NDArray[Any]:
        """Return the reports of a wearer that are in memory."""
        return self._recent[wearer, : int(self._kept["filled"][wearer])].view(ROW)

    def _held(self, wearer: IntArray, filled: IntArray) -> tuple[IntArray, NDArray[Any]]:
        """Return the reports of wearers that are in memory, and which of them each is of."""
        owner, place = np.nonzero(np.arange(RECENT) < filled[:, None])
        return owner, self._recent.reshape(-1).take(wearer[owner] * RECENT + place).view(ROW)

    def _write(
        self,
        records: NDArray[Any],
        owner: IntArray,
        wearer: IntArray,
        state_of: StateOf,
        at_ms: int,
        *,
        always: bool,
    ) -> None:
        """Append one block per wearer; `owner` says whose each record is, ascending."""
        times, count = records["fix_time_ms"], np.bincount(owner, minlength=len(wearer))
        first = np.cumsum(count) - count
        kept = self._kept_of(wearer)
        through_ms, min_ms = kept["through_ms"], np.full(len(wearer), _LATER_MS)
        np.maximum.at(through_ms, owner, times)
        np.minimum.at(min_ms, owner, times)
        # Everybody's turn is another one, so that not all states are written at the same time.
        turn = (kept["blocks"] + wearer // RECENT) % STATE_EVERY
        wanted = np.flatnonzero(always | (turn == STATE_EVERY - 1))
        states, complete = state_of(wearer[wanted])
        wanted = wanted[complete]
        headers = np.zeros(len(wearer), HEADER)
        states_at = self.log.end + headers.nbytes
        rows_at = states_at + len(wanted) * self._state_dtype.itemsize
        headers["wearer"], headers["previous"] = wearer, kept["head"]
        headers["rows"] = count
        headers["rows_at"] = rows_at + first * ROW.itemsize
        headers["state_at"] = NOWHERE
        headers["state_at"][wanted] = (
            states_at + np.arange(len(wanted)) * self._state_dtype.itemsize
        )
        headers["min_ms"], headers["through_ms"] = min_ms, through_ms
        kept_states = states.view(f"V{states.itemsize}")[complete]
        data = b"".join((headers.tobytes(), kept_states.tobytes(), records.tobytes()))
        at = self.log.append(data, at_ms)
        self._kept["head"][wearer] = at + np.arange(len(wearer)) * HEADER.itemsize
        self._kept["through_ms"][wearer] = through_ms
        self._kept["blocks"][wearer] += 1
        self._kept["stated_at_ms"][wearer[wanted]] = at_ms

    def _header(self, at: int) -> Any:
        return np.frombuffer(self.log.read(at, HEADER.itemsize), HEADER)[0]

    def _rows(self, header: Any) -> NDArray[Any]:
        size = int(header["rows"]) * ROW.itemsize
        if not size:
            return np.empty(0, ROW)
        return np.frombuffer(self.log.read(int(header["rows_at"]), size), ROW)

    def _state(self, at: int) -> NDArray[Any]:
        dtype = self._state_type(at)
        stored = np.frombuffer(self.log.read(at, dtype.itemsize), dtype)
        return carried_over(stored, self._fresh_state)

    def _state_type(self, at: int) -> np.dtype[Any]:
        return self._state_types[bisect_right(self._state_types, at, key=itemgetter(0)) - 1][1]

    def _no_state(self, wearer: IntArray) -> tuple[NDArray[Any], BoolArray]:
        return np.repeat(self._fresh_state, len(wearer)), np.zeros(len(wearer), np.bool_)
