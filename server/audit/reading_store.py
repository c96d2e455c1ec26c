"""SQL of who checks the chain: one snapshot of everything, streamed by server-side cursors."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from psycopg.rows import dict_row, tuple_row

from server.audit.chain import Block, block_of
from server.audit.errors import BlindError
from server.audit.sources import SOURCES, content_sql

Snapshot = psycopg.Connection[Any]

_BATCH: Final = 5_000
# The chain of a province is read in one go: no limit of a request holds here.
_ONE_MOMENT: Final = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
_SESSION: Final = (
    "SET LOCAL timezone = 'UTC'; SET LOCAL bytea_output = 'hex'; SET LOCAL statement_timeout = 0;"
    " SET LOCAL work_mem = '64MB'; SET LOCAL jit = off;"
    " SET LOCAL guitu.scope = '/'; SET LOCAL guitu.opened = '*'"
)
_LEAVES: Final = """
  SELECT org_id, position, source, form, commitment, destruction_id FROM audit_leaf
  ORDER BY org_id, position"""
_FAULTS_MAX: Final = 100


@contextmanager
def snapshot(dsn: str) -> Iterator[Snapshot]:
    """Open a read-only transaction that sees one moment of the whole database."""
    with psycopg.connect(dsn, application_name="guitu-audit") as connection:
        connection.execute(_ONE_MOMENT)
        yield connection


def prepare(connection: Snapshot) -> None:
    """Let a transaction read everything, in the one form that was sealed.

    Raises:
        BlindError: It sees nothing.
    """
    connection.execute(_SESSION)
    # Who sees nothing would find nothing wrong.
    if connection.execute("SELECT FROM org LIMIT 1").fetchone() is None:
        raise BlindError(
            "this connection sees no organisation: give that of guitu_worker or of the owner"
        )


def blocks(connection: Snapshot) -> Iterator[tuple[Block, bytes]]:
    """Yield each block and its stored hash, by organisation and number."""
    query = "SELECT * FROM audit_block ORDER BY org_id, number"
    with connection.cursor("audit_blocks", row_factory=dict_row) as cursor:
        cursor.itersize = _BATCH
        for row in cursor.execute(query):
            yield block_of(row), row["hash"]


def checkpoints(connection: Snapshot) -> Iterator[tuple[str, int, str, str, bytes, bool]]:
    """Yield organisation, block, statement, key, signature, and whether it says it is anchored."""
    query = (
        "SELECT c.org_id, c.number, c.statement, c.key_id, c.signature, a.number IS NOT NULL"
        " FROM audit_checkpoint c LEFT JOIN audit_anchor a"
        " ON a.org_id = c.org_id AND a.number = c.number ORDER BY c.org_id, c.number"
    )
    yield from _stream(connection, "audit_checkpoints", query)


def stray_anchors(connection: Snapshot) -> list[tuple[str, int]]:
    """Return notes of anchors whose checkpoint is gone."""
    return connection.execute(
        "SELECT org_id, number FROM audit_anchor a WHERE NOT EXISTS (SELECT FROM audit_checkpoint c"
        " WHERE c.org_id = a.org_id AND c.number = a.number) ORDER BY 1, 2 LIMIT %s",
        (_FAULTS_MAX,),
    ).fetchall()


def leaves(connection: Snapshot) -> Iterator[tuple[str, int, str, int, bytes, int | None]]:
    """Yield organisation, position, table, form, commitment and destruction of every leaf."""
    yield from _stream(connection, "audit_leaves", _LEAVES)


def contents(
    connection: Snapshot, name: str
) -> Iterator[tuple[str, int, str, int, bytes, bytes, str | None]]:
    """Yield a table's leaves that have their salt, each with what its row says now.

    Yields:
        Organisation, position, row id, form, salt, commitment, content; None: the row is gone, or
        is another organisation's.
    """
    source = SOURCES[name]
    forms = " ".join(
        f"WHEN {form} THEN {content_sql(name, form, alias='t')}" for form in source.forms
    )
    query = (
        "SELECT l.org_id, l.position, l.row_id, l.form, l.salt, l.commitment,"  # noqa: S608 - names of SOURCES
        f" CASE WHEN t.{source.key} IS NULL THEN NULL ELSE CASE l.form {forms} END END"
        f" FROM audit_leaf l LEFT JOIN {name} t"
        f" ON t.{source.key}::text = l.row_id AND t.org_id = l.org_id"
        f" WHERE l.source = '{name}' AND l.salt IS NOT NULL"
    )
    yield from _stream(connection, f"audit_{name}", query)


def uncovered(connection: Snapshot, name: str) -> list[tuple[str, str]]:
    """Return rows (organisation, id) of a table that neither are sealed nor wait for it."""
    source = SOURCES[name]
    return connection.execute(
        f"SELECT t.org_id, t.{source.key}::text FROM {name} t"  # noqa: S608 - names of SOURCES
        f" WHERE NOT EXISTS (SELECT FROM audit_leaf l WHERE l.source = '{name}'"
        f" AND l.row_id = t.{source.key}::text)"
        f" AND NOT EXISTS (SELECT FROM audit_pending p WHERE p.source = '{name}'"
        f" AND p.row_id = t.{source.key}::text AND p.org_id = t.org_id)"
        f" ORDER BY t.org_id, t.{source.key} LIMIT %s".encode(),
        (_FAULTS_MAX,),
    ).fetchall()


def vanished(connection: Snapshot, name: str) -> list[tuple[str, str]]:
    """Return rows (organisation, id) of a table that wait to be sealed and are gone."""
    source = SOURCES[name]
    return connection.execute(
        f"SELECT p.org_id, p.row_id FROM audit_pending p WHERE p.source = '{name}'"  # noqa: S608 - names of SOURCES
        f" AND NOT EXISTS (SELECT FROM {name} t WHERE t.{source.key}::text = p.row_id)"
        " ORDER BY p.id LIMIT %s".encode(),
        (_FAULTS_MAX,),
    ).fetchall()


def strangers(connection: Snapshot) -> list[tuple[str, int, str]]:
    """Return leaves (organisation, position, table) of a table that the chain does not cover."""
    return connection.execute(
        "SELECT org_id, position, source FROM audit_leaf WHERE source <> ALL (%s)"
        " ORDER BY org_id, position LIMIT %s",
        (list(SOURCES), _FAULTS_MAX),
    ).fetchall()


def destructions(connection: Snapshot) -> Iterator[tuple[int, str, list[int], str]]:
    """Yield id, organisation, positions and basis of every destruction."""
    query = "SELECT id, org_id, positions, basis FROM audit_destruction ORDER BY id"
    yield from _stream(connection, "audit_destructions", query)


def pending(connection: Snapshot) -> dict[str, int]:
    """Return how many rows wait to be sealed, by organisation."""
    rows = connection.execute("SELECT org_id, count(*) FROM audit_pending GROUP BY 1").fetchall()
    return dict(rows)


def _stream(connection: Snapshot, name: str, query: str) -> Iterator[Any]:
    with connection.cursor(name, row_factory=tuple_row) as cursor:
        cursor.itersize = _BATCH
        yield from cursor.execute(query.encode())
