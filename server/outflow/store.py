"""SQL of flow to city scores; minors' and sealed files are left out of every message."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from psycopg.types.json import Jsonb

from server.db import Connection, fetch_all, fetch_one

MOST_ATTEMPTS: Final = 5

_MAPPING: Final = (
    "id, org_id AS org, receiver, content, encode(sha256, 'hex') AS sha256, state, proposed_by,"
    " proposed_at, decided_by, decided_at, version"
)
_INSERT_MAPPING: Final = """
  INSERT INTO outflow_mapping (id, org_id, receiver, content, sha256, proposed_by, proposed_at)
  VALUES (%(id)s, %(org)s, %(receiver)s, %(content)s, %(sha256)s, %(by)s, %(at)s)
  ON CONFLICT (id) DO NOTHING"""

_BASIS: Final = (
    "id, org_id AS org, subject_id AS subject, receiver, ground, document, reference, recorded_by,"
    " recorded_at, withdrawn_by, withdrawn_at, reason"
)
_INSERT_BASIS: Final = """
  INSERT INTO outflow_basis (id, org_id, subject_id, receiver, ground, document, reference,
    recorded_by, recorded_at)
  SELECT %(id)s, s.org_id, s.id, %(receiver)s, %(ground)s, %(document)s, %(reference)s, %(by)s,
    %(at)s
  FROM subject s WHERE s.id = %(subject)s AND NOT s.is_minor AND NOT s.is_sealed
  ON CONFLICT DO NOTHING"""

# The nearest organisation's newest signed mapping for the receiver.
_DUE: Final = """
  SELECT b.id || '/' || m.month AS id, b.id AS basis_id, b.org_id, b.subject_id, b.receiver,
    b.reference, m.month, m.grade, t.id AS mapping_id, t.content
  FROM outflow_basis b
  JOIN subject s ON s.id = b.subject_id AND NOT s.is_minor AND NOT s.is_sealed
  JOIN LATERAL (SELECT month, grade FROM score_month WHERE subject_id = b.subject_id
    AND month = %(month)s ORDER BY org_id <> s.org_id LIMIT 1) m ON true
  JOIN LATERAL (SELECT p.id, p.content FROM outflow_mapping p
    JOIN org above ON above.id = p.org_id JOIN org mine ON mine.id = s.org_id
      AND starts_with(mine.path, above.path)
    WHERE p.receiver = b.receiver AND p.state = 'signed'
    ORDER BY length(above.path) DESC, p.decided_at DESC LIMIT 1) t ON true
  WHERE b.withdrawn_at IS NULL AND b.id || '/' || m.month <> ALL (%(resting)s)
    AND NOT EXISTS (SELECT FROM outflow_message o WHERE o.basis_id = b.id AND o.month = m.month
      AND o.kind = 'score')
  ORDER BY b.id LIMIT %(most)s"""

# What was told, and what it would be now; a fact has fallen since, or the person does not want it.
_STALE: Final = """
  SELECT o.id, o.org_id, o.subject_id, o.basis_id, o.mapping_id, o.receiver, o.month, o.grade,
    o.state, o.content, b.withdrawn_at, b.reference, t.content AS mapping
  FROM outflow_message o JOIN outflow_basis b ON b.id = o.basis_id
  JOIN subject s ON s.id = o.subject_id AND NOT s.is_minor AND NOT s.is_sealed
  JOIN outflow_mapping t ON t.id = o.mapping_id
  WHERE o.kind = 'score' AND o.state <> 'dropped' AND o.id <> ALL (%(resting)s)
    AND NOT EXISTS (SELECT FROM outflow_message r WHERE r.revokes = o.id)
    AND (b.withdrawn_at IS NOT NULL OR EXISTS (
      SELECT FROM fact_void v JOIN fact f ON f.id = v.fact_id
      WHERE v.subject_id = o.subject_id AND v.at > coalesce(o.checked_at, '-infinity')
        AND f.occurred_at < make_timestamptz(o.month / 12, o.month %% 12 + 1, 1, 0, 0, 0,
          'Asia/Shanghai') + interval '1 month'))
  ORDER BY o.id LIMIT %(most)s"""

_INSERT_MESSAGE: Final = """
  INSERT INTO outflow_message (id, org_id, subject_id, basis_id, mapping_id, receiver, month, kind,
    revokes, because, grade, content, made_at, checked_at)
  VALUES (%(id)s, %(org_id)s, %(subject_id)s, %(basis_id)s, %(mapping_id)s, %(receiver)s, %(month)s,
    %(kind)s, %(revokes)s, %(because)s, %(grade)s, %(content)s, %(at)s,
    CASE WHEN %(is_checked)s THEN greatest(%(at)s::timestamptz, now()) END)
  ON CONFLICT DO NOTHING"""

_MESSAGE: Final = (
    "o.id, o.org_id AS org, o.subject_id AS subject, o.receiver, o.month, o.kind, o.revokes,"
    " o.because, o.content, o.made_at, o.state, o.batch_id AS batch, o.attempts, o.receipt,"
    " o.receipt_at"
)
_PAGE: Final = f"""
  SELECT {_MESSAGE} FROM outflow_message o
  WHERE (%(subject)s::text IS NULL OR o.subject_id = %(subject)s)
    AND (%(state)s::text IS NULL OR o.state = %(state)s)
    AND (%(after)s::text IS NULL OR o.id > %(after)s)
  ORDER BY o.id LIMIT %(limit)s"""  # noqa: S608 - a constant of this file

# Whose file is closed, or whose basis has ended before anything was told, is left where it is.
_TAKE: Final = """
  UPDATE outflow_message o SET state = 'handed_over', batch_id = %(batch)s,
    attempts = o.attempts + 1
  WHERE o.id IN (SELECT m.id FROM outflow_message m
    JOIN subject s ON s.id = m.subject_id AND NOT s.is_minor AND NOT s.is_sealed
    JOIN outflow_basis b ON b.id = m.basis_id
    WHERE m.receiver = %(receiver)s AND m.state = 'waiting'
      AND (m.kind = 'revocation' OR b.withdrawn_at IS NULL)
    ORDER BY m.made_at, m.id LIMIT %(most)s FOR UPDATE OF m SKIP LOCKED)
  RETURNING o.id"""

_OF_BATCH: Final = """
  SELECT o.id, o.content FROM outflow_message o
  JOIN subject s ON s.id = o.subject_id AND NOT s.is_minor AND NOT s.is_sealed
  WHERE o.batch_id = %s ORDER BY o.made_at, o.kind DESC, o.id"""

_RECEIVE: Final = f"""
  UPDATE outflow_message SET receipt = %(receipt)s, receipt_at = %(at)s,
    state = CASE WHEN %(accepted)s THEN 'accepted'
      WHEN attempts >= {MOST_ATTEMPTS} THEN 'dead' ELSE 'waiting' END
  WHERE id = %(id)s AND batch_id = %(batch)s AND state = 'handed_over'"""  # noqa: S608 - the same


async def insert_mapping(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Propose a mapping; False when its id is taken."""
    values = dict(row) | {"content": Jsonb(row["content"])}
    return (await connection.execute(_INSERT_MAPPING, values)).rowcount == 1


async def mapping(
    connection: Connection, mapping_id: str, *, lock: bool = False
) -> dict[str, Any] | None:
    """Return a mapping of the scope."""
    query = f"SELECT {_MAPPING} FROM outflow_mapping WHERE id = %s"  # noqa: S608 - a constant
    return await fetch_one(connection, query + (" FOR UPDATE" if lock else ""), (mapping_id,))


async def mappings(connection: Connection) -> list[dict[str, Any]]:
    """Return the scope's mappings, the newest first; 100 at most."""
    query = f"SELECT {_MAPPING} FROM outflow_mapping ORDER BY proposed_at DESC, id LIMIT 100"  # noqa: S608 - a constant
    return await fetch_all(connection, query)


async def decide_mapping(connection: Connection, values: Mapping[str, Any]) -> None:
    """Write the decision on a proposed mapping."""
    await connection.execute(
        "UPDATE outflow_mapping SET state = %(state)s, decided_by = %(by)s, decided_at = %(at)s,"
        " version = version + 1 WHERE id = %(id)s",
        values,
    )


async def insert_basis(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Record a basis; False for a minor, a sealed file, and where one stands already."""
    return (await connection.execute(_INSERT_BASIS, row)).rowcount == 1


async def bases(connection: Connection, subject: str) -> list[dict[str, Any]]:
    """Return a person's bases, the newest first; 100 at most."""
    query = f"""SELECT {_BASIS} FROM outflow_basis WHERE subject_id = %s
      ORDER BY recorded_at DESC, id LIMIT 100"""  # noqa: S608 - a constant of this file
    return await fetch_all(connection, query, (subject,))


async def basis(connection: Connection, basis_id: str) -> dict[str, Any] | None:
    """Return a basis of the scope."""
    query = f"SELECT {_BASIS} FROM outflow_basis WHERE id = %s"  # noqa: S608 - a constant
    return await fetch_one(connection, query, (basis_id,))


async def withdraw(connection: Connection, values: Mapping[str, Any]) -> bool:
    """End a basis; False when it has ended."""
    cursor = await connection.execute(
        "UPDATE outflow_basis SET withdrawn_by = %(by)s, withdrawn_at = %(at)s,"
        " reason = %(reason)s WHERE id = %(id)s AND withdrawn_at IS NULL",
        values,
    )
    return cursor.rowcount == 1


async def due(
    connection: Connection, month: int, *, resting: Sequence[str], most: int
) -> list[dict[str, Any]]:
    """Return closes of a month that a receiver may be told of and was not."""
    values = {"month": month, "resting": list(resting), "most": most}
    return await fetch_all(connection, _DUE, values)


async def stale(
    connection: Connection, *, resting: Sequence[str], most: int
) -> list[dict[str, Any]]:
    """Return what was told and may not stand: a basis ended, or a fact before the close fell."""
    return await fetch_all(connection, _STALE, {"resting": list(resting), "most": most})


async def insert_message(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Queue a message; False when it was queued before."""
    values = dict(row) | {"content": Jsonb(row["content"])}
    return (await connection.execute(_INSERT_MESSAGE, values)).rowcount == 1


async def check(connection: Connection, message_id: str, at: datetime) -> None:
    """Note that a message was looked at against the facts that fell until now."""
    # By the database's clock too, which facts fall by.
    await connection.execute(
        "UPDATE outflow_message SET checked_at = greatest(%s, now()) WHERE id = %s",
        (at, message_id),
    )


async def drop(connection: Connection, message_id: str) -> bool:
    """Take a message out that nobody was told yet."""
    cursor = await connection.execute(
        "UPDATE outflow_message SET state = 'dropped' WHERE id = %s AND state = 'waiting'"
        " AND attempts = 0",
        (message_id,),
    )
    return cursor.rowcount == 1


async def page(connection: Connection, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return messages of the scope, by id."""
    return await fetch_all(connection, _PAGE, asked)


async def take(connection: Connection, receiver: str, batch: str, most: int) -> int:
    """Put waiting messages of a receiver into a batch; return how many."""
    values = {"receiver": receiver, "batch": batch, "most": most}
    return (await connection.execute(_TAKE, values)).rowcount


async def of_batch(connection: Connection, batch: str) -> list[dict[str, Any]]:
    """Return a batch's messages: what is taken back before what takes its place."""
    return await fetch_all(connection, _OF_BATCH, (batch,))


async def receive(
    connection: Connection, batch: str, rows: Sequence[Mapping[str, Any]], at: datetime
) -> int:
    """Note what a receiver answered; return how many messages that settled."""
    settled = 0
    for row in rows:
        values = {**row, "batch": batch, "at": at}
        settled += (await connection.execute(_RECEIVE, values)).rowcount
    return settled
