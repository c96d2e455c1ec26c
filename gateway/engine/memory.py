"""What rules remember of each wearer between stretches: one record per wearer.

Records, not columns: a batch touches a few thousand wearers anywhere in the table, and what is read
together lies together. A stretch works on a copy of the records of its wearers.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gateway.columns import ABSENT
from gateway.engine.placing import doubt
from gateway.engine.record_types import carried_over, described, dtype_of
from gateway.engine.rule import Carried, Memory, Rule
from gateway.engine.stretch import NEVER_MS, Stretch, Table
from geofence.arrays import IntArray

_BEFORE: Final = {
    "report_ms": Carried(np.int64, NEVER_MS),
    "fix_ms": Carried(np.int64, NEVER_MS),
    "fix_lon_e7": Carried(np.int32, ABSENT),
    "fix_lat_e7": Carried(np.int32, ABSENT),
    "fix_accuracy_mm": Carried(np.int32, ABSENT),
}
"""The newest report and fix, which every rule may look at (Stretch.before)."""

_BEFORE_OF: Final = ""
DOUBTS: Final = "doubt"
"""Owner of what all place rules remember together (placing/doubt.py); no rule has that name."""

_WORD: Final = 8

Records = NDArray[Any]
"""Memory of wearers, shape (g,), of RuleMemory.dtype."""


class LastFix(NamedTuple):
    """Where a device was last, by its own claim; degrees x 10^7 (WGS 84)."""

    fix_time_ms: int
    lon_e7: int
    lat_e7: int
    accuracy_mm: int


class RuleMemory:
    """Every rule's memory; row numbers are those of wearers."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        """Make room for what `rules` carry."""
        owned: dict[str, Mapping[str, Carried]] = {_BEFORE_OF: _BEFORE, DOUBTS: doubt.CARRY}
        owned |= {rule.name: rule.carry for rule in rules if rule.carry}
        self._fields: dict[str, dict[str, str]] = {}
        self._kept: dict[str, list[tuple[str, str]]] = {}
        columns: dict[str, Carried] = {}
        for owner, carries in owned.items():
            fields = {name: f"{one.shared or owner}.{name}" for name, one in carries.items()}
            self._fields[owner] = fields
            # What is shared is put back once, by the first who carries it.
            self._kept[owner] = [(n, field) for n, field in fields.items() if field not in columns]
            for name, field in fields.items():
                if columns.setdefault(field, carries[name]) != carries[name]:
                    raise ValueError(f"rule {owner} carries another {field} than other rules do")
        self.dtype = _packed(list(columns.items()))
        self._opaque = np.dtype(f"V{self.dtype.itemsize}")
        self._fresh = np.zeros(1, self.dtype)
        for field, one in columns.items():
            self._fresh[field] = one.fresh
        self._records = np.repeat(self._fresh, 64)

    @property
    def fresh(self) -> Records:
        """The record of a wearer before the first report, shape (1,)."""
        return self._fresh.copy()

    def grow(self, size: int) -> None:
        """Make room for `size` wearers at least."""
        held = len(self._records)
        if size > held:
            more = np.repeat(self._fresh, max(size, 2 * held) - held)
            self._records = np.concatenate([self._records, more])

    def records(self, wearer: IntArray) -> Records:
        """Return a copy of what is remembered of wearers."""
        return self._raw().take(wearer).view(self.dtype)

    def put(self, wearer: IntArray, records: Records) -> None:
        """Replace what is remembered of wearers."""
        self._raw()[wearer] = np.ascontiguousarray(records).view(self._opaque)

    def forget(self, wearer: IntArray) -> None:
        """Put wearers back to before their first report."""
        self._records[wearer] = self._fresh[0]

    def before(self, records: Records) -> Table:
        """Return the newest report and fix, copied: Stretch.before."""
        return {name: values.copy() for name, values in self.of(_BEFORE_OF, records).items()}

    def newest_fixes(self, size: int) -> Table:
        """Return the newest fix of each of the first `size` wearers: the last of `before`."""
        names = self._fields[_BEFORE_OF]
        return {name: self._records[names[name]][:size].copy() for name in list(_BEFORE)[1:]}

    def of(self, rule: str, records: Records) -> Memory:
        """Return a rule's part of records: views of them."""
        fields = self._fields.get(rule)
        return {name: records[field] for name, field in fields.items()} if fields else {}

    def keep(
        self, rule: str, records: Records, memory: Memory, before: Memory | None = None
    ) -> None:
        """Put a rule's new memory into records.

        Args:
            rule: Its name.
            records: Where to.
            memory: The new one.
            before: What `of` gave; what is still the same array need not be put back.
        """
        fields = self._kept.get(rule)
        if not fields:
            return
        if before is None:
            new = [(field, memory[n]) for n, field in fields]
        else:
            new = [(field, memory[n]) for n, field in fields if memory[n] is not before[n]]
        owner = records if records.base is None else records.base
        # A field may take over what another one was: first all are read, then all are written.
        apart = [(field, v.copy() if v.base is owner else v) for field, v in new]
        for field, values in apart:
            records[field] = values

    def saw(self, stretch: Stretch, records: Records) -> None:
        """Note the newest report and fix of every wearer of a stretch in its records."""
        prior, rows, fixed = stretch.prior_fix, stretch.rows, stretch.at_end(stretch.has_fix)
        found = {"report_ms": stretch.at_end(stretch.time_ms)}
        for name, column, before in (
            ("fix_ms", "fix_time_ms", prior.time_ms),
            ("fix_lon_e7", "lon_e7", prior.lon_e7),
            ("fix_lat_e7", "lat_e7", prior.lat_e7),
            ("fix_accuracy_mm", "accuracy_mm", prior.accuracy_mm),
        ):
            newest = stretch.at_end(rows[column])
            found[name] = np.where(fixed, newest, stretch.at_end(before))
        self.keep(_BEFORE_OF, records, found)

    def _raw(self) -> Records:
        # Whole records are copied as bytes, not field by field.
        return self._records.view(self._opaque)

    def dump(self, size: int) -> dict[str, Any]:
        """Return the first `size` wearers, as values that msgpack can carry."""
        return {"type": described(self.dtype), "records": self._records[:size].tobytes()}

    def load(self, stored: Mapping[str, Any]) -> set[str]:
        """Replace everything by what `dump` returned, here or by a build of other rules.

        What that build did not remember is as before the first report.

        Returns:
            Whose memory is left out: rules, or what several shared, that are no more.
        """
        records = np.frombuffer(stored["records"], dtype_of(stored["type"]))
        self._records = carried_over(records, self._fresh)
        self.grow(64)
        before, now = (_owners(dtype) for dtype in (records.dtype, self.dtype))
        return before - now


def _owners(dtype: np.dtype[Any]) -> set[str]:
    return {name.split(".")[0] for name in dtype.names or () if "." in name}


def _packed(columns: Sequence[tuple[str, Carried]]) -> np.dtype[Any]:
    """Return a record type without gaps, every field where its size wants it.

    Gaps would hold whatever lay there, and two equal states must be equal bytes.
    """
    widest_first = sorted(columns, key=lambda one: -np.dtype(one[1].dtype).itemsize)
    fields: list[Any] = [
        (name, one.dtype, (one.width,) if one.width > 1 else ()) for name, one in widest_first
    ]
    fields.append(("rest", np.uint8, (-np.dtype(fields).itemsize % _WORD,)))
    return np.dtype(fields)
