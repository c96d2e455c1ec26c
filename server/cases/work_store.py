"""SQL of the work on a file: prohibitions, plans, classes, exit bans, identity checks."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from server.db import Connection, fetch_all, fetch_one

_PROPOSAL: Final = (
    "SELECT p.id, p.subject_id AS subject, p.org_id AS org, p.from_class, p.to_class, p.reason,"
    " p.state, p.proposed_by, p.proposed_at, p.decided_by, p.decided_at, p.note, p.version,"
    " p.assessment_id AS assessment,"
    " (SELECT a.state FROM assessment a WHERE a.id = p.assessment_id) AS assessment_state"
    " FROM class_proposal p"
)
_EXIT_BAN: Final = (
    "SELECT id, subject_id AS subject, state, filed_at, answered_at, lifting_at, ended_at, version"
    " FROM exit_ban WHERE subject_id = %s"
)
_CLASS_NOW: Final = """
  SELECT supervision_class, colour, valid_from FROM subject_version
  WHERE subject_id = %s AND coalesce(valid_to, 'infinity') > %s
  ORDER BY valid_from DESC LIMIT 1 FOR UPDATE"""
# Never at or before the beginning of the version that it ends.
_CHANGE_CLASS: Final = """
  WITH ended AS (
    UPDATE subject_version SET valid_to = greatest(%(at)s, valid_from + interval '1 microsecond')
    WHERE subject_id = %(subject)s AND coalesce(valid_to, 'infinity') > %(at)s
    RETURNING valid_to, colour)
  INSERT INTO subject_version (org_id, subject_id, supervision_class, colour, valid_from)
  SELECT %(org)s, %(subject)s, %(class)s, (SELECT max(colour) FROM ended),
    coalesce((SELECT max(valid_to) FROM ended), %(at)s)"""
_MOVE_EXIT_BAN: Final = """
  UPDATE exit_ban SET state = %(state)s, version = version + 1,
    answered_at = CASE WHEN %(state)s = 'answered' THEN %(at)s ELSE answered_at END,
    lifting_at = CASE WHEN %(state)s = 'lifting' THEN %(at)s ELSE lifting_at END,
    ended_at = CASE WHEN %(state)s = 'ended' THEN %(at)s ELSE ended_at END
  WHERE id = %(id)s"""


async def add_prohibition(connection: Connection, row: Mapping[str, Any]) -> None:
    """Write a prohibition as the court gave it."""
    await connection.execute(
        "INSERT INTO prohibition (id, org_id, subject_id, kinds, content, deciding_body,"
        " valid_from, valid_to, entered_by, entered_at) VALUES (%(id)s, %(org)s, %(subject)s,"
        " %(kinds)s, %(content)s, %(deciding_body)s, %(valid_from)s, %(valid_to)s, %(by)s, %(at)s)",
        row,
    )


async def prohibitions(connection: Connection, subject_id: str) -> list[dict[str, Any]]:
    """Return a person's prohibitions, the newest first."""
    return await fetch_all(
        connection,
        "SELECT id, kinds, content, deciding_body, valid_from, valid_to FROM prohibition"
        " WHERE subject_id = %s ORDER BY valid_from DESC, id LIMIT 100",
        (subject_id,),
    )


async def plan(connection: Connection, subject_id: str) -> dict[str, Any] | None:
    """Return the newest version of a person's plan."""
    return await fetch_one(
        connection,
        "SELECT version, basis, measures, made_by, made_at FROM plan WHERE subject_id = %s"
        " ORDER BY version DESC LIMIT 1",
        (subject_id,),
    )


async def add_plan(connection: Connection, row: Mapping[str, Any]) -> None:
    """Write a version of a plan."""
    await connection.execute(
        "INSERT INTO plan (org_id, subject_id, version, basis, measures, made_by, made_at)"
        " VALUES (%(org)s, %(subject)s, %(version)s, %(basis)s, %(measures)s, %(by)s, %(at)s)",
        row,
    )


async def add_review(connection: Connection, row: Mapping[str, Any]) -> None:
    """Write a review of a plan."""
    await connection.execute(
        "INSERT INTO plan_review (id, org_id, subject_id, version, outcome, note, reviewed_by,"
        " reviewed_at) VALUES (%(id)s, %(org)s, %(subject)s, %(version)s, %(outcome)s, %(note)s,"
        " %(by)s, %(at)s)",
        row,
    )


async def reviews(connection: Connection, subject_id: str) -> list[dict[str, Any]]:
    """Return the reviews of a person's plans, the newest first."""
    return await fetch_all(
        connection,
        "SELECT id, version, outcome, note, reviewed_by, reviewed_at FROM plan_review"
        " WHERE subject_id = %s ORDER BY reviewed_at DESC, id LIMIT 50",
        (subject_id,),
    )


async def class_now(connection: Connection, subject_id: str, at: datetime) -> str | None:
    """Return a person's supervision class, None when none was given."""
    row = await fetch_one(connection, _CLASS_NOW, (subject_id, at))
    return row["supervision_class"] if row else None


async def change_class(connection: Connection, row: Mapping[str, Any]) -> None:
    """End the class of now and begin another; the colour of the score stays."""
    await connection.execute(_CHANGE_CLASS, row)


async def add_proposal(connection: Connection, row: Mapping[str, Any]) -> None:
    """Write a proposal to change a class."""
    await connection.execute(
        "INSERT INTO class_proposal (id, org_id, subject_id, from_class, to_class, reason,"
        " proposed_by, proposed_at, assessment_id) VALUES (%(id)s, %(org)s, %(subject)s,"
        " %(from_class)s, %(to_class)s, %(reason)s, %(by)s, %(at)s, %(assessment)s)",
        row,
    )


async def proposal(
    connection: Connection, proposal_id: str, *, lock: bool = False
) -> dict[str, Any] | None:
    """Return a proposal; locked until the transaction ends when asked."""
    suffix = " FOR UPDATE" if lock else ""
    return await fetch_one(connection, f"{_PROPOSAL} WHERE p.id = %s{suffix}", (proposal_id,))


async def proposals(
    connection: Connection,
    *,
    subject: str | None,
    state: str | None,
    before: tuple[datetime, str] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return at most `limit` proposals of the scope, newest first."""
    before_at, before_id = before or (None, None)
    query = (
        f"{_PROPOSAL} WHERE (%(subject)s::text IS NULL OR p.subject_id = %(subject)s)"
        " AND (%(state)s::text IS NULL OR p.state = %(state)s)"
        " AND (%(before_at)s::timestamptz IS NULL OR (p.proposed_at, p.id) <"
        " (%(before_at)s, %(before_id)s)) ORDER BY p.proposed_at DESC, p.id DESC LIMIT %(limit)s"
    )
    values = {"subject": subject, "state": state, "before_at": before_at, "before_id": before_id}
    return await fetch_all(connection, query, values | {"limit": limit})


async def has_open_proposal(connection: Connection, subject_id: str) -> bool:
    """Return whether a proposal waits for its decision."""
    row = await fetch_one(
        connection,
        "SELECT FROM class_proposal WHERE subject_id = %s AND state = 'proposed'",
        (subject_id,),
    )
    return row is not None


async def decide_proposal(connection: Connection, row: Mapping[str, Any]) -> None:
    """Write a decision on a locked proposal."""
    await connection.execute(
        "UPDATE class_proposal SET state = %(state)s, decided_by = %(by)s, decided_at = %(at)s,"
        " note = %(note)s, version = version + 1 WHERE id = %(id)s",
        row,
    )


async def exit_ban(connection: Connection, subject_id: str) -> dict[str, Any] | None:
    """Return a person's newest exit-ban filing."""
    return await fetch_one(
        connection, _EXIT_BAN + " ORDER BY filed_at DESC, id DESC LIMIT 1", (subject_id,)
    )


async def file_exit_ban(connection: Connection, row: Mapping[str, Any]) -> None:
    """Write a new filing."""
    await connection.execute(
        "INSERT INTO exit_ban (id, org_id, subject_id, filed_at)"
        " VALUES (%(id)s, %(org)s, %(subject)s, %(at)s)",
        row,
    )


async def move_exit_ban(connection: Connection, exit_ban_id: str, state: str, at: datetime) -> None:
    """Move a filing to a state."""
    await connection.execute(_MOVE_EXIT_BAN, {"id": exit_ban_id, "state": state, "at": at})


async def add_check(connection: Connection, row: Mapping[str, Any]) -> None:
    """Write an identity check."""
    await connection.execute(
        "INSERT INTO identity_check (id, org_id, subject_id, outcome, note, happened_time,"
        " checked_by, at) VALUES (%(id)s, %(org)s, %(subject)s, %(outcome)s, %(note)s,"
        " %(happened_time)s, %(by)s, %(at)s)",
        row,
    )


async def checks(connection: Connection, subject_id: str) -> list[dict[str, Any]]:
    """Return the identity checks of a person, the newest first."""
    return await fetch_all(
        connection,
        "SELECT id, outcome, note, happened_time, checked_by, at FROM identity_check"
        " WHERE subject_id = %s ORDER BY happened_time DESC, id LIMIT 50",
        (subject_id,),
    )
