"""SQL of what proves a fact; run as guitu_app in a person's scope."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from psycopg.types.json import Jsonb

from server.db import Connection, fetch_all, fetch_one
from server.signing.commitments import Opening
from server.signing.records import Signature

_RECORD: Final = """
  SELECT f.id, f.org_id AS org, f.subject_id AS subject, f.indicator, f.occurred_at,
    f.confirmed_by, f.confirmed_at, f.note, f.evidence ->> 'alert_id' AS alert_id,
    r.content, coalesce(r.openings, '{}') AS openings, encode(r.sha256, 'hex') AS sha256, r.key_id,
    translate(encode(r.signature, 'base64'), E'\\n', '') AS signature, r.signed_at,
    EXISTS (SELECT FROM fact_review v WHERE v.fact_id = f.id AND v.state = 'reversed')
      AS is_reversed
  FROM fact f LEFT JOIN fact_record r ON r.fact_id = f.id WHERE f.id = %s"""

_OUTCOMES: Final = """
  SELECT o.id, o.gateway_id AS gateway, o.entry_seq, o.change, o.ingested_at, o.body
  FROM outcome o WHERE o.episode_id = %s ORDER BY o.ingested_at, o.entry_seq, o.id LIMIT %s"""

_FIXES: Final = """
  SELECT t.device_id AS device, t.fix_time, t.lon_e7, t.lat_e7, t.accuracy_mm, t.speed_mmps,
    t.backlog
  FROM track(%s, %s, %s, %s) t"""


async def fact(connection: Connection, fact_id: str) -> dict[str, Any] | None:
    """Return a fact of the scope with what proves it; `content` null: it was never frozen."""
    return await fetch_one(connection, _RECORD, (fact_id,))


async def outcomes(connection: Connection, episode: str, most: int) -> list[dict[str, Any]]:
    """Return what the engine said of an episode, oldest first."""
    return await fetch_all(connection, _OUTCOMES, (episode, most))


async def fixes(
    connection: Connection, subject_id: str, begin: datetime, end: datetime, most: int
) -> list[dict[str, Any]]:
    """Return the positions of a person with a fix time in [begin, end), in order of fix time."""
    return await fetch_all(connection, _FIXES, (subject_id, begin, end, most))


async def recordings(connection: Connection, alert_id: str, most: int) -> list[dict[str, Any]]:
    """Return id, state, digest and size of recordings that an alert or its tasks are linked to."""
    return await fetch_all(
        connection,
        "SELECT DISTINCT m.id, m.state, encode(m.sha256, 'hex') AS sha256, m.size_bytes"
        " FROM media m JOIN media_link l ON l.media_id = m.id"
        " WHERE (l.kind = 'alert' AND l.ref_id = %(alert)s) OR (l.kind = 'task' AND l.ref_id IN"
        " (SELECT id FROM dispatch_task WHERE alert_id = %(alert)s)) ORDER BY m.id LIMIT %(most)s",
        {"alert": alert_id, "most": most},
    )


async def keep(
    connection: Connection,
    fact_id: str,
    *,
    org_id: str,
    subject_id: str,
    content: str,
    openings: Mapping[str, Opening],
    sha256: bytes,
    signed: Signature | None,
) -> None:
    """Keep what proves a fact; a fact is frozen once."""
    await connection.execute(
        "INSERT INTO fact_record (fact_id, org_id, subject_id, content, openings, sha256, key_id,"
        " signature) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (
            *(fact_id, org_id, subject_id, content, Jsonb(openings), sha256),
            *((signed.key_id, signed.signature) if signed else (None, None)),
        ),
    )
