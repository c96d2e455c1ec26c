"""Where the people of no-contact orders were: sightings from what the engine keeps of them."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from gateway.columns import ABSENT
from gateway.directory.moment import to_text
from gateway.engine.encounters.contact import Contacts
from gateway.engine.encounters.duties import Duties
from gateway.engine.encounters.sightings import NOBODY, Sightings, sightings
from gateway.engine.evidence import MAX_REPORTS, report_evidence
from gateway.engine.history.history import History
from gateway.engine.settings import Settings
from gateway.engine.stretch import Table
from gateway.engine.wearers import Wearers
from geofence.arrays import IntArray
from geofence.probability import floored_accuracy_mm

_NOT_IN_A_PAIR = -1


_TOLD_MM: Final = 10_000
"""A distance between two people is told in steps of this, rounded up."""


class Footage:
    """The people of some orders and their devices."""

    def __init__(
        self, duties: Duties, wearers: Wearers, settings: Settings, history: History
    ) -> None:
        """Look at the people of `duties` in the given parts of the engine's state."""
        self._duties = duties
        self._wearers = wearers
        self._settings = settings
        self._history = history
        self._person = np.empty(0, np.int64)
        self._worn: list[list[int]] = [[] for _ in duties.people.keys]
        self.wearer_of_duty = np.zeros(len(duties), np.int64)
        """A wearer that is the subject of each order: whose parameters it goes by."""

    def grow(self) -> None:
        """Take the wearers that are new since the last call."""
        held, rows = len(self._person), self._wearers.rows
        if held == len(rows):
            return
        found = [self._duties.people.find(row.subject) for row in rows[held:]]
        new = [_NOT_IN_A_PAIR if person is None else person for person in found]
        self._person = np.append(self._person, np.array(new, np.int64))
        for number, person in enumerate(new, held):
            if person != _NOT_IN_A_PAIR:
                self._worn[person].append(number)
                self._worn[person].sort(key=lambda n: rows[n].device)
        first = [worn[0] if worn else 0 for worn in self._worn]
        if first:
            self.wearer_of_duty = np.array(first, np.int64)[self._duties.first]

    def seen(self, wearer: IntArray, rows: Table) -> Sightings:
        """Return the sightings that reports are.

        Args:
            wearer: Whose each report is, shape (n,).
            rows: ROW_COLUMNS.
        """
        person = self._person[wearer]
        at = np.flatnonzero((person != _NOT_IN_A_PAIR) & (rows["lon_e7"] != ABSENT))
        if not len(at):
            return NOBODY
        time_ms = rows["fix_time_ms"][at]
        limits = self._settings.limits(wearer[at], time_ms)
        accuracy_mm = floored_accuracy_mm(
            rows["accuracy_mm"][at].astype(np.int64),
            default_m=limits["accuracy_default_m"],
            floor_m=limits["accuracy_floor_m"],
        )
        return sightings(person[at], time_ms, rows["lon_e7"][at], rows["lat_e7"][at], accuracy_mm)

    def kept(self, persons: Sequence[int], from_ms: int) -> Sightings:
        """Return what is kept of people from `from_ms` on."""
        whose, parts = [], []
        for number in sorted({n for person in persons for n in self._worn[person]}):
            parts.append(self._history.recent(number, from_ms))
            whose.append(np.full(len(parts[-1]["seq"]), number))
        if not parts:
            return NOBODY
        return self.seen(np.concatenate(whose), _joined(parts))

    def evidence(self, person: int, from_ms: int, contacts: Contacts) -> list[dict[str, Any]]:
        """Return one person's side of minutes: the own report, and how far the other one was.

        Args:
            person: Whose side.
            from_ms: No report is older that a minute was measured with.
            contacts: The minutes.
        """
        rows = self._fixes_of(person, from_ms)
        newest = np.searchsorted(rows["fix_time_ms"], contacts.time_ms, side="right") - 1
        told: list[int] = np.flatnonzero((newest >= 0) & (contacts.distance_mm >= 0)).tolist()
        if len(told) > MAX_REPORTS:
            told = [*told[: MAX_REPORTS - 1], told[-1]]
        found = []
        for at in told:
            # To ten metres: from exact ones a protected person's place could be worked out.
            away_mm = -(-int(contacts.distance_mm[at]) // _TOLD_MM) * _TOLD_MM
            placed = away_mm, int(contacts.violation_ppm[at])
            said = report_evidence(rows, int(newest[at]), placed)
            found.append(said | {"measured_time": to_text(int(contacts.time_ms[at]))})
        return found

    def _fixes_of(self, person: int, from_ms: int) -> Table:
        rows = _joined([self._history.recent(number, from_ms) for number in self._worn[person]])
        order = np.lexsort((-rows["accuracy_mm"].astype(np.int64), rows["fix_time_ms"]))
        order = order[rows["lon_e7"][order] != ABSENT]
        return {name: column[order] for name, column in rows.items()}


def _joined(parts: Sequence[Table]) -> Table:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
