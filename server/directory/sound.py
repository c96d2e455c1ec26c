"""Makes a snapshot whole: loose references and rows that never held are let go.

A gateway refuses a directory with such a reference or row whole, and would stay with an old one.
"""

from datetime import datetime
from typing import Any, Final

_FENCE_USE: Final = {"leave": "leave", "trip": "route"}

_MS_PER_S: Final = 1_000

Row = dict[str, Any]


def without_empty_rows(directory: dict[str, Any]) -> dict[str, Any]:
    """Return a snapshot without the rows that hold for no millisecond, the gateway's resolution.

    Such are an order that was lifted before it began, and a version of a fence that another
    replaced before it began.
    """
    return {
        name: [row for row in section if _holds(row)] if isinstance(section, list) else section
        for name, section in directory.items()
    }


def _holds(row: Row | str) -> bool:
    if not isinstance(row, dict):
        return True
    begin, end = row.get("valid_from"), row.get("valid_to")
    return begin is None or end is None or _ms(begin) < _ms(end)


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * _MS_PER_S)


def without_loose_ends(directory: dict[str, Any]) -> dict[str, Any]:
    """Return a snapshot in which every reference is to a row of it; sections left empty are absent.

    A leave without its destination, and a check-in without its kiosk, ask less of a person.
    """
    uses = {(fence["fence"], fence["use"]) for fence in directory["fences"]}
    kiosks = {row["device"] for row in directory["devices"] if row["kind"] == "kiosk"}
    devices = {row["device"] for row in directory["devices"]}
    leaves = [
        leave if (leave["fence"], _FENCE_USE[leave["kind"]]) in uses else leave | {"fence": None}
        for leave in directory["leaves"]
    ]
    checkins = [
        duty if duty["kiosk"] in kiosks else duty | {"kiosk": None}
        for duty in directory["checkins"]
    ]
    silences = [row for row in directory["planned_silences"] if row["device"] in devices]
    whole = directory | {"leaves": leaves, "checkins": checkins, "planned_silences": silences}
    always = ("orgs", "devices", "bindings", "orders", "fences")
    return {name: value for name, value in whole.items() if value != [] or name in always}
