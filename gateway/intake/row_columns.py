"""Rows of firmware_protocols to the gateway's columns: the same as of their records, by arrays."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from firmware_protocols.columns import DATUMS, PRESENT, Rows
from gateway.columns import (
    ABSENT,
    ABSENT_8,
    ABSENT_16,
    DEGREE_E7,
    ReportColumns,
    columns_from_reports,
)
from geofence.datum import to_wgs84

_SCALED: Final = (
    ("accuracy_mm", "accuracy_m", 1_000),
    ("altitude_mm", "altitude_m", 1_000),
    ("speed_mmps", "speed_mps", 1_000),
    ("heading_cdeg", "heading_deg", 100),
    ("skin_temperature_cc", "skin_temperature_c", 100),
    ("steps", "steps", 1),
)
_SMALL: Final = ("satellites", "battery_pct", "heart_rate_bpm")
_OF_POSITION: Final = ("accuracy_mm", "altitude_mm", "speed_mmps", "heading_cdeg")
_POSITION: Final = PRESENT["position"]


def columns_from_rows(
    rows: Rows, party: NDArray[np.int32], received_at_us: NDArray[np.int64]
) -> ReportColumns:
    """Return rows as columns.

    What a device itself calls no valid position is left out, with everything that belongs to it.

    Args:
        rows: Shape (n,), REPORT_DTYPE; positions on the globe, in bounds as `sound` has them.
        party: Index into the party table, by row.
        received_at_us: Our clock at intake, by row.
    """
    if not len(rows):
        return columns_from_reports([], [], [])
    said = rows["present"]
    is_place = ((said & _POSITION) != 0) & rows["valid"]
    lon_e7, lat_e7, source_datum = _positions(rows, is_place)
    columns: dict[str, Any] = {
        "party": party,
        "received_at_us": received_at_us,
        "lon_e7": lon_e7,
        "lat_e7": lat_e7,
        "source_datum": source_datum,
        "skin_contact": np.where(said & PRESENT["skin_contact"], rows["skin_contact"], ABSENT_8),
    }
    columns["skin_contact"] = columns["skin_contact"].astype(np.int8)
    for name in ("fix_time_ms", "boot", "seq", "alarms", "backlog"):
        columns[name] = np.ascontiguousarray(rows[name])
    for name, of, factor in _SCALED:
        columns[name] = _scaled(rows[of], (said & PRESENT[of]) != 0, factor)
    for name in _SMALL:
        columns[name] = _small(rows[name], (said & PRESENT[name]) != 0)
    if not rows["valid"].all():
        gone = ((said & _POSITION) != 0) & ~rows["valid"]
        for name in _OF_POSITION:
            columns[name][gone] = ABSENT
    return ReportColumns(**columns)


def _positions(
    rows: Rows, is_place: NDArray[np.bool_]
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int8]]:
    code = np.where(is_place, rows["datum"], -1).astype(np.int8)
    lon = np.where(is_place, rows["longitude_deg"], 0.0)
    lat = np.where(is_place, rows["latitude_deg"], 0.0)
    if code.max() > 0:
        for index, datum in enumerate(DATUMS):
            at = np.flatnonzero(code == index)
            if index and len(at):  # 0 is WGS-84 itself
                lon[at], lat[at] = to_wgs84(lon[at], lat[at], datum)
    lon_e7 = np.rint(lon * DEGREE_E7).astype(np.int32)
    lat_e7 = np.rint(lat * DEGREE_E7).astype(np.int32)
    if not is_place.all():
        lon_e7[~is_place] = lat_e7[~is_place] = ABSENT
    return lon_e7, lat_e7, code


def _scaled(values: NDArray[Any], said: NDArray[np.bool_], factor: int) -> NDArray[np.int32]:
    if not said.any():
        return np.full(len(values), ABSENT, np.int32)
    scaled = values * factor
    fits = said & (np.abs(scaled) < -ABSENT)  # NaN is below nothing
    return np.rint(np.where(fits, scaled, ABSENT)).astype(np.int32)


def _small(values: NDArray[Any], said: NDArray[np.bool_]) -> NDArray[np.int16]:
    if not said.any():
        return np.full(len(values), ABSENT_16, np.int16)
    fits = said & (np.abs(values) < -ABSENT_16)
    return np.where(fits, values, ABSENT_16).astype(np.int16)
