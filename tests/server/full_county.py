"""A county that has a row in every table, each by the same id; nothing in them need make sense.

For tests of who reaches them from elsewhere: what reached one would answer or change it.
"""

from typing import Any, Final

import psycopg
from psycopg import sql

from tests.server.conftest import Site

ID: Final = "x-1"
"""Of every row that is named by a text; a row that is named by a number is 1."""
_COLUMNS: Final = """
  SELECT c.relname AS table, a.attname AS column, format_type(a.atttypid, NULL) AS type,
    a.attndims > 0 AS is_array
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  WHERE c.relkind = 'r' AND a.attgenerated = ''
    AND (a.attnotnull OR a.attname = ANY (%(given)s))
    AND NOT (c.relname = ANY (%(kept)s))
  ORDER BY c.relname, a.attnum"""
_CHECKS: Final = """
  SELECT c.relname AS table, k.conname AS name FROM pg_constraint k
  JOIN pg_class c ON c.oid = k.conrelid AND c.relkind = 'r'
  JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
  WHERE k.contype = 'c'"""
_GIVEN: Final = {"org_id": "county-a", "subject_id": "s-4k2m9q", "org_path": "/county-a/"}
_BY_TYPE: Final = {
    "text": ID,
    "bytea": b"x",
    "jsonb": "{}",
    "boolean": False,
    "date": "2026-11-22",
    "timestamp with time zone": "2026-11-22T00:00:00Z",
    "interval": "1 hour",
    "uuid": "00000000-0000-0000-0000-000000000001",
}
# Of the site or of its people, and whole already: a made up row would be somebody's way in.
_KEPT: Final = ("org", "session", "scope_key")
# What who calls leaves behind of itself, wherever from.
_OF_THE_CALLER: Final = ("session", "request_key", "procurator_look", "audit_pending", "data_key")
# What the server itself works off in the background.
_WORKED_OFF: Final = ("alert_tally_change",)
_SEQUENCES: Final = """
  SELECT setval(c.oid, 1000000) FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public' WHERE c.relkind = 'S'"""


def fill(site: Site) -> set[str]:
    """Put a row into every table of a county; return the tables that took one."""
    tables: dict[str, dict[str, Any]] = {}
    asked = {"given": list(_GIVEN), "kept": [*_KEPT, *_WORKED_OFF]}
    for one in site.rows(_COLUMNS, asked):
        row = tables.setdefault(one["table"], {})
        made = [] if one["is_array"] else _BY_TYPE.get(one["type"], 1)
        row[one["column"]] = _GIVEN.get(one["column"], made)
    with psycopg.connect(site.database.owner_dsn) as connection:
        connection.execute("SET session_replication_role = replica")
        for table, name in connection.execute(_CHECKS).fetchall():
            statement = sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}")
            connection.execute(statement.format(sql.Identifier(table), sql.Identifier(name)))
        made = {table for table, row in tables.items() if _is_put(connection, table, row)}
        connection.execute(_SEQUENCES)
    return made


def _is_put(connection: psycopg.Connection[Any], table: str, row: dict[str, Any]) -> bool:
    try:
        with connection.transaction():
            connection.execute(_insert(table, row), list(row.values()))
    except psycopg.errors.IntegrityError:
        # An own row of a table stands there already, by whatever keys.
        return False
    return True


def _insert(table: str, row: dict[str, Any]) -> sql.Composed:
    columns = sql.SQL(", ").join(map(sql.Identifier, row))
    places = sql.SQL(", ").join(sql.Placeholder() * len(row))
    statement = sql.SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE VALUES ({})")
    return statement.format(sql.Identifier(table), columns, places)


def digests(site: Site, *, without: str) -> dict[str, str]:
    """Return a digest of each table's rows, but for those of one organisation."""
    tables = site.rows(
        "SELECT c.relname AS name, EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid"
        " AND a.attname = 'org_id') AS has_org"
        " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'"
        " WHERE c.relkind = 'r' AND NOT (c.relname = ANY (%s)) ORDER BY 1",
        (list(_OF_THE_CALLER),),
    )
    parts = [
        sql.SQL(
            "SELECT {} AS name, md5(string_agg(t::text, ' ' ORDER BY t::text)) AS digest"
            " FROM {} t {}"
        ).format(
            sql.Literal(one["name"]),
            sql.Identifier(one["name"]),
            sql.SQL("WHERE org_id IS DISTINCT FROM {}").format(sql.Literal(without))
            if one["has_org"]
            else sql.SQL(""),
        )
        for one in tables
    ]
    found = site.rows(sql.SQL(" UNION ALL ").join(parts))
    return {one["name"]: one["digest"] for one in found}
