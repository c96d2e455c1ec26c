"""The engine's one public face: directory, batches and ticks in, outcomes out.

Everything it knows comes from those calls, in the order of the journal; the same calls give the
same outcomes byte for byte.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gateway.columns import Party, ReportColumns
from gateway.directory.snapshot import Directory
from gateway.engine.announce import Announcer
from gateway.engine.device import ALARM_RULES, DEVICE_RULES, TAMPER_RULES, device_decisions
from gateway.engine.episode import EpisodeChange, Observations
from gateway.engine.episodes import EpisodeBook
from gateway.engine.outcome import Outcome
from gateway.engine.placement import ORDER, PLACE_COLUMNS, PLACE_RULES, Placement, Table
from gateway.engine.retention import Retention
from gateway.engine.silence import SilenceRule
from gateway.engine.table import GrowingTable
from gateway.engine.validity import Validity
from gateway.engine.wearers import Wearers
from geofence.arrays import IntArray
from geofence.kernel import Kernel, signed_distances
from geofence.transition import Persistence

_MS_PER_S: Final = 1_000
_US_PER_MS: Final = 1_000

REPORT_COLUMNS: Final = {
    "wearer": np.int32,
    "fix_time_ms": np.int64,
    "boot": np.int64,
    "seq": np.int64,
    "lon_e7": np.int32,
    "lat_e7": np.int32,
    "accuracy_mm": np.int32,
    "alarms": np.int64,
    "battery_pct": np.int16,
}


class Engine:
    """State of every subject, and the rules over it."""

    def __init__(self, directory: Directory, kernel: Kernel = signed_distances) -> None:
        """Start with an empty history under `directory`.

        Args:
            directory: The compiled snapshot.
            kernel: What evaluates fences; all kernels give the same outcomes.
        """
        self._kernel = kernel
        self.book = EpisodeBook()
        self.wearers = Wearers(self.book)
        self.reports = GrowingTable(REPORT_COLUMNS)
        self.places = GrowingTable(PLACE_COLUMNS)
        self.announcer = Announcer(self.book, self.wearers, self.reports, self.places)
        self.retention = Retention()
        self._silence = SilenceRule(self.book, self.wearers)
        self._use(directory)

    def set_directory(self, directory: Directory, at_ms: int) -> list[Outcome]:
        """Put a directory in force; what it ends is ended at the next tick.

        Args:
            directory: The compiled snapshot.
            at_ms: Journal time of the change.
        """
        self._use(directory)
        for device, bindings in directory.bindings.items():
            for binding in bindings:
                if binding.holder_kind == "subject" and binding.holder in directory.orders:
                    known_ms = max(at_ms, binding.valid_from_ms)
                    org = directory.devices[device].org
                    self.wearers.wearer(binding.holder, device, org, known_ms)
        return []

    def fresh(self, columns: ReportColumns, parties: Sequence[Party]) -> NDArray[np.bool_]:
        """Return which reports have not been seen before, shape (n,)."""
        order = np.lexsort((columns.seq, columns.boot, columns.fix_time_ms, columns.party))
        out = np.ones(len(order), np.bool_)
        same = np.ones(max(len(order) - 1, 0), np.bool_)
        for name in ("party", *ORDER):
            column = getattr(columns, name)[order]
            same &= column[1:] == column[:-1]
        out[order[1:][same]] = False
        known = set(self._known_keys(columns, parties))
        if known:
            keys = zip(*(getattr(columns, n).tolist() for n in ("party", *ORDER)), strict=True)
            out &= [key not in known for key in keys]
        return out

    def step(self, columns: ReportColumns, parties: Sequence[Party], at_ms: int) -> list[Outcome]:
        """Judge a batch of reports, none of them seen before.

        Args:
            columns: The reports, in any order.
            parties: The batch's party table.
            at_ms: Journal time of the batch.
        """
        rows = self._subject_rows(columns, parties, at_ms)
        if not len(rows["wearer"]):
            return []
        too_old = rows["fix_time_ms"] < self.retention.cutoff_ms
        outcomes = self.announcer.late_findings(_take(rows, too_old), self.directory)
        rows = _take(rows, ~too_old)
        if not len(rows["wearer"]):
            return outcomes
        self.reports.append(**{name: rows[name] for name in REPORT_COLUMNS})
        late_wearers = _late(rows["wearer"], rows["fix_time_ms"], self.wearers.last_ms)
        is_late = np.isin(rows["wearer"], late_wearers)
        changes = self._judge_devices_and_places(rows, is_late, late_wearers)
        changes += self._judge_silence(_take(rows, ~is_late), late_wearers)
        self.wearers.saw(rows["wearer"], rows["fix_time_ms"], rows["received_ms"])
        return outcomes + self.announcer.outcomes(changes, self.directory)

    def tick_due(self, at_ms: int) -> bool:
        """Return whether a tick at `at_ms` would change anything."""
        return bool(
            self._silence.due(at_ms, self.directory)
            or self._validity.ended(self.book, at_ms)
            or self.retention.is_due(at_ms, len(self.reports), self.directory.parameters)
        )

    def tick(self, at_ms: int) -> list[Outcome]:
        """Let time pass: silences begin, what is no longer valid ends, old history goes."""
        changes = [
            self.book.begin(slot, begin_ms, at_ms, late=False)
            for slot, begin_ms in self._silence.due(at_ms, self.directory)
        ]
        changes += [
            self.book.end(slot, end_ms, late=False, ended_by=ended_by)
            for slot, end_ms, ended_by in self._validity.ended(self.book, at_ms)
        ]
        outcomes = self.announcer.outcomes(changes, self.directory)
        if self.retention.is_due(at_ms, len(self.reports), self.directory.parameters):
            self._prune(at_ms)
        return outcomes

    def dump(self) -> dict[str, Any]:
        """Return the whole state but the directory, as values that msgpack can carry."""
        return {
            "book": self.book.dump(),
            "wearers": self.wearers.dump(),
            "reports": self.reports.dump(),
            "places": self.places.dump(),
            "announcer": self.announcer.dump(),
            "retention": self.retention.dump(),
        }

    def load(self, stored: dict[str, Any]) -> None:
        """Replace the state by what `dump` returned."""
        self.book.load(stored["book"])
        self.wearers.load(stored["wearers"])
        self.reports.load(stored["reports"])
        self.places.load(stored["places"])
        self.announcer.load(stored["announcer"])
        self.retention.load(stored["retention"])
        self._use(self.directory)

    def _use(self, directory: Directory) -> None:
        self.directory = directory
        self._placement = Placement(directory, self.book, self._kernel)
        self._validity = Validity(directory)

    def _known_keys(
        self, columns: ReportColumns, parties: Sequence[Party]
    ) -> list[tuple[int, int, int, int]]:
        numbers = {}
        for index, party in enumerate(parties):
            number = self.wearers.find(party.holder, party.device)
            if number is not None and party.holder_kind == "subject":
                numbers[number] = index
        if not numbers:
            return []
        number_of = np.full(len(parties), -1, np.int64)
        for number, index in numbers.items():
            number_of[index] = number
        wearer = number_of[columns.party]
        known = wearer >= 0
        late = _late(wearer[known], columns.fix_time_ms[known], self.wearers.last_ms)
        if not len(late):
            return []
        rows = self.reports.rows(np.isin(self.reports.column("wearer"), late))
        party_of = [numbers[number] for number in rows["wearer"].tolist()]
        return list(
            zip(
                party_of,
                rows["fix_time_ms"].tolist(),
                rows["boot"].tolist(),
                rows["seq"].tolist(),
                strict=True,
            )
        )

    def _subject_rows(self, columns: ReportColumns, parties: Sequence[Party], at_ms: int) -> Table:
        number_of = np.array(
            [
                self.wearers.wearer(p.holder, p.device, p.org, at_ms)
                if p.holder_kind == "subject"
                else -1
                for p in parties
            ],
            np.int64,
        )
        wearer = number_of[columns.party] if len(columns) else np.empty(0, np.int64)
        order = np.lexsort((columns.seq, columns.boot, columns.fix_time_ms, wearer))
        order = order[wearer[order] >= 0]
        names = ("fix_time_ms", "boot", "seq", "lon_e7", "lat_e7", "accuracy_mm", "alarms")
        rows: Table = {name: getattr(columns, name)[order] for name in (*names, "battery_pct")}
        rows["wearer"] = wearer[order]
        rows["received_ms"] = columns.received_at_us[order] // _US_PER_MS
        return rows

    def _judge_devices_and_places(
        self, rows: Table, is_late: NDArray[np.bool_], late_wearers: IntArray
    ) -> list[EpisodeChange]:
        subjects = [row.subject for row in self.wearers.rows]
        placed = self._placement.judge(rows, subjects)
        self.places.append(**placed)
        late_slots = _late(placed["slot"], placed["fix_time_ms"], self.book.last_ms_by_slot())
        on_time = ~np.isin(placed["slot"], late_slots)
        changes: list[EpisodeChange] = []
        seen = _observations(self._device(_take(rows, ~is_late)), _take(placed, on_time))
        if len(seen.slot):
            changes += self.book.advance(seen, self._need(seen.slot))
        if len(late_wearers) or len(late_slots):
            reports = self.reports.rows(np.isin(self.reports.column("wearer"), late_wearers))
            places = self.places.rows(np.isin(self.places.column("slot"), late_slots))
            history = _observations(self._device(reports), places)
            changes += self.book.revise(history, self._need(history.slot))
        return changes

    def _judge_silence(self, on_time: Table, late_wearers: IntArray) -> list[EpisodeChange]:
        changes = self._silence.advance(on_time["wearer"], on_time["fix_time_ms"], self.directory)
        if len(late_wearers):
            rows = self.reports.rows(np.isin(self.reports.column("wearer"), late_wearers))
            order = np.lexsort((rows["fix_time_ms"], rows["wearer"]))
            wearer = rows["wearer"][order].astype(np.int64)
            changes += self._silence.revise(wearer, rows["fix_time_ms"][order], self.directory)
        return changes

    def _device(self, rows: Table) -> Table:
        decisions = device_decisions(rows["alarms"], rows["battery_pct"], self.directory.parameters)
        slots = self.wearers.device_slots[rows["wearer"]].T
        times = {name: np.tile(rows[name], len(DEVICE_RULES)) for name in ORDER}
        return {"slot": slots.ravel(), "decision": decisions.ravel(), **times}

    def _need(self, slot: IntArray) -> Persistence:
        slots = np.unique(slot)
        parameters = self.directory.parameters
        place = self.book.has_rule(slots, PLACE_RULES)
        alarm = self.book.has_rule(slots, ALARM_RULES)
        tamper_clear_ms = parameters.tamper_clear_s * _MS_PER_S
        return Persistence(
            raise_reports=np.where(place, parameters.persistence_reports, 1),
            raise_ms=np.where(place, parameters.persistence_s * _MS_PER_S, 0),
            clear_reports=np.where(alarm, 1, parameters.clear_reports),
            clear_ms=self.book.has_rule(slots, TAMPER_RULES) * tamper_clear_ms,
        )

    def _prune(self, at_ms: int) -> None:
        cutoff_ms = self.retention.advance(
            at_ms, self.reports.column("fix_time_ms"), self.directory.parameters
        )
        old = self.reports.column("fix_time_ms") < cutoff_ms
        old_places = self.places.column("fix_time_ms") < cutoff_ms
        reports, places = self.reports.rows(old), self.places.rows(old_places)
        gone = _observations(self._device(reports), places)
        if len(gone.slot):
            self.book.prune(gone, self._need(gone.slot), cutoff_ms)
        np.maximum.at(self.wearers.base_last_ms, reports["wearer"], reports["fix_time_ms"])
        self.reports.keep(~old)
        self.places.keep(~old_places)
        self.announcer.prune(cutoff_ms)


def _take(rows: Table, mask: NDArray[np.bool_]) -> Table:
    return {name: column[mask] for name, column in rows.items()}


def _late(number: IntArray, time_ms: IntArray, last_ms: IntArray) -> IntArray:
    """Return the numbers that have a row not newer than what they have seen."""
    return np.unique(number[time_ms <= last_ms[number]])


def _observations(*tables: Table) -> Observations:
    columns = {
        name: np.concatenate([t[name] for t in tables]) for name in ("slot", "decision", *ORDER)
    }
    order = np.lexsort((columns["seq"], columns["boot"], columns["fix_time_ms"], columns["slot"]))
    return Observations(
        columns["slot"][order].astype(np.int64),
        columns["fix_time_ms"][order],
        columns["decision"][order],
    )
