"""SQL over any table with sealed fields; its names are constants of `server.personal.fields`."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from psycopg import sql

from server.db import Connection, fetch_all
from server.secrecy.vault import SealedTable

_ROWS: Final = sql.SQL(
    "SELECT {key} AS id, org_id AS org, {columns} FROM {table} WHERE {which} ORDER BY {key}"
    " LIMIT {most} FOR UPDATE"
)
_OF_SUBJECT: Final = sql.SQL(
    "SELECT {key} AS id, org_id AS org, {columns} FROM {table} WHERE subject_id = %s FOR UPDATE"
)


async def plain_rows(
    connection: Connection, table: SealedTable, resting: Sequence[str], most: int
) -> list[dict[str, Any]]:
    """Return rows with a field in plain, and hold them; what another server has in hand is not."""
    which = sql.SQL("({}) AND {key} <> ALL (%s)").format(
        sql.SQL(" OR ").join(
            sql.SQL("{} IS NOT NULL").format(sql.Identifier(name)) for name in table.fields
        ),
        key=sql.Identifier(table.key),
    )
    query = _query(_ROWS, table, table.fields, which=which, most=sql.Literal(most))
    return await fetch_all(connection, query + sql.SQL(" SKIP LOCKED"), (list(resting),))


async def rows_of_subject(
    connection: Connection, table: SealedTable, subject_id: str
) -> list[dict[str, Any]]:
    """Return every row about a person, and hold it."""
    columns = (*table.fields, *(f"{name}_sealed" for name in table.fields))
    return await fetch_all(connection, _query(_OF_SUBJECT, table, columns), (subject_id,))


async def stale_rows(
    connection: Connection, table: SealedTable, org: str, stale: sql.Composable, most: int
) -> list[dict[str, Any]]:
    """Return rows of an organisation for which `stale` holds, and hold them; waits for each."""
    columns = (*table.fields, *(f"{name}_sealed" for name in table.fields))
    which = sql.SQL("org_id = %s AND ({})").format(stale)
    query = _query(_ROWS, table, columns, which=which, most=sql.Literal(most))
    return await fetch_all(connection, query, (org,))


async def write(
    connection: Connection, table: SealedTable, row_id: str, sealed: Mapping[str, bytes | None]
) -> None:
    """Write sealed columns, those that are given; no field is left in plain."""
    sets = [
        *(
            sql.SQL("{0} = coalesce({1}, {0})").format(sql.Identifier(name), sql.Placeholder(name))
            for name in table.columns()
        ),
        *(sql.SQL("{} = NULL").format(sql.Identifier(name)) for name in table.fields),
    ]
    query = sql.SQL("UPDATE {} SET {} WHERE {} = %(id)s").format(
        sql.Identifier(table.name), sql.SQL(", ").join(sets), sql.Identifier(table.key)
    )
    await connection.execute(query, {**sealed, "id": row_id})


def _query(
    text: sql.SQL, table: SealedTable, columns: Sequence[str], **given: sql.Composable
) -> sql.Composed:
    return text.format(
        key=sql.Identifier(table.key),
        table=sql.Identifier(table.name),
        columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
        **given,
    )
