"""Reports as columns: quantised integers, one row per report, as the journal keeps them.

Decisions are taken on these integers (millimetres, 1e-7 degrees), so that a replay cannot differ
by a rounding. Positions are WGS-84; `source_datum` says what they came in.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final, Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from firmware_protocols.alarm import alarms_to_mask
from firmware_protocols.message import Report
from geofence.datum import DATUMS, Datum, to_wgs84

ABSENT: Final = -(1 << 31)
"""In any int32 column: the report does not say."""

ABSENT_16: Final = -(1 << 15)
"""In any int16 column: the report does not say."""

ABSENT_8: Final = -1
"""In `skin_contact`, which else is 0 or 1: the report does not say."""

DEGREE_E7: Final = 10_000_000
_MILLI: Final = 1_000
_CENTI: Final = 100


class Party(msgspec.Struct, frozen=True, array_like=True):
    """Whose report a row is. `holder_kind` is "subject" or "officer"."""

    org: str
    device: str
    holder_kind: str
    holder: str


@dataclass(frozen=True, slots=True)
class ReportColumns:
    """n reports, shape (n,) each.

    Attributes:
        party: Index into the batch's party table, int32.
        fix_time_ms: Device's claim, milliseconds since 1970 UTC, int64.
        received_at_us: Our clock at intake, microseconds since 1970 UTC, int64.
        boot: Boot counter, int64.
        seq: Sequence number within the boot, int64.
        lon_e7: WGS-84 longitude, 1e-7 degrees, int32; ABSENT for a status.
        lat_e7: WGS-84 latitude, likewise.
        source_datum: Index into geofence.datum.DATUMS, int8; -1 for a status.
        accuracy_mm: Radius of the 68 % error circle, int32.
        altitude_mm: Height, int32.
        speed_mmps: Speed, millimetres per second, int32.
        heading_cdeg: Course, hundredths of a degree, int32.
        satellites: Satellites used, int16.
        battery_pct: Charge, int16.
        alarms: Bits of firmware_protocols.alarm.ALARM_BITS, int64.
        backlog: The device held the report back, bool.
        skin_contact: The wristband touches skin, int8, 0 or 1.
        heart_rate_bpm: Beats per minute, int16.
        skin_temperature_cc: At the wrist, hundredths of a degree Celsius, int32.
        steps: Step counter, int32.
    """

    party: NDArray[np.int32]
    fix_time_ms: NDArray[np.int64]
    received_at_us: NDArray[np.int64]
    boot: NDArray[np.int64]
    seq: NDArray[np.int64]
    lon_e7: NDArray[np.int32]
    lat_e7: NDArray[np.int32]
    source_datum: NDArray[np.int8]
    accuracy_mm: NDArray[np.int32]
    altitude_mm: NDArray[np.int32]
    speed_mmps: NDArray[np.int32]
    heading_cdeg: NDArray[np.int32]
    satellites: NDArray[np.int16]
    battery_pct: NDArray[np.int16]
    alarms: NDArray[np.int64]
    backlog: NDArray[np.bool_]
    skin_contact: NDArray[np.int8]
    heart_rate_bpm: NDArray[np.int16]
    skin_temperature_cc: NDArray[np.int32]
    steps: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.party)

    def take(self, rows: NDArray[Any]) -> Self:
        """Return the given rows (an index array or a mask)."""
        return type(self)(*(getattr(self, f.name)[rows] for f in fields(self)))

    def with_party(self, party: NDArray[np.int32]) -> Self:
        """Return the same reports with other indices into the party table."""
        return replace(self, party=party)


DTYPES: Final[dict[str, np.dtype[Any]]] = {
    name: np.dtype(dtype)
    for name, dtype in (
        ("party", np.int32),
        ("fix_time_ms", np.int64),
        ("received_at_us", np.int64),
        ("boot", np.int64),
        ("seq", np.int64),
        ("lon_e7", np.int32),
        ("lat_e7", np.int32),
        ("source_datum", np.int8),
        ("accuracy_mm", np.int32),
        ("altitude_mm", np.int32),
        ("speed_mmps", np.int32),
        ("heading_cdeg", np.int32),
        ("satellites", np.int16),
        ("battery_pct", np.int16),
        ("alarms", np.int64),
        ("backlog", np.bool_),
        ("skin_contact", np.int8),
        ("heart_rate_bpm", np.int16),
        ("skin_temperature_cc", np.int32),
        ("steps", np.int32),
    )
}


def columns_from_reports(
    reports: Sequence[Report], party: Sequence[int], received_at_us: Sequence[int]
) -> ReportColumns:
    """Return the columns of reports, in their order; a value beyond its column is absent.

    Args:
        reports: The decoded reports.
        party: Index of each report's party in the batch's table.
        received_at_us: Our clock when each arrived.
    """
    lon_e7, lat_e7, source_datum = _positions(reports)

    def scaled(name: str, factor: int) -> NDArray[np.int32]:
        values = [getattr(report, name) for report in reports]
        try:
            return np.array([ABSENT if v is None else round(v * factor) for v in values], np.int32)
        except (OverflowError, ValueError):
            found = [_scaled_or_absent(v, factor) for v in values]
            return np.array(found, np.int32)

    def small(name: str) -> NDArray[np.int16]:
        values = [getattr(report, name) for report in reports]
        try:
            return np.array([ABSENT_16 if v is None else v for v in values], np.int16)
        except OverflowError:
            fits = [v is not None and abs(v) < -ABSENT_16 for v in values]
            found = [v if fit else ABSENT_16 for v, fit in zip(values, fits, strict=True)]
            return np.array(found, np.int16)

    return ReportColumns(
        party=np.array(party, np.int32),
        fix_time_ms=np.array([r.fix_time_ms for r in reports], np.int64),
        received_at_us=np.array(received_at_us, np.int64),
        boot=np.array([r.boot for r in reports], np.int64),
        seq=np.array([r.seq for r in reports], np.int64),
        lon_e7=lon_e7,
        lat_e7=lat_e7,
        source_datum=source_datum,
        accuracy_mm=scaled("accuracy_m", _MILLI),
        altitude_mm=scaled("altitude_m", _MILLI),
        speed_mmps=scaled("speed_mps", _MILLI),
        heading_cdeg=scaled("heading_deg", _CENTI),
        satellites=small("satellites"),
        battery_pct=small("battery_pct"),
        alarms=np.array([alarms_to_mask(r.alarms) if r.alarms else 0 for r in reports], np.int64),
        backlog=np.array([r.backlog for r in reports], np.bool_),
        skin_contact=np.array(
            [ABSENT_8 if r.skin_contact is None else r.skin_contact for r in reports], np.int8
        ),
        heart_rate_bpm=small("heart_rate_bpm"),
        skin_temperature_cc=scaled("skin_temperature_c", _CENTI),
        steps=scaled("steps", 1),
    )


def _scaled_or_absent(value: float | None, factor: int) -> int:
    if value is None or not abs(value * factor) < -ABSENT:  # `not`: NaN is below nothing
        return ABSENT
    return round(value * factor)


def _positions(
    reports: Sequence[Report],
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int8]]:
    lon = np.array([r.longitude_deg if r.longitude_deg is not None else np.nan for r in reports])
    lat = np.array([r.latitude_deg if r.latitude_deg is not None else np.nan for r in reports])
    code = np.array([-1 if r.datum is None else DATUMS.index(r.datum) for r in reports], np.int8)
    for index, name in enumerate(DATUMS):
        rows = np.flatnonzero(code == index)
        if index and len(rows):  # 0 is WGS-84 itself
            datum: Datum = name  # type: ignore[assignment]  # DATUMS are the members of Datum
            lon[rows], lat[rows] = to_wgs84(lon[rows], lat[rows], datum)
    known = code >= 0
    lon_e7 = np.where(known, np.rint(lon * DEGREE_E7), ABSENT).astype(np.int32)
    lat_e7 = np.where(known, np.rint(lat * DEGREE_E7), ABSENT).astype(np.int32)
    return lon_e7, lat_e7, code


def encode_columns(columns: ReportColumns) -> dict[str, bytes]:
    """Return the columns as little-endian bytes by name, the journal's form."""
    return {
        name: np.ascontiguousarray(getattr(columns, name)).astype(dtype.newbyteorder("<")).tobytes()
        for name, dtype in DTYPES.items()
    }


def decode_columns(stored: dict[str, bytes]) -> ReportColumns:
    """Return the columns that `encode_columns` stored."""
    return ReportColumns(
        **{
            name: np.frombuffer(stored[name], dtype.newbyteorder("<")).astype(dtype)
            for name, dtype in DTYPES.items()
        }
    )
