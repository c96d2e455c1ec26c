"""SQL of the archive: everything of a person as one list."""

from collections.abc import Mapping
from typing import Any, Final

from server.db import Connection, fetch_all, fetch_one

# Acts are numbered as they were recorded; the other records stand by their own ids.
_ITEMS: Final = """
  SELECT 'act' AS item, id::text AS id, kind AS what, happened_time AS at,
    jsonb_build_object('by', by_login, 'articles', articles, 'recorded_at', recorded_at, 'ref',
      ref_kind || ' ' || ref_id, 'body', body) AS content FROM act WHERE subject_id = %(s)s
  UNION ALL SELECT 'step', step, step, happened_time, body FROM file_step WHERE subject_id = %(s)s
  UNION ALL SELECT 'prohibition', id, array_to_string(kinds, ','), entered_at,
    jsonb_build_object('content', content, 'from', valid_from, 'to', valid_to)
    FROM prohibition WHERE subject_id = %(s)s
  UNION ALL SELECT 'plan', version::text, 'plan', made_at,
    jsonb_build_object('basis', basis, 'measures', measures) FROM plan WHERE subject_id = %(s)s
  UNION ALL SELECT 'plan_review', id, outcome, reviewed_at, jsonb_build_object('note', note)
    FROM plan_review WHERE subject_id = %(s)s
  UNION ALL SELECT 'order', id, 'ground ' || ground, valid_from,
    jsonb_build_object('to', valid_to, 'lifted_at', lifted_at) FROM positioning_order
    WHERE subject_id = %(s)s
  UNION ALL SELECT 'transfer', id, state, state_at,
    jsonb_build_object('to', to_county, 'reason', reason) FROM transfer WHERE subject_id = %(s)s
  UNION ALL SELECT 'document', id, kind, issued_at,
    jsonb_build_object('number', number, 'sha256', sha256) FROM document WHERE subject_id = %(s)s
  UNION ALL SELECT 'deadline', id::text, kind, due_at,
    jsonb_build_object('state', state, 'met_late', met_late) FROM deadline WHERE subject_id = %(s)s
  ORDER BY 4, 1, 2"""


async def items(connection: Connection, subject_id: str) -> list[dict[str, Any]]:
    """Return everything of a person in the order in which it happened; plain JSON values."""
    rows = await fetch_all(connection, _ITEMS, {"s": subject_id})
    return [row | {"at": row["at"].isoformat()} for row in rows]


async def close(connection: Connection, row: Mapping[str, Any]) -> None:
    """Write the closed archive; nothing changes it afterwards."""
    await connection.execute(
        "INSERT INTO file_archive (subject_id, org_id, closed_by, closed_at, items, sha256, list)"
        " VALUES (%(subject)s, %(org)s, %(by)s, %(at)s, %(items)s, %(sha256)s, %(list)s)",
        row,
    )


async def archive(connection: Connection, subject_id: str) -> dict[str, Any] | None:
    """Return the closed archive of a person, None when it is open."""
    row = await fetch_one(
        connection,
        "SELECT subject_id AS subject, closed_by, closed_at, items, sha256, list"
        " FROM file_archive WHERE subject_id = %s",
        (subject_id,),
    )
    return None if row is None else row | {"list": row["list"].split("\n")}
