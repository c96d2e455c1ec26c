"""SQL of measures; of a decided one nothing of its content is ever updated."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from psycopg import sql

from server.db import Connection, fetch_all, fetch_one

_COLUMNS: Final = (
    "m.id, m.org_id AS org, m.subject_id AS subject, m.kind, m.ground, m.findings, m.counted,"
    " m.conditions, m.absence_days, m.reasons, encode(m.evidence_sha256, 'hex') AS evidence_sha256,"
    " m.policy_version, m.state, m.proposed_by, m.proposed_at, m.verified_by, m.statement,"
    " m.unheard_because, m.heard_by, m.heard_at, m.decided_by, m.decided_at, m.decision,"
    " m.document_id AS document, m.served_at, m.objectable_until, m.arrest_asked_at,"
    " m.ground_lost_at, m.annulled_by, m.annulled_at, m.annulment, m.version,"
    " EXISTS (SELECT FROM objection o WHERE o.ref_kind = 'measure' AND o.ref_id = m.id"
    "  AND o.state = 'open') AS is_objected,"
    " (SELECT r.outcome FROM measure_ruling r WHERE r.measure_id = m.id AND r.about = 'proposal')"
    "  AS ruling,"
    " (SELECT r.happened_time FROM measure_ruling r WHERE r.measure_id = m.id"
    "  AND r.about = 'proposal') AS ruled_time"
)

_INSERT: Final = """
  INSERT INTO measure (id, org_id, subject_id, kind, ground, findings, counted, conditions,
    absence_days, reasons, evidence_sha256, policy_version, proposed_by, proposed_at, verified_by)
  VALUES (%(id)s, %(org_id)s, %(subject_id)s, %(kind)s, %(ground)s, %(findings)s, %(counted)s,
    %(conditions)s, %(absence_days)s, %(reasons)s, %(evidence_sha256)s, %(policy_version)s,
    %(proposed_by)s, %(proposed_at)s, %(verified_by)s)"""

_PAGE: Final = f"""
  SELECT {_COLUMNS} FROM measure m
  WHERE (%(subject)s::text IS NULL OR m.subject_id = %(subject)s)
    AND (%(state)s::text IS NULL OR m.state = %(state)s)
    AND (%(kind)s::text IS NULL OR m.kind = %(kind)s)
    AND (%(before_at)s::timestamptz IS NULL
      OR (m.proposed_at, m.id) < (%(before_at)s::timestamptz, %(before_id)s::text))
  ORDER BY m.proposed_at DESC, m.id DESC LIMIT %(limit)s"""  # noqa: S608 - a constant of this file

_RESTING_ON: Final = """
  SELECT m.id, m.kind, m.state, f.id AS finding FROM measure m
  JOIN unnest(m.findings) AS f (id) ON f.id = ANY (%s)
  WHERE m.state IN ('proposed', 'decided') AND NOT EXISTS (SELECT FROM measure_ruling r
    WHERE r.measure_id = m.id AND r.about = 'proposal' AND r.outcome = 'denied')"""

_INSERT_EVIDENCE: Final = """
  INSERT INTO measure_evidence (org_id, subject_id, measure_id, kind, ref_id, content, sha256)
  VALUES (%(org_id)s, %(subject_id)s, %(measure_id)s, %(kind)s, %(ref_id)s, %(content)s,
    %(sha256)s)"""

_INSERT_RULING: Final = """
  INSERT INTO measure_ruling (org_id, subject_id, measure_id, about, by_body, outcome, number, note,
    happened_time, noted_by, noted_at)
  VALUES (%(org_id)s, %(subject_id)s, %(measure_id)s, %(about)s, %(by_body)s, %(outcome)s,
    %(number)s, %(note)s, %(happened_time)s, %(noted_by)s, %(noted_at)s)"""

# What a frozen copy is of; each is read in the scope of who proposes. The places of an alert's
# evidence are its reports' own and stay with them.
_COPIES: Final = {
    "finding": "SELECT to_jsonb(f) AS content FROM finding f WHERE f.id = %s AND f.subject_id = %s",
    "alert": "SELECT to_jsonb(a) - 'evidence' AS content FROM alert a WHERE a.id = %s"
    " AND a.subject_id = %s",
    # With the hash of what was frozen when it was confirmed, and what reviews came to.
    "fact": "SELECT to_jsonb(f) - 'evidence' || jsonb_build_object("
    "'record_sha256', (SELECT encode(r.sha256, 'hex') FROM fact_record r WHERE r.fact_id = f.id),"
    " 'reviews', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', v.id, 'state', v.state)"
    " ORDER BY v.opened_at, v.id), '[]') FROM fact_review v WHERE v.fact_id = f.id)) AS content"
    " FROM fact f WHERE f.id = %s AND f.subject_id = %s",
    "act": "SELECT to_jsonb(a) AS content FROM act a WHERE a.id::text = %s AND a.subject_id = %s",
    "document": "SELECT jsonb_build_object('id', d.id, 'kind', d.kind, 'number', d.number,"
    " 'sha256', d.sha256) AS content FROM document d WHERE d.id = %s"
    " AND d.subject_id = %s",
    "measure": "SELECT to_jsonb(m) AS content FROM measure m WHERE m.id = %s AND m.subject_id = %s",
    "search_step": "SELECT to_jsonb(s) AS content FROM search_step s WHERE s.id::text = %s"
    " AND s.subject_id = %s",
}


async def insert(connection: Connection, row: Mapping[str, Any]) -> None:
    """Enter a proposal."""
    await connection.execute(_INSERT, row)


async def measure(
    connection: Connection, measure_id: str, *, lock: bool = False
) -> dict[str, Any] | None:
    """Return a measure as the interface shows it; `lock`: until the transaction ends."""
    query = f"SELECT {_COLUMNS} FROM measure m WHERE m.id = %s"  # noqa: S608 - a constant
    return await fetch_one(connection, query + (" FOR UPDATE" if lock else ""), (measure_id,))


async def update(connection: Connection, measure_id: str, values: Mapping[str, Any]) -> None:
    """Write what a step changes, as another version."""
    changes = sql.SQL("").join(
        sql.SQL(", {} = {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in values
    )
    statement = sql.SQL("UPDATE measure SET version = version + 1{} WHERE id = {}")
    await connection.execute(
        statement.format(changes, sql.Placeholder("of_id")), {**values, "of_id": measure_id}
    )


async def of_person(connection: Connection, subject_id: str) -> list[dict[str, Any]]:
    """Return every measure of a person, the oldest decision first."""
    query = (
        f"SELECT {_COLUMNS} FROM measure m WHERE m.subject_id = %s"  # noqa: S608 - a constant
        " ORDER BY m.decided_at, m.proposed_at, m.id LIMIT 500"
    )
    return await fetch_all(connection, query, (subject_id,))


async def resting_on(connection: Connection, findings: Sequence[str]) -> list[dict[str, Any]]:
    """Return which open or standing measures rest on these findings."""
    return await fetch_all(connection, _RESTING_ON, (list(findings),))


async def counting(connection: Connection, measure_id: str) -> list[dict[str, Any]]:
    """Return the open and standing measures whose ground counts this one."""
    return await fetch_all(
        connection,
        "SELECT id, org_id, subject_id, kind, state FROM measure WHERE %s = ANY (counted)"
        " AND state IN ('proposed', 'decided') FOR UPDATE",
        (measure_id,),
    )


async def page(
    connection: Connection,
    *,
    subject: str | None,
    state: str | None,
    kind: str | None,
    before: tuple[datetime, str] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return at most `limit` measures of the scope, the newest proposal first."""
    before_at, before_id = before or (None, None)
    values: dict[str, Any] = {"subject": subject, "state": state, "kind": kind}
    values |= {"before_at": before_at, "before_id": before_id}
    return await fetch_all(connection, _PAGE, values | {"limit": limit})


async def copy_of(
    connection: Connection, kind: str, ref_id: str, subject_id: str
) -> dict[str, Any] | None:
    """Return what a piece of evidence says now, None when it is not there or not the person's."""
    row = await fetch_one(connection, _COPIES[kind], (ref_id, subject_id))
    return row["content"] if row else None


async def insert_evidence(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep frozen copies."""
    async with connection.cursor() as cursor:
        await cursor.executemany(_INSERT_EVIDENCE, rows)


async def evidence(connection: Connection, measure_id: str) -> list[dict[str, Any]]:
    """Return the frozen copies of a measure, in the order of their hashing."""
    return await fetch_all(
        connection,
        "SELECT kind, ref_id, content, encode(sha256, 'hex') AS sha256 FROM measure_evidence"
        " WHERE measure_id = %s ORDER BY id",
        (measure_id,),
    )


async def insert_ruling(connection: Connection, row: Mapping[str, Any]) -> None:
    """Note what another body said."""
    await connection.execute(_INSERT_RULING, row)


async def rulings(connection: Connection, measure_id: str) -> list[dict[str, Any]]:
    """Return what other bodies said on a measure, the oldest first."""
    return await fetch_all(
        connection,
        "SELECT about, by_body, outcome, number, note, happened_time, noted_by, noted_at"
        " FROM measure_ruling WHERE measure_id = %s ORDER BY id",
        (measure_id,),
    )


async def is_missing(connection: Connection, subject_id: str) -> bool:
    """Return whether a search for the person goes on."""
    row = await fetch_one(
        connection,
        "SELECT FROM missing_person WHERE subject_id = %s AND state = 'open'",
        (subject_id,),
    )
    return row is not None
