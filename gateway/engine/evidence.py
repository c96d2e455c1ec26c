"""What a decision rests on, in plain values that can be read without looking anything up."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gateway.columns import ABSENT, ABSENT_16, DEGREE_E7
from gateway.directory.snapshot import to_text
from gateway.engine.table import GrowingTable

MAX_REPORTS: Final = 10
"""A streak is confirmed by a handful of reports; more would only repeat it."""

_MM_PER_M: Final = 1_000


def evidence_of(
    reports: GrowingTable,
    places: GrowingTable,
    *,
    wearers: list[int],
    place_slot: int | None,
    begin_ms: int,
    confirmed_ms: int,
) -> list[dict[str, Any]]:
    """Return the deciding reports of a raised episode, with what they were judged by.

    Args:
        reports: Retained reports.
        places: Retained place decisions.
        wearers: Wearers whose reports count.
        place_slot: Slot of a place rule; adds distance and probability.
        begin_ms: Where the episode began.
        confirmed_ms: Where it became certain.
    """
    time_ms = reports.column("fix_time_ms")
    mask = (time_ms >= begin_ms) & (time_ms <= confirmed_ms)
    rows = np.flatnonzero(mask)
    rows = rows[np.isin(reports.column("wearer")[rows], wearers)]
    table = reports.rows(rows)
    order = np.lexsort((table["seq"], table["boot"], table["fix_time_ms"]))[:MAX_REPORTS]
    judged = _judged(places, place_slot, begin_ms, confirmed_ms)
    return [report_evidence(table, row, judged) for row in order.tolist()]


def _judged(
    places: GrowingTable, slot: int | None, begin_ms: int, confirmed_ms: int
) -> dict[tuple[int, int, int], tuple[int, int]]:
    if slot is None:
        return {}
    rows = np.flatnonzero(places.column("slot") == slot)
    time_ms = places.column("fix_time_ms")[rows]
    table = places.rows(rows[(time_ms >= begin_ms) & (time_ms <= confirmed_ms)])
    keys = zip(
        table["fix_time_ms"].tolist(), table["boot"].tolist(), table["seq"].tolist(), strict=True
    )
    values = zip(table["distance_mm"].tolist(), table["violation_ppm"].tolist(), strict=True)
    return dict(zip(keys, values, strict=True))


def report_evidence(
    table: dict[str, NDArray[Any]], row: int, judged: dict[tuple[int, int, int], tuple[int, int]]
) -> dict[str, Any]:
    """Return one report as evidence.

    Args:
        table: Report columns.
        row: Which of them.
        judged: (distance_mm, violation_ppm) by (fix_time_ms, boot, seq).
    """
    time_ms, boot, seq = (int(table[name][row]) for name in ("fix_time_ms", "boot", "seq"))
    out: dict[str, Any] = {"fix_time": to_text(time_ms), "boot": boot, "seq": seq}
    if table["lon_e7"][row] != ABSENT:
        out["longitude_deg"] = int(table["lon_e7"][row]) / DEGREE_E7
        out["latitude_deg"] = int(table["lat_e7"][row]) / DEGREE_E7
    if table["accuracy_mm"][row] != ABSENT:
        out["accuracy_m"] = int(table["accuracy_mm"][row]) / _MM_PER_M
    if table["battery_pct"][row] != ABSENT_16:
        out["battery_pct"] = int(table["battery_pct"][row])
    judgement = judged.get((time_ms, boot, seq))
    if judgement is not None:
        out["distance_m"] = judgement[0] / _MM_PER_M
        out["violation_ppm"] = judgement[1]
    return out
