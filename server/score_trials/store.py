"""SQL of trials; nothing here updates or deletes one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from psycopg.types.json import Jsonb

from server.db import Connection, fetch_all, fetch_one

_PEOPLE: Final = """
  SELECT s.id, s.org_id, s.category, c.sex, c.birth_date
  FROM org top JOIN org o ON starts_with(o.path, top.path)
  JOIN subject s ON s.org_id = o.id AND NOT s.is_minor AND NOT s.is_sealed
  JOIN case_file c ON c.subject_id = s.id
  WHERE top.id = %(org)s ORDER BY s.id LIMIT %(most)s"""

_LEDGERS: Final = """
  SELECT subject_id, min(effective_at) FILTER (WHERE indicator = 'opening') AS opened_at,
    sum(points_milli) FILTER (WHERE part = 'public')::bigint AS public
  FROM score_entry
  WHERE subject_id = ANY (%s) AND effective_at < %s AND (part = 'public' OR indicator = 'opening')
  GROUP BY subject_id"""

_COLUMNS: Final = (
    "id, policy_version AS policy, of_org, first_month, last_month,"
    " encode(sha256, 'hex') AS sha256, warnings, made_by, made_at"
)
_OF_POLICY: Final = f"""
  SELECT {_COLUMNS} FROM score_trial WHERE policy_version = %s
  ORDER BY made_at DESC, id DESC LIMIT 100"""  # noqa: S608 - a constant of this file
_ONE: Final = f"SELECT {_COLUMNS}, content FROM score_trial WHERE id = %s"  # noqa: S608 - the same

_INSERT: Final = """
  INSERT INTO score_trial (id, org_id, policy_version, of_org, first_month, last_month, content,
    sha256, warnings, made_by, made_at)
  VALUES (%(id)s, %(org_id)s, %(policy)s, %(of_org)s, %(first_month)s, %(last_month)s, %(content)s,
    %(sha256)s, %(warnings)s, %(made_by)s, %(made_at)s)"""
_INSERT_MOVER: Final = """
  INSERT INTO score_trial_mover (trial_id, org_id, subject_id, from_grade, to_grade, before_milli,
    after_milli, reasons)
  VALUES (%(trial)s, %(org)s, %(subject)s, %(from_grade)s, %(to_grade)s, %(before)s, %(after)s,
    %(reasons)s)"""

_MOVERS: Final = """
  SELECT subject_id AS subject, org_id AS org, from_grade, to_grade, before_milli, after_milli,
    reasons
  FROM score_trial_mover
  WHERE trial_id = %(trial)s AND (%(after)s::text IS NULL OR subject_id > %(after)s)
  ORDER BY subject_id LIMIT %(limit)s"""


async def people(connection: Connection, org: str, most: int) -> list[dict[str, Any]]:
    """Return an organisation's people with those below it; minors' and sealed files left out."""
    return await fetch_all(connection, _PEOPLE, {"org": org, "most": most})


async def ledgers(
    connection: Connection, subject_ids: Sequence[str], before: datetime
) -> dict[str, dict[str, Any]]:
    """Return when each ledger was opened, and its public points, as of an instant."""
    rows = await fetch_all(connection, _LEDGERS, (list(subject_ids), before))
    return {row["subject_id"]: row for row in rows}


async def insert(
    connection: Connection, trial: Mapping[str, Any], movers: Sequence[Mapping[str, Any]]
) -> None:
    """Keep a trial, and who would move."""
    await connection.execute(_INSERT, trial)
    rows = [{**one, "trial": trial["id"], "reasons": Jsonb(one["reasons"])} for one in movers]
    async with connection.cursor() as cursor:
        await cursor.executemany(_INSERT_MOVER, rows)


async def of_policy(connection: Connection, version: str) -> list[dict[str, Any]]:
    """Return the trials of a policy without their figures, the newest first."""
    return await fetch_all(connection, _OF_POLICY, (version,))


async def trial(connection: Connection, trial_id: str) -> dict[str, Any] | None:
    """Return a trial of the scope."""
    return await fetch_one(connection, _ONE, (trial_id,))


async def movers(
    connection: Connection, trial_id: str, after: str | None, limit: int
) -> list[dict[str, Any]]:
    """Return who would move in a trial, by id."""
    values = {"trial": trial_id, "after": after, "limit": limit}
    return await fetch_all(connection, _MOVERS, values)
