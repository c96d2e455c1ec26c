"""SQL of positioning orders; run as guitu_app in a person's scope."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from psycopg.types.json import Jsonb

from server.db import Connection, fetch_all, fetch_one

_APPLICATION: Final = (
    "a.id, a.version, a.org_id AS org, a.subject_id AS subject, a.ground, a.reason, a.evidence,"
    " a.months, a.extends_id AS extends, a.applied_by, a.applied_org, a.applied_at, a.state,"
    " a.decided_by, a.decided_at, a.decision_reason, a.order_id AS order"
)
_ORDER: Final = (
    "o.id, o.version, o.org_id AS org, o.subject_id AS subject, o.ground, o.approved_by,"
    " o.approved_at, o.valid_from, o.valid_to, least(o.valid_to, o.lifted_at) AS ends_at,"
    " o.lifted_at, o.lifted_by, o.lift_reason, o.notified_at, o.application_id AS application,"
    " o.extends_id AS extends"
)
_INSERT: Final = """
  INSERT INTO order_application (id, org_id, subject_id, ground, reason, evidence, months,
    extends_id, applied_by, applied_org, applied_at)
  VALUES (%(id)s, %(org)s, %(subject)s, %(ground)s, %(reason)s, %(evidence)s, %(months)s,
    %(extends)s, %(by)s, %(by_org)s, %(now)s)"""

_APPLICATIONS: Final = f"""
  SELECT {_APPLICATION} FROM order_application a
  WHERE (%(subject)s::text IS NULL OR a.subject_id = %(subject)s)
    AND (%(state)s::text IS NULL OR a.state = %(state)s)
    AND (%(after_at)s::timestamptz IS NULL
      OR (a.applied_at, a.id) < (%(after_at)s, %(after_id)s))
  ORDER BY a.applied_at DESC, a.id DESC LIMIT %(limit)s"""  # noqa: S608 - constants of this file

_ORDERS: Final = f"""
  SELECT {_ORDER} FROM positioning_order o
  WHERE (%(subject)s::text IS NULL OR o.subject_id = %(subject)s)
    AND (%(in_force_at)s::timestamptz IS NULL OR (o.valid_from <= %(in_force_at)s
      AND %(in_force_at)s < least(o.valid_to, o.lifted_at)))
    AND (%(after_at)s::timestamptz IS NULL
      OR (o.valid_to, o.id) < (%(after_at)s, %(after_id)s))
  ORDER BY o.valid_to DESC, o.id DESC LIMIT %(limit)s"""  # noqa: S608 - constants of this file

_INSERT_ORDER: Final = """
  INSERT INTO positioning_order (id, org_id, subject_id, ground, approved_by, approved_at,
    valid_from, valid_to, application_id, extends_id)
  VALUES (%(id)s, %(org)s, %(subject)s, %(ground)s, %(by)s, %(now)s, %(from)s, %(to)s,
    %(application)s, %(extends)s)"""

_DECIDE: Final = """
  UPDATE order_application SET state = %(state)s, decided_by = %(by)s, decided_at = %(now)s,
    decision_reason = %(reason)s, order_id = %(order)s, version = version + 1 WHERE id = %(id)s"""

# Only what is of this person counts, whatever an id says.
_EVIDENCE: Final = """
  SELECT 'alert' AS kind, id FROM alert WHERE subject_id = %(subject)s AND id = ANY (%(alert)s)
  UNION ALL SELECT 'fact', id FROM fact WHERE subject_id = %(subject)s AND id = ANY (%(fact)s)
  UNION ALL SELECT 'act', id::text FROM act
    WHERE subject_id = %(subject)s AND id::text = ANY (%(act)s)
  UNION ALL SELECT 'document', id FROM document
    WHERE subject_id = %(subject)s AND id = ANY (%(document)s)"""


async def insert_application(connection: Connection, row: Mapping[str, Any]) -> None:
    """Write an application."""
    await connection.execute(_INSERT, {**row, "evidence": Jsonb(row["evidence"])})


async def application(
    connection: Connection, application_id: str, *, lock: bool = False
) -> dict[str, Any] | None:
    """Return an application."""
    query = f"SELECT {_APPLICATION} FROM order_application a WHERE a.id = %s"  # noqa: S608
    return await fetch_one(connection, query + (" FOR UPDATE" if lock else ""), (application_id,))


async def open_application(connection: Connection, subject_id: str) -> str | None:
    """Return the id of the person's application that waits for a decision."""
    row = await fetch_one(
        connection,
        "SELECT id FROM order_application WHERE subject_id = %s AND state = 'applied'",
        (subject_id,),
    )
    return row["id"] if row else None


async def applications(
    connection: Connection,
    *,
    subject: str | None,
    state: str | None,
    after: tuple[datetime, str] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return at most `limit` applications, newest first."""
    after_at, after_id = after or (None, None)
    values = {"subject": subject, "state": state, "after_at": after_at, "after_id": after_id}
    return await fetch_all(connection, _APPLICATIONS, values | {"limit": limit})


async def decide(connection: Connection, values: Mapping[str, Any]) -> None:
    """Write what became of an application."""
    await connection.execute(_DECIDE, {"reason": None, "order": None, **values})


async def insert_order(connection: Connection, values: Mapping[str, Any]) -> None:
    """Write an approved order."""
    await connection.execute(_INSERT_ORDER, values)


async def order(
    connection: Connection, order_id: str, *, lock: bool = False
) -> dict[str, Any] | None:
    """Return an order."""
    query = f"SELECT {_ORDER} FROM positioning_order o WHERE o.id = %s"  # noqa: S608
    return await fetch_one(connection, query + (" FOR UPDATE" if lock else ""), (order_id,))


async def orders(
    connection: Connection,
    *,
    subject: str | None,
    in_force_at: datetime | None = None,
    after: tuple[datetime, str] | None = None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return at most `limit` orders, the one that ends last first."""
    after_at, after_id = after or (None, None)
    values = {"subject": subject, "in_force_at": in_force_at}
    values |= {"after_at": after_at, "after_id": after_id}
    return await fetch_all(connection, _ORDERS, values | {"limit": limit})


async def mark_notified(connection: Connection, order_id: str, at: datetime) -> None:
    """Note when the person was told."""
    await connection.execute(
        "UPDATE positioning_order SET notified_at = %s, version = version + 1 WHERE id = %s",
        (at, order_id),
    )


async def lift(
    connection: Connection, order_id: str, *, by: str, reason: str, at: datetime
) -> None:
    """Lift an order; what the person wears under it ends with it."""
    await connection.execute(
        "UPDATE positioning_order SET lifted_at = %s, lifted_by = %s, lift_reason = %s,"
        " version = version + 1 WHERE id = %s",
        (at, by, reason, order_id),
    )


async def known_evidence(
    connection: Connection, subject_id: str, wanted: Sequence[Mapping[str, str]]
) -> set[tuple[str, str]]:
    """Return those of the references that there are, of this person."""
    values: dict[str, Any] = {"subject": subject_id}
    for kind in ("alert", "fact", "act", "document"):
        values[kind] = [one["id"] for one in wanted if one["kind"] == kind]
    rows = await fetch_all(connection, _EVIDENCE, values)
    return {(row["kind"], row["id"]) for row in rows}


async def insert_assessment(connection: Connection, values: Mapping[str, Any]) -> None:
    """Write an assessment."""
    await connection.execute(
        "INSERT INTO order_assessment (id, org_id, subject_id, order_id, conclusion, text,"
        " assessed_by, assessed_at) VALUES (%(id)s, %(org)s, %(subject)s, %(order)s,"
        " %(conclusion)s, %(text)s, %(by)s, %(now)s)",
        values,
    )


async def assessments(connection: Connection, order_id: str) -> list[dict[str, Any]]:
    """Return the assessments of an order, newest first."""
    return await fetch_all(
        connection,
        "SELECT id, conclusion, text, assessed_by, assessed_at FROM order_assessment"
        " WHERE order_id = %s ORDER BY assessed_at DESC, id DESC LIMIT 100",
        (order_id,),
    )


async def end_wristbands(connection: Connection, subject_id: str, now: datetime) -> list[str]:
    """End what the person wears where orders have ended; return those devices."""
    rows = await fetch_all(
        connection, "SELECT device_id FROM end_wristbands_here(%s, %s)", (subject_id, now)
    )
    return [row["device_id"] for row in rows]


async def taken_off(connection: Connection, subject_id: str, at: datetime) -> list[str]:
    """Return the devices whose binding to a person ended at an instant."""
    rows = await fetch_all(
        connection,
        "SELECT device_id FROM binding WHERE holder_kind = 'subject' AND holder_id = %s"
        " AND valid_to = %s ORDER BY device_id",
        (subject_id, at),
    )
    return [row["device_id"] for row in rows]
