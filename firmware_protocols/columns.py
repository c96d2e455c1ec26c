"""Reports as columns: one structured array, one row per report, and a row seen as a record.

A column that is not said holds NaN (floats), -1 (integers) and no bit in `present`; the bit is the
truth. `extra` has no column.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, get_args

import numpy as np
from numpy.typing import NDArray

from firmware_protocols.alarm import alarms_to_mask, mask_to_alarms
from firmware_protocols.message import Datum, Report, ReportKind

Rows = NDArray[np.void]
"""Shape (n,), dtype REPORT_DTYPE."""

KINDS: Final[tuple[ReportKind, ...]] = get_args(ReportKind)
"""The column `kind` is an index into these."""

DATUMS: Final[tuple[Datum, ...]] = get_args(Datum)
"""The column `datum` is an index into these; -1 where there is no position."""

PRESENT: Final[dict[str, int]] = {
    name: 1 << bit
    for bit, name in enumerate(
        (
            "position",  # longitude_deg and latitude_deg
            "accuracy_m",
            "altitude_m",
            "speed_mps",
            "heading_deg",
            "satellites",
            "battery_pct",
            "skin_contact",
            "heart_rate_bpm",
            "skin_temperature_c",
            "steps",
            "sent_time_ms",
            "systolic_mmhg",
            "diastolic_mmhg",
            "spo2_pct",
            "body_temperature_c",
        )
    )
}
"""Bits of the column `present`."""

VITALS: Final = (
    PRESENT["heart_rate_bpm"]
    | PRESENT["skin_temperature_c"]
    | PRESENT["systolic_mmhg"]
    | PRESENT["diastolic_mmhg"]
    | PRESENT["spo2_pct"]
    | PRESENT["body_temperature_c"]
)

REPORT_DTYPE: Final = np.dtype(
    [
        ("longitude_deg", np.float64),
        ("latitude_deg", np.float64),
        ("fix_time_ms", np.int64),
        ("sent_time_ms", np.int64),
        ("boot", np.int64),
        ("seq", np.int64),
        ("alarms", np.int64),  # bits of firmware_protocols.alarm.ALARM_BITS
        ("accuracy_m", np.float64),
        ("altitude_m", np.float64),
        ("speed_mps", np.float64),
        ("heading_deg", np.float64),
        ("skin_temperature_c", np.float64),
        ("body_temperature_c", np.float64),
        ("steps", np.int64),
        ("satellites", np.int32),
        ("battery_pct", np.int32),
        ("heart_rate_bpm", np.int32),
        ("systolic_mmhg", np.int32),
        ("diastolic_mmhg", np.int32),
        ("spo2_pct", np.int32),
        ("present", np.uint16),
        ("kind", np.uint8),
        ("datum", np.int8),
        ("skin_contact", np.int8),  # 0 or 1
        ("valid", np.bool_),
        ("backlog", np.bool_),
    ],
    align=True,
)

NAMES: Final[tuple[str, ...]] = REPORT_DTYPE.names or ()
_POSITION: Final = PRESENT["position"]
_SAID_BY: Final = {
    "longitude_deg": _POSITION,
    "latitude_deg": _POSITION,
    **{name: bit for name, bit in PRESENT.items() if name != "position"},
}
"""The bit of `present` that says a column."""


@dataclass(frozen=True, slots=True)
class ColumnBatch:
    """The reports of many payloads.

    Attributes:
        rows: In the order of their payloads.
        payload: Index of the payload that each row is of, shape (n,).
        rest: Indices of the payloads that must be decoded one by one, in order: what does not
            decode, and what says more than reports. None of their rows is here.
    """

    rows: Rows
    payload: NDArray[np.int64]
    rest: list[int]


def _absent_row() -> Rows:
    row = np.full(1, -1, dtype=REPORT_DTYPE)
    for name in NAMES:
        if np.issubdtype(REPORT_DTYPE[name], np.floating):
            row[name] = np.nan
    for name in ("alarms", "present", "kind", "backlog"):
        row[name] = 0
    row["kind"] = KINDS.index("status")
    row["valid"] = True
    return row


_ABSENT: Final = _absent_row()


def absent_rows(count: int) -> Rows:
    """Return `count` statuses that say nothing: valid, no alarms, every other column absent."""
    return np.repeat(_ABSENT, count)


def kind_of(present: int, alarms: int) -> ReportKind:
    """Return the kind of a report of our own codecs, which do not carry it.

    "fix" with a position; "vitals" with vital signs but no charge and no alarm; else "status".
    """
    if present & _POSITION:
        return "fix"
    is_vitals = present & VITALS and not present & PRESENT["battery_pct"] and not alarms
    return "vitals" if is_vitals else "status"


def set_kinds(rows: Rows) -> None:
    """Fill the column `kind` as `kind_of` does, from `present` and `alarms`."""
    present = rows["present"]
    if int(np.bitwise_and.reduce(present)) & _POSITION:
        rows["kind"] = KINDS.index("fix")
        return
    has_position = (present & _POSITION) != 0
    is_vitals = (present & VITALS) != 0
    if is_vitals.any():
        is_vitals &= (present & (_POSITION | PRESENT["battery_pct"])) == 0
        is_vitals &= rows["alarms"] == 0
    kind = np.where(has_position, KINDS.index("fix"), KINDS.index("status"))
    kind[is_vitals] = KINDS.index("vitals")
    rows["kind"] = kind


def present_of(report: Report) -> int:
    """Return the bits of what a report says."""
    present = 0 if report.longitude_deg is None else _POSITION
    for name, bit in PRESENT.items():
        if name != "position" and getattr(report, name) is not None:
            present |= bit
    return present


def columns_of(reports: Sequence[Report]) -> Rows:
    """Return reports as columns, shape (n,), in their order; `extra` and `device` are left out.

    Raises:
        OverflowError: An integer does not fit its column.
        KeyError: An alarm that the vocabulary does not have.
    """
    rows = absent_rows(len(reports))
    if not reports:
        return rows
    for name in ("fix_time_ms", "boot", "seq", "valid", "backlog"):
        rows[name] = [getattr(report, name) for report in reports]
    rows["kind"] = [KINDS.index(report.kind) for report in reports]
    rows["alarms"] = [alarms_to_mask(report.alarms) for report in reports]
    rows["present"] = [present_of(report) for report in reports]
    rows["datum"] = [-1 if r.datum is None else DATUMS.index(r.datum) for r in reports]
    for name in _SAID_BY:
        values = [getattr(report, name) for report in reports]
        said = [index for index, value in enumerate(values) if value is not None]
        if said:
            rows[name][said] = [values[index] for index in said]
    return rows


def report_of(row: np.void, device: str) -> Report:
    """Return the record view of one row of REPORT_DTYPE."""
    return reports_of(np.array([row], REPORT_DTYPE), device)[0]


def reports_of(rows: Rows, device: str) -> list[Report]:
    """Return the record view of every row, in order."""
    said: dict[str, list[Any]] = {
        name: rows[name].tolist() for name in ("fix_time_ms", "boot", "seq", "valid", "backlog")
    }
    said["kind"] = [KINDS[kind] for kind in rows["kind"].tolist()]
    if rows["alarms"].any():
        said["alarms"] = [_mask_to_alarms(mask) for mask in rows["alarms"].tolist()]
    if (rows["datum"] >= 0).any():
        said["datum"] = [None if i < 0 else DATUMS[i] for i in rows["datum"].tolist()]
    for name, bit in _SAID_BY.items():
        is_said = (rows["present"] & bit) != 0
        if is_said.all():
            said[name] = rows[name].tolist()
        elif is_said.any():
            pairs = zip(rows[name].tolist(), is_said.tolist(), strict=True)
            said[name] = [value if has_value else None for value, has_value in pairs]
    if "skin_contact" in said:
        said["skin_contact"] = [v if v is None else bool(v) for v in said["skin_contact"]]
    names = tuple(said)
    return [
        Report(device=device, **dict(zip(names, values, strict=True)))
        for values in zip(*said.values(), strict=True)
    ]


_mask_to_alarms = lru_cache(maxsize=1_024)(mask_to_alarms)
