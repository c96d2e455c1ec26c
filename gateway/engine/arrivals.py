"""What arrives: whose it is, whether it is new, and whether it is late."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from firmware_protocols.alarm import URGENT_ALARMS
from gateway.columns import ABSENT, Party, ReportColumns
from gateway.directory.compiled import Directory
from gateway.engine.addresses import UNKNOWN
from gateway.engine.backlog import Backlog
from gateway.engine.history.block import records_of
from gateway.engine.history.history import History
from gateway.engine.stretch import ROW_COLUMNS, Table
from gateway.engine.wearers import KINDS, Wearer, Wearers, subject_of
from geofence.arrays import BoolArray, IntArray

_US_PER_MS: Final = 1_000
_ORDER: Final = ("fix_time_ms", "boot", "seq")
_KEPT_OF: Final = ("subject", "protected")
"""Kinds of holder whose reports are kept here."""

_RECORDER: Final = KINDS.index("recorder")


class Arrivals:
    """From a batch as the journal has it to reports of wearers."""

    def __init__(self, wearers: Wearers, backlog: Backlog, history: History) -> None:
        """Work on the given parts of the engine's state."""
        self._wearers = wearers
        self._backlog = backlog
        self._history = history

    def use(self, directory: Directory) -> None:
        """Put a directory in force: what it says of the devices holds from now on."""
        self._directory = directory
        for number, row in enumerate(self._wearers.rows):
            device = directory.devices.get(row.device)
            if device is not None:
                self._wearers.expected_interval_ms[number] = device.expected_interval_s * 1_000

    def learn(self, directory: Directory, at_ms: int) -> None:
        """Take everybody who wears a device under an order: their silence counts from now on."""
        for device, bindings in directory.bindings.items():
            org = directory.devices[device].org
            for binding in bindings:
                if binding.holder_kind == "subject" and binding.holder in directory.orders:
                    known_ms = max(at_ms, binding.valid_from_ms)
                    self._wearer(Party(org, device, "subject", binding.holder), known_ms)

    def fresh(self, columns: ReportColumns, parties: Sequence[Party]) -> BoolArray:
        """Return which reports have not been seen before, shape (n,)."""
        out = np.ones(len(columns), np.bool_)
        if not parties:
            return out
        if np.bincount(columns.party).max(initial=0) > 1:
            out[_repeats(columns)] = False
        wearer = self._wearers.numbers(parties)[columns.party]
        # Not newer than the newest: perhaps seen before.
        doubtful = np.flatnonzero(
            (wearer >= 0) & (columns.fix_time_ms <= self._wearers.last_ms[wearer])
        )
        doubtful = doubtful[np.argsort(wearer[doubtful], kind="stable")]
        for one, begin, end in _runs(wearer[doubtful]):
            rows = doubtful[begin:end]
            keys = zip(*(getattr(columns, n)[rows].tolist() for n in _ORDER), strict=True)
            from_ms = int(columns.fix_time_ms[rows].min())
            stored = self._backlog.stored_keys(one, from_ms, self._history)
            waiting = self._backlog.keys(one)
            out[rows] &= [key not in stored and key not in waiting for key in keys]
        return out

    def rows_of(
        self, columns: ReportColumns, parties: Sequence[Party], at_ms: int
    ) -> tuple[IntArray, Table]:
        """Return the wearers of reports and ROW_COLUMNS, sorted by wearer and then fix time.

        Reports of others than subjects, protected people and recorders are left out; where a
        recorder is, is left out too: no rule asks.

        Args:
            columns: The reports, in any order.
            parties: The batch's party table.
            at_ms: Journal time: since when a wearer is known who is new.
        """
        number = self._wearers.numbers(parties).copy()
        for at in np.flatnonzero(number == UNKNOWN).tolist():
            party = parties[at]
            if party.holder_kind in _KEPT_OF or self._is_recorder(party.device):
                number[at] = self._wearer(party, at_ms)
        wearer = number[columns.party] if len(columns) else np.empty(0, np.int64)
        order = np.argsort(wearer, kind="stable")
        number = wearer[order]
        if (number[1:] == number[:-1]).any():
            order = np.lexsort((columns.seq, columns.boot, columns.fix_time_ms, wearer))
        order = order[np.searchsorted(number, 0) :]
        rows = {
            name: getattr(columns, name).take(order)
            for name in ROW_COLUMNS
            if name != "received_ms"
        }
        rows["received_ms"] = columns.received_at_us.take(order) // _US_PER_MS
        carried = self._wearers.kind[wearer[order]] == _RECORDER
        if carried.any():
            for name in ("lon_e7", "lat_e7", "accuracy_mm", "speed_mmps"):
                rows[name][carried] = ABSENT
        return wearer[order], rows

    def set_late_aside(
        self, wearer: IntArray, rows: Table, at_ms: int
    ) -> tuple[IntArray, Table, list[int]]:
        """Let late reports wait, with all others of their wearers.

        Returns:
            What is not late, and the wearers whose waiting reports have an urgent alarm.
        """
        late = wearer[rows["fix_time_ms"] <= self._wearers.last_ms[wearer]]
        self._wearers.saw(wearer, rows["fix_time_ms"], rows["received_ms"])
        if not (len(late) or len(self._backlog)):
            return wearer, rows, []
        aside = np.isin(wearer, np.union1d(late, self._backlog.wearers()))
        if not aside.any():
            return wearer, rows, []
        urgent = wearer[aside & ((rows["alarms"] & URGENT_ALARMS) != 0)]
        records = records_of(taken(rows, aside))
        for one, begin, end in _runs(wearer[aside]):
            self._backlog.add(one, records[begin:end], at_ms)
        return wearer[~aside], taken(rows, ~aside), np.unique(urgent).tolist()

    def _is_recorder(self, device: str) -> bool:
        known = self._directory.devices.get(device)
        return known is not None and known.kind == "recorder"

    def _wearer(self, who: Party, at_ms: int) -> int:
        number = self._wearers.number(subject_of(who), who.device)
        if number is None:
            known = self._directory.devices.get(who.device)
            kind, interval_s = (known.kind, known.expected_interval_s) if known else ("phone", 0)
            is_protected = who.holder_kind == "protected"
            row = Wearer(subject_of(who), who.device, who.org, kind, at_ms, is_protected)
            number = self._wearers.add(row, interval_s)
        return number


def _repeats(columns: ReportColumns) -> IntArray:
    """Return the rows that say the same as an earlier row of the same party."""
    order = np.lexsort((columns.seq, columns.boot, columns.fix_time_ms, columns.party))
    same = np.ones(max(len(order) - 1, 0), np.bool_)
    for name in ("party", *_ORDER):
        column = getattr(columns, name)[order]
        same &= column[1:] == column[:-1]
    found: IntArray = order[1:][same]
    return found


def taken(rows: Table, mask: NDArray[np.bool_]) -> Table:
    """Return the rows where the mask is true."""
    return {name: column[mask] for name, column in rows.items()}


def _runs(numbers: IntArray) -> Iterator[tuple[int, int, int]]:
    """Yield (number, begin, end) of every run of equal numbers."""
    edges = np.flatnonzero(numbers[1:] != numbers[:-1]) + 1
    begins = np.r_[0, edges][: len(numbers)]
    ends = np.r_[edges, len(numbers)][: len(numbers)]
    return zip(numbers[begins].tolist(), begins.tolist(), ends.tolist(), strict=True)
