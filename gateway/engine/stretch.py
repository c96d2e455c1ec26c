"""Reports of several wearers in order of fix time: what every rule judges.

A stretch is either what has just come, newer than all before, or a whole piece of history that late
data fell into. A rule cannot tell which, and must give the same for the same rows however they are
cut into stretches: what it needs of earlier rows it carries in its memory.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from firmware_protocols.alarm import ALARM_BITS
from gateway.columns import ABSENT
from gateway.engine.limits import Limits
from gateway.engine.selection import chosen
from geofence.arrays import BoolArray, FloatArray, IntArray
from geofence.plane import metres_per_degree

Table = dict[str, NDArray[Any]]

_Found = TypeVar("_Found")

NEVER_MS: Final = -(1 << 62)
"""A time that no report has."""

ROW_COLUMNS: Final[dict[str, Any]] = {
    "fix_time_ms": np.int64,
    "boot": np.int64,
    "seq": np.int64,
    "received_ms": np.int64,
    "alarms": np.int64,
    "lon_e7": np.int32,
    "lat_e7": np.int32,
    "accuracy_mm": np.int32,
    "speed_mmps": np.int32,
    "steps": np.int32,
    "skin_temperature_cc": np.int32,
    "satellites": np.int16,
    "battery_pct": np.int16,
    "heart_rate_bpm": np.int16,
    "skin_contact": np.int8,
    "backlog": np.bool_,
}
"""What is kept of a report for judging it, as gateway/columns.py defines it; `received_ms` is our
clock."""

_MM_PER_M: Final = 1_000
_DEGREE_E7: Final = 1e-7


@dataclass(frozen=True, slots=True)
class PriorFix:
    """The newest fix before each row, shape (n,) each; `time_ms` NEVER_MS: there is none.

    Attributes:
        time_ms: Its fix time.
        lon_e7: Longitude, 1e-7 degrees; meaningless without a time, as are the others.
        lat_e7: Latitude.
        accuracy_mm: Claimed 68 % radius; ABSENT when it did not say.
    """

    time_ms: IntArray
    lon_e7: IntArray
    lat_e7: IntArray
    accuracy_mm: IntArray


@dataclass(eq=False)
class Stretch:
    """n reports of g wearers.

    Attributes:
        rows: ROW_COLUMNS, shape (n,) each, sorted by wearer, then fix time, boot and seq.
        group: Which of the g wearers, shape (n,), ascending.
        wearer: Number of each wearer, shape (g,), ascending.
        last: Last row of each wearer, shape (g,).
        limits: Parameters by row.
        expected_interval_ms: How often each wearer's device should report, shape (g,).
        before: The newest report and fix before the stretch, shape (g,) each: `report_ms`,
            `fix_ms`, `fix_lon_e7`, `fix_lat_e7`, `fix_accuracy_mm`; times are NEVER_MS when none.
        home_lon_e7: Longitude of the centre of the wearer's home as valid at each row, shape (n,),
            1e-7 degrees; ABSENT where none is known. None: nobody's is.
        home_lat_e7: Its latitude, likewise.
        on_leave: Which rows are of an approved leave or trip, shape (n,). None: no row is.
        on_task: Which rows are of a recorder while it is to record, likewise.
        records: What is remembered of each wearer (RuleMemory), shape (g,); it moves on with the
            rules. None: nobody judges it.
    """

    rows: Table
    group: IntArray
    wearer: IntArray
    last: IntArray
    limits: Limits
    expected_interval_ms: IntArray
    before: Table
    home_lon_e7: NDArray[np.int32] | None = None
    home_lat_e7: NDArray[np.int32] | None = None
    on_leave: BoolArray | None = None
    on_task: BoolArray | None = None
    records: NDArray[Any] | None = None
    _known: dict[Callable[..., Any], Any] = field(default_factory=dict)

    def once(self, work_out: Callable[..., _Found], *given: object) -> _Found:
        """Return what `work_out(self, *given)` gives; several rules ask, it is done once."""
        if work_out not in self._known:
            self._known[work_out] = work_out(self, *given)
        found: _Found = self._known[work_out]
        return found

    def __len__(self) -> int:
        return len(self.group)

    @property
    def time_ms(self) -> IntArray:
        """Fix time of each row."""
        return self.rows["fix_time_ms"]

    @cached_property
    def opens(self) -> BoolArray:
        """Which rows are the first of their wearer, shape (n,)."""
        out = np.ones(len(self.group), np.bool_)
        if self.has_one_row_each:
            return out
        np.not_equal(self.group[1:], self.group[:-1], out=out[1:])
        return out

    @cached_property
    def has_one_row_each(self) -> bool:
        """Whether no wearer has two rows: then what was carried is what came before."""
        return len(self.last) == len(self.group)

    @cached_property
    def has_fix(self) -> BoolArray:
        """Which rows have a position, shape (n,)."""
        known: BoolArray = self.rows["lon_e7"] != ABSENT
        return known

    def has_alarm(self, alarm: str) -> BoolArray:
        """Return which rows carry an alarm of firmware_protocols.alarm, shape (n,); read only."""
        if not self._alarms & ALARM_BITS[alarm]:
            return self._nowhere
        carried: BoolArray = (self.rows["alarms"] & ALARM_BITS[alarm]) != 0
        return carried

    @cached_property
    def _alarms(self) -> int:
        return int(np.bitwise_or.reduce(self.rows["alarms"], initial=0))

    @cached_property
    def _nowhere(self) -> BoolArray:
        nowhere = np.zeros(len(self.group), np.bool_)
        nowhere.flags.writeable = False
        return nowhere

    @cached_property
    def _first(self) -> IntArray:
        """First row of each wearer, shape (g,)."""
        return np.flatnonzero(self.opens)

    @cached_property
    def _rows_and_first(self) -> tuple[IntArray, IntArray]:
        """Number of each row, and of the first one of its wearer, shape (n,) each."""
        return np.arange(len(self.group)), self._first[self.group]

    @cached_property
    def previous_ms(self) -> IntArray:
        """Fix time of the report before each row, shape (n,); NEVER_MS for the very first."""
        return self.previous(self.time_ms, self.before["report_ms"])

    @cached_property
    def prior_fix(self) -> PriorFix:
        """The newest fix before each row."""
        names = ("fix_time_ms", "lon_e7", "lat_e7", "accuracy_mm")
        carried = ("fix_ms", "fix_lon_e7", "fix_lat_e7", "fix_accuracy_mm")
        if self.has_one_row_each:
            return PriorFix(*(self.before[name].astype(np.int64) for name in carried))
        row = self._row_before(self.has_fix)
        return PriorFix(
            *(
                self._filled(row, self.rows[name], self.before[kept]).astype(np.int64)
                for name, kept in zip(names, carried, strict=True)
            )
        )

    @cached_property
    def moved_mm(self) -> IntArray:
        """Distance from the prior fix, millimetres, shape (n,); -1 where either is missing."""
        prior = self.prior_fix
        places = self.rows["lon_e7"], self.rows["lat_e7"], prior.lon_e7, prior.lat_e7
        known = self.has_fix & (prior.time_ms != NEVER_MS)
        if known.all():
            return between_mm(*places)
        out = np.full(len(self.group), -1)
        rows = np.flatnonzero(known)
        out[rows] = between_mm(*(values[rows] for values in places))
        return out

    def previous(self, values: NDArray[Any], carried: NDArray[Any]) -> NDArray[Any]:
        """Return each row's predecessor's value, shape (n,).

        Args:
            values: By row, shape (n,).
            carried: What stands before a wearer's first row, shape (g,).
        """
        if self.has_one_row_each:
            return carried
        out = np.empty(len(self.group), np.result_type(values, carried))
        out[1:] = values[:-1]
        out[self._first] = carried
        return out

    def newest(self, where: BoolArray, values: NDArray[Any], carried: NDArray[Any]) -> NDArray[Any]:
        """Return the value at the newest row of the wearer up to and with each row, shape (n,).

        Args:
            where: Rows that count, shape (n,).
            values: By row.
            carried: Where none has counted yet, shape (g,).
        """
        if self.has_one_row_each:
            return chosen(where, values, carried)
        if values.dtype == carried.dtype:
            # Most conditions hold in no row of a batch, or in all of them.
            count = np.count_nonzero(where)
            if not count:
                return self.by_row(carried)
            if count == len(where):
                return values
        return self._filled(self._row_up_to(where), values, carried)

    def newest_before(
        self, where: BoolArray, values: NDArray[Any], carried: NDArray[Any]
    ) -> NDArray[Any]:
        """Return the value at the newest row strictly before each row, shape (n,)."""
        if self.has_one_row_each:
            return carried
        count = np.count_nonzero(where)
        if count == len(where):
            return self.previous(values, carried)
        if not count and values.dtype == carried.dtype:
            return self.by_row(carried)
        return self._filled(self._row_before(where), values, carried)

    def since(self, holds: BoolArray, carried_ms: IntArray) -> IntArray:
        """Return since when a condition has held without a break, by row, shape (n,).

        NEVER_MS where it does not hold. `at_end` of it is what to carry.

        Args:
            holds: By row, shape (n,).
            carried_ms: Since when it held before the stretch, NEVER_MS: it did not; shape (g,).
        """
        if not np.count_nonzero(holds):
            return np.full(len(holds), NEVER_MS)
        if self.has_one_row_each:
            begun_ms = chosen(carried_ms != NEVER_MS, carried_ms, self.time_ms)
            return np.where(holds, begun_ms, NEVER_MS)
        previous = self.previous(holds, carried_ms != NEVER_MS)
        begins = np.flatnonzero(holds & ~previous)
        begin_ms = self.time_ms
        marked = np.zeros(len(holds), np.bool_)
        marked[begins] = True
        found = self.newest(marked, begin_ms, carried_ms)
        return np.where(holds, found, NEVER_MS)

    def at_end(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return the value of each wearer's last row, shape (g,)."""
        return values if self.has_one_row_each else values[self.last]

    def by_row(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return a wearer's value for each of its rows, shape (n,)."""
        return values if self.has_one_row_each else values[self.group]

    def total(self, values: IntArray, carried: IntArray) -> IntArray:
        """Return the running sum per wearer, this row included, shape (n,), int64.

        Args:
            values: By row.
            carried: Sum before the stretch, shape (g,).
        """
        if self.has_one_row_each:
            return values + carried
        running = np.cumsum(values, dtype=np.int64)
        offset = running[self._first] - values[self._first] - carried
        return running - offset[self.group]

    def _row_up_to(self, where: BoolArray) -> IntArray:
        row, first = self._rows_and_first
        newest = np.maximum.accumulate(np.where(where, row, -1))
        return np.where(newest >= first, newest, -1)

    def _row_before(self, where: BoolArray) -> IntArray:
        up_to = self._row_up_to(where)
        out = np.empty_like(up_to)
        out[1:] = up_to[:-1]
        out[self.opens] = -1
        return out

    def _filled(self, row: IntArray, values: NDArray[Any], carried: NDArray[Any]) -> NDArray[Any]:
        return np.where(row >= 0, values[row], carried[self.group])


def between_mm(
    lon_e7: NDArray[Any],
    lat_e7: NDArray[Any],
    other_lon_e7: NDArray[Any],
    other_lat_e7: NDArray[Any],
) -> IntArray:
    """Return distances between pairs of positions, millimetres, shape (n,), int64.

    In the plane of their middle latitude: 0.1 % off at 100 km, which is far beyond what any rule
    compares closely.
    """
    lat_deg: FloatArray = (lat_e7.astype(np.float64) + other_lat_e7) * (0.5 * _DEGREE_E7)
    kx, ky = metres_per_degree(lat_deg)
    east_m = (lon_e7.astype(np.float64) - other_lon_e7) * _DEGREE_E7 * kx
    north_m = (lat_e7.astype(np.float64) - other_lat_e7) * _DEGREE_E7 * ky
    distance_mm: IntArray = np.rint(np.sqrt(east_m**2 + north_m**2) * _MM_PER_M).astype(np.int64)
    return distance_mm
