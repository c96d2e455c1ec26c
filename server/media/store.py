"""SQL of recordings; what a person or gateway may see of them, its scope says."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from server.db import Connection, fetch_all, fetch_one

_COLUMNS: Final = """
  m.id, m.version, m.org_id AS org, m.device_id AS device, m.gateway_id AS gateway, m.entry_seq,
  m.recording, m.kind, m.begin_time, m.end_time, encode(m.sha256, 'hex') AS sha256, m.size_bytes,
  m.officer, m.case_ref, m.announced_at, m.due_at, m.state, m.state_at,
  encode(m.found_sha256, 'hex') AS found_sha256, m.retention, m.keep_until"""

_LINKS: Final = """
  coalesce((SELECT jsonb_agg(jsonb_build_object('kind', l.kind, 'ref', l.ref_id,
      'subject', l.subject_id, 'by', l.by_login, 'note', l.note, 'at', l.at) ORDER BY l.id)
    FROM media_link l WHERE l.media_id = m.id), '[]') AS links"""

_ONE: Final = f"""
  SELECT {_COLUMNS}, {_LINKS}, m.object, m.sealed_key, u.received_bytes,
    p.content AS manifest, encode(p.sha256, 'hex') AS manifest_sha256, p.key_id,
    translate(encode(p.signature, 'base64'), E'\\n', '') AS signature, p.signed_at,
    f.position AS chain_position, b.number AS chain_block,
    (SELECT min(c.number) FROM audit_checkpoint c
      WHERE c.org_id = m.org_id AND c.number >= b.number) AS checkpoint
  FROM media m LEFT JOIN media_manifest p ON p.id = m.id
    LEFT JOIN media_upload u ON u.media_id = m.id
    LEFT JOIN audit_leaf f ON f.source = 'media_manifest' AND f.row_id = m.id
    LEFT JOIN audit_block b ON b.org_id = f.org_id
      AND f.position BETWEEN b.first_position AND b.first_position + b.leaf_count - 1
  WHERE m.id = %s"""  # noqa: S608 - constants of this file

_PAGE: Final = f"""
  SELECT {_COLUMNS}, {_LINKS} FROM media m
  WHERE (%(state)s::text IS NULL OR m.state = %(state)s)
    AND (%(device)s::text IS NULL OR m.device_id = %(device)s)
    AND (NOT %(is_overdue)s OR (m.state IN ('announced', 'mismatch') AND m.due_at <= %(now)s))
    AND (%(ref)s::text IS NULL OR m.id IN (
      SELECT l.media_id FROM media_link l WHERE l.kind = %(kind)s AND l.ref_id = %(ref)s))
    AND (%(subject)s::text IS NULL OR m.id IN (
      SELECT l.media_id FROM media_link l WHERE l.subject_id = %(subject)s))
    AND (%(before_at)s::timestamptz IS NULL
      OR (m.begin_time, m.id) < (%(before_at)s::timestamptz, %(before_id)s::text))
  ORDER BY m.begin_time DESC, m.id DESC LIMIT %(limit)s"""  # noqa: S608 - constants of this file

_ANNOUNCE: Final = """
  INSERT INTO media (id, org_id, device_id, gateway_id, entry_seq, recording, kind, begin_time,
    end_time, sha256, size_bytes, officer, case_ref, announced_at, due_at)
  VALUES (%(id)s, %(org)s, %(device)s, %(gateway)s, %(entry_seq)s, %(recording)s, %(kind)s,
    %(begin_time)s, %(end_time)s, %(sha256)s, %(size_bytes)s, %(officer)s, %(case)s, %(at)s,
    %(due_at)s)
  ON CONFLICT DO NOTHING"""

# A terminal's report may come before its recorder's index does, or after it.
_LINK_REPORTED: Final = """
  WITH linked AS (
    INSERT INTO media_link (org_id, media_id, kind, ref_id, subject_id, by_login)
    SELECT m.org_id, m.id, 'task', t.id, a.subject_id, t.login
    FROM dispatch_task t JOIN alert a ON a.id = t.alert_id
      JOIN media m ON m.id = ANY (t.report_media)
    WHERE t.report_media && %(media)s AND m.id = ANY (%(media)s)
    ON CONFLICT DO NOTHING RETURNING media_id)
  UPDATE media SET retention = 'case', keep_until = NULL, version = version + 1
  WHERE id IN (SELECT media_id FROM linked) AND retention = 'months'"""

_UPLOAD: Final = """
  SELECT u.id, u.media_id AS media, u.size_bytes, u.received_bytes, m.state
  FROM media_upload u JOIN media m ON m.id = u.media_id"""

_WAITING: Final = """
  SELECT u.id AS upload, m.id, m.org_id AS org, m.device_id AS device, m.gateway_id AS gateway,
    m.entry_seq, m.recording, m.kind, m.begin_time, m.end_time,
    encode(m.sha256, 'hex') AS sha256, m.size_bytes, m.officer, m.case_ref, m.announced_at,
    u.received_at, u.gateway_id AS delivered_by
  FROM media m JOIN media_upload u ON u.media_id = m.id
  WHERE m.state = 'received' AND m.id <> ALL (%s::text[]) ORDER BY m.state_at, m.id LIMIT %s"""

_REFS: Final[Mapping[str, str]] = {
    "subject": "SELECT id AS subject FROM subject WHERE id = %s",
    "alert": "SELECT subject_id AS subject FROM alert WHERE id = %s",
    "task": "SELECT a.subject_id AS subject FROM dispatch_task t JOIN alert a ON a.id = t.alert_id"
    " WHERE t.id = %s",
    "document": "SELECT subject_id AS subject FROM document WHERE id = %s",
}


async def announced(connection: Connection, media_id: str) -> dict[str, Any] | None:
    """Return org, sha256 (bytes), size_bytes and state of a recording of the scope."""
    query = "SELECT id, org_id AS org, sha256, size_bytes, state FROM media WHERE id = %s"
    return await fetch_one(connection, query, (media_id,))


async def announce(connection: Connection, row: Mapping[str, Any]) -> None:
    """Note a recording; one that is known stays as it was told first."""
    await connection.execute(_ANNOUNCE, row)


async def one(connection: Connection, media_id: str) -> dict[str, Any] | None:
    """Return a recording with its links, its manifest and its place in the chain."""
    return await fetch_one(connection, _ONE, (media_id,))


async def page(connection: Connection, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return recordings of the scope, the newest first."""
    return await fetch_all(connection, _PAGE, asked)


async def begin_upload(
    connection: Connection, upload: str, media: Mapping[str, Any], gateway: str
) -> dict[str, Any]:
    """Begin an upload, or return the one that is on its way already."""
    await connection.execute(
        "INSERT INTO media_upload (id, org_id, media_id, gateway_id, size_bytes)"
        " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (media_id) DO NOTHING",
        (upload, media["org"], media["id"], gateway, media["size_bytes"]),
    )
    return await fetch_one(connection, f"{_UPLOAD} WHERE u.media_id = %s", (media["id"],)) or {}


async def upload(connection: Connection, upload_id: str) -> dict[str, Any] | None:
    """Return an upload of the scope."""
    return await fetch_one(connection, f"{_UPLOAD} WHERE u.id = %s", (upload_id,))


async def note_received(connection: Connection, upload_id: str, received_bytes: int) -> None:
    """Note how much of an upload is on the disk; the last of it makes the recording received."""
    await connection.execute(
        "UPDATE media_upload SET received_bytes = %s, received_at = now() WHERE id = %s",
        (received_bytes, upload_id),
    )
    await connection.execute(
        "UPDATE media m SET state = 'received', state_at = now() FROM media_upload u"
        " WHERE u.id = %s AND m.id = u.media_id AND u.received_bytes = u.size_bytes",
        (upload_id,),
    )


async def drop_upload(connection: Connection, upload_id: str) -> None:
    """Forget an upload."""
    await connection.execute("DELETE FROM media_upload WHERE id = %s", (upload_id,))


async def waiting(
    connection: Connection, resting: Sequence[str], most: int
) -> list[dict[str, Any]]:
    """Return recordings that have come whole and are not looked at yet, the oldest first."""
    return await fetch_all(connection, _WAITING, (list(resting), most))


async def keep(
    connection: Connection,
    media_id: str,
    *,
    found: bytes,
    object_name: str,
    sealed_key: bytes,
    keep_until: datetime,
) -> bool:
    """Note that a recording is stored; False: somebody else did."""
    row = await fetch_one(
        connection,
        "UPDATE media SET state = 'stored', state_at = now(), found_sha256 = %s, object = %s,"
        " sealed_key = %s, keep_until = CASE WHEN retention = 'months' THEN %s END,"
        " version = version + 1 WHERE id = %s AND state = 'received' RETURNING id",
        (found, object_name, sealed_key, keep_until, media_id),
    )
    return row is not None


async def refuse(connection: Connection, media_id: str, found: bytes) -> None:
    """Note that a recording is not what was announced."""
    await connection.execute(
        "UPDATE media SET state = 'mismatch', state_at = now(), found_sha256 = %s,"
        " version = version + 1 WHERE id = %s AND state = 'received'",
        (found, media_id),
    )


async def announce_again(connection: Connection, media_id: str) -> None:
    """Note that a file which had come is lost: its recorder still owes it."""
    await connection.execute(
        "UPDATE media SET state = 'announced', state_at = now(), version = version + 1"
        " WHERE id = %s AND state = 'received'",
        (media_id,),
    )


async def add_manifest(connection: Connection, row: Mapping[str, Any]) -> None:
    """Keep a manifest; a recording has one."""
    await connection.execute(
        "INSERT INTO media_manifest (id, org_id, content, sha256, key_id, signature)"
        " VALUES (%(id)s, %(org)s, %(content)s, %(sha256)s, %(key_id)s, %(signature)s)",
        row,
    )


async def referred(connection: Connection, kind: str, ref: str) -> dict[str, Any] | None:
    """Return the person (or none) whom a thing of the scope is about; None: no such thing."""
    return await fetch_one(connection, _REFS[kind], (ref,))


async def link(connection: Connection, row: Mapping[str, Any]) -> None:
    """Link a recording; the same link again changes nothing."""
    await connection.execute(
        "INSERT INTO media_link (org_id, media_id, kind, ref_id, subject_id, by_login, note)"
        " VALUES (%(org)s, %(media)s, %(kind)s, %(ref)s, %(subject)s, %(by)s, %(note)s)"
        " ON CONFLICT DO NOTHING",
        row,
    )


async def link_reported(connection: Connection, media: Sequence[str]) -> None:
    """Link those of these recordings that reports by terminals name, and keep them as a case's."""
    await connection.execute(_LINK_REPORTED, {"media": list(media)})


async def set_retention(
    connection: Connection, media_id: str, retention: str, keep_until: datetime | None
) -> None:
    """Set how long a recording is kept."""
    await connection.execute(
        "UPDATE media SET retention = %s, keep_until = %s, version = version + 1 WHERE id = %s",
        (retention, keep_until, media_id),
    )


async def looked_lately(connection: Connection, login: str, purpose: str) -> bool:
    """Return whether this look was noted within ten minutes: a player asks for many ranges."""
    query = (
        "SELECT FROM access_log WHERE by_login = %s AND act = 'media' AND purpose = %s"
        " AND at > now() - interval '10 minutes' LIMIT 1"
    )
    return await fetch_one(connection, query, (login, purpose)) is not None
