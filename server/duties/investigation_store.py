"""SQL of pre-sentence investigations."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from psycopg import sql
from psycopg.types.json import Jsonb

from server.db import Connection, fetch_all, fetch_one

_COLUMNS: Final = (
    "i.id, i.org_id AS org, i.county_id AS county, i.commissioner_kind, i.commissioner, i.number,"
    " i.name, i.is_fast, i.received_time, i.due_at, i.extended_to, i.extension, i.state, i.report,"
    " i.opinion, i.reported_by, i.reported_at, i.answered_by, i.answered_at, i.is_late,"
    " i.document_id AS document, i.adoption, i.adoption_time, i.adoption_note,"
    " i.entered_by, i.entered_at, i.version"
)

_INSERT: Final = """
  INSERT INTO investigation (id, org_id, county_id, commissioner_kind, commissioner, number, name,
    is_fast, received_time, due_at, entered_by, entered_at)
  VALUES (%(id)s, %(org_id)s, %(county_id)s, %(commissioner_kind)s, %(commissioner)s, %(number)s,
    %(name)s, %(is_fast)s, %(received_time)s, %(due_at)s, %(entered_by)s, %(entered_at)s)
  ON CONFLICT (county_id, commissioner, number) DO NOTHING RETURNING id"""

_PAGE: Final = f"""
  SELECT {_COLUMNS} FROM investigation i
  WHERE (%(state)s::text IS NULL OR i.state = %(state)s)
    AND (%(before_at)s::timestamptz IS NULL
      OR (i.entered_at, i.id) < (%(before_at)s::timestamptz, %(before_id)s::text))
  ORDER BY i.entered_at DESC, i.id DESC LIMIT %(limit)s"""  # noqa: S608 - a constant of this file

_STATISTICS: Final = """
  SELECT count(*)::int AS commissioned, count(answered_at)::int AS answered,
    count(*) FILTER (WHERE is_late)::int AS late,
    count(adoption)::int AS told, count(*) FILTER (WHERE adoption = 'adopted')::int AS adopted
  FROM investigation WHERE received_time >= %s AND received_time < %s AND state <> 'withdrawn'"""


async def insert(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Enter an investigation; return whether this commission was not entered yet."""
    return await fetch_one(connection, _INSERT, row) is not None


async def investigation(
    connection: Connection, investigation_id: str, *, lock: bool = False
) -> dict[str, Any] | None:
    """Return an investigation; `lock`: until the transaction ends."""
    query = f"SELECT {_COLUMNS} FROM investigation i WHERE i.id = %s"  # noqa: S608 - a constant
    return await fetch_one(connection, query + (" FOR UPDATE" if lock else ""), (investigation_id,))


async def update(connection: Connection, investigation_id: str, values: Mapping[str, Any]) -> None:
    """Write what a step changes, as another version."""
    row = {name: Jsonb(said) if name == "report" else said for name, said in values.items()}
    changes = sql.SQL("").join(
        sql.SQL(", {} = {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in row
    )
    statement = sql.SQL("UPDATE investigation SET version = version + 1{} WHERE id = {}")
    await connection.execute(
        statement.format(changes, sql.Placeholder("of_id")), {**row, "of_id": investigation_id}
    )


async def is_office_of(connection: Connection, office_id: str, county_id: str) -> bool:
    """Return whether an office is below a county, in the scope."""
    row = await fetch_one(
        connection,
        "SELECT FROM org o JOIN org c ON starts_with(o.path, c.path)"
        " WHERE o.id = %s AND c.id = %s AND o.level = 'office'",
        (office_id, county_id),
    )
    return row is not None


async def page(
    connection: Connection,
    *,
    state: str | None,
    before: tuple[datetime, str] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return at most `limit` investigations of the scope, the newest first."""
    before_at, before_id = before or (None, None)
    values: dict[str, Any] = {"state": state, "before_at": before_at, "before_id": before_id}
    return await fetch_all(connection, _PAGE, values | {"limit": limit})


async def statistics(connection: Connection, begin: datetime, end_at: datetime) -> dict[str, Any]:
    """Count the investigations of the scope that were commissioned in [begin, end_at)."""
    return await fetch_one(connection, _STATISTICS, (begin, end_at)) or {}
