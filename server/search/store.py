"""SQL of searches for missing persons."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from server.db import Connection, fetch_all, fetch_one

_COLUMNS: Final = (
    "m.id, m.org_id AS org, m.subject_id AS subject, m.kind, m.absent_since, m.source_kind,"
    " m.source_id, m.note, m.opened_by, m.opened_at, m.state, m.found_time, m.ended_at, m.ended_by,"
    " m.circumstances, m.has_proper_reason, m.close_reason, m.absence_days,"
    " m.finding_id AS finding, m.document_id AS document, m.version"
)

_INSERT: Final = """
  INSERT INTO missing_person (id, org_id, subject_id, kind, absent_since, source_kind, source_id,
    note, opened_by, opened_at)
  VALUES (%(id)s, %(org_id)s, %(subject_id)s, %(kind)s, %(absent_since)s, %(source_kind)s,
    %(source_id)s, %(note)s, %(opened_by)s, %(opened_at)s)
  ON CONFLICT (subject_id) WHERE state = 'open' DO NOTHING RETURNING id"""

_PAGE: Final = f"""
  SELECT {_COLUMNS} FROM missing_person m
  WHERE (%(subject)s::text IS NULL OR m.subject_id = %(subject)s)
    AND (%(state)s::text IS NULL OR m.state = %(state)s)
    AND (%(before_at)s::timestamptz IS NULL
      OR (m.opened_at, m.id) < (%(before_at)s::timestamptz, %(before_id)s::text))
  ORDER BY m.opened_at DESC, m.id DESC LIMIT %(limit)s"""  # noqa: S608 - a constant of this file

_INSERT_STEP: Final = """
  INSERT INTO search_step (org_id, subject_id, missing_id, means, result, happened_time, note,
    by_login, noted_at)
  VALUES (%(org_id)s, %(subject_id)s, %(missing_id)s, %(means)s, %(result)s, %(happened_time)s,
    %(note)s, %(by_login)s, %(noted_at)s)"""

# What hints that somebody is out of supervision and nobody searches: a device that fell silent or
# was taken off, a check that was missed, a report that is overdue.
_HINTS: Final = """
  SELECT h.* FROM (
  SELECT 'alert' AS source_kind, a.id AS source_id, a.subject_id AS subject, a.rule AS about,
    a.begin_time AS since
  FROM alert a
  WHERE a.state <> 'resolved' AND a.condition = 'active' AND a.rule = ANY (%(rules)s)
    AND a.begin_time <= %(by)s AND a.subject_id IS NOT NULL
    AND NOT EXISTS (SELECT FROM missing_person m
      WHERE m.subject_id = a.subject_id AND m.state = 'open')
  UNION ALL
  SELECT 'deadline', d.id::text, d.subject_id, d.kind, d.due_at
  FROM deadline d
  WHERE d.state = 'lapsed' AND NOT d.met_late AND d.moot_at IS NULL AND d.kind = ANY (%(clocks)s)
    AND d.due_at > %(since)s AND d.subject_id IS NOT NULL
    -- Of whom the old county was told, the old county searches.
    AND NOT (d.kind = 'transfer_report' AND EXISTS (SELECT FROM transfer t
      WHERE t.subject_id = d.subject_id AND t.state = 'missing'))
    AND NOT EXISTS (SELECT FROM missing_person m
      WHERE m.subject_id = d.subject_id AND m.state = 'open')) h
  WHERE %(after_since)s::timestamptz IS NULL
    OR (h.since, h.source_kind, h.source_id) > (%(after_since)s, %(after_kind)s, %(after_id)s)
  ORDER BY h.since, h.source_kind, h.source_id LIMIT %(limit)s"""


async def insert(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Open a search; return whether none of the person was open."""
    return await fetch_one(connection, _INSERT, row) is not None


async def search(
    connection: Connection, missing_id: str, *, lock: bool = False
) -> dict[str, Any] | None:
    """Return a search as the interface shows it; `lock`: until the transaction ends."""
    query = f"SELECT {_COLUMNS} FROM missing_person m WHERE m.id = %s"  # noqa: S608 - a constant
    return await fetch_one(connection, query + (" FOR UPDATE" if lock else ""), (missing_id,))


async def page(
    connection: Connection,
    *,
    subject: str | None,
    state: str | None,
    before: tuple[datetime, str] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return at most `limit` searches of the scope, the newest first."""
    before_at, before_id = before or (None, None)
    values = {"subject": subject, "state": state, "before_at": before_at, "before_id": before_id}
    return await fetch_all(connection, _PAGE, values | {"limit": limit})


async def insert_step(connection: Connection, row: Mapping[str, Any]) -> None:
    """Note what was done."""
    await connection.execute(_INSERT_STEP, row)


async def steps(connection: Connection, missing_id: str) -> list[dict[str, Any]]:
    """Return what was done in a search, in the order of noting."""
    return await fetch_all(
        connection,
        "SELECT id, means, result, happened_time, note, by_login, noted_at FROM search_step"
        " WHERE missing_id = %s ORDER BY id LIMIT 1000",
        (missing_id,),
    )


async def end(connection: Connection, missing_id: str, values: Mapping[str, Any]) -> None:
    """Write how a search ended."""
    await connection.execute(
        "UPDATE missing_person SET state = %(state)s, found_time = %(found_time)s,"
        " ended_at = %(ended_at)s, ended_by = %(ended_by)s, circumstances = %(circumstances)s,"
        " has_proper_reason = %(has_proper_reason)s, close_reason = %(close_reason)s,"
        " absence_days = %(absence_days)s, version = version + 1 WHERE id = %(id)s",
        {**values, "id": missing_id},
    )


async def set_finding(connection: Connection, missing_id: str, finding_id: str) -> None:
    """Link the finding of the absence."""
    await connection.execute(
        "UPDATE missing_person SET finding_id = %s, version = version + 1 WHERE id = %s",
        (finding_id, missing_id),
    )


async def set_document(connection: Connection, missing_id: str, document_id: str) -> None:
    """Link the notice that asks for help."""
    await connection.execute(
        "UPDATE missing_person SET document_id = %s, version = version + 1 WHERE id = %s",
        (document_id, missing_id),
    )


async def alert_subject(connection: Connection, alert_id: str) -> str | None:
    """Return whom an alert of the scope is about."""
    row = await fetch_one(connection, "SELECT subject_id FROM alert WHERE id = %s", (alert_id,))
    return row["subject_id"] if row else None


async def hints(
    connection: Connection,
    *,
    rules: tuple[str, ...],
    clocks: tuple[str, ...],
    by: datetime,
    since: datetime,
    after: tuple[datetime, str, str] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return at most `limit` hints that somebody is missing whom nobody searches for, by age.

    Args:
        connection: The transaction.
        rules: Rules of alerts that hint.
        clocks: Clocks whose lapse hints.
        by: Alerts are that old at least.
        since: Clocks lapsed after it.
        after: The last row of the page before: (since, source_kind, source_id).
        limit: Most rows.
    """
    after_since, after_kind, after_id = after or (None, None, None)
    values: dict[str, Any] = {"rules": list(rules), "clocks": list(clocks), "by": by}
    values |= {"after_since": after_since, "after_kind": after_kind, "after_id": after_id}
    return await fetch_all(connection, _HINTS, values | {"since": since, "limit": limit})
