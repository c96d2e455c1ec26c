"""SQL of documents; nothing here updates or deletes but the count."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from psycopg.types.json import Jsonb

from server.db import Connection, fetch_all, fetch_one
from server.personal.fields import CASE_FILE
from server.secrecy.vault import Vault

_FILE: Final = """
  SELECT s.name, s.category, s.term_from, s.term_to, f.sex, f.birth_date, f.identity_number,
    f.identity_number_sealed, f.residence, f.residence_sealed, f.crime, f.crime_sealed,
    f.judgment_number, f.judgment_number_sealed, f.deciding_body, f.procuratorate, f.police,
    s.id, f.org_id AS org
  FROM subject s JOIN case_file f ON f.subject_id = s.id WHERE s.id = %s"""

_NEXT: Final = """
  INSERT INTO document_count AS c (org_id, kind, year, last) VALUES (%s, %s, %s, 1)
  ON CONFLICT (org_id, kind, year) DO UPDATE SET last = c.last + 1 RETURNING last"""

_INSERT: Final = """
  INSERT INTO document (id, org_id, subject_id, kind, template_version, year, seq, number, is_own,
    ref_kind, ref_id, body, content, sha256, issued_at, issued_by, act_id)
  VALUES (%(id)s, %(org_id)s, %(subject_id)s, %(kind)s, %(template_version)s, %(year)s, %(seq)s,
    %(number)s, %(is_own)s, %(ref_kind)s, %(ref_id)s, %(body)s, %(content)s, %(sha256)s,
    %(issued_at)s, %(issued_by)s, %(act_id)s)"""

_DOCUMENT: Final = """
  SELECT d.id, d.org_id AS org, d.subject_id AS subject, d.kind, d.template_version, d.number,
    d.is_own, d.ref_kind, d.ref_id, d.sha256, octet_length(d.content) AS size_bytes, d.issued_at,
    d.issued_by, d.recorded_at, d.act_id,
    (SELECT jsonb_build_object('method', v.method, 'recipient', v.recipient, 'note', v.note,
      'served_time', v.served_time, 'by_login', v.by_login, 'recorded_at', v.recorded_at)
     FROM document_service v WHERE v.document_id = d.id) AS service,
    coalesce((SELECT jsonb_agg(jsonb_build_object('recipient', c.recipient, 'name', c.name,
      'sent_time', c.sent_time, 'by_login', c.by_login, 'recorded_at', c.recorded_at,
      'receipt', r.receipt, 'received_time', r.received_time) ORDER BY c.recorded_at)
     FROM document_copy c LEFT JOIN document_receipt r
       ON r.document_id = c.document_id AND r.recipient = c.recipient
     WHERE c.document_id = d.id), '[]') AS copies,
    EXISTS (SELECT FROM subject s WHERE s.id = d.subject_id AND (s.is_minor OR s.is_sealed))
      AS is_closed,
    -- Whose the file is now; who reads it because the document was made there does not see that.
    coalesce((SELECT s.org_id FROM subject s WHERE s.id = d.subject_id), d.org_id) AS held_by
  FROM document d"""

_PAGE: Final = f"""
  SELECT * FROM ({_DOCUMENT}
  WHERE (%(subject)s::text IS NULL OR d.subject_id = %(subject)s)
    AND (%(kind)s::text IS NULL OR d.kind = %(kind)s)
    AND (%(ref_kind)s::text IS NULL OR (d.ref_kind = %(ref_kind)s AND d.ref_id = %(ref_id)s))
    AND (%(before_at)s::timestamptz IS NULL
      OR (d.issued_at, d.id) < (%(before_at)s::timestamptz, %(before_id)s::text))
  ORDER BY d.issued_at DESC, d.id DESC LIMIT %(limit)s) d"""  # noqa: S608 - a constant of this file


async def file_values(
    connection: Connection, vault: Vault, subject_id: str
) -> dict[str, Any] | None:
    """Return what the file says of a person, by the names of the standing fields."""
    rows = await fetch_all(connection, _FILE, (subject_id,))
    opened = await vault.opened(connection, CASE_FILE, rows, drop=("id", "org"))
    if not opened:
        return None
    (told,) = opened
    number = told.pop("judgment_number")
    judgment = None if number is None else f"{told['deciding_body'] or ''}{number}"
    return told | {"offence": told.pop("crime"), "judgment": judgment}


async def next_number(connection: Connection, org_id: str, kind: str, year: int) -> int:
    """Take the next number; it is held, and with the transaction given back."""
    row = await fetch_one(connection, _NEXT, (org_id, kind, year))
    number: int = row["last"] if row else 0
    return number


async def insert(connection: Connection, row: Mapping[str, Any]) -> None:
    """Keep a document as issued."""
    await connection.execute(_INSERT, {**row, "body": Jsonb(row["body"])})


async def document(connection: Connection, document_id: str) -> dict[str, Any] | None:
    """Return a document without its content, None when it is not there for who asks."""
    return await fetch_one(connection, _DOCUMENT + " WHERE d.id = %s", (document_id,))


async def content(connection: Connection, document_id: str) -> bytes:
    """Return the bytes that were issued."""
    row = await fetch_one(connection, "SELECT content FROM document WHERE id = %s", (document_id,))
    return bytes(row["content"]) if row else b""


async def page(
    connection: Connection,
    *,
    subject: str | None,
    kind: str | None,
    ref: tuple[str, str] | None,
    before: tuple[datetime, str] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return at most `limit` documents of the scope, newest first."""
    ref_kind, ref_id = ref or (None, None)
    before_at, before_id = before or (None, None)
    return await fetch_all(
        connection,
        _PAGE,
        {
            "subject": subject,
            "kind": kind,
            "ref_kind": ref_kind,
            "ref_id": ref_id,
            "before_at": before_at,
            "before_id": before_id,
            "limit": limit,
        },
    )


async def insert_service(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Note that a document was served; return False when it was before."""
    cursor = await connection.execute(
        "INSERT INTO document_service (document_id, org_id, subject_id, method, recipient, note,"
        " served_time, by_login) VALUES (%(document_id)s, %(org_id)s, %(subject_id)s, %(method)s,"
        " %(recipient)s, %(note)s, %(served_time)s, %(by_login)s)"
        " ON CONFLICT (document_id) DO NOTHING",
        row,
    )
    return cursor.rowcount == 1


async def insert_copy(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Note that a copy was sent; return False when this body has one."""
    cursor = await connection.execute(
        "INSERT INTO document_copy (document_id, recipient, org_id, subject_id, name, sent_time,"
        " by_login) VALUES (%(document_id)s, %(recipient)s, %(org_id)s, %(subject_id)s, %(name)s,"
        " %(sent_time)s, %(by_login)s) ON CONFLICT (document_id, recipient) DO NOTHING",
        row,
    )
    return cursor.rowcount == 1


async def insert_receipt(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Note that a copy was received; return False when it was noted before."""
    cursor = await connection.execute(
        "INSERT INTO document_receipt (document_id, recipient, org_id, subject_id, received_time,"
        " receipt, by_login) VALUES (%(document_id)s, %(recipient)s, %(org_id)s, %(subject_id)s,"
        " %(received_time)s, %(receipt)s, %(by_login)s)"
        " ON CONFLICT (document_id, recipient) DO NOTHING",
        row,
    )
    return cursor.rowcount == 1
