"""SQL of deadlines."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from server.db import Connection, fetch_all, fetch_one

_START: Final = """
  INSERT INTO deadline (org_id, subject_id, kind, who, article, ref_kind, ref_id, begins_at, due_at,
    warn_at)
  VALUES (%(org_id)s, %(subject_id)s, %(kind)s, %(who)s, %(article)s, %(ref_kind)s, %(ref_id)s,
    %(begins_at)s, %(due_at)s, %(warn_at)s)
  ON CONFLICT (kind, ref_kind, ref_id, begins_at) DO NOTHING RETURNING id"""

_START_ALL: Final = """
  INSERT INTO deadline (org_id, subject_id, kind, who, article, ref_kind, ref_id, begins_at, due_at,
    warn_at)
  SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
    %s::text[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[])
  ON CONFLICT (kind, ref_kind, ref_id, begins_at) DO NOTHING"""
_STARTED: Final = (
    *("org_id", "subject_id", "kind", "who", "article", "ref_kind", "ref_id"),
    *("begins_at", "due_at", "warn_at"),
)

_COLUMNS: Final = (
    "d.id, d.org_id AS org, d.subject_id AS subject, d.kind, d.who, d.article, d.ref_kind,"
    " d.ref_id, d.begins_at, d.due_at, d.warn_at, d.state, d.warned_at, d.ended_at, d.met_late,"
    " d.moot_at"
)

_ASKS: Final = "(state = 'open' OR (state = 'lapsed' AND NOT met_late AND moot_at IS NULL))"
"""What still asks for something; the index `deadline_owed` is on these."""

_PAGE: Final = f"""
  SELECT {_COLUMNS} FROM deadline d
  WHERE (%(subject)s::text IS NULL OR d.subject_id = %(subject)s)
    AND (%(state)s::text IS NULL OR d.state = %(state)s)
    AND (%(after_due)s::timestamptz IS NULL OR (d.due_at, d.id) > (%(after_due)s, %(after_id)s))
  ORDER BY d.due_at, d.id LIMIT %(limit)s"""  # noqa: S608 - a constant of this file

# What is owed by the end of a day: what runs until then, and what lapsed and was never done.
_OWED: Final = f"""
  SELECT {_COLUMNS} FROM deadline d
  WHERE {_ASKS}
    AND d.due_at <= %(by)s AND d.due_at > %(since)s
    AND (%(who)s::text IS NULL OR d.who = %(who)s)
    AND (%(after_due)s::timestamptz IS NULL OR (d.due_at, d.id) > (%(after_due)s, %(after_id)s))
  ORDER BY d.due_at, d.id LIMIT %(limit)s"""  # noqa: S608 - a constant of this file

_COUNTS: Final = f"""
  SELECT kind, who, count(*) FILTER (WHERE state = 'open' AND due_at > %(now)s) AS due,
    count(*) FILTER (WHERE state = 'lapsed' OR due_at <= %(now)s) AS overdue
  FROM deadline WHERE {_ASKS}
    AND due_at <= %(by)s AND due_at > %(since)s
  GROUP BY kind, who ORDER BY kind, who"""  # noqa: S608 - a constant of this file

_OF_THING: Final = (
    "ref_kind = %(ref_kind)s AND ref_id = %(ref_id)s"
    " AND (%(kind)s::text IS NULL OR kind = %(kind)s)"
)

_RUNNING: Final = f"""
  SELECT id, kind, org_id, subject_id, article, ref_kind, ref_id, due_at, state FROM deadline
  WHERE {_OF_THING} AND {_ASKS} ORDER BY due_at FOR UPDATE"""  # noqa: S608 - constants of this file

_CANCEL: Final = f"""
  UPDATE deadline SET state = CASE state WHEN 'open' THEN 'cancelled' ELSE state END,
    ended_at = coalesce(ended_at, %(now)s), moot_at = CASE state WHEN 'lapsed' THEN %(now)s END
  WHERE {_OF_THING} AND {_ASKS}"""  # noqa: S608 - constants of this file

_THINGS: Final = f"""
  SELECT DISTINCT ref_kind, ref_id FROM deadline WHERE subject_id = %s AND {_ASKS}
  ORDER BY 1, 2"""  # noqa: S608 - a constant of this file

_TO_WARN: Final = """
  SELECT id, kind, org_id, subject_id, article, ref_kind, ref_id, due_at, state FROM deadline
  WHERE state = 'open' AND warned_at IS NULL AND warn_at <= %s AND due_at > %s
    AND (retry_at IS NULL OR retry_at <= %s)
  ORDER BY warn_at LIMIT %s FOR UPDATE SKIP LOCKED"""

_TO_LAPSE: Final = """
  SELECT id, kind, org_id, subject_id, article, ref_kind, ref_id, due_at, state FROM deadline
  WHERE state = 'open' AND due_at <= %s AND (retry_at IS NULL OR retry_at <= %s)
  ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED"""


async def start(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Start a clock; return whether it did not run already."""
    return await fetch_one(connection, _START, row) is not None


async def start_all(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Start clocks; those that run already stay."""
    columns = [[row[name] for row in rows] for name in _STARTED]
    await connection.execute(_START_ALL, columns)


async def running(
    connection: Connection, kind: str | None, ref_kind: str, ref_id: str
) -> list[dict[str, Any]]:
    """Return, locked, the clocks of a thing that still ask for something, the earliest first.

    Args:
        connection: The transaction.
        kind: Of this kind; None: of every kind.
        ref_kind: What the thing is.
        ref_id: Its id.
    """
    values = {"kind": kind, "ref_kind": ref_kind, "ref_id": ref_id}
    return await fetch_all(connection, _RUNNING, values)


async def things(connection: Connection, subject_id: str) -> list[dict[str, Any]]:
    """Return the `ref_kind` and `ref_id` of what a person's clocks still ask something of."""
    return await fetch_all(connection, _THINGS, (subject_id,))


async def to_warn(connection: Connection, now: datetime, most: int) -> list[dict[str, Any]]:
    """Return, locked, what is to warn of."""
    return await fetch_all(connection, _TO_WARN, (now, now, now, most))


async def to_lapse(connection: Connection, now: datetime, most: int) -> list[dict[str, Any]]:
    """Return, locked, what has run out."""
    return await fetch_all(connection, _TO_LAPSE, (now, now, most))


async def postpone(connection: Connection, deadline_id: int, until: datetime) -> None:
    """Let the sweep pass over a clock until then."""
    await connection.execute(
        "UPDATE deadline SET retry_at = %s WHERE id = %s", (until, deadline_id)
    )


async def mark_warned(connection: Connection, deadline_id: int, now: datetime) -> None:
    """Note that its warning was given."""
    await connection.execute("UPDATE deadline SET warned_at = %s WHERE id = %s", (now, deadline_id))


async def end(connection: Connection, deadline_id: int, state: str, now: datetime) -> None:
    """End an open clock as met, lapsed or cancelled."""
    await connection.execute(
        "UPDATE deadline SET state = %s, ended_at = %s WHERE id = %s AND state = 'open'",
        (state, now, deadline_id),
    )


async def mark_met_late(connection: Connection, deadline_id: int) -> None:
    """Note that what had lapsed was done after all."""
    await connection.execute("UPDATE deadline SET met_late = true WHERE id = %s", (deadline_id,))


async def cancel(
    connection: Connection, ref_kind: str, ref_id: str, kind: str | None, now: datetime
) -> None:
    """Cancel the open clocks of a thing, and make moot what lapsed; None: of every kind."""
    values = {"now": now, "ref_kind": ref_kind, "ref_id": ref_id, "kind": kind}
    await connection.execute(_CANCEL, values)


async def page(
    connection: Connection,
    *,
    subject: str | None,
    state: str | None,
    after: tuple[datetime, int] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return at most `limit` deadlines of the scope, the earliest first."""
    after_due, after_id = after or (None, None)
    values = {"subject": subject, "state": state, "after_due": after_due, "after_id": after_id}
    return await fetch_all(connection, _PAGE, values | {"limit": limit})


async def owed(
    connection: Connection,
    *,
    since: datetime,
    by: datetime,
    who: str | None,
    after: tuple[datetime, int] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return at most `limit` of what is owed with an end in (since, by], the earliest first."""
    after_due, after_id = after or (None, None)
    values = {"since": since, "by": by, "who": who, "after_due": after_due, "after_id": after_id}
    return await fetch_all(connection, _OWED, values | {"limit": limit})


async def counts(
    connection: Connection, *, now: datetime, since: datetime, by: datetime
) -> list[dict[str, Any]]:
    """Return how many of each kind are owed, and how many of them are over their time."""
    return await fetch_all(connection, _COUNTS, {"now": now, "since": since, "by": by})
