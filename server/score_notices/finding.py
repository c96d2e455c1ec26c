"""What a close shows of people that somebody ought to look at. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from server.law.text import Text
from server.scoring.policy import MILLI, Policy
from server.trends.decline import Watch, declining, reasons, slopes
from server.trends.grid import ABSENT

_MOST_REASONS: Final = 4
_PUBLIC: Final = Text("公共信用", "Public credit")

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Close:
    """A month that was closed, and what it is looked at with."""

    month: int
    watch: Watch
    policy: Policy


def notices(rows: Sequence[Row], close: Close) -> list[dict[str, Any]]:
    """Return the notices of a close, by person and kind.

    Args:
        rows: Closed months of people up to the close, each with `subject_id`, `month`,
            `public_milli`, `management_milli`, `dimensions` and `grade`.
        close: Which month, by which figures.
    """
    people: dict[str, dict[int, Row]] = {}
    for row in rows:
        people.setdefault(row["subject_id"], {})[row["month"]] = row
    found = []
    for subject, months in sorted(people.items()):
        changed = _grade_change(months, close)
        declined = _decline(months, close)
        found += [one | {"subject_id": subject} for one in (changed, declined) if one is not None]
    return found


def _grade_change(months: Mapping[int, Row], close: Close) -> dict[str, Any] | None:
    before, now = months.get(close.month - 1), months.get(close.month)
    if before is None or now is None or before["grade"] == now["grade"]:
        return None
    return {
        "kind": "grade_change",
        "from_grade": before["grade"],
        "to_grade": now["grade"],
        "from_milli": _total(before),
        "to_milli": _total(now),
        "slope_milli": None,
        "months": 2,
        "reasons": _moved(before, now, close.policy),
    }


def _decline(months: Mapping[int, Row], close: Close) -> dict[str, Any] | None:
    span = range(close.month - close.watch.months + 1, close.month + 1)
    points = [months[one]["management_milli"] if one in months else ABSENT for one in span]
    row = np.array([points], np.int64)
    if not declining(row, close.watch)[0]:
        return None
    first = months[next(one for one in span if one in months)]
    now = months[close.month]
    return {
        "kind": "decline",
        "from_grade": first["grade"],
        "to_grade": now["grade"],
        "from_milli": first["management_milli"],
        "to_milli": now["management_milli"],
        "slope_milli": int(slopes(row)[0]),
        "months": sum(one in months for one in span),
        "reasons": reasons(first["dimensions"], now["dimensions"], close.policy),
    }


def _moved(before: Row, now: Row, policy: Policy) -> list[dict[str, Any]]:
    texts = {one.id: one.text for one in policy.dimensions} | {"public": _PUBLIC}
    old = {**before["dimensions"], "public": before["public_milli"] or 0}
    new = {**now["dimensions"], "public": now["public_milli"] or 0}
    moved = {name: new.get(name, 0) - old.get(name, 0) for name in {*old, *new}}
    most = sorted((name for name in moved if moved[name]), key=lambda one: (-abs(moved[one]), one))
    return [
        {
            "dimension": name,
            "zh": texts.get(name, Text(name, name)).zh,
            "en": texts.get(name, Text(name, name)).en,
            "points": moved[name] / MILLI,
        }
        for name in most[:_MOST_REASONS]
    ]


def _total(row: Row) -> int:
    return int((row["public_milli"] or 0) + row["management_milli"])
