"""Pages of the alert list by group: of each group the newest alert only."""

from collections.abc import Mapping
from typing import Any, Final

from server.alerts.page_store import Before, page, seen_before
from server.db import Connection

_AT_ONCE: Final = 2
"""So many times what is still lacking is read at once: most groups are small."""


async def newest_of_groups(
    connection: Connection, filters: Mapping[str, Any], *, before: Before, limit: int
) -> list[dict[str, Any]]:
    """Return at most `limit` alerts, newest first: those without a group, and one of each group.

    A group is where its newest member is that the filters let through. One that a storm filled is
    passed over in one look: its members are read, and compared with nothing.

    Args:
        connection: In the person's scope.
        filters: As `page` takes them.
        before: The last row of the page before.
        limit: How many rows.
    """
    found: list[dict[str, Any]] = []
    passed: list[str] = []
    at = before
    while len(found) < limit:
        asked = _AT_ONCE * (limit - len(found))
        rows = await page(connection, {**filters, "passed": passed or None}, before=at, limit=asked)
        newest = _first_of_each(rows)
        groups = [row["group_id"] for row in newest if row["group_id"] is not None]
        old = await seen_before(connection, filters, groups, before)
        found += [row for row in newest if row["group_id"] not in old]
        passed += groups
        if len(rows) < asked:
            break
        at = (rows[-1]["raised_at"], rows[-1]["id"])
    return found[:limit]


def _first_of_each(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    seen: set[str] = set()
    first = []
    for row in rows:
        if row["group_id"] not in seen:
            first.append(row)
        if row["group_id"] is not None:
            seen.add(row["group_id"])
    return first
