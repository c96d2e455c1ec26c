"""SQL of the alert list: pages that cost as much as they show, however many alerts are past.

Run as guitu_app in a person's scope.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any, Final, Literal

from server.alerts.store import ALERT_COLUMNS
from server.db import Connection, fetch_all, fetch_one
from server.ordered import fetch_in_order, has_wide_scope

Way = Literal["by organisation", "in order", "planned"]
"""How the rows of a page are found."""
Before = tuple[datetime, str] | None
"""The (raised_at, id) that a page begins after."""

_ORDER: Final = "ORDER BY a.raised_at DESC, a.id DESC"

_FILTERS: Final = {
    # The second part is the partial index's own condition.
    "unresolved": "a.state = ANY (%(states)s) AND a.state <> 'resolved'",
    "states": "a.state = ANY (%(states)s)",
    "rule": "a.rule = %(rule)s",
    "subject": "a.subject_id = %(subject)s",
    "assigned_to": "a.assigned_to = %(assigned_to)s",
    "group": "a.group_id = %(group)s",
    "before_at": "(a.raised_at, a.id) < (%(before_at)s::timestamptz, %(before_id)s::text)",
    "passed": "(a.group_id IS NULL OR a.group_id <> ALL (%(passed)s))",
}


async def page(
    connection: Connection, filters: Mapping[str, Any], *, before: Before, limit: int
) -> list[dict[str, Any]]:
    """Return at most `limit` alerts, newest first, from after a (raised_at, id) on.

    Args:
        connection: In the person's scope.
        filters: As `server.alerts.store.matching` makes them; and `group`: its members only;
            `passed`: groups whose members are left out.
        before: The last row of the page before.
        limit: How many rows.
    """
    clauses, values = narrowed(filters, before)
    return await _found(connection, clauses, values | {"limit": limit}, _shown)


async def keys(
    connection: Connection,
    filters: Mapping[str, Any],
    *,
    also: str,
    before: Before,
    limit: int,
) -> list[dict[str, Any]]:
    """Return (raised_at, id) of at most `limit` alerts, as `page` finds them.

    Args:
        connection: In the person's scope.
        filters: As in `page`.
        also: One more condition on alerts `a`.
        before: The last row of the page before.
        limit: How many rows.
    """
    clauses, values = narrowed(filters, before)
    return await _found(connection, clauses | {"also": also}, values | {"limit": limit}, _keys)


async def _found(
    connection: Connection,
    clauses: Mapping[str, str],
    values: Mapping[str, Any],
    told: Callable[[str], str],
) -> list[dict[str, Any]]:
    way = _way(clauses.keys(), is_wide=await has_wide_scope(connection))
    chosen = _by_organisation(clauses) if way == "by organisation" else _chosen("a.*", clauses)
    if way == "in order":
        return await fetch_in_order(connection, told(chosen).encode(), values)
    return await fetch_all(connection, told(chosen).encode(), values)


async def seen_before(
    connection: Connection, filters: Mapping[str, Any], groups: Collection[str], before: Before
) -> set[str]:
    """Return which groups have a member on the pages before, as these filters let them through."""
    if not groups or before is None:
        return set()
    clauses, values = narrowed(filters, None)
    wanted = [*clauses.values(), "(a.raised_at, a.id) >= (%(from_at)s::timestamptz, %(from_id)s)"]
    rows = await fetch_all(
        connection,
        (
            "SELECT g.id FROM unnest(%(groups)s::text[]) AS g (id) WHERE EXISTS"  # noqa: S608 - own text
            f" (SELECT FROM alert a WHERE a.group_id = g.id AND {' AND '.join(wanted)})"
        ).encode(),
        values | {"groups": list(groups), "from_at": before[0], "from_id": before[1]},
    )
    return {row["id"] for row in rows}


def narrowed(filters: Mapping[str, Any], before: Before) -> tuple[dict[str, str], dict[str, Any]]:
    """Return the conditions on alerts `a` that were asked for, by name, and their values.

    What nobody asked for is not among them: a plan for every case would be one for none.
    """
    before_at, before_id = before or (None, None)
    values = {**filters, "before_at": before_at, "before_id": before_id}
    names = [name for name in _FILTERS if values.get(name) is not None]
    if "states" in names and "resolved" not in filters["states"]:
        names[names.index("states")] = "unresolved"
    return {name: _FILTERS[name] for name in names}, values


async def counts(connection: Connection) -> dict[str, Any]:
    """Return how many alerts wait in the scope."""
    row = await fetch_one(
        connection,
        "SELECT count(*) FILTER (WHERE state = 'open') AS open,"
        " count(*) FILTER (WHERE state = 'acknowledged') AS acknowledged,"
        " count(*) FILTER (WHERE state = 'dispatched') AS dispatched,"
        " count(*) FILTER (WHERE state = 'shelved') AS shelved,"
        " count(*) FILTER (WHERE state = 'open' AND severity = 'critical') AS critical_open"
        " FROM alert WHERE state <> 'resolved'",
    )
    return row or {}


def _way(names: Collection[str], *, is_wide: bool) -> Way:
    """Return how a page is read, by the conditions it has and the width of the scope."""
    if "subject" in names:
        # A person's alerts are few.
        return "planned"
    if {"assigned_to", "group"} & set(names):
        return "in order"
    return "in order" if is_wide else "by organisation"


def _shown(chosen: str) -> str:
    # Names are looked up of what is shown, one by one: joining all of a province's people costs
    # more than the page.
    return (
        f"SELECT {ALERT_COLUMNS} FROM ({chosen}) a"  # noqa: S608 - own text
        " LEFT JOIN LATERAL (SELECT n.name FROM subject n WHERE n.id = a.subject_id LIMIT 1) s"
        f" ON true {_ORDER}"
    )


def _keys(chosen: str) -> str:
    return f"SELECT a.raised_at, a.id FROM ({chosen}) a {_ORDER}"  # noqa: S608 - own text


def _by_organisation(clauses: Mapping[str, str]) -> str:
    """Return the rows of a page, of which indexes have what is compared: no other row is read."""
    of_one = {**clauses, "org": "a.org_id = o.id"}
    each = "unnest(scope_orgs()) AS o (id)"
    states = {"states", "unresolved"} & of_one.keys()
    for name in states:
        # One at a time: an index has the order of each, and of two only what is sorted.
        of_one[name] = "a.state = t.state"
        each += " CROSS JOIN (SELECT DISTINCT unnest(%(states)s::text[])) AS t (state)"
    keys = _chosen("a.id, a.raised_at", of_one)
    return (
        f"SELECT c.* FROM (SELECT a.id FROM {each}"  # noqa: S608 - own text
        f" CROSS JOIN LATERAL ({keys}) a {_ORDER} LIMIT %(limit)s) k"
        " CROSS JOIN LATERAL (SELECT * FROM alert c WHERE c.id = k.id LIMIT 1) c"
    )


def _chosen(columns: str, clauses: Mapping[str, str]) -> str:
    where = f"WHERE {' AND '.join(clauses.values())}" if clauses else ""
    return f"SELECT {columns} FROM alert a {where} {_ORDER} LIMIT %(limit)s"  # noqa: S608 - own text
