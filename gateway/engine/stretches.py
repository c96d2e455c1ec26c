"""Makes stretches of reports: with the limits and the memory that belong to them."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from gateway.engine.memory import RuleMemory
from gateway.engine.placing.placement import Placement
from gateway.engine.settings import Settings
from gateway.engine.stretch import ROW_COLUMNS, Stretch, Table
from gateway.engine.wearers import KINDS, Wearers
from geofence.arrays import BoolArray, IntArray

_RECORDER: Final = KINDS.index("recorder")


class Stretches:
    """The one place where a stretch is made."""

    def __init__(self, wearers: Wearers, settings: Settings, memory: RuleMemory) -> None:
        """Read from the given parts of the engine's state."""
        self._wearers = wearers
        self._settings = settings
        self._memory = memory

    def use(self, placement: Placement) -> None:
        """Look up homes and leaves in `placement` from now on."""
        self._placement = placement
        self._person = np.empty(0, np.int64)

    def persons(self, wearer: IntArray) -> IntArray:
        """Return the number by which the placement knows each wearer's subject, shape (g,)."""
        held, rows = len(self._person), self._wearers.rows
        if held < len(rows):
            new = [self._placement.person(row.subject) for row in rows[held:]]
            self._person = np.append(self._person, np.array(new, np.int64))
        return self._person[wearer]

    def of(self, wearer: IntArray, group: IntArray, rows: Table) -> Stretch:
        """Return a stretch.

        Args:
            wearer: Numbers of the wearers, ascending, shape (g,).
            group: Which of them each row is of, ascending, shape (n,).
            rows: ROW_COLUMNS, sorted by group, then fix time, boot and seq.
        """
        number, time_ms = self.persons(wearer)[group], rows["fix_time_ms"]
        home_lon_e7, home_lat_e7 = self._placement.residences.at(number, time_ms)
        records, last = self._memory.records(wearer), group
        if len(wearer) < len(group):
            last = np.append(np.flatnonzero(group[1:] != group[:-1]), len(group) - 1)
        return Stretch(
            rows=rows,
            group=group,
            wearer=wearer,
            last=last,
            limits=self._settings.limits(wearer[group], time_ms),
            expected_interval_ms=self._wearers.expected_interval_ms[wearer],
            before=self._memory.before(records),
            home_lon_e7=home_lon_e7,
            home_lat_e7=home_lat_e7,
            on_leave=self._placement.on_leave(number, time_ms),
            records=records,
            on_task=self._on_task(wearer, group, time_ms),
        )

    def _on_task(self, wearer: IntArray, group: IntArray, time_ms: IntArray) -> BoolArray | None:
        tasks = self._placement.directory.recorder_tasks
        if not tasks:
            return None
        out = np.zeros(len(time_ms), np.bool_)
        carried = np.flatnonzero(self._wearers.kind[wearer] == _RECORDER)
        for one in carried.tolist():
            rows = np.flatnonzero(group == one)
            for begin_ms, end_ms in tasks.get(self._wearers.rows[int(wearer[one])].device, ()):
                out[rows] |= (begin_ms <= time_ms[rows]) & (time_ms[rows] < end_ms)
        return out

    def joined(self, parts: Sequence[tuple[int, Table]]) -> Stretch:
        """Return one stretch of (wearer, its reports in order), by ascending wearer."""
        rows = {name: np.concatenate([table[name] for _, table in parts]) for name in ROW_COLUMNS}
        sizes = [len(table["fix_time_ms"]) for _, table in parts]
        group = np.repeat(np.arange(len(parts)), sizes)
        return self.of(np.array([wearer for wearer, _ in parts]), group, rows)


def grouped(wearer: IntArray) -> tuple[IntArray, IntArray]:
    """Return the numbers in an ascending column, and which of them each row is of."""
    opens = np.ones(len(wearer), np.bool_)
    np.not_equal(wearer[1:], wearer[:-1], out=opens[1:])
    if opens.all():
        return wearer, np.arange(len(wearer))
    return wearer[opens], np.cumsum(opens) - 1
