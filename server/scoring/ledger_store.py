"""SQL of facts and of the score ledger; nothing here updates or deletes an entry."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from psycopg.types.json import Jsonb

from server.db import Connection, fetch_all, fetch_one
from server.scoring import chain

_INSERT_ENTRY: Final = """
  INSERT INTO score_entry (org_id, subject_id, part, dimension, indicator, account, points,
    effective_at, fact_id, policy_version, author, evidence, recorded_at, salt, commitment,
    prev_hash, hash, reverses)
  VALUES (%(org_id)s, %(subject_id)s, %(part)s, %(dimension)s, %(indicator)s, %(account)s,
    %(points)s, %(effective_at)s, %(fact_id)s, %(policy_version)s, %(author)s, %(evidence)s,
    %(recorded_at)s, %(salt)s, %(commitment)s, %(prev_hash)s, %(hash)s, %(reverses)s)"""

_INSERT_FACT: Final = """
  INSERT INTO fact (id, org_id, subject_id, indicator, occurred_at, quantity, evidence,
    confirmed_by, note)
  VALUES (%(id)s, %(org_id)s, %(subject_id)s, %(indicator)s, %(occurred_at)s, %(quantity)s,
    %(evidence)s, %(confirmed_by)s, %(note)s)
  ON CONFLICT (id) DO NOTHING"""

# One statement: planning under row-level security is most of what a small one costs.
_TAKE_FACT: Final = f"""
  WITH new AS ({_INSERT_FACT} RETURNING id)
  SELECT EXISTS (SELECT FROM new) AS is_new,
    (SELECT s.is_minor FROM subject s WHERE s.id = %(subject_id)s) AS is_minor"""  # noqa: S608

_PACK: Final = """
  INSERT INTO score_month_facts AS m (org_id, subject_id, month, packed)
  VALUES (%(org_id)s, %(subject_id)s, %(month)s, int2send(%(kind)s::int2)
    || int2send(%(day)s::int2) || int4send(%(quantity)s::int4)
    || int4send((now() AT TIME ZONE 'Asia/Shanghai')::date - DATE '1970-01-01'))
  ON CONFLICT (org_id, subject_id, month) DO UPDATE SET packed = m.packed || EXCLUDED.packed"""

# A fact's standing entry beside it; one that fell is kept for as long as it has an entry.
_STANDING: Final = """
  SELECT f.id AS fact_id, f.occurred_at, f.quantity, f.evidence, f.confirmed_by,
    encode(r.sha256, 'hex') AS record_sha256, v.fact_id IS NOT NULL AS is_void,
    e.id, e.org_id, e.part, e.dimension, e.account, e.points, e.points_milli, e.effective_at,
    e.policy_version
  FROM fact f
  LEFT JOIN fact_record r ON r.fact_id = f.id
  LEFT JOIN fact_void v ON v.fact_id = f.id
  LEFT JOIN score_entry e ON e.fact_id = f.id AND e.reverses IS NULL
    AND NOT EXISTS (SELECT FROM score_entry x WHERE x.reverses = e.id)
  WHERE f.subject_id = %s AND f.indicator = ANY (%s) AND (v.fact_id IS NULL OR e.id IS NOT NULL)
  ORDER BY f.occurred_at, f.id, e.id"""

# Beijing has been eight hours ahead since 1991: no name of a zone is looked up for each line, and
# neither month nor sum is a `numeric`.
_CELLS: Final = """
  SELECT subject_id, part, account,
    (date_part('year', effective_at AT TIME ZONE INTERVAL '08:00') * 12
      + date_part('month', effective_at AT TIME ZONE INTERVAL '08:00') - 1)::int AS month,
    sum(points_milli::int) AS points
  FROM score_entry
  WHERE subject_id = ANY (%(subjects)s)
    AND effective_at <= coalesce(%(at)s::timestamptz, greatest(%(now)s::timestamptz, now()))
    AND recorded_at <= coalesce(%(known_at)s::timestamptz, 'infinity')
  GROUP BY 1, 2, 3, 4"""

_LEDGER: Final = """
  SELECT e.id, e.recorded_at, e.effective_at, e.part, e.dimension, e.indicator, e.account, e.contra,
    e.points, e.points_milli, e.author, e.policy_version, e.fact_id, e.reverses,
    e.evidence ? 'because' AND NOT e.evidence ? 'review' AND NOT e.evidence ? 'act'
      AS is_recomputed, f.confirmed_by,
    f.confirmed_at, f.note, f.evidence ->> 'alert_id' AS alert_id, f.quantity,
    f.indicator AS fact_kind, f.occurred_at
  FROM score_entry e LEFT JOIN fact f ON f.id = e.fact_id
  WHERE e.subject_id = %s ORDER BY e.id"""


_HEAD: Final = "(SELECT hash FROM score_entry WHERE org_id = %(org)s ORDER BY id DESC LIMIT 1)"
_OPENED: Final = f"""
  SELECT now() AS at, {_HEAD} AS hash, e.subject_id, e.part, e.points_milli, e.effective_at
  FROM (SELECT) one
  LEFT JOIN score_entry e ON e.indicator = 'opening' AND e.subject_id = %(subject)s"""  # noqa: S608


class Head(NamedTuple):
    """Where an organisation's ledger goes on: the instant, and the hash of its last line."""

    at: datetime
    hash: bytes


async def lock_ledger(connection: Connection, org_id: str) -> None:
    """Wait for the organisation's other writers; held to commit.

    The next entry must see the hash of this one.
    """
    await connection.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", (f"ledger {org_id}",))


async def take_fact(connection: Connection, values: Mapping[str, Any]) -> dict[str, Any]:
    """Write a fact; return `is_new`, and `is_minor` of its person, None outside the scope."""
    row = dict(values) | {"evidence": Jsonb(values["evidence"])}
    taken = await fetch_one(connection, _TAKE_FACT, row)
    return taken or {"is_new": False, "is_minor": None}


async def insert_void(connection: Connection, values: Mapping[str, Any]) -> bool:
    """Write that a fact fell; False when it had before."""
    cursor = await connection.execute(
        "INSERT INTO fact_void (fact_id, org_id, subject_id, because, by_login) VALUES"
        " (%(fact_id)s, %(org_id)s, %(subject_id)s, %(because)s, %(by_login)s)"
        " ON CONFLICT (fact_id) DO NOTHING",
        values,
    )
    return cursor.rowcount == 1


async def pack(connection: Connection, values: Mapping[str, Any]) -> None:
    """Add a fact to what its month holds for populations."""
    await connection.execute(_PACK, values)


async def fact(connection: Connection, fact_id: str) -> dict[str, Any] | None:
    """Return a fact."""
    return await fetch_one(connection, "SELECT * FROM fact WHERE id = %s", (fact_id,))


async def standing(
    connection: Connection, subject_id: str, kinds: Sequence[str]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return a person's standing facts of these kinds by their time, and the standing entries.

    Entries that no entry reverses, in the order of writing, with those of facts that fell.
    """
    rows = await fetch_all(connection, _STANDING, (subject_id, list(kinds)))
    facts = {row["fact_id"]: row | {"id": row["fact_id"]} for row in rows if not row["is_void"]}
    entries = sorted((row for row in rows if row["id"] is not None), key=lambda row: row["id"])
    return list(facts.values()), entries


async def openings(connection: Connection, subject_ids: Sequence[str]) -> list[dict[str, Any]]:
    """Return the opening entries of these people."""
    return await fetch_all(
        connection,
        "SELECT subject_id, org_id, part, points_milli, effective_at FROM score_entry"
        " WHERE indicator = 'opening' AND subject_id = ANY (%s)",
        (list(subject_ids),),
    )


async def opened(
    connection: Connection, org_id: str, subject_id: str
) -> tuple[list[dict[str, Any]], Head]:
    """Return a person's opening entries, and where the ledger, whose lock is held, goes on."""
    rows = await fetch_all(connection, _OPENED, {"org": org_id, "subject": subject_id})
    head = Head(rows[0]["at"], rows[0]["hash"] or chain.GENESIS)
    return [row for row in rows if row["subject_id"] is not None], head


async def cells(
    connection: Connection,
    subject_ids: Sequence[str],
    *,
    now: datetime,
    at: datetime | None = None,
    known_at: datetime | None = None,
) -> list[dict[str, Any]]:
    """Return what these people's accounts hold by month, as of an instant and as known at one.

    As of now is by the later of both clocks: a line is not hidden because they differ.
    """
    values = {"subjects": list(subject_ids), "now": now, "at": at, "known_at": known_at}
    return await fetch_all(connection, _CELLS, values)


async def ledger(connection: Connection, subject_id: str) -> list[dict[str, Any]]:
    """Return a subject's entries in the order of writing, each with its fact's columns."""
    return await fetch_all(connection, _LEDGER, (subject_id,))


async def append(
    connection: Connection,
    org_id: str,
    entries: Sequence[Mapping[str, Any]],
    *,
    head: Head | None = None,
) -> None:
    """Append to an organisation's ledger, whose lock is held; `effective_at` None is now."""
    if not entries:
        return
    if head is None:
        _, head = await opened(connection, org_id, "")
    prev_hash = head.hash
    rows = []
    for entry in entries:
        content = dict(entry) | {
            "org_id": org_id,
            "effective_at": entry["effective_at"] or head.at,
            "recorded_at": head.at,
            "salt": secrets.token_bytes(16),
            "prev_hash": prev_hash,
        }
        content["commitment"] = chain.commitment_of(content)
        content["hash"] = prev_hash = chain.hash_of(prev_hash, content["commitment"])
        rows.append(content | {"evidence": Jsonb(content["evidence"])})
    if len(rows) == 1:
        await connection.execute(_INSERT_ENTRY, rows[0])
        return
    async with connection.cursor() as cursor:
        await cursor.executemany(_INSERT_ENTRY, rows)


async def chain_fault(connection: Connection, org_id: str) -> str | None:
    """Return where an organisation's ledger chain breaks, or None when it holds."""
    rows = await fetch_all(
        connection, "SELECT * FROM score_entry WHERE org_id = %s ORDER BY id", (org_id,)
    )
    return chain.first_fault(rows)


async def subjects(connection: Connection, subject_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return the organisation and the regime of these people, as far as they are in the scope."""
    rows = await fetch_all(
        connection,
        "SELECT id, org_id, is_minor FROM subject WHERE id = ANY (%s)",
        (list(subject_ids),),
    )
    return {row["id"]: row for row in rows}


async def subject_org(connection: Connection, subject_id: str) -> str | None:
    """Return a subject's organisation, None outside the scope."""
    found = await subjects(connection, [subject_id])
    return str(found[subject_id]["org_id"]) if found else None
