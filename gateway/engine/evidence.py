"""What a decision rests on, in plain values that can be read without looking anything up."""

from typing import Any, Final

from gateway.columns import ABSENT, ABSENT_8, ABSENT_16, DEGREE_E7
from gateway.directory.moment import to_text
from gateway.engine.stretch import Table

MAX_REPORTS: Final = 10
"""A streak is confirmed by a handful of reports; more would only repeat it."""

_MM_PER_M: Final = 1_000
_CENTI: Final = 100

Placed = dict[int, tuple[int, int]]
"""(distance_mm, violation_ppm) of the alert's own fence, by row."""


def evidence_of(rows: Table, placed: Placed) -> list[dict[str, Any]]:
    """Return reports as evidence, at most MAX_REPORTS: the first ones and the last.

    Args:
        rows: ROW_COLUMNS in order of fix time.
        placed: What the fence of a place rule says of them.
    """
    count = len(rows["fix_time_ms"])
    told: range | list[int] = range(count)
    if count > MAX_REPORTS:
        told = [*range(MAX_REPORTS - 1), count - 1]
    return [report_evidence(rows, row, placed.get(row)) for row in told]


def report_evidence(rows: Table, row: int, placed: tuple[int, int] | None) -> dict[str, Any]:
    """Return one report as evidence; what it does not say is absent.

    Args:
        rows: ROW_COLUMNS.
        row: Which of them.
        placed: (distance_mm, violation_ppm) of the alert's fence.
    """
    time_ms, boot, seq = (int(rows[name][row]) for name in ("fix_time_ms", "boot", "seq"))
    out: dict[str, Any] = {"fix_time": to_text(time_ms), "boot": boot, "seq": seq}
    if rows["lon_e7"][row] != ABSENT:
        out["longitude_deg"] = int(rows["lon_e7"][row]) / DEGREE_E7
        out["latitude_deg"] = int(rows["lat_e7"][row]) / DEGREE_E7
    for name, column, scale in (
        ("accuracy_m", "accuracy_mm", _MM_PER_M),
        ("speed_mps", "speed_mmps", _MM_PER_M),
        ("skin_temperature_c", "skin_temperature_cc", _CENTI),
    ):
        if rows[column][row] != ABSENT:
            out[name] = int(rows[column][row]) / scale
    for name in ("satellites", "battery_pct", "heart_rate_bpm"):
        if rows[name][row] != ABSENT_16:
            out[name] = int(rows[name][row])
    if rows["steps"][row] != ABSENT:
        out["steps"] = int(rows["steps"][row])
    if rows["skin_contact"][row] != ABSENT_8:
        out["skin_contact"] = bool(rows["skin_contact"][row])
    if rows["backlog"][row]:
        out["backlog"] = True
    if placed is not None:
        out["distance_m"] = placed[0] / _MM_PER_M
        out["violation_ppm"] = placed[1]
    return out
