"""SQL of the subject calls; run as guitu_app in a person's scope."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, LiteralString

from server.db import Connection, fetch_all, fetch_one
from server.ordered import fetch_in_order, has_wide_scope

# A value of its own for each row, not a join: people are walked in the order of their names and
# asked one by one, until the page is full.
_IS_WEARING: Final = """(SELECT EXISTS (
    SELECT FROM binding b WHERE b.holder_kind = 'subject' AND b.holder_id = s.id
      AND b.valid_from <= now() AND coalesce(b.valid_to, 'infinity') > now()) AND EXISTS (
    SELECT FROM positioning_order o WHERE o.subject_id = s.id
      AND o.valid_from <= now() AND now() < least(o.valid_to, o.lifted_at)))"""

_KEPT: Final = "s.id, s.name, s.name_key, s.category, s.is_minor, s.org_id, s.term_from, s.term_to"

_SHOWN: Final = f"""
  SELECT s.id, s.name, s.name_key, s.category, s.is_minor, {_IS_WEARING} AS is_wearing,
    s.org_id AS org, s.term_from, s.term_to, f.stage,
    (SELECT v.supervision_class FROM subject_version v WHERE v.subject_id = s.id
      AND v.valid_from <= now() AND coalesce(v.valid_to, 'infinity') > now()
      ORDER BY v.valid_from DESC LIMIT 1) AS supervision_class
  FROM rows s JOIN case_file f ON f.subject_id = s.id"""  # noqa: S608 - a constant of this file

_ORDER: Final = "ORDER BY s.name_key, s.id"

_FILTERS: Final[dict[str, LiteralString]] = {
    "like": "(s.name LIKE %(like)s OR s.id LIKE %(like)s)",
    "orgs": "s.org_id = ANY (%(orgs)s)",
    "categories": "s.category = ANY (%(categories)s)",
    # IS TRUE keeps it a look-up in a hash: as a join it would be planned for one row, and the row
    # level security of both tables would be asked 40,000 times.
    "stages": "(s.id IN (SELECT f.subject_id FROM case_file f"
    " WHERE f.stage = ANY (%(stages)s))) IS TRUE",
    "classes": "(s.id IN (SELECT v.subject_id FROM subject_version v"
    " WHERE v.supervision_class = ANY (%(classes)s) AND v.valid_from <= now()"
    " AND coalesce(v.valid_to, 'infinity') > now())) IS TRUE",
    "after_id": "(s.name_key, s.id) > (%(after_key)s::bytea, %(after_id)s)",
}


@dataclass(frozen=True, slots=True)
class Search:
    """What a list is narrowed to; None and empty do not narrow.

    Attributes:
        text: Part of a name or an id.
        after: The last row of the page before: (is wearing, name_key, id).
    """

    text: str | None = None
    orgs: Sequence[str] = ()
    categories: Sequence[str] = ()
    stages: Sequence[str] = ()
    classes: Sequence[str] = ()
    after: tuple[bool, bytes, str] | None = None


async def page(connection: Connection, search: Search, *, limit: int) -> list[dict[str, Any]]:
    """Return at most `limit` subjects, wearers first, then in the order of their names."""
    was_wearing, after_key, after_id = search.after or (True, None, None)
    values: dict[str, Any] = {
        "like": search.text and _contains(search.text),
        "orgs": list(search.orgs),
        "categories": list(search.categories),
        "stages": list(search.stages),
        "classes": list(search.classes),
        "after_key": after_key,
        "after_id": after_id,
    }
    is_wide = await has_wide_scope(connection)
    # Of few that are found, sorting is cheap, and walking past the others is not.
    fetch = fetch_in_order if is_wide and not search.text else fetch_all
    found: list[dict[str, Any]] = []
    if was_wearing:
        query = _query(values, is_wearing=True, is_wide=is_wide)
        found = await fetch(connection, query, values | {"limit": limit})
        values["after_id"] = None
    if len(found) < limit:
        query = _query(values, is_wearing=False, is_wide=is_wide)
        found += await fetch(connection, query, values | {"limit": limit - len(found)})
    return found


def _query(values: dict[str, Any], *, is_wearing: bool, is_wide: bool) -> bytes:
    """Return what finds subjects who wear a wristband, or do not, by name."""
    narrowed = [clause for name, clause in _FILTERS.items() if values[name]]
    narrowed.append(_IS_WEARING if is_wearing else f"NOT {_IS_WEARING}")
    if is_wide:
        chosen = _chosen(narrowed)
    else:
        of_one = _chosen(["s.org_id = o.id", *narrowed])
        chosen = (
            f"SELECT s.* FROM unnest(scope_orgs()) AS o (id) CROSS JOIN LATERAL ({of_one}) s"  # noqa: S608 - own text
            f" {_ORDER} LIMIT %(limit)s"
        )
    return f"WITH rows AS MATERIALIZED ({chosen}) {_SHOWN} {_ORDER}".encode()


def _chosen(clauses: Sequence[str]) -> str:
    where = " AND ".join(clauses)
    return f"SELECT {_KEPT} FROM subject s WHERE {where} {_ORDER} LIMIT %(limit)s"  # noqa: S608 - own text


async def subject(connection: Connection, subject_id: str) -> dict[str, Any] | None:
    """Return a subject's file."""
    query = f"WITH rows AS (SELECT {_KEPT} FROM subject s WHERE s.id = %s){_SHOWN}"  # noqa: S608 - constants of this file
    return await fetch_one(connection, query, (subject_id,))


async def order_in_force(connection: Connection, subject_id: str) -> dict[str, Any] | None:
    """Return the order in force now, the one that ends last."""
    return await fetch_one(
        connection,
        "SELECT id, ground, valid_from, least(valid_to, lifted_at) AS valid_to"
        " FROM positioning_order WHERE subject_id = %s AND valid_from <= now()"
        " AND now() < least(valid_to, lifted_at) ORDER BY 4 DESC LIMIT 1",
        (subject_id,),
    )


async def devices(connection: Connection, subject_id: str) -> list[dict[str, Any]]:
    """Return the devices that the subject has now."""
    return await fetch_all(
        connection,
        "SELECT d.id AS device, d.kind FROM binding b JOIN device d ON d.id = b.device_id"
        " WHERE b.holder_kind = 'subject' AND b.holder_id = %s AND b.valid_from <= now()"
        " AND coalesce(b.valid_to, 'infinity') > now() ORDER BY d.id",
        (subject_id,),
    )


async def fences(connection: Connection, subject_id: str) -> list[dict[str, Any]]:
    """Return the fences that bind the subject now."""
    return await fetch_all(
        connection,
        "SELECT f.id AS fence, f.version, f.name, f.use FROM fence_assignment a"
        " JOIN fence f ON f.id = a.fence_id AND f.version = a.version"
        " WHERE a.subject_id = %s AND f.valid_from <= now()"
        " AND coalesce(f.valid_to, 'infinity') > now() ORDER BY f.id",
        (subject_id,),
    )


async def track(
    connection: Connection, subject_id: str, begin: datetime, end: datetime, *, most: int
) -> list[dict[str, Any]]:
    """Return at most `most` fixes of [begin, end) in fix-time order."""
    return await fetch_all(
        connection,
        "SELECT (extract(epoch FROM fix_time) * 1000)::bigint AS fix_time_ms,"
        " round(lon_e7 / 10.0)::int AS lon, round(lat_e7 / 10.0)::int AS lat,"
        " (accuracy_mm / 1000.0)::float8 AS accuracy_m, (speed_mmps / 1000.0)::float8 AS speed_mps,"
        " device_id AS device, backlog FROM track(%s, %s, %s, %s)",
        (subject_id, begin, end, most),
    )


async def position_spans(
    connection: Connection, subject_id: str, begin: datetime, end: datetime, *, by: str
) -> list[dict[str, Any]]:
    """Return what the hours, or days, that begin in [begin, end) come to, in order."""
    function, column = ("position_hours", "hour") if by == "hour" else ("position_days", "day")
    return await fetch_all(
        connection,
        f"SELECT {column} AS begin, report_count AS reports, place_count AS places,"  # noqa: S608 - from above
        " first_place_time, last_place_time, round(west_e7 / 10.0)::int AS west,"
        " round(south_e7 / 10.0)::int AS south, round(east_e7 / 10.0)::int AS east,"
        " round(north_e7 / 10.0)::int AS north, (speed_max_mmps / 1000.0)::float8 AS speed_max_mps,"
        f" battery_min_pct FROM {function}(%s, %s, %s)",
        (subject_id, begin, end),
    )


def _contains(text: str) -> str:
    escaped = text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return f"%{escaped}%"
