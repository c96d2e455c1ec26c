"""Puts figures together from closed months, for the console and for files."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from server.auth.person import Desk
from server.policies.store import policy_of
from server.scoring.schedule import schedule_of
from server.trends import figures, store
from server.trends.asking import Asked, month_text
from server.trends.decline import (
    PARAMETERS,
    declining,
    reasons,
    said,
    slopes,
    watch_of,
)
from server.trends.grid import GRADES, Grid
from server.trends.hiding import LEAST, own

_TREND_MONTHS: Final = 12
_MOST_LISTED: Final = 200


@dataclass(frozen=True, slots=True)
class _Part:
    """Whom one row of a comparison is of; `name` is how the part may be hidden."""

    unit: Mapping[str, Any]
    name: str
    places: list[int]


async def distribution(desk: Desk, of: Asked) -> dict[str, Any]:
    """Return the distribution of an organisation's scores, and a year of its grades."""
    first = of.month - _TREND_MONTHS + 1
    grid = await store.grid(desk.connection, of.org["id"], first, of.month)
    found = figures.distribution(grid, of.month, is_hidden=of.is_hidden)
    trend = [_grades(grid, month, of) for month in range(first, of.month + 1)]
    return {"org": of.org["id"], "month": month_text(of.month), "trend": trend, **found}


async def movement(desk: Desk, of: Asked, since: int) -> dict[str, Any]:
    """Return how an organisation's people moved between grades."""
    grid = await store.grid(desk.connection, of.org["id"], since, of.month)
    found = figures.movement(grid, since, of.month, is_hidden=of.is_hidden)
    named = {"since": month_text(since), "until": month_text(of.month)}
    return {"org": of.org["id"], **named, **found}


async def comparison(desk: Desk, of: Asked) -> dict[str, Any]:
    """Return the figures of those next below an organisation, and of whom it has itself."""
    grid = await store.grid(desk.connection, of.org["id"], of.month - 1, of.month)
    depth = of.org["path"].count("/") + 1
    below = [one for one in of.units if one["path"].count("/") == depth]
    parts = [_Part(one, one["id"], of.places(one["id"])) for one in below]
    if below:
        parts.append(_Part(of.org, own(of.org["id"]), [of.orgs.index(of.org["id"])]))
    whole = _Part(of.org, of.org["id"], of.places(of.org["id"]))
    return {
        "org": of.org["id"],
        "month": month_text(of.month),
        "whole": _compared(grid, of, whole),
        "items": [_compared(grid, of, part) for part in parts],
    }


async def decline(desk: Desk, of: Asked) -> dict[str, Any]:
    """Return whose scores go down, the fastest first."""
    law = await policy_of(desk.connection, of.org["id"], desk.now)
    watch = watch_of(law)
    first = of.month - watch.months + 1
    grid = await store.grid(desk.connection, of.org["id"], first, of.month)
    slope = await asyncio.to_thread(slopes, grid.management)
    found = np.flatnonzero(declining(grid.management, watch))
    order = found[np.argsort(slope[found], kind="stable")][:_MOST_LISTED]
    people = [grid.people[place] for place in order]
    moved = await store.dimensions(desk.connection, people, first, of.month)
    policy = (await schedule_of(desk.connection, of.org["id"])).at(of.month)
    items = []
    for place in order:
        person, months = grid.people[place], moved[grid.people[place]]
        why = reasons(months[0], months[-1], policy)
        words = said(float(slope[place]), len(months), why)
        items.append(
            {
                "subject": person,
                "org": of.orgs[grid.org[place, -1]],
                "grade": GRADES[grid.grade[place, -1]],
                "management": figures.points(grid.management[place, -1]),
                "slope": figures.points(slope[place]),
                "months": len(months),
                "reasons": why,
                "text": {"zh": words.zh, "en": words.en},
            }
        )
    shown = [law.parameter(name) for name in PARAMETERS]
    return {
        "org": of.org["id"],
        "month": month_text(of.month),
        "people": len(found),
        "parameters": [
            {name: getattr(one, name) for name in ("name", "value", "unit", "status", "source")}
            for one in shown
        ],
        "items": items,
    }


def _grades(grid: Grid, month: int, of: Asked) -> dict[str, Any]:
    those = grid.is_there(month)
    count = int(those.sum())
    if of.is_hidden or count < LEAST:
        return {"month": month_text(month), "people": None, "grades": None}
    counts = figures.grade_counts(grid.grade[those, month - grid.first])
    return {"month": month_text(month), "people": count, "grades": counts}


def _compared(grid: Grid, of: Asked, part: _Part) -> dict[str, Any]:
    unit = part.unit
    named = {name: unit[name] for name in ("name_zh", "name_en", "level")} | {"org": unit["id"]}
    named["is_own"] = part.name != unit["id"]
    those = figures.members(grid.org[:, -1], part.places) & grid.is_there(of.month)
    count = int(those.sum())
    if part.name in of.hidden or 0 < count < LEAST:
        return named | {"hidden": True}
    if not count:
        return named | {"people": 0, "hidden": False}
    management = grid.management[those]
    return named | figures.compared(management[:, -1], management[:, 0], grid.grade[those, -1])
