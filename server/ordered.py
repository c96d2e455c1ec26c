"""Rows in the order of an index, where the planner would sort all that a scope has.

A scope's size is unknown to it: it takes every scope for ten organisations.
"""

from collections.abc import Mapping
from typing import Any, Final

from server.db import Connection, fetch_all, fetch_one

_FEW_ORGS: Final = 64
"""A scope of so many is read organisation by organisation, each by its own index: among a
province's newest an office's would have to be looked for, to the end where it has none. Of more,
each look is compared with the list of all: 360 organisations take 30 ms."""


async def has_wide_scope(connection: Connection) -> bool:
    """Return whether the scope has more organisations than are read one by one."""
    row = await fetch_one(
        connection, "SELECT cardinality(scope_orgs()) > %s AS is_wide", (_FEW_ORGS,)
    )
    return bool(row and row["is_wide"])


async def fetch_in_order(
    connection: Connection, query: bytes, values: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Fetch rows by an index that has their order, however many there are."""
    await connection.execute("SET LOCAL enable_sort = off")
    rows = await fetch_all(connection, query, values)
    await connection.execute("SET LOCAL enable_sort = on")
    return rows
