"""SQL of facts and of the score ledger."""

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from psycopg.types.json import Jsonb

from server.db import Connection, fetch_all, fetch_one
from server.scoring import chain
from server.scoring.policy import CURRENT, OPENING, Part
from server.scoring.score import Score, fold, month_of, opening_points, points_for

_INSERT_ENTRY: Final = """
  INSERT INTO score_entry (org_id, subject_id, part, dimension, indicator, points, effective_at,
    fact_id, policy_version, author, evidence, recorded_at, salt, commitment, prev_hash, hash)
  VALUES (%(org_id)s, %(subject_id)s, %(part)s, %(dimension)s, %(indicator)s, %(points)s,
    %(effective_at)s, %(fact_id)s, %(policy_version)s, %(author)s, %(evidence)s, %(recorded_at)s,
    %(salt)s, %(commitment)s, %(prev_hash)s, %(hash)s)"""


@dataclass(frozen=True, slots=True)
class Fact:
    """A confirmed fact, ready to be written.

    Attributes:
        id: Deterministic, so that a repeat does nothing.
        indicator: Name in the policy; a name that the policy lacks moves no points.
    """

    id: str
    org_id: str
    subject_id: str
    indicator: str
    occurred_at: datetime
    quantity: Decimal
    evidence: dict[str, Any]
    confirmed_by: str
    note: str


async def record_fact(connection: Connection, fact: Fact) -> bool:
    """Write a fact and, where the policy says so, its ledger entry; False when it stood already.

    A minor's facts move no points.
    """
    values = asdict(fact) | {"evidence": Jsonb(fact.evidence)}
    await _lock_ledger(connection, fact.org_id)
    cursor = await connection.execute(
        "INSERT INTO fact (id, org_id, subject_id, indicator, occurred_at, quantity, evidence,"
        " confirmed_by, note) VALUES (%(id)s, %(org_id)s, %(subject_id)s, %(indicator)s,"
        " %(occurred_at)s, %(quantity)s, %(evidence)s, %(confirmed_by)s, %(note)s)"
        " ON CONFLICT (id) DO NOTHING",
        values,
    )
    if cursor.rowcount == 0:
        return False
    indicator = CURRENT.indicators.get(fact.indicator)
    if indicator is None or await _is_minor(connection, fact.subject_id):
        return True
    already = Decimal(0)
    if indicator.monthly_quantity is not None:
        already = await _quantity_in_month(connection, fact)
    entry = {
        "subject_id": fact.subject_id,
        "part": "management",
        "dimension": indicator.dimension,
        "indicator": indicator.name,
        "points": points_for(indicator, fact.quantity, already),
        "effective_at": fact.occurred_at,
        "fact_id": fact.id,
        "author": fact.confirmed_by,
        "evidence": {"fact": fact.id, "quantity": str(fact.quantity)},
    }
    await _append(connection, fact.org_id, [entry])
    return True


async def fact(connection: Connection, fact_id: str) -> dict[str, Any] | None:
    """Return a fact."""
    return await fetch_one(connection, "SELECT * FROM fact WHERE id = %s", (fact_id,))


async def open_ledgers(
    connection: Connection, openings: Sequence[tuple[str, str, Decimal]], *, author: str
) -> None:
    """Open the ledgers of subjects that have none: (subject, org, public credit of 0 to 1000)."""
    known = await fetch_all(
        connection,
        "SELECT DISTINCT subject_id FROM score_entry WHERE indicator = 'opening'"
        " AND subject_id = ANY (%s)",
        ([subject for subject, _, _ in openings],),
    )
    opened = {row["subject_id"] for row in known}
    by_org: dict[str, list[dict[str, Any]]] = {}
    for subject_id, org_id, public_credit in openings:
        if subject_id not in opened:
            entries = _opening_entries(subject_id, public_credit, author)
            by_org.setdefault(org_id, []).extend(entries)
    # In the order of the names: two imports cannot wait for each other.
    for org_id, entries in sorted(by_org.items()):
        await _lock_ledger(connection, org_id)
        await _append(connection, org_id, entries)


async def scores(connection: Connection, subject_ids: Sequence[str]) -> dict[str, Score]:
    """Return the present scores of these subjects; one without a ledger is absent."""
    rows = await fetch_all(
        connection,
        "SELECT subject_id, part, sum(points) AS points FROM score_entry"
        " WHERE subject_id = ANY (%s) AND effective_at <= now() GROUP BY subject_id, part",
        (list(subject_ids),),
    )
    parts: dict[str, list[tuple[Part, Decimal]]] = {}
    for row in rows:
        parts.setdefault(row["subject_id"], []).append((row["part"], row["points"]))
    folded = {subject: fold(entries, CURRENT) for subject, entries in parts.items()}
    return {subject: score for subject, score in folded.items() if score is not None}


async def ledger(connection: Connection, subject_id: str) -> list[dict[str, Any]]:
    """Return a subject's entries in the order of writing, each with its fact's columns."""
    return await fetch_all(
        connection,
        "SELECT e.id, e.recorded_at, e.effective_at, e.part, e.dimension, e.indicator, e.points,"
        " e.author, e.policy_version, e.fact_id, f.confirmed_by, f.confirmed_at, f.note,"
        " f.evidence ->> 'alert_id' AS alert_id"
        " FROM score_entry e LEFT JOIN fact f ON f.id = e.fact_id"
        " WHERE e.subject_id = %s ORDER BY e.id",
        (subject_id,),
    )


async def chain_fault(connection: Connection, org_id: str) -> str | None:
    """Return where an organisation's ledger chain breaks, or None when it holds."""
    rows = await fetch_all(
        connection, "SELECT * FROM score_entry WHERE org_id = %s ORDER BY id", (org_id,)
    )
    return chain.first_fault(rows)


async def _lock_ledger(connection: Connection, org_id: str) -> None:
    # Held to commit: the next entry must see the hash of this one.
    await connection.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", (f"ledger {org_id}",))


async def _is_minor(connection: Connection, subject_id: str) -> bool:
    row = await fetch_one(connection, "SELECT is_minor FROM subject WHERE id = %s", (subject_id,))
    return row is None or bool(row["is_minor"])


async def _quantity_in_month(connection: Connection, fact: Fact) -> Decimal:
    begin, end = month_of(fact.occurred_at)
    row = await fetch_one(
        connection,
        "SELECT coalesce(sum(quantity), 0) AS quantity FROM fact WHERE subject_id = %s"
        " AND indicator = %s AND occurred_at >= %s AND occurred_at < %s AND id <> %s",
        (fact.subject_id, fact.indicator, begin, end, fact.id),
    )
    return row["quantity"] if row else Decimal(0)


def _opening_entries(subject_id: str, public_credit: Decimal, author: str) -> list[dict[str, Any]]:
    evidence = {"public": {"public_credit": str(public_credit)}, "management": {}}
    return [
        {
            "subject_id": subject_id,
            "part": part,
            "dimension": OPENING,
            "indicator": OPENING,
            "points": points,
            "effective_at": None,
            "fact_id": None,
            "author": author,
            "evidence": evidence[part],
        }
        for part, points in opening_points(public_credit, CURRENT).items()
    ]


async def _append(connection: Connection, org_id: str, entries: list[dict[str, Any]]) -> None:
    """Append to an organisation's ledger, whose lock is held; `effective_at` None is now."""
    row = await fetch_one(
        connection,
        "SELECT now() AS at, (SELECT hash FROM score_entry WHERE org_id = %s"
        " ORDER BY id DESC LIMIT 1) AS hash",
        (org_id,),
    )
    if row is None:
        return
    prev_hash = row["hash"] or chain.GENESIS
    rows = []
    for entry in entries:
        content = entry | {
            "org_id": org_id,
            "policy_version": CURRENT.version,
            "effective_at": entry["effective_at"] or row["at"],
            "recorded_at": row["at"],
            "salt": secrets.token_bytes(16),
            "prev_hash": prev_hash,
        }
        content["commitment"] = chain.commitment_of(content)
        content["hash"] = prev_hash = chain.hash_of(prev_hash, content["commitment"])
        rows.append(content | {"evidence": Jsonb(content["evidence"])})
    async with connection.cursor() as cursor:
        await cursor.executemany(_INSERT_ENTRY, rows)


async def subject_org(connection: Connection, subject_id: str) -> str | None:
    """Return a subject's organisation, None outside the scope."""
    row = await fetch_one(connection, "SELECT org_id FROM subject WHERE id = %s", (subject_id,))
    return None if row is None else str(row["org_id"])
