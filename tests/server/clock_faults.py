"""What is wrong with the clocks of a site: none may pass silently, none that was met may lapse."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

Key = tuple[str, str, str, datetime]


def clock_faults(
    rows: Iterable[dict[str, Any]], acts: Iterable[dict[str, Any]], now: datetime
) -> list[str]:
    """Return a line for each clock whose end is not what the record says.

    Args:
        rows: Rows of `deadline`.
        acts: Acts, of any kind.
        now: The instant of the last sweep.
    """
    rows = list(rows)
    lapses = [act for act in acts if act["kind"] == "deadline.lapsed"]
    noted = Counter(
        (act["body"]["clock"], act["ref_kind"], act["ref_id"], act["happened_time"])
        for act in lapses
    )
    ended = Counter(_key(row) for row in rows if row["state"] == "lapsed")
    faults = [
        f"{key} lapsed {ended[key]} times, noted {noted[key]} times"
        for key in noted | ended
        if noted[key] != ended[key]
    ]
    faults += [f"{act['ref_id']} lapsed by {act['by_login']}" for act in lapses if act["by_login"]]
    for row in rows:
        is_over = row["due_at"] <= (row["ended_at"] or now)
        if is_over is not (row["state"] == "lapsed"):
            faults.append(f"{_key(row)} is {row['state']}, ended {row['ended_at']}, now {now}")
    return faults


def _key(row: dict[str, Any]) -> Key:
    return row["kind"], row["ref_kind"], row["ref_id"], row["due_at"]
