"""SQL of objections to facts that moved points, as a score is read with them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from server.db import Connection, fetch_all

_OF: Final = """
  SELECT v.id, v.fact_id AS fact, v.reason AS words, v.opened_at AS filed_at, v.state,
    v.decision AS answer, v.decided_at AS answered_at, v.recorded_at, v.settled_at,
    v.extended_because,
    (SELECT max(d.due_at) FROM deadline d WHERE d.ref_kind = 'objection' AND d.ref_id = v.id
      AND d.state <> 'cancelled') AS due_at
  FROM fact_review v
  WHERE v.subject_id = %s AND v.cause = 'objection'
    AND v.recorded_at <= coalesce(%s::timestamptz, 'infinity')
  ORDER BY v.opened_at DESC, v.id DESC LIMIT 200"""

_PEOPLE: Final = """
  SELECT s.id, s.org_id, ARRAY(SELECT v.fact_id FROM fact_review v
    WHERE v.subject_id = s.id AND v.cause = 'objection'
      AND CASE WHEN %(known_at)s::timestamptz IS NULL THEN v.settled_at IS NULL
        ELSE v.recorded_at <= %(known_at)s
          AND coalesce(v.settled_at, 'infinity') > %(known_at)s END)
    AS appealed
  FROM subject s WHERE s.id = ANY (%(subjects)s)"""


async def of_subject(
    connection: Connection, subject_id: str, known_at: datetime | None
) -> list[dict[str, Any]]:
    """Return a person's objections that were entered by an instant, the newest first; 200 at most.

    None: until now.
    """
    return await fetch_all(connection, _OF, (subject_id, known_at))


async def people(
    connection: Connection, subject_ids: Sequence[str], known_at: datetime | None
) -> dict[str, dict[str, Any]]:
    """Return the organisation of these people, and the facts that they objected to.

    Args:
        connection: In the scope that has their files.
        subject_ids: Whose.
        known_at: Objections that waited then; None: now.
    """
    values = {"subjects": list(subject_ids), "known_at": known_at}
    return {row["id"]: row for row in await fetch_all(connection, _PEOPLE, values)}
