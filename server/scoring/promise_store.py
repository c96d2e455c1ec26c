"""SQL of promises at entry; a minor and a sealed file have none."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from server.db import Connection, fetch_all

_INSERT: Final = """
  INSERT INTO score_promise (id, org_id, subject_id, text_version, text_sha256, fact_id, signed_at,
    recorded_by, recorded_at)
  SELECT %(id)s, s.org_id, s.id, %(version)s, %(sha256)s, %(fact)s, %(signed_at)s, %(by)s, %(at)s
  FROM subject s WHERE s.id = %(subject)s AND NOT s.is_minor AND NOT s.is_sealed
  ON CONFLICT DO NOTHING"""

_OF: Final = """
  SELECT p.id, p.text_version, encode(p.text_sha256, 'hex') AS text_sha256, p.fact_id AS fact,
    p.signed_at, p.recorded_by, p.recorded_at
  FROM score_promise p
  WHERE p.subject_id = %(subject)s AND p.signed_at <= coalesce(%(at)s::timestamptz, 'infinity')
    AND p.recorded_at <= coalesce(%(known_at)s::timestamptz, 'infinity')
  ORDER BY p.signed_at DESC, p.id LIMIT 100"""


async def insert(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Keep a promise; False for a minor's or sealed file, or where the text was signed before."""
    return (await connection.execute(_INSERT, row)).rowcount == 1


async def of_subject(
    connection: Connection, subject_id: str, at: datetime | None, known_at: datetime | None
) -> list[dict[str, Any]]:
    """Return what a person had signed by `at`, as recorded by `known_at`; None: until now.

    The newest first; 100 at most.
    """
    values = {"subject": subject_id, "at": at, "known_at": known_at}
    return await fetch_all(connection, _OF, values)
