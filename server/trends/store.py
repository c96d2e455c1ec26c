"""SQL of closed months over people; minors' and sealed files stay out by the tables' own rules."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from server.db import Connection, fetch_all
from server.trends.grid import Grid, grid_of

_TREE: Final = """
  SELECT o.id, o.parent_id, o.path, o.level, o.name_zh, o.name_en
  FROM org o JOIN org top ON starts_with(o.path, top.path)
  WHERE top.id = %s ORDER BY o.path"""

_DIMENSIONS: Final = """
  SELECT DISTINCT ON (m.subject_id, m.month) m.subject_id, m.month, m.dimensions
  FROM score_month m
  WHERE m.subject_id = ANY (%(people)s) AND m.month BETWEEN %(first)s AND %(last)s
  ORDER BY m.subject_id, m.month, m.org_id"""


async def tree(connection: Connection, org: str) -> list[dict[str, Any]]:
    """Return an organisation of the scope and those below it, by their paths."""
    return await fetch_all(connection, _TREE, (org,))


async def grid(connection: Connection, org: str, first: int, last: int) -> Grid:
    """Return what the scores of an organisation's people were at the end of months.

    Args:
        connection: Of the reader.
        org: With those below it; `Grid.org` counts them in the order of `tree`.
        first: The first month.
        last: The last month.
    """
    cursor = connection.cursor(binary=True)
    query = "SELECT people, packed FROM score_month_grid(%s, %s::int, %s::int)"
    row = await (await cursor.execute(query, (org, first, last))).fetchone()
    people, packed = (row["people"], row["packed"]) if row else ([], b"")
    return grid_of(people, first, last - first + 1, packed)


async def dimensions(
    connection: Connection, people: Sequence[str], first: int, last: int
) -> dict[str, list[Mapping[str, int]]]:
    """Return the dimensions' points of each closed month of these people, the oldest first."""
    values = {"people": list(people), "first": first, "last": last}
    found: dict[str, list[Mapping[str, int]]] = {}
    for row in await fetch_all(connection, _DIMENSIONS, values):
        found.setdefault(row["subject_id"], []).append(row["dimensions"])
    return found
