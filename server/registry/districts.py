"""The city as a home fence: the union of its urban districts (实施办法 26).

Who moves between the districts of one city has not left it. Which of its counties are districts
(市辖区) the entry says: the office knows, and a county-level city is none.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from geofence.errors import FenceError
from geofence.union import MAX_AREAS, union_of_areas
from server.db import Connection, fetch_all
from server.errors import InvalidError
from server.law.articles import article
from server.registry.checks import Faults
from server.registry.schemas import FenceEntry, RegistryFile

KIND: Final = "Districts"
"""The `type` of a fence's geometry that names organisations instead of positions."""

GAP_M: Final = 30.0
"""Districts drawn one by one meet within this: the borders of public maps are 10 m off each."""

_ARTICLE: Final = article("measures-26").key
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,40}\Z")


@dataclass(frozen=True, slots=True)
class _District:
    city: str | None
    boundary: dict[str, Any] | None


async def with_districts_joined(connection: Connection, file: RegistryFile) -> RegistryFile:
    """Return a file in which every fence has a geometry of its own.

    Raises:
        InvalidError: What a fence names is not the districts of one city, or they have no boundary.
    """
    named = {
        index: entry
        for index, entry in enumerate(file.fences)
        if entry.geometry.get("type") == KIND
    }
    if not named:
        return file
    faults = _form_faults(named)
    if faults:
        raise InvalidError(faults)
    known = await _districts(connection, file, named.values())
    fences = list(file.fences)
    for index, entry in named.items():
        found = _joined(entry.geometry["orgs"], known)
        if isinstance(found, str):
            faults.append((f"/fences/{index}/geometry/orgs", found))
        else:
            fences[index] = entry.model_copy(update={"geometry": found})
    if faults:
        raise InvalidError(faults)
    return file.model_copy(update={"fences": fences})


def _form_faults(named: Mapping[int, FenceEntry]) -> Faults:
    return [
        (f"/fences/{index}/geometry", text)
        for index, entry in named.items()
        if (text := _form_fault(entry)) is not None
    ]


def _form_fault(entry: FenceEntry) -> str | None:
    orgs = entry.geometry.get("orgs")
    if entry.geometry.keys() != {"type", "orgs"} or not _is_list_of_ids(orgs):
        return f"{KIND} has `orgs`, 1 to {MAX_AREAS} ids of organisations, and nothing else"
    if entry.use != "inclusion" or entry.datum != "WGS84":
        return f"{KIND} is a home fence ({_ARTICLE}): use inclusion, datum WGS84 as boundaries have"
    return None


def _is_list_of_ids(orgs: object) -> bool:
    return (
        isinstance(orgs, list)
        and 1 <= len(orgs) <= MAX_AREAS
        and all(isinstance(one, str) and _ID.match(one) for one in orgs)
    )


def _joined(orgs: Sequence[str], known: Mapping[str, _District]) -> dict[str, Any] | str:
    """Return the area of districts, or why there is none."""
    wanted = sorted(set(orgs))
    if missing := [one for one in wanted if one not in known]:
        return f"{', '.join(missing[:5])}: no county-level organisation of a city of your scope"
    cities = {known[one].city for one in wanted}
    if len(cities) > 1:
        return f"districts of {len(cities)} cities: who goes to another city leaves ({_ARTICLE})"
    areas = {one: known[one].boundary for one in wanted}
    if bare := [one for one, boundary in areas.items() if boundary is None]:
        return f"{', '.join(bare[:5])}: no boundary is entered"
    try:
        return union_of_areas([area for area in areas.values() if area], gap_m=GAP_M)
    except FenceError as error:
        return f"of {', '.join(wanted[:5])}: {error}"


async def _districts(
    connection: Connection, file: RegistryFile, entries: Iterable[FenceEntry]
) -> dict[str, _District]:
    wanted = sorted({org for entry in entries for org in entry.geometry["orgs"]})
    rows = await fetch_all(connection, "SELECT * FROM district_boundaries(%s)", (wanted,))
    known = {row["id"]: _District(row["city"], row["boundary"]) for row in rows}
    # What the file enters of them holds.
    in_file = {entry.org: entry for entry in file.orgs}
    cities = {entry.org for entry in file.orgs if entry.level == "city"}
    cities |= {one.city for one in known.values() if one.city is not None}
    for name in wanted:
        entry = in_file.get(name)
        if entry is not None and entry.level == "county" and entry.parent in cities:
            known[name] = _District(entry.parent, entry.boundary)
    return known
