"""Rows that stand as they were entered: their content never changes, only their end may be set.

A gateway judges a fix by what held at its time. An end in the past, or a row that had ended and
goes on, would make violations of what was none; the lateness of an entry is a person's excuse on
an alert and not another past.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from psycopg import sql

from server.db import Connection, fetch_all
from server.registry.checks import Faults
from server.registry.store import Changed


@dataclass(frozen=True, slots=True)
class Standing:
    """A table of such rows.

    Attributes:
        table: Its name.
        key: Columns that name a row.
        content: Columns that stand.
    """

    table: str
    key: tuple[str, ...]
    content: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that are written; `org_id` is one of the content."""
        return (*self.key, *self.content, "valid_to")


async def standing_faults(
    connection: Connection, kind: Standing, section: str, rows: Sequence[Mapping[str, Any]]
) -> Faults:
    """Return a fault for every row that would change what stands."""
    query = sql.SQL("SELECT {} FROM {} WHERE {} = ANY (%s)").format(
        _names(kind.columns), sql.Identifier(kind.table), sql.Identifier(kind.key[0])
    )
    found = await fetch_all(connection, query, (sorted({row[kind.key[0]] for row in rows}),))
    standing = {tuple(row[name] for name in kind.key): row for row in found}
    now = datetime.now(UTC)
    faults: Faults = []
    for index, row in enumerate(rows):
        old = standing.get(tuple(row[name] for name in kind.key))
        text = None if old is None else _fault(kind, old, row, now)
        if text is not None:
            faults.append((f"/{section}/{index}", text))
    return faults


async def write_standing(
    connection: Connection, kind: Standing, rows: Sequence[Mapping[str, Any]]
) -> Changed:
    """Write rows and new ends; return the organisation of each row that changed something."""
    if not rows:
        return []
    # The organisation is compared too: only a row that is to be written is checked by row-level
    # security, which refuses an id that another scope has taken.
    statement = sql.SQL(
        "INSERT INTO {table} AS t ({columns}) VALUES ({values}) ON CONFLICT ({key})"
        " DO UPDATE SET valid_to = excluded.valid_to WHERE (t.org_id, t.valid_to)"
        " IS DISTINCT FROM (excluded.org_id, excluded.valid_to) RETURNING org_id"
    ).format(
        table=sql.Identifier(kind.table),
        columns=_names(kind.columns),
        values=sql.SQL(", ").join(map(sql.Placeholder, kind.columns)),
        key=_names(kind.key),
    )
    changed: Changed = []
    async with connection.cursor() as cursor:
        await cursor.executemany(statement, rows, returning=True)
        async for result in cursor.results():
            changed.extend([row["org_id"] async for row in result])
    return changed


def _fault(
    kind: Standing, old: Mapping[str, Any], new: Mapping[str, Any], now: datetime
) -> str | None:
    for name in kind.content:
        if old[name] != getattr(new[name], "obj", new[name]):
            return f"stands with another {name}: a change is a new entry, only valid_to may be set"
    if old["valid_to"] == new["valid_to"]:
        return None
    if old["valid_to"] is not None and old["valid_to"] <= now:
        return f"ended {old['valid_to']}: what goes on is a new entry"
    if new["valid_to"] is not None and new["valid_to"] < now:
        return f"valid_to {new['valid_to']} is in the past: now at the earliest"
    return None


def _names(columns: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))
