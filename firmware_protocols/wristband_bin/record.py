"""Records to columns and back: whole arrays at once."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from firmware_protocols.alarm import alarms_to_mask
from firmware_protocols.columns import (
    DATUMS,
    PRESENT,
    REPORT_DTYPE,
    Rows,
    absent_rows,
    kind_of,
    present_of,
    set_kinds,
)
from firmware_protocols.errors import FieldError
from firmware_protocols.message import Report
from firmware_protocols.wristband_bin.layout import (
    BACKLOG,
    FIELDS,
    FULL_TURN_CDEG,
    INVALID,
    KNOWN_ALARMS,
    MAX_TIME_MS,
    RECORD,
    RECORD_FLAGS,
    RECORD_PRESENT,
    SKIN,
    Scaled,
)

Records = NDArray[np.void]
"""Shape (n,), dtype RECORD."""

_Fault = tuple[str, NDArray[np.bool_]]

_MAX_SEQ: Final = (1 << 32) - 1
_SKIN_SAID: Final = PRESENT["skin_contact"]
_POSITION: Final = PRESENT["position"]


def columns_from_records(records: Records) -> Rows:
    """Return records that hold to the layout as columns; `boot` and `sent_time_ms` are absent.

    A quotient of two integers is the double nearest to the decimal fraction, so that 1e-7 degrees
    read as the same number as in JSON.
    """
    rows = absent_rows(len(records))
    if not len(records):
        return rows
    present = records["present"]
    said_by_all, said_by_any = _said(present)
    for name in ("fix_time_ms", "seq", "alarms"):
        rows[name] = records[name]
    rows["present"] = present
    for field in FIELDS:
        if said_by_all & field.bit:
            rows[field.name] = _in_units(records[field.raw], field)
        elif said_by_any & field.bit:
            said = np.flatnonzero(present & field.bit)
            rows[field.name][said] = _in_units(records[field.raw][said], field)
    _fill_states(rows, records)
    set_kinds(rows)
    return rows


def _fill_states(rows: Rows, records: Records) -> None:
    """Fill the columns of the record's flags and of its datum."""
    flags, present = records["flags"], records["present"]
    said_by_all, said_by_any = _said(present)
    flagged = int(np.bitwise_or.reduce(flags))
    if flagged & INVALID:
        rows["valid"] = (flags & INVALID) == 0
    if flagged & BACKLOG:
        rows["backlog"] = (flags & BACKLOG) != 0
    if said_by_any & _SKIN_SAID:
        rows["skin_contact"] = np.where(present & _SKIN_SAID, (flags & SKIN) != 0, -1)
    if said_by_all & _POSITION:
        rows["datum"] = records["datum"]
    elif said_by_any & _POSITION:
        rows["datum"] = np.where(present & _POSITION, records["datum"], -1)


def faults(records: Records) -> Iterator[_Fault]:
    """Yield (field, mask of the records where it does not hold to the layout), faulty ones only.

    Each check is a reduction first: a mask is made only where that one finds something.
    """
    if not len(records):
        return
    present = records["present"]
    said_by_all, said_by_any = _said(present)
    for field in FIELDS:
        raw = records[field.raw]
        if field.check_low and raw.min() < field.low:
            yield field.raw, raw < field.low
        if field.check_high and raw.max() > field.high:
            yield field.raw, raw > field.high
        if not said_by_all & field.bit:
            yield from _found(field.raw, (raw != 0) > ((present & field.bit) != 0))
    if said_by_any & ~RECORD_PRESENT:
        yield "present", (present & ~np.uint16(RECORD_PRESENT)) != 0
    yield from _state_faults(records, said_by_all)


def _state_faults(records: Records, said_by_all: int) -> Iterator[_Fault]:
    alarms, fix_time_ms = records["alarms"], records["fix_time_ms"]
    present = records["present"]
    if int(np.bitwise_or.reduce(alarms)) & ~KNOWN_ALARMS:
        yield "alarms", (alarms & ~np.uint64(KNOWN_ALARMS)) != 0
    if fix_time_ms.min() < 0 or fix_time_ms.max() > MAX_TIME_MS:
        yield "fix_time_ms", (fix_time_ms < 0) | (fix_time_ms > MAX_TIME_MS)
    flags, datum = records["flags"], records["datum"]
    flagged, datum_max = int(np.bitwise_or.reduce(flags)), int(datum.max())
    if flagged & ~RECORD_FLAGS:
        yield "flags", flags > RECORD_FLAGS
    if flagged & SKIN and not said_by_all & _SKIN_SAID:
        yield from _found("flags", ((flags & SKIN) != 0) > ((present & _SKIN_SAID) != 0))
    if datum_max >= len(DATUMS):
        yield "datum", datum >= len(DATUMS)
    if datum_max and not said_by_all & _POSITION:
        yield from _found("datum", (datum != 0) > ((present & _POSITION) != 0))


def _found(name: str, is_bad: NDArray[np.bool_]) -> Iterator[_Fault]:
    if is_bad.any():
        yield name, is_bad


def records_from_reports(reports: Sequence[Report]) -> Records:
    """Return the records of reports.

    Raises:
        FieldError: A value is out of range, or the record has no field for it.
    """
    records = np.zeros(len(reports), RECORD)
    for row, report in enumerate(reports):
        records[row] = _record(report)
    return records


def _said(present: NDArray[np.uint16]) -> tuple[int, int]:
    return int(np.bitwise_and.reduce(present)), int(np.bitwise_or.reduce(present))


def _in_units(raw: NDArray[Any], field: Scaled) -> NDArray[Any]:
    return raw / field.per_unit if REPORT_DTYPE[field.name].kind == "f" else raw


def _record(report: Report) -> tuple[int, ...]:
    present = present_of(report)
    if present & ~(RECORD_PRESENT | PRESENT["sent_time_ms"]):
        left = [name for name, bit in PRESENT.items() if present & bit & ~RECORD_PRESENT]
        raise FieldError(f"the codec has no field for {', '.join(left)}")
    if report.extra:
        raise FieldError("a report's `extra` has no place in the codec")
    alarms = alarms_to_mask(report.alarms)
    if report.kind != kind_of(present, alarms):
        raise FieldError(f"kind {report.kind!r} would be read as {kind_of(present, alarms)!r}")
    _check("fix_time_ms", report.fix_time_ms, MAX_TIME_MS)
    _check("seq", report.seq, _MAX_SEQ)
    flags = 0 if report.valid else INVALID
    flags |= BACKLOG if report.backlog else 0
    flags |= SKIN if report.skin_contact else 0
    datum = 0 if report.datum is None else DATUMS.index(report.datum)
    raw = {field.raw: _raw(field, getattr(report, field.name)) for field in FIELDS}
    raw |= {
        "fix_time_ms": report.fix_time_ms,
        "alarms": alarms,
        "seq": report.seq,
        "present": present & RECORD_PRESENT,
        "flags": flags,
        "datum": datum,
    }
    return tuple(raw[name] for name in RECORD.names or ())


def _check(name: str, value: int, high: int) -> None:
    if not 0 <= value <= high:
        raise FieldError(f"`{name}` {value}, 0 to {high} fit into the record")


def _raw(field: Scaled, value: float | None) -> int:
    if value is None:
        return 0
    scaled = value * field.per_unit
    if field.raw == "heading_cdeg" and field.high < scaled < FULL_TURN_CDEG:
        return round(scaled) % FULL_TURN_CDEG  # what rounds up to a full turn is north
    if not field.low - 0.5 < scaled < field.high + 0.5:
        low, high = field.low / field.per_unit, field.high / field.per_unit
        raise FieldError(f"`{field.name}` {value}, {low:g} to {high:g} fit into the record")
    return round(scaled)
