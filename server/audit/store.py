"""SQL of the sealer."""

from collections.abc import Sequence
from typing import Any, Final

from psycopg.rows import tuple_row

from server.audit.chain import SALT_BYTES, Block, block_of
from server.audit.digest import DIGEST_BYTES
from server.audit.sources import SOURCES, content_sql
from server.db import Connection, fetch_all, fetch_one

_LOCK: Final = "SELECT pg_try_advisory_xact_lock(hashtext('guitu sealer')) AS is_mine"
# What only a newer release covers waits for it: while one is brought in, both run.
_WAITING: Final = """
  SELECT org_id AS id FROM audit_pending
  WHERE org_id <> ALL (%s::text[]) AND source = ANY (%s::text[])
  ORDER BY audit_pending.id LIMIT 1"""
# Of a row that waits twice, and of one that is sealed already, there is one leaf.
_TAKE: Final = """
  WITH taken AS (
    DELETE FROM audit_pending WHERE id IN (
      SELECT id FROM audit_pending WHERE org_id = %(org)s AND source = ANY (%(known)s::text[])
      ORDER BY id LIMIT %(most)s)
    RETURNING id, source, row_id)
  SELECT t.source, t.row_id FROM taken t
  WHERE NOT EXISTS (SELECT FROM audit_leaf l WHERE l.source = t.source AND l.row_id = t.row_id)
  GROUP BY t.source, t.row_id ORDER BY min(t.id)"""
_INSERT_BLOCK: Final = """
  INSERT INTO audit_block (org_id, number, first_position, leaf_count, algorithm, software,
    sealed_at, root, prev_hash, hash)
  VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"""
_INSERT_LEAVES: Final = """
  INSERT INTO audit_leaf (org_id, position, source, form, row_id, salt, commitment)
  SELECT %(org)s, %(first)s - 1 + l.n, l.source, l.form, l.row_id,
    substr(%(salts)b::bytea, (l.n::int - 1) * %(salt_bytes)s + 1, %(salt_bytes)s),
    substr(%(commitments)b::bytea, (l.n::int - 1) * %(digest_bytes)s + 1, %(digest_bytes)s)
  FROM unnest(%(sources)s::text[], %(forms)s::smallint[], %(rows)s::text[])
    WITH ORDINALITY AS l (source, form, row_id, n)"""
_UNANCHORED: Final = """
  SELECT c.org_id || '/' || c.number AS id, c.org_id, c.number, c.statement, c.key_id, c.signature
  FROM audit_checkpoint c
  LEFT JOIN audit_anchor a ON a.org_id = c.org_id AND a.number = c.number
  WHERE a.number IS NULL ORDER BY c.org_id, c.number LIMIT %s"""


async def has_signed(connection: Connection) -> bool:
    """Return whether any block of the site was signed."""
    row = await fetch_one(connection, "SELECT EXISTS (SELECT FROM audit_checkpoint) AS answer")
    return bool(row and row["answer"])


async def is_sealer(connection: Connection) -> bool:
    """Return whether this transaction alone may seal, until it ends."""
    row = await fetch_one(connection, _LOCK)
    return row is not None and bool(row["is_mine"])


async def waiting(connection: Connection, resting: Sequence[str]) -> list[dict[str, Any]]:
    """Return the organisation whose row has waited longest, as `id`; empty when nothing waits."""
    return await fetch_all(connection, _WAITING, (list(resting), list(SOURCES)))


async def take(connection: Connection, org_id: str, most: int) -> list[tuple[str, str]]:
    """Take at most so many rows that wait; return table and id of those to be sealed, in order."""
    given = {"org": org_id, "most": most, "known": list(SOURCES)}
    rows = await fetch_all(connection, _TAKE, given)
    return [(row["source"], row["row_id"]) for row in rows]


async def contents(connection: Connection, name: str, row_ids: Sequence[str]) -> dict[str, str]:
    """Return the content of a table's rows by id, in the newest form."""
    source = SOURCES[name]
    text = content_sql(name, source.form, alias="t")
    query = (
        f"SELECT t.{source.key}::text, {text} FROM {name} t"  # noqa: S608 - names of SOURCES
        f" WHERE t.{source.key} = ANY (%s::text[]::{source.key_type}[])"
    )
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(query.encode(), (list(row_ids),))
        return dict(await cursor.fetchall())


async def last_block(connection: Connection, org_id: str) -> tuple[Block, bytes] | None:
    """Return the newest block of an organisation and its stored hash."""
    row = await fetch_one(
        connection,
        "SELECT * FROM audit_block WHERE org_id = %s ORDER BY number DESC LIMIT 1",
        (org_id,),
    )
    return None if row is None else (block_of(row), row["hash"])


async def insert_block(connection: Connection, block: Block) -> None:
    """Write a block with its hash."""
    await connection.execute(
        _INSERT_BLOCK,
        (
            *(block.org_id, block.number, block.first_position, block.leaf_count),
            *(block.algorithm, block.software, block.sealed_at, block.root, block.prev_hash),
            block.hash(),
        ),
    )


async def insert_leaves(
    connection: Connection, block: Block, leaves: Sequence[tuple[str, int, str, bytes, bytes]]
) -> None:
    """Write a block's leaves: table, form, row id, salt, commitment, in order."""
    sources, forms, rows, salts, commitments = (list(one) for one in zip(*leaves, strict=True))
    await connection.execute(
        _INSERT_LEAVES,
        {
            "org": block.org_id,
            "first": block.first_position,
            "sources": sources,
            "forms": forms,
            "rows": rows,
            "salts": b"".join(salts),
            "commitments": b"".join(commitments),
            "salt_bytes": SALT_BYTES,
            "digest_bytes": DIGEST_BYTES,
        },
    )


async def insert_checkpoint(
    connection: Connection, block: Block, statement: str, key_id: str, signature: bytes
) -> None:
    """Write the signed state after a block."""
    await connection.execute(
        "INSERT INTO audit_checkpoint (org_id, number, statement, key_id, signature)"
        " VALUES (%s, %s, %s, %s, %s)",
        (block.org_id, block.number, statement, key_id, signature),
    )


async def unanchored(connection: Connection, most: int) -> list[dict[str, Any]]:
    """Return checkpoints that have not left the database, each chain's in order."""
    return await fetch_all(connection, _UNANCHORED, (most,))


async def note_anchored(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Note that checkpoints have left the database."""
    await connection.execute(
        "INSERT INTO audit_anchor (org_id, number)"
        " SELECT o, n FROM unnest(%s::text[], %s::bigint[]) AS a (o, n)",
        ([row["org_id"] for row in rows], [row["number"] for row in rows]),
    )
